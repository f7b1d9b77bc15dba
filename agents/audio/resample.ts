/** Streaming conversion of a mono signal to another sampling rate with libsamplerate. */
import libsamplerate from '@alexanderolsen/libsamplerate-js';

// CommonJS without names that Node can see: only the default import works.
const { ConverterType, create } = libsamplerate;

/** Takes consecutive chunks; what comes back belongs to the caller. `end` returns what the filter still held. */
export interface Resampler {
  push(samples: Float32Array): Float32Array;
  end(): Float32Array;
  close(): void;
}

/** Larger chunks would be split by the library through its slow path. */
const MAX_CHUNK_SAMPLES = 65_536;

/** Longer than half of the converter's filter at any rate from 8 kHz up. */
const TAIL_MS = 40;

/** A resampler that passes samples through unchanged when the rates are equal. */
export async function createResampler(fromHz: number, toHz: number): Promise<Resampler> {
  if (fromHz === toHz) {
    return { push: (samples) => samples, end: () => new Float32Array(0), close: () => {} };
  }
  const converter = await create(1, fromHz, toHz, { converterType: ConverterType.SRC_SINC_MEDIUM_QUALITY });
  let taken = 0;
  let given = 0;

  function convert(samples: Float32Array): Float32Array {
    const pieces: Float32Array[] = [];
    for (let at = 0; at < samples.length; at += MAX_CHUNK_SAMPLES) {
      // The result is a view of the converter's own memory: copy before the next call.
      pieces.push(converter.full(samples.subarray(at, at + MAX_CHUNK_SAMPLES)).slice());
    }
    return pieces.length === 1 && pieces[0] ? pieces[0] : concatenate(pieces);
  }

  return {
    push(samples) {
      taken += samples.length;
      const out = convert(samples);
      given += out.length;
      return out;
    },
    end() {
      const due = Math.max(0, Math.round((taken * toHz) / fromHz) - given);
      return convert(new Float32Array(Math.ceil((fromHz * TAIL_MS) / 1000))).subarray(0, due);
    },
    close: () => converter.destroy(),
  };
}

function concatenate(pieces: readonly Float32Array[]): Float32Array {
  const joined = new Float32Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}
