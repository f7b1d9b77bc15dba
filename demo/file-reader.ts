/**
 * A sound file piece by piece, decoded in a thread of its own: on the thread that keeps the pace of a microphone,
 * each piece would make frames late. Yields and fails like `readAudioFile`.
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { compiledProgram } from '../launch/project-root.ts';
import { SurtitreError } from '../runtime/errors.ts';
import type { ReadingAnswer, ReadingOrder } from './file-reading-thread.ts';

export async function* readFileInThread(path: string, sampleRateHz: number): AsyncGenerator<Int16Array> {
  const order: ReadingOrder = { path, sampleRateHz };
  const thread = new Worker(compiledProgram('demo/file-reading-thread.js'), { workerData: order });
  try {
    while (true) {
      const answered = once(thread, 'message');
      thread.postMessage('next');
      const [answer] = (await answered) as [ReadingAnswer];
      if (answer.type === 'end') return;
      if (answer.type === 'error') throw new SurtitreError(answer.code, answer.message);
      yield answer.samples;
    }
  } finally {
    await thread.terminate();
  }
}
