/** What many meetings say: every 80 ms each room has so many updates, the rooms evenly spread over the step. */
import type { RunningPeer, Update } from './peer.ts';

const STEP_MS = 80;
/** A turn of this many updates, then the next one. */
const UPDATES_PER_TURN = 60;
const WORDS = ' so what we agreed on is';

export class MeetingLoad {
  readonly #timer: NodeJS.Timeout;
  #published = 0;

  constructor(peer: RunningPeer, rooms: number, updatesPerStep: number) {
    const speakers = Array.from({ length: rooms * updatesPerStep }, (_, index) => ({
      utterance: index + 1,
      updates: index % UPDATES_PER_TURN,
      offset: 0,
    }));
    let next = 0;
    const start = performance.now();
    const tick = () => {
      const due = ((performance.now() - start) / STEP_MS) * rooms;
      while (next < due) {
        const room = next % rooms;
        const updates = speakers
          .slice(room * updatesPerStep, (room + 1) * updatesPerStep)
          .map((speaker) => updateOf(speaker, rooms * updatesPerStep));
        peer.publish(room, updates);
        this.#published += updates.length;
        next += 1;
      }
    };
    this.#timer = setInterval(tick, Math.max(1, STEP_MS / rooms / 2));
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
