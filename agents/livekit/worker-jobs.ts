/**
 * The jobs that a worker has promised or runs. A slot is taken in the same turn in which availability is
 * answered: two offers inside one load interval would both pass a check of the reported load.
 */
export class WorkerJobs {
  readonly #max: number;
  readonly #promised = new Map<string, NodeJS.Timeout>();
  readonly #running = new Set<string>();

  constructor(max: number) {
    this.#max = max;
  }

  get count(): number {
    return this.#promised.size + this.#running.size;
  }

  get full(): boolean {
    return this.count >= this.#max;
  }

  /** 0 to 1. */
  get share(): number {
    return this.count / this.#max;
  }

  /** The slot is free again when no assignment follows within `holdMs`. */
  promise(jobId: string, holdMs: number): void {
    this.#promised.set(
      jobId,
      setTimeout(() => this.#promised.delete(jobId), holdMs),
    );
  }

  /** An assignment came. False when it is a repetition. */
  start(jobId: string): boolean {
    this.#forgetPromise(jobId);
    if (this.#running.has(jobId)) return false;
    this.#running.add(jobId);
    return true;
  }

  /** False when the job was not running. */
  finish(jobId: string): boolean {
    return this.#running.delete(jobId);
  }

  /** The connection on which the promises were made is gone; what runs goes on. */
  forgetPromises(): void {
    for (const jobId of [...this.#promised.keys()]) this.#forgetPromise(jobId);
  }

  #forgetPromise(jobId: string): void {
    clearTimeout(this.#promised.get(jobId));
    this.#promised.delete(jobId);
  }
}
