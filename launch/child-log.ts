/**
 * Where a child's output goes: straight into a file of bounded size (that of the start before is kept beside it).
 * Not through a pipe of ours: a child must be able to log its end when we were killed, and pino waits for ever on
 * a pipe that nobody reads. On request the file is also shown on the terminal as it grows.
 */
import { closeSync, fstatSync, ftruncateSync, mkdirSync, openSync, readSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';

const MAX_FILE_BYTES = 16_000_000;
const LOOK_INTERVAL_MS = 250;
/** The end of a run's output in which its complaint is looked for. */
const COMPLAINT_BYTES = 64_000;

export interface ChildLogOptions {
  readonly name: string;
  readonly file: string;
  /** Also writes each line to standard error, with the child's name before it. */
  readonly show: boolean;
}

export class ChildLog {
  readonly #options: ChildLogOptions;
  readonly #fd: number;
  readonly #timer: NodeJS.Timeout;
  #runStart = 0;
  #shown = 0;
  #partialLine = '';
  #closed = false;

  constructor(options: ChildLogOptions) {
    this.#options = options;
    mkdirSync(dirname(options.file), { recursive: true });
    try {
      renameSync(options.file, `${options.file}.1`);
    } catch {
      // no predecessor
    }
    // Append: after a truncation the child goes on at the new end.
    this.#fd = openSync(options.file, 'a+', 0o600);
    this.#timer = setInterval(() => this.#look(), LOOK_INTERVAL_MS);
  }

  /** For the `stdio` of a run that begins now. */
  beginRun(): number {
    this.#runStart = fstatSync(this.#fd).size;
    return this.#fd;
  }

  /** What the last run said about its trouble, if anything. */
  complaint(): string | null {
    const { size } = fstatSync(this.#fd);
    const text = this.#read(Math.max(this.#runStart, size - COMPLAINT_BYTES), size);
    const lines = text.split('\n').filter((line) => line.trim() !== '');
    return lines.map(errorIn).findLast((error) => error !== null) ?? lines.at(-1)?.trim() ?? null;
  }

  /** Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#timer);
    this.#look();
    closeSync(this.#fd);
  }

  #look(): void {
    const { size } = fstatSync(this.#fd);
    if (this.#options.show && size > this.#shown) this.#show(this.#read(this.#shown, size));
    this.#shown = size;
    if (size <= MAX_FILE_BYTES) return;
    ftruncateSync(this.#fd, 0);
    this.#shown = 0;
    this.#runStart = 0;
  }

  #show(text: string): void {
    const lines = (this.#partialLine + text).split('\n');
    this.#partialLine = lines.pop() ?? '';
    for (const line of lines) process.stderr.write(`${this.#options.name.padEnd(14)}${line}\n`);
  }

  #read(from: number, to: number): string {
    const bytes = Buffer.alloc(to - from);
    return bytes.toString('utf8', 0, readSync(this.#fd, bytes, 0, bytes.length, from));
  }
}

/** The message of a JSON log line of level error or fatal, or the headline of a stack. */
function errorIn(line: string): string | null {
  if (!line.startsWith('{')) return /^\w*Error\b.*:/.test(line) ? line : null;
  try {
    const entry = JSON.parse(line) as { level?: unknown; message?: unknown; err?: { message?: unknown } };
    if (entry.level !== 'error' && entry.level !== 'fatal') return null;
    return [entry.message, entry.err?.message].filter((part) => typeof part === 'string').join(': ');
  } catch {
    return null;
  }
}
