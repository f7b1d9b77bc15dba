/**
 * Reads a model folder: manifest.json, vocabulary.json and mel-filters.f32. Every fault is a sentence that says
 * what to do, because a missing or half-fetched model is the likeliest trouble of a fresh installation.
 */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SurtitreError } from '../../../runtime/errors.ts';
import type { MelRecipe } from './log-mel.ts';

/** Pruned ids of Whisper's special tokens. */
export interface SpecialTokens {
  readonly endOfText: number;
  readonly startOfTranscript: number;
  readonly en: number;
  readonly fr: number;
  readonly transcribe: number;
  readonly startOfPrev: number;
  readonly noSpeech: number;
  readonly noTimestamps: number;
}

export interface WindowedModelFiles {
  readonly name: string;
  readonly encoderPath: string;
  readonly decoderPath: string;
  readonly sampleRateHz: number;
  readonly frameMs: number;
  /** Longest window in model frames, without padding. */
  readonly maxWindowFrames: number;
  /** Frames of silence to append to each window, see the model card. */
  readonly silenceFrames: number;
  /** Attention bias of each constant column that the encoder appends to its keys and values. */
  readonly silenceColumnBias: readonly number[];
  readonly layers: number;
  readonly heads: number;
  readonly headDim: number;
  readonly tokens: SpecialTokens;
  /** UTF-8 bytes of each token, null for special ones. */
  readonly vocabulary: readonly (Uint8Array | null)[];
  readonly mel: MelRecipe;
}

interface Manifest {
  readonly kind: string;
  readonly name: string;
  readonly sampleRateHz: number;
  readonly hopSamples: number;
  readonly fftSamples: number;
  readonly melBands: number;
  readonly frameMs: number;
  readonly maxWindowFrames: number;
  readonly padFrames?: number;
  readonly silenceColumns?: number;
  readonly silenceBias?: number;
  readonly layers: number;
  readonly heads: number;
  readonly headDim: number;
  readonly tokens: SpecialTokens;
  readonly files: readonly { readonly name: string; readonly bytes: number }[];
}

/** Fails with `model-missing`, `model-broken` or `model-unsupported`. */
export async function readModelFolder(folder: string): Promise<WindowedModelFiles> {
  const manifest = await readJson<Manifest>(folder, 'manifest.json');
  if (manifest.kind !== 'windowed') {
    throw new SurtitreError(
      'model-unsupported',
      `The model in ${folder} is of kind "${manifest.kind}"; this engine runs "windowed" ones.`,
    );
  }
  for (const { name, bytes } of manifest.files) {
    const found = await stat(join(folder, name)).catch(() => null);
    if (found?.size !== bytes) throw broken(folder, `${name} should have ${bytes} bytes`);
  }
  const vocabulary = await readJson<(string | null)[]>(folder, 'vocabulary.json');
  const filterBytes = await readFile(join(folder, 'mel-filters.f32'));
  const filters = new Float32Array(filterBytes.length / 4);
  for (let i = 0; i < filters.length; i++) filters[i] = filterBytes.readFloatLE(4 * i);
  return {
    name: manifest.name,
    encoderPath: join(folder, 'encoder.onnx'),
    decoderPath: join(folder, 'decoder.onnx'),
    sampleRateHz: manifest.sampleRateHz,
    frameMs: manifest.frameMs,
    maxWindowFrames: manifest.maxWindowFrames,
    silenceFrames: manifest.padFrames ?? DEFAULT_SILENCE_FRAMES,
    silenceColumnBias: new Array<number>(manifest.silenceColumns ?? 0).fill(manifest.silenceBias ?? 0),
    layers: manifest.layers,
    heads: manifest.heads,
    headDim: manifest.headDim,
    tokens: manifest.tokens,
    vocabulary: vocabulary.map((entry) => (entry === null ? null : Buffer.from(entry, 'base64'))),
    mel: {
      fftSamples: manifest.fftSamples,
      hopSamples: manifest.hopSamples,
      melBands: manifest.melBands,
      filters,
    },
  };
}

/** One second, for a model whose card names no padding: without any, Whisper invents words. */
const DEFAULT_SILENCE_FRAMES = 50;

async function readJson<T>(folder: string, name: string): Promise<T> {
  const text = await readFile(join(folder, name), 'utf8').catch((cause: unknown) => {
    throw new SurtitreError(
      'model-missing',
      `No speech model in ${folder} (${name} cannot be read): set SURTITRE_MODEL to a folder that holds one.`,
      { cause },
    );
  });
  try {
    return JSON.parse(text) as T;
  } catch {
    throw broken(folder, `${name} is not JSON`);
  }
}

function broken(folder: string, fault: string): SurtitreError {
  return new SurtitreError(
    'model-broken',
    `The speech model in ${folder} is damaged: ${fault}. Fetch it again (git checkout, or git lfs pull).`,
  );
}
