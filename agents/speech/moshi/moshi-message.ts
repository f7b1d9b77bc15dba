/**
 * The messages of moshi-server's streaming recognition, both ways, byte for byte as it writes them: a msgpack map
 * with the tag first, times as 64-bit and samples as 32-bit floats. Also read: other field orders, other kinds of
 * numbers, and fields that we do not know, as its own reader does.
 */
import { type FlatValue, MalformedMsgpack, readFlatMap } from './msgpack-reader.ts';
import { MsgpackWriter } from './msgpack-writer.ts';

export const MOSHI_PATH = '/api/asr-streaming';
export const MOSHI_KEY_HEADER = 'kyutai-api-key';
export const MOSHI_RATE_HZ = 24_000;
/** What one step of the server's model takes; other lengths of messages make it lag. */
export const MOSHI_FRAME_SAMPLES = 1_920;
export const MOSHI_FRAME_MS = 80;
/** What the server says when all its streams are taken, after the upgrade. */
export const NO_FREE_CHANNELS = 'no free channels';

/** The whole range of 64 bits is echoed. */
export type MarkerId = number | bigint;

export type ToMoshi =
  | { readonly type: 'Init' }
  | { readonly type: 'Audio'; readonly pcm: Float32Array }
  | { readonly type: 'OggOpus'; readonly data: Uint8Array }
  | { readonly type: 'Marker'; readonly id: MarkerId };

export type FromMoshi =
  | { readonly type: 'Ready' }
  /** One frame was taken. `prs`: probability of a pause of 0.5, 1, 2 and 3 s; `bufferedPcm`: samples that wait. */
  | {
      readonly type: 'Step';
      readonly stepIdx: number;
      readonly prs: readonly number[];
      readonly bufferedPcm: number;
    }
  /** Without a space; times in seconds of the stream's own audio. */
  | { readonly type: 'Word'; readonly text: string; readonly startTime: number }
  | { readonly type: 'EndWord'; readonly stopTime: number }
  | { readonly type: 'Marker'; readonly id: MarkerId }
  | { readonly type: 'Error'; readonly message: string };

/** Writes messages one after the other; the bytes belong to the caller. */
export class MoshiPacker {
  readonly #writer = new MsgpackWriter(16 * 1_024);

  /** Samples as 16-bit integers, the form in which microphones come. */
  audio(samples: Int16Array): Uint8Array {
    const writer = this.#begin('Audio', 1).string('pcm').array(samples.length);
    for (const sample of samples) writer.float32(sample / 32_768);
    return writer.written;
  }

  marker(id: MarkerId): Uint8Array {
    return this.#begin('Marker', 1).string('id').integer(id).written;
  }

  fromMoshi(message: FromMoshi): Uint8Array {
    switch (message.type) {
      case 'Ready':
        return this.#begin('Ready', 0).written;
      case 'Marker':
        return this.marker(message.id);
      case 'Word':
        return this.#begin('Word', 2)
          .string('text')
          .string(message.text)
          .string('start_time')
          .float64(message.startTime).written;
      case 'EndWord':
        return this.#begin('EndWord', 1).string('stop_time').float64(message.stopTime).written;
      case 'Error':
        return this.#begin('Error', 1).string('message').string(message.message).written;
      case 'Step': {
        const writer = this.#begin('Step', 3).string('step_idx').integer(message.stepIdx);
        writer.string('prs').array(message.prs.length);
        for (const probability of message.prs) writer.float32(probability);
        return writer.string('buffered_pcm').integer(message.bufferedPcm).written;
      }
    }
  }

  #begin(type: string, fields: number): MsgpackWriter {
    return this.#writer
      .reset()
      .map(1 + fields)
      .string('type')
      .string(type);
  }
}

/** Fails with {@link MalformedMsgpack}. */
export function unpackToMoshi(bytes: Uint8Array): ToMoshi {
  const fields = readFlatMap(bytes);
  const type = fields.get('type');
  if (type === 'Init') return { type };
  if (type === 'Marker') return { type, id: integer(fields.get('id')) };
  if (type === 'Audio') return { type, pcm: samples(fields.get('pcm')) };
  if (type === 'OggOpus') return { type, data: byteString(fields.get('data')) };
  throw new MalformedMsgpack('the type is none of Init, Audio, OggOpus, Marker');
}

/** Null for a message of a type that is not ours to know. Fails with {@link MalformedMsgpack}. */
export function unpackFromMoshi(bytes: Uint8Array): FromMoshi | null {
  const fields = readFlatMap(bytes);
  switch (fields.get('type')) {
    case 'Ready':
      return { type: 'Ready' };
    case 'Word':
      return { type: 'Word', text: text(fields.get('text')), startTime: number(fields.get('start_time')) };
    case 'EndWord':
      return { type: 'EndWord', stopTime: number(fields.get('stop_time')) };
    case 'Marker':
      return { type: 'Marker', id: integer(fields.get('id')) };
    case 'Error':
      return { type: 'Error', message: text(fields.get('message')) };
    case 'Step':
      return {
        type: 'Step',
        stepIdx: number(fields.get('step_idx')),
        prs: [...samples(fields.get('prs'))],
        bufferedPcm: number(fields.get('buffered_pcm')),
      };
    default:
      return null;
  }
}

function text(value: FlatValue | undefined): string {
  if (typeof value === 'string') return value;
  throw new MalformedMsgpack('a text is missing');
}

function number(value: FlatValue | undefined): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new MalformedMsgpack('a number is missing');
}

function integer(value: FlatValue | undefined): MarkerId {
  if (typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value))) return value;
  throw new MalformedMsgpack('a whole number is missing');
}

function samples(value: FlatValue | undefined): Float32Array {
  if (value instanceof Float32Array) return value;
  throw new MalformedMsgpack('an array of numbers is missing');
}

/** Its own reader takes an array of bytes; Python writes a byte string. */
function byteString(value: FlatValue | undefined): Uint8Array {
  if (value instanceof Uint8Array) return value;
  return Uint8Array.from(samples(value));
}
