/** The owner's half of a stream's marks (see SpeechStream.mark): what to call when the thread says that one is reached. */
export class PendingMarks {
  readonly #callbacks = new Map<number, () => void>();
  #lastId = 0;

  /** The id under which the thread is asked. */
  add(onReached: () => void): number {
    this.#lastId += 1;
    this.#callbacks.set(this.#lastId, onReached);
    return this.#lastId;
  }

  reach(id: number): void {
    const onReached = this.#callbacks.get(id);
    this.#callbacks.delete(id);
    onReached?.();
  }

  /** What was asked of a thread that is gone will not be answered. */
  reachAll(): void {
    for (const id of [...this.#callbacks.keys()]) this.reach(id);
  }

  clear(): void {
    this.#callbacks.clear();
  }
}
