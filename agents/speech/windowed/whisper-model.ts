/**
 * The two ONNX graphs of a windowed Whisper and the shapes of what goes in and out. Knows nothing of streams.
 * `run()` of ONNX Runtime blocks its thread: whoever must stay responsive owns this in a worker.
 *
 * Shapes: B rows, T frames of 20 ms, n new tokens, P cached tokens; row-major.
 */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { SurtitreError } from '../../../runtime/errors.ts';
import type { WindowedModelFiles } from './model-manifest.ts';

/** Added to the attention score of what must not be seen. */
export const MASKED = -1e9;

/** Cross-attention keys and values of one batch of windows: opaque, goes back into {@link WhisperModel.decode}. */
export interface EncodedWindows {
  readonly rows: number;
  /** T: frames of the alignment output. */
  readonly frames: number;
  readonly keys: Tensor;
  readonly values: Tensor;
  readonly bias: Tensor;
}

/** Past keys and values [B, layers, heads, P, dim] and their bias [B, P]. */
export interface TokenCache {
  readonly capacity: number;
  readonly keys: Float32Array;
  readonly values: Float32Array;
  readonly bias: Float32Array;
}

export interface DecoderOutput {
  /** The likeliest next token after each one [B, n], and its log-probability. */
  readonly best: BigInt64Array;
  readonly logprob: Float32Array;
  /** Logits of English and French as next token [B, n, 2]: meaningful after start-of-transcript. */
  readonly language: Float32Array;
  /** Probability of "no speech" as next token [B, n]: meaningful after start-of-transcript. */
  readonly noSpeech: Float32Array;
  /** [B, layers, heads, n, dim] */
  readonly newKeys: Float32Array;
  readonly newValues: Float32Array;
  /** Mean weight of the alignment heads [B, n, T]. */
  readonly align: Float32Array;
}

export class WhisperModel {
  readonly files: WindowedModelFiles;
  readonly #encoder: InferenceSession;
  readonly #decoder: InferenceSession;

  private constructor(files: WindowedModelFiles, encoder: InferenceSession, decoder: InferenceSession) {
    this.files = files;
    this.#encoder = encoder;
    this.#decoder = decoder;
  }

  /** Compiles both graphs. Fails with `model-broken` when ONNX Runtime refuses one. */
  static async load(files: WindowedModelFiles, threads: number): Promise<WhisperModel> {
    const options: InferenceSession.SessionOptions = {
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionProviders: ['cpu'],
      // Spinning burns a core after every run, for nothing: runs are far apart.
      extra: { session: { intra_op: { allow_spinning: '0' }, inter_op: { allow_spinning: '0' } } },
    };
    try {
      const encoder = await InferenceSession.create(files.encoderPath, options);
      const decoder = await InferenceSession.create(files.decoderPath, options);
      return new WhisperModel(files, encoder, decoder);
    } catch (cause) {
      throw new SurtitreError('model-broken', `ONNX Runtime cannot load the speech model ${files.name}.`, {
        cause,
      });
    }
  }

  /** Encodes `mel` [rows, bands, 2 · frames]; the first `lengths[row]` frames of each row are real. */
  async encode(mel: Float32Array, lengths: readonly number[], frames: number): Promise<EncodedWindows> {
    const { silenceColumnBias, mel: recipe } = this.files;
    const rows = lengths.length;
    const columns = frames + silenceColumnBias.length;
    const frameBias = new Float32Array(rows * frames);
    const crossBias = new Float32Array(rows * columns);
    for (const [row, length] of lengths.entries()) {
      frameBias.fill(MASKED, row * frames + length, (row + 1) * frames);
      crossBias.fill(MASKED, row * columns + length, row * columns + frames);
      crossBias.set(silenceColumnBias, row * columns + frames);
    }
    const output = await this.#encoder.run({
      mel: new Tensor('float32', mel, [rows, recipe.melBands, 2 * frames]),
      bias: new Tensor('float32', frameBias, [rows, frames]),
    });
    return {
      rows,
      frames,
      keys: tensor(output, 'cross_k'),
      values: tensor(output, 'cross_v'),
      bias: new Tensor('float32', crossBias, [rows, columns]),
    };
  }

  /** One pass over `width` new tokens a row, of which the first stands at `positions[row]`. */
  async decode(
    windows: EncodedWindows,
    tokens: BigInt64Array,
    positions: BigInt64Array,
    cache: TokenCache,
  ): Promise<DecoderOutput> {
    const { rows } = windows;
    const { layers, heads, headDim } = this.files;
    const past = [rows, layers, heads, cache.capacity, headDim];
    const output = await this.#decoder.run({
      tokens: new Tensor('int64', tokens, [rows, tokens.length / rows]),
      position: new Tensor('int64', positions, [rows]),
      self_k: new Tensor('float32', cache.keys, past),
      self_v: new Tensor('float32', cache.values, past),
      self_bias: new Tensor('float32', cache.bias, [rows, cache.capacity]),
      cross_k: windows.keys,
      cross_v: windows.values,
      cross_bias: windows.bias,
    });
    return {
      best: tensor(output, 'best').data as BigInt64Array,
      logprob: floats(output, 'logprob'),
      language: floats(output, 'language'),
      noSpeech: floats(output, 'no_speech'),
      newKeys: floats(output, 'k_new'),
      newValues: floats(output, 'v_new'),
      align: floats(output, 'align'),
    };
  }

  async close(): Promise<void> {
    await this.#encoder.release();
    await this.#decoder.release();
  }
}

function tensor(output: InferenceSession.OnnxValueMapType, name: string): Tensor {
  const value = output[name];
  if (value instanceof Tensor) return value;
  throw new SurtitreError(
    'model-broken',
    `The speech model has no output "${name}": it is of another version.`,
  );
}

function floats(output: InferenceSession.OnnxValueMapType, name: string): Float32Array {
  return tensor(output, name).data as Float32Array;
}
