/** The files of a demo: each is looked at before anything starts, so that a bad one costs a sentence only. */
import { basename, extname } from 'node:path';
import { audioFileSeconds } from '../agents/audio/audio-file.ts';
import { readFileInThread } from './file-reader.ts';
import { SOURCE_RATE_HZ } from './paced-source.ts';

export interface SpeechFile {
  readonly path: string;
  /** The speaker's name in the room. */
  readonly name: string;
  /** Of what will be spoken. */
  readonly seconds: number;
  pieces(): AsyncIterable<Int16Array>;
}

/** Decodes what will be spoken of each file once, to learn its length and that it can be read. */
export async function openSpeechFiles(paths: readonly string[], maxSeconds: number): Promise<SpeechFile[]> {
  const files: SpeechFile[] = [];
  for (const path of paths) {
    const pieces = () => limited(readFileInThread(path, SOURCE_RATE_HZ), maxSeconds * SOURCE_RATE_HZ);
    const seconds = await audioFileSeconds(path, maxSeconds);
    const known = files.filter((file) => file.path === path).length;
    const name = basename(path, extname(path)).slice(0, 70);
    files.push({
      path,
      name: known === 0 ? name : `${name} ${known + 1}`,
      seconds,
      pieces,
    });
  }
  return files;
}

async function* limited(pieces: AsyncIterable<Int16Array>, maxSamples: number): AsyncGenerator<Int16Array> {
  let left = maxSamples;
  for await (const piece of pieces) {
    yield piece.subarray(0, left);
    left -= piece.length;
    if (left <= 0) return;
  }
}
