/**
 * The beginning and the end of a worker thread that runs a model, the same for every engine that has one. Its first
 * message is its own kind of `ready`, or `failed`; it ends when it is told to `stop`.
 */
import { Worker } from 'node:worker_threads';
import { SurtitreError } from '../../runtime/errors.ts';

export interface WorkerFailed {
  readonly type: 'failed';
  readonly code: string;
  readonly message: string;
}

export interface WorkerStop {
  readonly type: 'stop';
}

const STOP_DEADLINE_MS = 3_000;

/** Fails with the code that the worker gives, or with `engine-failed`. */
export async function startModelWorker<Ready extends { readonly type: 'ready' }>(
  url: URL,
  workerData: unknown,
): Promise<{ worker: Worker; ready: Ready }> {
  const worker = new Worker(url, { workerData });
  const first = await new Promise<Ready | WorkerFailed>((resolve, reject) => {
    const fail = (cause: unknown): void =>
      reject(new SurtitreError('engine-failed', 'The speech engine could not be started.', { cause }));
    worker.once('message', resolve);
    worker.once('error', fail);
    worker.once('exit', fail);
  });
  if (first.type === 'ready') return { worker, ready: first };
  await worker.terminate();
  throw new SurtitreError(first.code, first.message);
}

/** Resolves when the worker has ended (`exited`), at the latest after a few seconds, when it is ended by force. */
export async function stopModelWorker(worker: Worker, exited: Promise<unknown>): Promise<void> {
  worker.postMessage({ type: 'stop' } satisfies WorkerStop);
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<void>((late) => {
    timer = setTimeout(late, STOP_DEADLINE_MS);
  });
  await Promise.race([exited, deadline]);
  clearTimeout(timer);
  await worker.terminate();
}

/** What a worker that cannot begin tells its owner. */
export function workerFailed(error: unknown): WorkerFailed {
  const code = error instanceof SurtitreError ? error.code : 'engine-failed';
  return { type: 'failed', code, message: error instanceof Error ? error.message : String(error) };
}
