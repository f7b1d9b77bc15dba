/** One line on standard error for each step that takes longer than a second; quicker ones say nothing. */
const QUIET_MS = 1_000;
const REMINDER_MS = 30_000;

/** Tells a person at the terminal; tests and `--json` runs pass {@link silent}. */
export interface Progress {
  /** The value or error of `work` passes through. */
  step<T>(label: string, work: () => Promise<T>): Promise<T>;
  line(text: string): void;
}

export const silent: Progress = { step: (_label, work) => work(), line: () => {} };

export function terminalProgress(out: NodeJS.WriteStream = process.stderr): Progress {
  const inPlace = out.isTTY === true;
  const clear = inPlace ? '\r\u001b[K' : '';
  return {
    line: (text) => void out.write(`${clear}${text}\n`),
    step: async (label, work) => {
      const startedAt = performance.now();
      const elapsed = () => `${((performance.now() - startedAt) / 1_000).toFixed(0)} s`;
      let shown = false;
      const show = () => {
        out.write(`${clear}${label} …${shown ? ` ${elapsed()}` : ''}${inPlace ? '' : '\n'}`);
        shown = true;
      };
      const first = setTimeout(show, QUIET_MS);
      const later = setInterval(() => shown && show(), inPlace ? QUIET_MS : REMINDER_MS);
      const finish = (outcome: string) => {
        clearTimeout(first);
        clearInterval(later);
        if (shown) out.write(`${clear}${label}: ${outcome} after ${elapsed()}\n`);
      };
      try {
        const value = await work();
        finish('done');
        return value;
      } catch (error) {
        finish('failed');
        throw error;
      }
    },
  };
}
