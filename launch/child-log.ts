/**
 * Where a child's output goes: a file of bounded size (one predecessor is kept), on request also the terminal.
 * The last error is kept for the sentence that tells of the child's death.
 */
import { createWriteStream, mkdirSync, renameSync, type WriteStream } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

const MAX_FILE_BYTES = 16_000_000;

export interface ChildLogOptions {
  readonly name: string;
  readonly file: string;
  /** Also writes each line to standard error, with the child's name before it. */
  readonly show: boolean;
}

export class ChildLog {
  readonly #options: ChildLogOptions;
  #stream: WriteStream;
  #bytes = 0;
  #lastError: string | null = null;
  #lastLine: string | null = null;

  constructor(options: ChildLogOptions) {
    this.#options = options;
    mkdirSync(dirname(options.file), { recursive: true });
    this.#stream = this.#open();
  }

  /** Follows one run of the child; several runs follow each other in the same file. */
  follow(stdout: Readable, stderr: Readable): void {
    this.#lastError = null;
    this.#lastLine = null;
    createInterface({ input: stdout }).on('line', (line) => this.#take(line, false));
    createInterface({ input: stderr }).on('line', (line) => this.#take(line, true));
  }

  /** What the child said last about its trouble, if anything. */
  get complaint(): string | null {
    return this.#lastError ?? this.#lastLine;
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#stream.end(resolve));
  }

  #take(line: string, isError: boolean): void {
    const { name, show } = this.#options;
    const complaint = errorIn(line);
    if (complaint !== null) this.#lastError = complaint;
    else if (isError && line.trim() !== '') this.#lastLine = line.trim();
    if (show) process.stderr.write(`${name.padEnd(12)} ${line}\n`);
    if (this.#bytes > MAX_FILE_BYTES) this.#rotate();
    this.#bytes += line.length + 1;
    this.#stream.write(`${line}\n`);
  }

  #rotate(): void {
    this.#stream.end();
    this.#stream = this.#open();
  }

  #open(): WriteStream {
    const { file } = this.#options;
    try {
      renameSync(file, `${file}.1`);
    } catch {
      // no predecessor
    }
    this.#bytes = 0;
    return createWriteStream(file, { mode: 0o600 });
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
