/** How each stage is drawn, in the order of the path: a colour that holds on light and dark, and a dash of its own. */
export const STAGE_LOOKS: Readonly<
  Record<string, { readonly colour: string; readonly dash: readonly number[] }>
> = {
  rtp_pcm: { colour: '#8a6fd1', dash: [] },
  queue: { colour: '#c2703d', dash: [8, 4] },
  model: { colour: '#3f7fd6', dash: [] },
  emit: { colour: '#4f9a8f', dash: [2, 4] },
  bus: { colour: '#b8860b', dash: [8, 4] },
  fanout: { colour: '#7d8a2e', dash: [2, 4] },
  socket_write: { colour: '#a05a86', dash: [] },
  transport: { colour: '#d1495b', dash: [12, 4, 2, 4] },
  paint: { colour: '#2f9e5f', dash: [] },
};

export const STAGE_NAMES: readonly string[] = Object.keys(STAGE_LOOKS);
