/**
 * How much a viewer may send. It has little to say (a join, now and then a sample), so whoever sends more is
 * broken or hostile, and parsing it would cost those who share the process.
 */
export interface InboundAllowance {
  bytes: number;
  atMs: number;
}

const BURST_BYTES = 8_192;
const BYTES_PER_S = 256;
/** A frame's own cost: many empty ones are no cheaper than one that is full. */
const FRAME_BYTES = 64;

export function newAllowance(nowMs: number): InboundAllowance {
  return { bytes: BURST_BYTES, atMs: nowMs };
}

/** False when the frame is more than is allowed. */
export function spend(allowance: InboundAllowance, bytes: number, nowMs: number): boolean {
  const earned = ((nowMs - allowance.atMs) / 1000) * BYTES_PER_S;
  allowance.bytes = Math.min(BURST_BYTES, allowance.bytes + earned) - bytes - FRAME_BYTES;
  allowance.atMs = nowMs;
  return allowance.bytes >= 0;
}
