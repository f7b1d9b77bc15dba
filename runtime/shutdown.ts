/**
 * Closes what a process opened, in reverse order, once, within a deadline. `SIGTERM` and `SIGINT` start it;
 * a second signal ends the process at once. So does the loss of the parent that forked the process: a killed
 * supervisor leaves nothing behind.
 */
import type { Logger } from './log.ts';

export type Close = () => void | Promise<void>;

export class Shutdown {
  readonly #log: Logger;
  readonly #deadlineMs: number;
  readonly #steps: { name: string; close: Close }[] = [];
  #running: Promise<void> | null = null;

  constructor(log: Logger, deadlineMs: number) {
    this.#log = log;
    this.#deadlineMs = deadlineMs;
  }

  /** The last one added is closed first. */
  add(name: string, close: Close): void {
    this.#steps.push({ name, close });
  }

  /** Resolves when every step was closed or the deadline has passed; never rejects. */
  run(): Promise<void> {
    this.#running ??= this.#closeAll();
    return this.#running;
  }

  /** Exit code 0 after an orderly end, 1 when the deadline cut it short. */
  exitOnSignals(): void {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        if (this.#running) process.exit(130);
        this.#log.info({ signal }, 'stopping');
        this.#exitWhenClosed();
      });
    }
    if (process.connected) {
      process.once('disconnect', () => {
        this.#log.info({ signal: 'parent gone' }, 'stopping');
        this.#exitWhenClosed();
      });
    }
  }

  #exitWhenClosed(): void {
    void this.run().then(() => process.exit(process.exitCode ?? 0));
  }

  async #closeAll(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), this.#deadlineMs);
    });
    for (const step of this.#steps.reverse()) {
      const closing = (async () => step.close())().catch((error: unknown) => {
        this.#log.error({ step: step.name, err: error }, 'closing failed');
      });
      if ((await Promise.race([closing, deadline])) === 'late') {
        this.#log.error({ step: step.name }, 'closing took too long');
        process.exitCode = 1;
        break;
      }
    }
    clearTimeout(timer);
  }
}
