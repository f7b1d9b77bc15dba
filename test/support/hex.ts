/** Bytes as they are written in docs/protocol.md: `95 01 a1 72`. */
export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
}
