/**
 * Greedy decoding of a batch of windows, with the previous decoding of each as a draft: one pass checks the whole
 * draft, and what it confirms is by construction what two successive decodings agree on. After a disagreement the
 * rest of the draft is tried again where it seems to go on; only what is new is decoded token by token.
 */
import { DraftCursor } from './draft-cursor.ts';
import { repetitionStart } from './repetition.ts';
import { GrowingTokenCache } from './token-cache.ts';
import type { DecoderOutput, EncodedWindows, WhisperModel } from './whisper-model.ts';

export interface WindowRequest {
  /** Real frames of the window, without padding. */
  readonly frames: number;
  /** Writes normalised log-mel: see SpeechWindow.writeNormalised. */
  readonly writeMel: (target: Float32Array, offset: number, columns: number) => void;
  /** Special tokens before the text; the text's first token follows the last one. */
  readonly prompt: readonly number[];
  /** Where in `prompt` start-of-transcript stands. */
  readonly startIndex: number;
  /** Tokens of this window that are already said and will not change. */
  readonly committed: readonly number[];
  /** What the previous decoding found after them. */
  readonly draft: readonly number[];
  /** Most tokens after the committed ones. */
  readonly maxTokens: number;
}

export interface WindowResult {
  /** Tokens after the committed ones. */
  readonly tokens: readonly number[];
  readonly logprobs: readonly number[];
  /** Decoding was cut off by the cap or because it went in circles. */
  readonly cut: 'none' | 'length' | 'loop';
  readonly noSpeech: number;
  /** Logits of English and French. */
  readonly language: readonly [number, number];
  /** Attention over the window's frames while predicting each committed and new token, and what follows. */
  readonly attention: readonly Float32Array[];
}

/** Frames of a batch are rounded up to this, so that ONNX Runtime meets few different shapes. */
const FRAME_ROUNDING = 10;

export async function decodeWindows(
  model: WhisperModel,
  requests: readonly WindowRequest[],
): Promise<WindowResult[]> {
  const windows = await encode(model, requests);
  const { layers, heads, headDim, tokens } = model.files;
  const cache = new GrowingTokenCache({ rows: requests.length, lanes: layers * heads, headDim });
  const rows = requests.map((request) => new RowDecoding(request, tokens.endOfText));
  let width = Math.max(...rows.map((row) => row.pending.length));
  while (width > 0) {
    const fed = new BigInt64Array(rows.length * width).fill(BigInt(tokens.endOfText));
    const positions = new BigInt64Array(rows.length);
    for (const [index, row] of rows.entries()) {
      for (const [i, token] of row.pending.entries()) fed[index * width + i] = BigInt(token);
      positions[index] = BigInt(cache.lengthOf(index));
    }
    const output = await model.decode(windows, fed, positions, cache);
    cache.reserve(width);
    for (const [index, row] of rows.entries()) {
      if (row.pending.length === 0) continue;
      const kept = row.accept(output, index, width, windows.frames);
      cache.append(index, output.newKeys, output.newValues, width, kept);
    }
    width = Math.max(...rows.map((row) => row.pending.length));
  }
  return rows.map((row) => row.result());
}

function encode(model: WhisperModel, requests: readonly WindowRequest[]): Promise<EncodedWindows> {
  const { silenceFrames, mel } = model.files;
  const lengths = requests.map((request) => request.frames + silenceFrames);
  const frames = Math.ceil(Math.max(...lengths) / FRAME_ROUNDING) * FRAME_ROUNDING;
  const features = new Float32Array(requests.length * mel.melBands * frames * 2);
  for (const [row, request] of requests.entries()) {
    request.writeMel(features, row * mel.melBands * frames * 2, frames * 2);
  }
  return model.encode(features, lengths, frames);
}

/** One window's text while its batch is decoded. */
class RowDecoding {
  /** What the next pass has to be fed for this row; empty when it is done. */
  pending: readonly number[];
  readonly #request: WindowRequest;
  readonly #endOfText: number;
  readonly #tokens: number[] = [];
  readonly #logprobs: number[] = [];
  readonly #attention: Float32Array[] = [];
  readonly #draft: DraftCursor;
  #cut: WindowResult['cut'] = 'none';
  #noSpeech = 0;
  #language: [number, number] = [0, 0];
  #first = true;

  constructor(request: WindowRequest, endOfText: number) {
    this.#request = request;
    this.#endOfText = endOfText;
    this.#draft = new DraftCursor(request.draft);
    this.pending = [...request.prompt, ...request.committed, ...request.draft];
  }

  /** Takes a pass's output and returns how many of the fed tokens stand. */
  accept(output: DecoderOutput, row: number, width: number, frames: number): number {
    const at = row * width;
    const fixed = this.#first ? this.#request.prompt.length + this.#request.committed.length : 1;
    if (this.#first) {
      const start = at + this.#request.startIndex;
      this.#noSpeech = output.noSpeech[start] ?? 0;
      this.#language = [output.language[2 * start] ?? 0, output.language[2 * start + 1] ?? 0];
      for (let i = this.#request.prompt.length - 1; i < fixed - 1; i++) {
        this.#keepAttention(output, at + i, frames);
      }
    }
    const guess = this.pending.slice(fixed);
    let confirmed = 0;
    while (true) {
      const index = at + fixed - 1 + confirmed;
      this.#keepAttention(output, index, frames);
      const next = Number(output.best[index] ?? this.#endOfText);
      if (next === this.#endOfText) {
        this.pending = [];
        break;
      }
      this.#tokens.push(next);
      this.#logprobs.push(output.logprob[index] ?? 0);
      if (this.#isCut()) break;
      this.#draft.follow(next);
      if (next !== guess[confirmed]) {
        this.pending = [next, ...this.#draft.guess()];
        break;
      }
      confirmed += 1;
    }
    this.#first = false;
    return fixed + confirmed;
  }

  result(): WindowResult {
    return {
      tokens: this.#tokens,
      logprobs: this.#logprobs,
      cut: this.#cut,
      noSpeech: this.#noSpeech,
      language: this.#language,
      attention: this.#attention,
    };
  }

  #isCut(): boolean {
    const loop = repetitionStart(this.#tokens);
    if (loop !== null) {
      this.#cut = 'loop';
      this.#tokens.length = loop;
      this.#logprobs.length = loop;
    } else if (this.#tokens.length >= this.#request.maxTokens) {
      this.#cut = 'length';
    }
    if (this.#cut !== 'none') this.pending = [];
    return this.#cut !== 'none';
  }

  #keepAttention(output: DecoderOutput, index: number, frames: number): void {
    const real = Math.min(frames, this.#request.frames);
    this.#attention.push(output.align.slice(index * frames, index * frames + real));
  }
}
