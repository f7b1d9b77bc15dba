/** Three rising tones as a WAV file, made here, so that nothing has to be fetched to hear whether sound works. */

const SAMPLE_RATE_HZ = 24_000;
const TONES_HZ = [523, 659, 784];
const TONE_S = 0.35;
/** Fades in and out, or each tone would click. */
const FADE_S = 0.03;
const VOLUME = 0.4;
const HEADER_BYTES = 44;

export function testTones(): Blob {
  const perTone = Math.round(TONE_S * SAMPLE_RATE_HZ);
  const bytes = new DataView(new ArrayBuffer(HEADER_BYTES + 2 * perTone * TONES_HZ.length));
  writeHeader(bytes);
  for (const [tone, hz] of TONES_HZ.entries()) {
    for (let i = 0; i < perTone; i += 1) {
      const seconds = i / SAMPLE_RATE_HZ;
      const fade = Math.min(1, seconds / FADE_S, (TONE_S - seconds) / FADE_S);
      const sample = VOLUME * fade * Math.sin(2 * Math.PI * hz * seconds);
      bytes.setInt16(HEADER_BYTES + 2 * (tone * perTone + i), Math.round(sample * 32_767), true);
    }
  }
  return new Blob([bytes], { type: 'audio/wav' });
}

/** RIFF: 16-bit mono PCM. */
function writeHeader(bytes: DataView): void {
  const text = (offset: number, letters: string) => {
    for (const [index, letter] of [...letters].entries())
      bytes.setUint8(offset + index, letter.charCodeAt(0));
  };
  text(0, 'RIFF');
  bytes.setUint32(4, bytes.byteLength - 8, true);
  text(8, 'WAVEfmt ');
  bytes.setUint32(16, 16, true);
  bytes.setUint16(20, 1, true);
  bytes.setUint16(22, 1, true);
  bytes.setUint32(24, SAMPLE_RATE_HZ, true);
  bytes.setUint32(28, 2 * SAMPLE_RATE_HZ, true);
  bytes.setUint16(32, 2, true);
  bytes.setUint16(34, 16, true);
  text(36, 'data');
  bytes.setUint32(40, bytes.byteLength - HEADER_BYTES, true);
}
