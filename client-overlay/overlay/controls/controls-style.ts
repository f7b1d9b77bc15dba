/** The look of the buttons and panels. In rem: their size does not follow that of the captions. */
export const CONTROLS_STYLE = `
.controls, .move-bar, .pinned-stage > button, .pins button, .elsewhere button { pointer-events: auto; }
.controls, .move-bar, .panel {
  font: 500 0.9375rem/1.4 var(--surtitre-font-family, system-ui, -apple-system, "Segoe UI", Roboto, sans-serif);
  color: #f5f5f5;
}
.controls {
  position: absolute;
  inset-block-end: 0;
  inset-inline-end: 0;
  display: flex;
  flex-direction: column;
  gap: 0.25rem;
}
@container (min-width: 40rem) { .controls { flex-direction: row; } }
.frame button {
  min-block-size: 2.25rem;
  padding: 0.25rem 0.75rem;
  border: 1px solid #8a949e;
  border-radius: 0.5rem;
  background: #1c2329;
  color: #f5f5f5;
  font: inherit;
  cursor: pointer;
}
.frame button:hover { background: #323d47; }
.frame button[aria-expanded="true"], .frame button[aria-pressed="true"] { background: #f5f5f5; color: #14191e; border-color: #f5f5f5; }
.frame button.icon { display: grid; flex: none; place-items: center; inline-size: 2.5rem; block-size: 2.5rem; padding: 0; }
.frame :is(.pins, .pinned-stage, .panel) button.icon { inline-size: 2rem; block-size: 2rem; min-block-size: 2rem; border-color: transparent; }
.frame .pinned-stage > button { font-size: 1rem; }
.frame svg { inline-size: 1.25rem; block-size: 1.25rem; flex: none; fill: none; stroke: currentColor; stroke-width: 1.75; stroke-linecap: round; stroke-linejoin: round; }
.frame :focus-visible { outline: 3px solid #7fdbff; outline-offset: 2px; }

.panel {
  position: fixed;
  inset: var(--from-top, auto) 0.5rem var(--from-bottom, auto) auto;
  box-sizing: border-box;
  inline-size: min(24rem, 100% - 1rem);
  max-block-size: min(44rem, var(--room, 90vh));
  margin: 0;
  padding: 0 1rem 1rem;
  overflow-y: auto;
  border: 1px solid #4b5661;
  border-radius: 0.75rem;
  background: #14191e;
  box-shadow: 0 0.5rem 2rem rgb(0 0 0 / 45%);
  pointer-events: auto;
  scrollbar-color: #6b7681 transparent;
}
.panel h2 { margin: 0; font-size: 1.0625rem; font-weight: 700; }
.panel p { margin: 0; }
.head { display: flex; align-items: center; justify-content: space-between; padding-block: 0.75rem 0.5rem; }

.preview {
  position: sticky;
  inset-block-start: 0;
  z-index: 1;
  display: grid;
  align-items: center;
  margin-inline: -1rem;
  padding: 0.75rem 1rem;
  min-block-size: 3.5rem;
  max-block-size: 9rem;
  overflow: hidden;
  /* Something light and something dark, as a picture. */
  background: linear-gradient(100deg, #e8edf2 30%, #4d5c6b 70%);
}
.preview .sample {
  justify-self: start;
  padding: 0.1em 0.4em;
  background: var(--background);
  color: var(--text);
  font-family: var(--font);
  font-size: calc(1.125rem * var(--size));
  text-shadow: var(--edge);
  overflow-wrap: anywhere;
}
.panel fieldset { display: grid; gap: 0.75rem; margin: 1rem 0 0; padding: 0; border: 0; min-inline-size: 0; }
.panel legend { margin-block-end: 0.5rem; padding: 0; font-size: 0.8125rem; font-weight: 700; letter-spacing: 0.02em; color: #b7c1cb; }
.panel label { display: grid; grid-template-columns: 1fr auto; align-items: center; gap: 0.125rem 0.75rem; }
.panel > label { margin-block-start: 1rem; }
.panel label.wide > input { grid-column: 1 / -1; }
.panel .value { font-variant-numeric: tabular-nums; color: #cfd7de; }
.panel label.choice { grid-template-columns: 1.25rem 1fr; gap: 0.5rem; min-block-size: 1.75rem; }
.panel input { accent-color: #7fdbff; margin: 0; }
.panel input[type="range"] { inline-size: 100%; block-size: 1.5rem; }
.panel :is([type="radio"], [type="checkbox"]) { inline-size: 1.125rem; block-size: 1.125rem; }
.panel :is(select, [type="search"]) {
  box-sizing: border-box;
  min-inline-size: 0;
  max-inline-size: 12rem;
  block-size: 2.25rem;
  padding-inline: 0.625rem;
  border: 1px solid #8a949e;
  border-radius: 0.5rem;
  background: #1c2329;
  color: #f5f5f5;
  font: inherit;
}
.panel ::placeholder { color: #b7c1cb; opacity: 1; }
.panel [type="color"] { inline-size: 3rem; block-size: 2rem; padding: 0.125rem; border: 1px solid #8a949e; border-radius: 0.5rem; background: #1c2329; }
.swatches { display: grid; grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr)); gap: 0.5rem; }
.panel .swatches label { padding: 0.25rem 0.625rem; border: 1px solid #6b7681; border-radius: 0.5rem; background: var(--background); color: var(--text); line-height: 1.25; }
.panel .swatches label:has(:checked) { outline: 2px solid #7fdbff; outline-offset: 1px; }
.pair { display: grid; gap: 0.5rem; }
.places { display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; }
.legible { font-size: 0.875rem; color: #cfd7de; }
.legible.warning { padding: 0.5rem 0.625rem; border-inline-start: 0.25rem solid #ffb020; border-radius: 0.25rem; background: #3a2c10; color: #ffe2b0; }
.action { display: flex; align-items: center; gap: 0.5rem; text-align: start; }
.about { margin-block-start: 1rem !important; padding: 0.625rem; border-radius: 0.5rem; background: #1f272e; font-size: 0.875rem; }
.panel .buttons { display: flex; flex-wrap: wrap; gap: 0.5rem; margin-block-start: 1rem; }
.told:not(:empty) { margin-block-start: 0.5rem; font-size: 0.875rem; }

.panel.transcript {
  inset: var(--surtitre-transcript-inset, 0.5rem 0.5rem 0.5rem auto);
  display: flex;
  flex-direction: column;
  inline-size: var(--surtitre-transcript-width, min(26rem, 100% - 1rem));
  block-size: auto;
  max-block-size: none;
  padding: 0 0 0.75rem;
  overflow: hidden;
}
.transcript > * { padding-inline: 1rem; }
.find { display: grid; grid-template-columns: 1fr auto; gap: 0.5rem; padding-block-end: 0.5rem; }
.panel .find select { max-inline-size: 9rem; }
.panel .find input { max-inline-size: none; }
.found:not(:empty) { padding-block-end: 0.375rem; font-size: 0.875rem; color: #cfd7de; }
.scroller { flex: 1; min-block-size: 4rem; overflow-y: auto; overflow-anchor: none; border-block: 1px solid #333d46; scrollbar-color: #6b7681 transparent; outline-offset: -3px !important; }
.scroller ol { margin: 0; padding: 0.25rem 0 0.75rem; list-style: none; }
.empty { padding-block: 1.5rem; color: #b7c1cb; }
.entry { position: relative; padding: 0.125rem 2.5rem 0.125rem 0.75rem; border-inline-start: 0.1875rem solid transparent; }
.entry:has(> .who) { margin-block-start: 0.75rem; }
.entry .said { font-size: 1rem; line-height: 1.5; overflow-wrap: anywhere; }
.entry.shown { background: #25303a; border-inline-start-color: #7fdbff; }
.who { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0.375rem; color: var(--cue); }
.who time { margin-inline-start: auto; font-size: 0.8125rem; font-variant-numeric: tabular-nums; color: #b7c1cb; }
.panel .mark { padding-inline: 0.375rem; border-radius: 0.25rem; background: #d0e8f5; color: #0c2a3a; font-size: 0.75rem; }
.entry > .icon { position: absolute; inset-block-end: 0; inset-inline-end: 0; }
.frame .entry > .icon:not([aria-pressed="true"]) { background: none; color: #8f9aa5; }
.frame .entry:hover > .icon:not([aria-pressed="true"]), .frame .entry > .icon:focus-visible { color: #f5f5f5; }
.entry mark { border-radius: 0.125rem; background: #ffe066; color: #14191e; }
.frame .entry .show { min-block-size: 1.75rem; padding: 0 0.5rem; border-color: transparent; background: none; color: #9fdcff; text-decoration: underline; }
.missing, .last-read { margin-block: 0.75rem; font-size: 0.875rem; }
.missing p { padding: 0.375rem 0.625rem; border-inline-start: 0.1875rem dashed #ffb020; background: #2b2415; color: #ffe2b0; }
.last-read { display: flex; align-items: center; gap: 0.5rem; color: #9fdcff; }
.last-read::before, .last-read::after { content: ""; flex: 1; border-block-start: 1px solid currentColor; }
.foot { display: flex; justify-content: space-between; gap: 0.5rem; }
.foot:has(> :not([hidden])) { padding-block-start: 0.5rem; }
.frame .foot .live { margin-inline-start: auto; background: #7fdbff; border-color: #7fdbff; color: #0c2a3a; font-weight: 700; }
.save { display: flex; justify-content: flex-end; gap: 0.5rem; padding-block-start: 0.75rem; }
/* The panels are dark whatever the captions are. */
.panel.transcript {
  --cue-0: #ffe066; --cue-1: #7fdbff; --cue-2: #a6e3a1; --cue-3: #ffb3c7;
  --cue-4: #ffc38a; --cue-5: #d0bfff; --cue-6: #8ff0df; --cue-7: #f2f2f2;
}

.move-bar {
  position: absolute;
  inset-block-end: calc(100% + 0.5rem);
  inset-inline: 0;
  z-index: 2;
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: 0.25rem;
  cursor: default;
}
.high > .move-bar { inset-block: calc(100% + 0.5rem) auto; }
.move-bar p { inline-size: fit-content; margin: 0; padding: 0.125rem 0.5rem; border-radius: 0.375rem; background: #14191e; font-size: 0.8125rem; }
.resize-grip { position: absolute; inset-block-end: 0; inset-inline-end: 0; inline-size: 1.5rem; block-size: 1.5rem; cursor: ew-resize; background: linear-gradient(135deg, transparent 50%, #7fdbff 50%); touch-action: none; z-index: 2; }
.frame.moving .controls { display: none; }

@media (pointer: coarse) {
  .frame .controls > button.icon { inline-size: 2.75rem; block-size: 2.75rem; }
}
@media (forced-colors: active) {
  .frame :focus-visible { outline-color: Highlight; }
  .frame svg { stroke: ButtonText; }
  .frame button:is([aria-expanded="true"], [aria-pressed="true"]) { forced-color-adjust: none; background: Highlight; color: HighlightText; border-color: Highlight; }
  .frame button:is([aria-expanded="true"], [aria-pressed="true"]) svg { stroke: HighlightText; }
  .panel .swatches label { forced-color-adjust: none; }
  .preview .sample { forced-color-adjust: none; }
}
`;
