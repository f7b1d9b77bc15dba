/** What the connected agents say of themselves: slots now, and how much was not heard since this gateway started. */
import type { UplinkLoad } from '../../protocol/uplink-message.ts';

export interface SlotUse {
  readonly slotsUsed: number;
  readonly slots: number;
  readonly microphones: number;
}

/** What grew since the agent's last word. */
export interface UnheardSince {
  readonly skippedAudioMs: number;
  readonly droppedAudioMs: number;
  readonly microphonesRefused: number;
}

/** Agents that are gone and remembered; then the oldest goes. */
const MAX_ABSENT = 256;

export class AgentLoads {
  /** By session. Of one that is gone the last word stays, so that its totals are not counted twice when it is back. */
  readonly #loads = new Map<string, UplinkLoad>();
  readonly #absent = new Set<string>();

  /** An agent's totals go on over its reconnects; what it lost before this gateway knew it is not this one's to count. */
  take(session: string, load: UplinkLoad): UnheardSince {
    const before = this.#loads.get(session) ?? load;
    this.#loads.set(session, load);
    this.#absent.delete(session);
    const grown = (key: keyof UnheardSince): number => Math.max(0, load[key] - before[key]);
    return {
      skippedAudioMs: grown('skippedAudioMs'),
      droppedAudioMs: grown('droppedAudioMs'),
      microphonesRefused: grown('microphonesRefused'),
    };
  }

  /** Its slots no longer count. */
  handleGone(session: string): void {
    if (!this.#loads.has(session)) return;
    this.#absent.add(session);
    const [oldest] = this.#absent;
    if (this.#absent.size <= MAX_ABSENT || oldest === undefined) return;
    this.#absent.delete(oldest);
    this.#loads.delete(oldest);
  }

  get use(): SlotUse {
    const use = { slotsUsed: 0, slots: 0, microphones: 0 };
    for (const [session, load] of this.#loads) {
      if (this.#absent.has(session)) continue;
      use.slotsUsed += load.slotsUsed;
      use.slots += load.slots;
      use.microphones += load.microphones;
    }
    return use;
  }
}
