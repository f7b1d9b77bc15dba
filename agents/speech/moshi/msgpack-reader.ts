/**
 * Reads one msgpack map of strings, numbers, bytes and arrays of numbers: all that moshi-server's messages hold.
 * Lengths are believed only as far as bytes are there, so that a short message cannot ask for much memory.
 */
export type FlatValue = string | number | bigint | boolean | null | Uint8Array | Float32Array;

export class MalformedMsgpack extends Error {}

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** Fails with {@link MalformedMsgpack}. Byte strings are views of `bytes`. */
export function readFlatMap(bytes: Uint8Array): Map<string, FlatValue> {
  const reader = new Reader(bytes);
  try {
    const fields = new Map<string, FlatValue>();
    for (let left = reader.mapLength(); left > 0; left--) {
      const key = reader.value();
      if (typeof key !== 'string') throw new MalformedMsgpack('a key is not a string');
      fields.set(key, reader.value());
    }
    if (!reader.isAtEnd) throw new MalformedMsgpack('something follows the message');
    return fields;
  } catch (error) {
    if (error instanceof MalformedMsgpack) throw error;
    throw new MalformedMsgpack('the message ends too early, or holds a broken string');
  }
}

class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  mapLength(): number {
    const marker = this.#unsigned(1);
    if ((marker & 0xf0) === 0x80) return marker & 0x0f;
    if (marker === 0xde) return this.#unsigned(2);
    throw new MalformedMsgpack('a map is expected');
  }

  value(): FlatValue {
    const marker = this.#unsigned(1);
    if ((marker & 0xe0) === 0xa0) return this.#string(marker & 0x1f);
    if ((marker & 0xf0) === 0x90) return this.#numbers(marker & 0x0f);
    switch (marker) {
      case 0xc0:
        return null;
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xc4:
      case 0xc5:
      case 0xc6:
        return this.#take(this.#unsigned(1 << (marker - 0xc4)));
      case 0xd9:
      case 0xda:
      case 0xdb:
        return this.#string(this.#unsigned(1 << (marker - 0xd9)));
      case 0xdc:
      case 0xdd:
        return this.#numbers(this.#unsigned(2 << (marker - 0xdc)));
      default:
        return this.#number(marker);
    }
  }

  #numbers(length: number): Float32Array {
    // The least that an array of so many numbers takes.
    if (length > this.#bytes.length - this.#at) throw new MalformedMsgpack('an array ends too early');
    const numbers = new Float32Array(length);
    for (let i = 0; i < length; i++) {
      if (this.#bytes[this.#at] === 0xca) {
        numbers[i] = this.#view.getFloat32(this.#at + 1);
        this.#at += 5;
      } else {
        numbers[i] = Number(this.#number(this.#unsigned(1)));
      }
    }
    return numbers;
  }

  #number(marker: number): number | bigint {
    if (marker < 0x80) return marker;
    if (marker >= 0xe0) return marker - 0x100;
    switch (marker) {
      case 0xca:
        return this.#view.getFloat32(this.#advance(4));
      case 0xcb:
        return this.#view.getFloat64(this.#advance(8));
      case 0xcc:
        return this.#unsigned(1);
      case 0xcd:
        return this.#unsigned(2);
      case 0xce:
        return this.#unsigned(4);
      case 0xcf:
        return narrow(this.#view.getBigUint64(this.#advance(8)));
      case 0xd0:
        return this.#view.getInt8(this.#advance(1));
      case 0xd1:
        return this.#view.getInt16(this.#advance(2));
      case 0xd2:
        return this.#view.getInt32(this.#advance(4));
      case 0xd3:
        return narrow(this.#view.getBigInt64(this.#advance(8)));
      default:
        throw new MalformedMsgpack('a value of a kind that no message holds');
    }
  }

  #unsigned(size: number): number {
    const at = this.#advance(size);
    if (size === 1) return this.#view.getUint8(at);
    return size === 2 ? this.#view.getUint16(at) : this.#view.getUint32(at);
  }

  #string(length: number): string {
    return UTF8.decode(this.#take(length));
  }

  #take(length: number): Uint8Array {
    const at = this.#advance(length);
    return this.#bytes.subarray(at, at + length);
  }

  #advance(length: number): number {
    const at = this.#at;
    if (at + length > this.#bytes.length) throw new MalformedMsgpack('the message ends too early');
    this.#at += length;
    return at;
  }
}

function narrow(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
