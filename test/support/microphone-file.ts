/** The sample recordings as one WAV file for a browser's fake microphone. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadAudioFile } from '../../agents/audio/audio-file.ts';
import { projectRoot } from '../../launch/project-root.ts';

const RATE_HZ = 48_000;
const PAUSE_S = 1.2;

export interface MicrophoneFile {
  readonly path: string;
  readonly seconds: number;
  remove(): Promise<void>;
}

/** `names`: files of demo/samples without ending. `leadS`: silence first, while the browser joins. */
export async function microphoneFile(names: readonly string[], leadS: number): Promise<MicrophoneFile> {
  const pieces: Int16Array[] = [new Int16Array(leadS * RATE_HZ)];
  for (const name of names) {
    pieces.push(await loadAudioFile(sampleFile(name), RATE_HZ), new Int16Array(PAUSE_S * RATE_HZ));
  }
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const folder = await mkdtemp(join(tmpdir(), 'surtitre-microphone-'));
  const path = join(folder, 'microphone.wav');
  await writeFile(path, [waveHeader(length * 2), ...pieces.map((piece) => new Uint8Array(piece.buffer))]);
  return { path, seconds: length / RATE_HZ, remove: () => rm(folder, { recursive: true, force: true }) };
}

export function sampleFile(name: string): string {
  return join(projectRoot, 'demo/samples', `${name}.opus`);
}

function waveHeader(dataBytes: number): Buffer {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + dataBytes, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20); // PCM
  header.writeUInt16LE(1, 22); // mono
  header.writeUInt32LE(RATE_HZ, 24);
  header.writeUInt32LE(RATE_HZ * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36);
  header.writeUInt32LE(dataBytes, 40);
  return header;
}
