/** Every number that decides how the streaming engine listens, in one place. */
export const STREAMING = {
  /** Kept from before the gate opened, unless the model asks for more or less. */
  preRollMs: 480,
  /** Quiet for this long ends the utterance and, once the model has said everything, gives the slot back. */
  endMs: 800,
  /** So much is enough when it is as long as the model remembers, and less and less until it is twice as long. */
  shortEndMs: 400,
  /** A jump of the clock of at least this much ends the utterance; a shorter one is filled with silence. */
  jumpMs: 400,
  /** Without any audio for this long the utterance ends (wall clock). */
  stalledMs: 1_000,
  /** A slot takes no more audio while it is so far behind, beside what a longer pre-roll brings; what then overflows the ring is skipped. */
  maxLagMs: 1_000,
  /** Audio that may wait in a stream's ring, and the shortest frames that it may come in. */
  ringMs: 640,
  shortestFrameMs: 10,
  /** How often a speaker who has no slot is told so. */
  waitReportMs: 2_000,
  /** Frames may come so much later than their rhythm and still be heard with the step they are meant for. */
  jitterMs: 8,
  /** Rows that are not ready but lie between two that are: computing so many in vain is cheaper than a second run. */
  bridgedRows: 2,
} as const;
