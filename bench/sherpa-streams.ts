/** sherpa-onnx-node at the same work: as many streams, one step of each a round, which it decodes one by one. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { goldenSound } from '../agents/speech/streaming/fixtures/golden-sound.ts';
import type { Rounds } from './step-rounds.ts';

const RATE_HZ = 16_000;
export const SHERPA_STEP_MS = 80;
const STEP_SAMPLES = (RATE_HZ * SHERPA_STEP_MS) / 1000;

interface SherpaStream {
  acceptWaveform(wave: { readonly sampleRate: number; readonly samples: Float32Array }): void;
}

export interface SherpaRecogniser {
  createStream(): SherpaStream;
  isReady(stream: SherpaStream): boolean;
  decode(stream: SherpaStream): void;
  getResult(stream: SherpaStream): { readonly text: string };
}

/** `folder`: where sherpa-onnx-node is installed. Its libraries must be in LD_LIBRARY_PATH. */
export function openSherpa(folder: string, model: string): SherpaRecogniser {
  const { OnlineRecognizer } = createRequire(join(folder, 'package.json'))('sherpa-onnx-node') as {
    OnlineRecognizer: new (config: object) => SherpaRecogniser;
  };
  return new OnlineRecognizer({
    featConfig: { sampleRate: RATE_HZ, featureDim: 80 },
    modelConfig: {
      nemoCtc: { model: join(model, 'model.onnx') },
      tokens: join(model, 'tokens.txt'),
      numThreads: 1,
      provider: 'cpu',
      debug: 0,
    },
  });
}

const sounds = [1, 2, 3, 4].map((seed) =>
  Float32Array.from(goldenSound(10, seed), (sample) => sample / 32_768),
);

export class SherpaStreams implements Rounds {
  readonly #recogniser: SherpaRecogniser;
  readonly #streams: readonly SherpaStream[];
  #rounds = 0;

  constructor(recogniser: SherpaRecogniser, streams: number) {
    this.#recogniser = recogniser;
    this.#streams = Array.from({ length: streams }, () => recogniser.createStream());
  }

  async round(): Promise<void> {
    for (const [index, stream] of this.#streams.entries()) {
      const sound = sounds[index % sounds.length] as Float32Array;
      const at = ((this.#rounds + index) * STEP_SAMPLES) % (sound.length - STEP_SAMPLES);
      stream.acceptWaveform({ sampleRate: RATE_HZ, samples: sound.slice(at, at + STEP_SAMPLES) });
      while (this.#recogniser.isReady(stream)) this.#recogniser.decode(stream);
      this.#recogniser.getResult(stream);
    }
    this.#rounds += 1;
  }
}
