/**
 * Tells an audio container by its first bytes, because file names lie. Only the formats that the product
 * promises are named here; anything else is refused before a decoder sees it.
 */

/** Names of the decoders in `audio-decode`. */
export type AudioFormat = 'wav' | 'flac' | 'mp3' | 'oga' | 'opus' | 'aiff';

/** Bytes that {@link detectAudioFormat} needs to see. */
export const FORMAT_PROBE_BYTES = 64;

function ascii(bytes: Uint8Array, from: number, to: number): string {
  return String.fromCharCode(...bytes.subarray(from, to));
}

/** The container of a file that begins with `bytes`, or null when it is none that can be read. */
export function detectAudioFormat(bytes: Uint8Array): AudioFormat | null {
  const magic = ascii(bytes, 0, 4);
  const kind = ascii(bytes, 8, 12);
  if (magic === 'RIFF' && kind === 'WAVE') return 'wav';
  if (magic === 'FORM' && (kind === 'AIFF' || kind === 'AIFC')) return 'aiff';
  if (magic === 'fLaC') return 'flac';
  // The first Ogg page of a single stream has a header of 28 bytes, then the codec names itself.
  if (magic === 'OggS') {
    const codec = ascii(bytes, 28, 36);
    if (codec === 'OpusHead') return 'opus';
    return codec.startsWith('\x7fFLAC') ? 'flac' : 'oga';
  }
  if (magic.startsWith('ID3')) return 'mp3';
  // MPEG audio frame sync: eleven set bits, then a valid layer.
  const [first = 0, second = 0] = bytes;
  return first === 0xff && (second & 0xe0) === 0xe0 && (second & 0x06) !== 0 ? 'mp3' : null;
}
