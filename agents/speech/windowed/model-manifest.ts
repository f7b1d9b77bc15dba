/**
 * Reads a model folder: manifest.json, vocabulary.json and mel-filters.f32. Every fault is a sentence that says
 * what to do, because a missing or half-fetched model is the likeliest trouble of a fresh installation.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Type } from 'typebox';
import { modelBroken } from '../../models/manifest-file.ts';
import { checkSizes } from '../../models/model-files.ts';
import { ModelManifest, readManifestOfKind } from '../../models/model-manifest.ts';
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

const Size = Type.Integer({ minimum: 1 });
const TokenId = Type.Integer({ minimum: 0 });

const WindowedManifest = Type.Object({
  ...ModelManifest.properties,
  kind: Type.Literal('windowed'),
  hopSamples: Size,
  fftSamples: Size,
  melBands: Size,
  maxWindowFrames: Size,
  /** One second by default: without any silence Whisper invents words. */
  padFrames: Type.Optional(Type.Integer({ minimum: 0 })),
  silenceColumns: Type.Optional(Type.Integer({ minimum: 0 })),
  silenceBias: Type.Optional(Type.Number()),
  layers: Size,
  heads: Size,
  headDim: Size,
  tokens: Type.Object({
    endOfText: TokenId,
    startOfTranscript: TokenId,
    en: TokenId,
    fr: TokenId,
    transcribe: TokenId,
    startOfPrev: TokenId,
    noSpeech: TokenId,
    noTimestamps: TokenId,
  }),
});

const DEFAULT_SILENCE_FRAMES = 50;

/** Fails with `model-missing`, `model-broken` or `model-unsupported`. */
export async function readModelFolder(folder: string): Promise<WindowedModelFiles> {
  const manifest = await readManifestOfKind(folder, 'windowed', WindowedManifest);
  await checkSizes(folder, manifest.files);
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

async function readJson<T>(folder: string, name: string): Promise<T> {
  try {
    return JSON.parse(await readFile(join(folder, name), 'utf8')) as T;
  } catch {
    throw modelBroken(folder, `${name} is not JSON`);
  }
}
