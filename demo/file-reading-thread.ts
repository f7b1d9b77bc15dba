/** Decodes one file in a thread of its own, a piece for each one asked for. The other side is file-reader.ts. */
import { parentPort, workerData } from 'node:worker_threads';
import { readAudioFile } from '../agents/audio/audio-file.ts';
import { SurtitreError } from '../runtime/errors.ts';

export interface ReadingOrder {
  readonly path: string;
  readonly sampleRateHz: number;
}

export type ReadingAnswer =
  | { readonly type: 'piece'; readonly samples: Int16Array }
  | { readonly type: 'end' }
  | { readonly type: 'error'; readonly code: string; readonly message: string };

const { path, sampleRateHz } = workerData as ReadingOrder;
const pieces = readAudioFile(path, sampleRateHz);

parentPort?.on('message', async () => {
  try {
    const next = await pieces.next();
    if (next.done) answer({ type: 'end' });
    else answer({ type: 'piece', samples: next.value });
  } catch (error) {
    const { message } = error as Error;
    answer({ type: 'error', code: error instanceof SurtitreError ? error.code : 'audio-broken', message });
  }
});

function answer(message: ReadingAnswer): void {
  parentPort?.postMessage(message);
}
