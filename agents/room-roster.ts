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
  readonly session: RoomSession;
  closing: Promise<void> | null;
}

export class RoomRoster {
  readonly #options: RoomRosterOptions;
  readonly #served = new Map<string, Served>();
  readonly #promised = new Map<string, NodeJS.Timeout>();
  readonly #lost = new Map<string, { sinceMs: number; timer: NodeJS.Timeout }>();
  #closed = false;

  constructor(options: RoomRosterOptions) {
    this.#options = options;
  }

  get rooms(): number {
    return this.#served.size;
  }

  get microphones(): number {
    let count = 0;
    for (const { session } of this.#served.values()) count += session.microphones;
    return count;
  }

  /** A second agent in a room would caption everything twice, so an offer of a served room ends there. */
  answer(job: WorkerJob): JobAnswer {
    const { room } = job;
    if (room === '') return { answer: 'refuse' };
    const served = this.#served.get(room);
    const isHeard = served && !served.closing && !served.session.isDeaf;
    if (this.#promised.has(room) || isHeard) return { answer: 'terminate' };
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
    // Captions were switched off and on again, or we no longer hear the room: the same participant cannot be
    // in it twice.
    const before = this.#served.get(room);
    if (before) await this.#end(before.jobId, room, 'lost');
    if (this.#closed || this.#served.has(room)) {
      this.#options.onJobEnded(job.id, 'success');
      return;
    }
    const log = this.#options.log.child({ room });
    const session = new RoomSession({
      ...this.#options,
      room,
      log,
      language: jobLanguage(job) ?? this.#options.language,
      onEnded: (end) => void this.#end(job.id, room, end),
    });
    this.#served.set(room, { jobId: job.id, session, closing: null });
    log.info('joining room');
    try {
      await session.join(access, this.#takeLost(room));
      log.info('captioning room');
    } catch (error) {
      log.error({ err: error }, 'joining room failed');
      await this.#end(job.id, room, 'lost');
    }
  }

  /** The server wants the job to end. */
  terminate(jobId: string): void {
    for (const [room, served] of this.#served)
      if (served.jobId === jobId) void this.#end(jobId, room, 'over');
  }

  handleStepDone(): void {
    for (const { session } of this.#served.values()) session.handleStepDone();
  }

  /** Leaves all rooms; what was heard becomes captions within `deadlineMs`. */
  async close(deadlineMs: number): Promise<void> {
    this.#closed = true;
    for (const timer of this.#promised.values()) clearTimeout(timer);
    for (const room of [...this.#lost.keys()]) this.#takeLost(room);
    const rooms = [...this.#served];
    await Promise.all(rooms.map(([room, { jobId }]) => this.#end(jobId, room, 'over', deadlineMs)));
  }

  async #end(jobId: string, room: string, end: RoomEnd, deadlineMs?: number): Promise<void> {
    const served = this.#served.get(room);
    if (served?.jobId !== jobId) return;
    served.closing ??= this.#close(served, room, end, deadlineMs);
    await served.closing;
  }

  async #close(served: Served, room: string, end: RoomEnd, deadlineMs?: number): Promise<void> {
    const { heardUntilMs } = served.session;
    await served.session.close(end, deadlineMs);
    this.#served.delete(room);
    if (end === 'over') this.#options.uplink.leave(room);
    else this.#keepLost(room, heardUntilMs);
    this.#options.log.info({ room, end }, 'left room');
    this.#options.onJobEnded(
      served.jobId,
      end === 'over' ? 'success' : 'failed',
      end === 'over' ? undefined : 'room lost',
    );
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
