/**
 * Just enough msgpack for moshi-server's messages, into one reused buffer. Not a library's: these messages tell
 * floats of 32 bits, of 64 bits and integers apart, and JavaScript's numbers do not.
 */
const UTF8 = new TextEncoder();

export class MsgpackWriter {
  #bytes: Uint8Array;
  #view: DataView;
  #at = 0;

  constructor(capacity = 256) {
    this.#bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** What was written since {@link reset}. A copy: a socket may keep it for as long as its peer is slow. */
  get written(): Uint8Array {
    return this.#bytes.slice(0, this.#at);
  }

  reset(): this {
    this.#at = 0;
    return this;
  }

  /** `fields` < 16 pairs of key and value follow. */
  map(fields: number): this {
    return this.#byte(0x80 | fields);
  }

  /** `length` < 65536 values follow. */
  array(length: number): this {
    if (length < 16) return this.#byte(0x90 | length);
    this.#byte(0xdc);
    this.#view.setUint16(this.#advance(2), length);
    return this;
  }

  string(text: string): this {
    const bytes = UTF8.encode(text);
    if (bytes.length < 32) this.#byte(0xa0 | bytes.length);
    else if (bytes.length < 256) this.#byte(0xd9).#byte(bytes.length);
    else {
      this.#byte(0xda);
      this.#view.setUint16(this.#advance(2), bytes.length);
    }
    const at = this.#advance(bytes.length);
    this.#bytes.set(bytes, at);
    return this;
  }

  float32(value: number): this {
    this.#byte(0xca);
    this.#view.setFloat32(this.#advance(4), value);
    return this;
  }

  float64(value: number): this {
    this.#byte(0xcb);
    this.#view.setFloat64(this.#advance(8), value);
    return this;
  }

  /** In the shortest form. */
  integer(value: number | bigint): this {
    if (typeof value === 'bigint' || !Number.isSafeInteger(value)) return this.#bigInteger(BigInt(value));
    if (value >= 0 && value < 0x80) return this.#byte(value);
    if (value < 0 && value >= -32) return this.#byte(value & 0xff);
    if (value < -0x8000_0000 || value > 0xffff_ffff) return this.#bigInteger(BigInt(value));
    if (value < 0) return this.#negative(value);
    if (value < 0x100) return this.#byte(0xcc).#byte(value);
    if (value < 0x1_0000) {
      this.#byte(0xcd);
      this.#view.setUint16(this.#advance(2), value);
      return this;
    }
    this.#byte(0xce);
    this.#view.setUint32(this.#advance(4), value);
    return this;
  }

  #negative(value: number): this {
    if (value >= -0x80) return this.#byte(0xd0).#byte(value & 0xff);
    if (value >= -0x8000) {
      this.#byte(0xd1);
      this.#view.setInt16(this.#advance(2), value);
      return this;
    }
    this.#byte(0xd2);
    this.#view.setInt32(this.#advance(4), value);
    return this;
  }

  #bigInteger(value: bigint): this {
    this.#byte(value < 0n ? 0xd3 : 0xcf);
    const at = this.#advance(8);
    if (value < 0n) this.#view.setBigInt64(at, value);
    else this.#view.setBigUint64(at, value);
    return this;
  }

  #byte(value: number): this {
    this.#bytes[this.#advance(1)] = value;
    return this;
  }

  /** Makes room for `length` bytes and returns where they begin. */
  #advance(length: number): number {
    const at = this.#at;
    this.#at += length;
    if (this.#at > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(2 * this.#bytes.length, this.#at));
      grown.set(this.#bytes.subarray(0, at));
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    return at;
  }
}
