/** What many meetings say: every 80 ms each room has so many updates, the rooms evenly spread over the step. */
import type { RunningPeer, Update } from './peer.ts';

const STEP_MS = 80;
/** A turn of this many updates, then the next one. */
const UPDATES_PER_TURN = 60;
const WORDS = ' so what we agreed on is';

export interface MeetingLoadPlan {
  readonly rooms: number;
  readonly updatesPerStep: number;
}

export class MeetingLoad {
  readonly #plan: MeetingLoadPlan;
  readonly #peer: RunningPeer;
  readonly #speakers: { utterance: number; updates: number; offset: number }[];
  readonly #timer: NodeJS.Timeout;
  /** Times as fast as people speak, since when, and the steps said before. */
  #pace = { speed: 1, sinceMs: performance.now(), steps: 0 };
  #steps = 0;
  #published = 0;

  constructor(peer: RunningPeer, plan: MeetingLoadPlan) {
    this.#peer = peer;
    this.#plan = plan;
    this.#speakers = Array.from({ length: plan.rooms * plan.updatesPerStep }, (_, index) => ({
      utterance: index + 1,
      updates: index % UPDATES_PER_TURN,
      offset: 0,
    }));
    this.#timer = setInterval(() => this.#say(), Math.max(1, STEP_MS / plan.rooms / 2));
  }

  setSpeed(speed: number): void {
    this.#pace = { speed, sinceMs: performance.now(), steps: this.#steps };
  }

  #say(): void {
    const { rooms, updatesPerStep } = this.#plan;
    const { speed, sinceMs, steps } = this.#pace;
    const due = steps + ((performance.now() - sinceMs) / STEP_MS) * rooms * speed;
    for (; this.#steps < due; this.#steps += 1) {
      const room = this.#steps % rooms;
      const updates = this.#speakers
        .slice(room * updatesPerStep, (room + 1) * updatesPerStep)
        .map((speaker) => updateOf(speaker, this.#speakers.length));
      this.#peer.publish(room, updates);
      this.#published += updates.length;
    }
  }

  get published(): number {
    return this.#published;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

function updateOf(speaker: { utterance: number; updates: number; offset: number }, speakers: number): Update {
  speaker.updates += 1;
  if (speaker.updates > UPDATES_PER_TURN) {
    speaker.utterance += speakers;
    speaker.updates = 1;
    speaker.offset = 0;
  }
  const mark = `@@${process.hrtime.bigint().toString(16).padStart(16, '0')}`;
  const text = mark + WORDS;
  const now = Date.now();
  const update = {
    utterance: speaker.utterance,
    offset: speaker.offset,
    text,
    startMs: now - 700,
    endMs: now - 400,
  };
  speaker.offset += text.length;
  return update;
}
