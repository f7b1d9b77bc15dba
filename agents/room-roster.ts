/**
 * Which rooms this process captions. Answers LiveKit's offers at once, turns assignments into room sessions, and
 * sees to it that every job ends exactly once. A room is served by at most one session at a time.
 */
import type { Logger } from '../runtime/log.ts';
import { jobLanguage } from './livekit/job-language.ts';
import type { RoomEnd } from './livekit/room-connection.ts';
import type { JobAnswer, JobOutcome, RoomAccess, WorkerJob } from './livekit/worker-socket.ts';
import { RoomSession, type RoomSessionOptions } from './room-session.ts';
import type { StreamLanguage } from './speech/speech-engine.ts';

/** An assignment follows its offer within this time or never. */
const PROMISE_HOLD_MS = 10_000;
/** A room that was lost is kept in mind so long: whoever returns to it marks the gap. Then it was left. */
const LOST_ROOM_KEPT_MS = 60_000;

type SharedSessionOptions = Omit<RoomSessionOptions, 'room' | 'language' | 'uplink' | 'onEnded' | 'log'>;

export interface RoomRosterOptions extends SharedSessionOptions {
  readonly agentName: string;
  /** Where a dispatch names no language. */
  readonly language: StreamLanguage;
  readonly uplink: RoomSessionOptions['uplink'] & { leave(room: string): void };
  readonly log: Logger;
  readonly onJobEnded: (jobId: string, outcome: JobOutcome, error?: string) => void;
}

interface Served {
  readonly jobId: string;
  readonly room: string;
  readonly session: RoomSession;
  ending: Promise<void> | null;
}

export class RoomRoster {
  readonly #options: RoomRosterOptions;
  /** All sessions, those included that a newer one of their room has replaced, until their last words are out. */
  readonly #sessions = new Set<Served>();
  /** The session of each room. */
  readonly #current = new Map<string, Served>();
  readonly #promised = new Map<string, NodeJS.Timeout>();
  readonly #lost = new Map<string, { sinceMs: number; timer: NodeJS.Timeout }>();
  #closed = false;

  constructor(options: RoomRosterOptions) {
    this.#options = options;
  }

  get rooms(): number {
    return this.#current.size;
  }

  get microphones(): number {
    let count = 0;
    for (const { session } of this.#current.values()) count += session.microphones;
    return count;
  }

  /**
   * A second agent in a room would caption everything twice, so an offer of a served room ends there. So does one
   * of a room that is being left: LiveKit ends all jobs of an identity when it leaves, the new one too. Whoever
   * wants captions asks again after the uplink has said that the room was left.
   */
  answer(job: WorkerJob): JobAnswer {
    const { room } = job;
    if (room === '') return { answer: 'refuse' };
    const served = this.#current.get(room);
    if (this.#promised.has(room) || (served && !served.session.isDeaf)) return { answer: 'terminate' };
    this.#promised.set(
      room,
      setTimeout(() => this.#promised.delete(room), PROMISE_HOLD_MS),
    );
    const { agentName } = this.#options;
    return { answer: 'take', participant: { identity: `${agentName}-${room}`, name: agentName } };
  }

  /** Never rejects: whatever happens ends the job. */
  async take(job: WorkerJob, access: RoomAccess): Promise<void> {
    const { room } = job;
    clearTimeout(this.#promised.get(room));
    this.#promised.delete(room);
    if (this.#closed) {
      this.#options.onJobEnded(job.id, 'failed', 'agent stops');
      return;
    }
    const log = this.#options.log.child({ room });
    const before = this.#current.get(room);
    const session = new RoomSession({
      ...this.#options,
      room,
      log,
      language: jobLanguage(job) ?? this.#options.language,
      onEnded: (end) => void this.#end(served, end),
    });
    const served: Served = { jobId: job.id, room, session, ending: null };
    this.#sessions.add(served);
    this.#current.set(room, served);
    log.info('joining room');
    try {
      const gapSinceMs = before ? await this.#replace(before) : this.#takeLost(room);
      await session.join(access, gapSinceMs);
      log.info('captioning room');
    } catch (error) {
      log.error({ err: error }, 'joining room failed');
      await this.#end(served, 'lost');
    }
  }

  /** The server wants the job to end. */
  terminate(jobId: string): void {
    for (const served of this.#sessions) if (served.jobId === jobId) void this.#end(served, 'over');
  }

  handleStepDone(): void {
    for (const { session } of this.#sessions) session.handleStepDone();
  }

  /** Leaves all rooms; what was heard becomes captions within `deadlineMs`. */
  async close(deadlineMs: number): Promise<void> {
    this.#closed = true;
    for (const timer of this.#promised.values()) clearTimeout(timer);
    for (const room of [...this.#lost.keys()]) this.#takeLost(room);
    await Promise.all([...this.#sessions].map((served) => this.#end(served, 'over', deadlineMs)));
  }

  /**
   * We no longer hear a room that is ours. The same participant cannot be in it twice, so the old session leaves at
   * once; its last words still come out. Resolves with the time since which the room was not heard.
   */
  async #replace(before: Served): Promise<number> {
    const { heardUntilMs } = before.session;
    void this.#end(before, 'over');
    await before.session.leave();
    return heardUntilMs;
  }

  async #end(served: Served, end: RoomEnd, deadlineMs?: number): Promise<void> {
    served.ending ??= this.#close(served, end, deadlineMs);
    await served.ending;
  }

  async #close(served: Served, end: RoomEnd, deadlineMs?: number): Promise<void> {
    const { jobId, room, session } = served;
    const { heardUntilMs } = session;
    await session.close(end, deadlineMs);
    this.#sessions.delete(served);
    if (this.#current.get(room) === served) {
      this.#current.delete(room);
      if (end === 'over') this.#options.uplink.leave(room);
      else this.#keepLost(room, heardUntilMs);
    }
    this.#options.log.info({ room, end }, 'left room');
    const [outcome, error] = end === 'over' ? (['success'] as const) : (['failed', 'room lost'] as const);
    this.#options.onJobEnded(jobId, outcome, error);
  }

  #keepLost(room: string, sinceMs: number): void {
    this.#takeLost(room);
    const timer = setTimeout(() => {
      this.#lost.delete(room);
      this.#options.uplink.leave(room);
    }, LOST_ROOM_KEPT_MS);
    this.#lost.set(room, { sinceMs, timer });
  }

  /** When the room was lost, or null; it is then no longer lost. */
  #takeLost(room: string): number | null {
    const lost = this.#lost.get(room);
    clearTimeout(lost?.timer);
    this.#lost.delete(room);
    return lost?.sinceMs ?? null;
  }
}
