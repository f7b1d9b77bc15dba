/**
 * One room's way to the gateway: numbers its frames, holds them, and knows how far they were sent on the present
 * connection. Reconnecting and a slow connection are the same to it: the cursor stands still, then moves on.
 */
import type { CaptionEvent, StageTimes } from '../../protocol/caption-event.ts';
import { packFromAgent, unpackFromAgent } from '../../protocol/uplink-message.ts';
import { nowMs } from '../../runtime/clock.ts';
import { HeldFrames, type HeldLimits } from './held-frames.ts';

export class RoomUplink {
  readonly room: string;
  readonly held: HeldFrames;
  /** Highest number written to the present connection. */
  #sentUpTo = 0;
  /** Highest number ever written: what goes out again is not a measure of latency. */
  #highestSent = 0;
  /** When the room was left; null while it is served. */
  leftAtMs: number | null = null;
  #leftSent = false;

  constructor(room: string, limits: HeldLimits, lastNumber: number) {
    this.room = room;
    this.held = new HeldFrames(limits, lastNumber);
  }

  /** Returns the number of frames lost for good because the ring was full. */
  push(events: readonly CaptionEvent[], times: StageTimes | null): number {
    const number = this.held.lastNumber + 1;
    const sentTimes = times && { ...times, sentUs: Math.round((nowMs() - times.audioMs) * 1000) };
    return this.held.push(
      packFromAgent({ type: 'frame', room: this.room, number, times: sentTimes, events }),
    );
  }

  /** A new connection: the gateway holds everything up to `number`, the rest is to be sent. */
  resumeAfter(number: number): void {
    this.#sentUpTo = number;
    this.#leftSent = false;
    this.held.acknowledge(number);
  }

  /** The next message to write, or null when the gateway was sent all there is. */
  takeNext(): Uint8Array | null {
    const frame = this.held.next(this.#sentUpTo);
    if (frame) {
      this.#sentUpTo = frame.number;
      if (frame.number > this.#highestSent) {
        this.#highestSent = frame.number;
        return frame.bytes;
      }
      return withoutTimes(frame.bytes);
    }
    if (this.leftAtMs !== null && !this.#leftSent) {
      this.#leftSent = true;
      return packFromAgent({ type: 'left', room: this.room });
    }
    return null;
  }

  get settled(): boolean {
    return this.held.allAcknowledged && (this.leftAtMs === null || this.#leftSent);
  }
}

function withoutTimes(bytes: Uint8Array): Uint8Array {
  const message = unpackFromAgent(bytes);
  return message.type === 'frame' ? packFromAgent({ ...message, times: null }) : bytes;
}
