/**
 * A worker of a LiveKit server: takes jobs ("come into this room") under an agent name. Reusable; the captioning
 * agent and the demo speaker differ only in what they do with a job:
 *
 *     const worker = new WorkerSocket({
 *       url, apiKey, apiSecret, agentName: 'surtitre', version, maxJobs: 40, log,
 *       permissions: { canSubscribe: true, canPublishData: true, hidden: true },
 *       load: () => busyShare,                                // 0 to 1; reported every 2.5 s
 *       onOffer: (job) => ({ answer: 'take', participant: { identity: `surtitre-${job.room}` } }),
 *       onAssigned: (job, { url, token }) => void join(job, url, token)
 *         .then(() => worker.finish(job.id, 'success'), () => worker.finish(job.id, 'failed', 'why')),
 *       onTerminated: (jobId) => leave(jobId),
 *     });
 *     worker.connect();          // reconnects and registers again by itself until close()
 *     worker.drain();            // takes no more jobs; then close() when the running ones are done
 *
 * Invariants: every assignment is ended by exactly one `finish`. `onOffer` is asked only while a slot is free and
 * must answer at once. A lost connection does not touch running jobs: the agent is in its rooms through another
 * connection, and the server has forgotten the job, so a repeated offer of the room is answered by `onOffer`.
 */
import { createSigner } from 'fast-jwt';
import { WebSocket } from 'ws';
import type { Logger } from '../../runtime/log.ts';
import { reconnectDelayMs } from '../reconnect-delay.ts';
import { WorkerJobs } from './worker-jobs.ts';
import {
  type FromServer,
  type JobAnswer,
  type JobOutcome,
  packAnswer,
  packJobStatus,
  packRegister,
  packWorkerStatus,
  unpackFromServer,
  WORKER_PATH,
  type WorkerJob,
  type WorkerPermissions,
} from './worker-messages.ts';

export type { JobAnswer, JobOutcome, WorkerJob, WorkerPermissions } from './worker-messages.ts';

const LOAD_INTERVAL_MS = 2_500;
/** The server offers nothing at 0.7: a loaded worker must stay below it, or a lone one would lose its rooms. */
const HIGHEST_ELIGIBLE_LOAD = 0.69;
/** The server gives up on an answer after 10 s; an assignment follows within the same time or never. */
const PROMISE_HOLD_MS = 10_000;
const REGISTER_DEADLINE_MS = 10_000;
/** The server pings every 10 s: two missing pings mean a dead connection. */
const SILENCE_DEADLINE_MS = 25_000;
const RECONNECT_DELAY = { minMs: 200, maxMs: 5_000 };
const TOKEN_LIFETIME_MS = 60_000;
const MAX_MESSAGE_BYTES = 2 * 1_048_576;

export interface WorkerSocketOptions {
  /** Address of the LiveKit server, ws:// or wss://. */
  readonly url: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly agentName: string;
  readonly version: string;
  readonly permissions: WorkerPermissions;
  /** Rooms at the same time; at this number the worker reports that it is full. */
  readonly maxJobs: number;
  readonly log: Logger;
  /** How loaded the process is beside its number of jobs, 0 to 1. */
  readonly load?: () => number;
  readonly onOffer: (job: WorkerJob) => JobAnswer;
  readonly onAssigned: (job: WorkerJob, access: RoomAccess) => void;
  /** The server wants the job to end; the owner leaves the room and calls `finish`. */
  readonly onTerminated?: (jobId: string) => void;
  readonly onStateChanged?: (state: WorkerState) => void;
  /** The server refused our key (HTTP status 401 or 403). Attempts go on unless the owner closes. */
  readonly onRefused?: (status: number) => void;
}

export interface RoomAccess {
  readonly url: string;
  readonly token: string;
}

export type WorkerState = 'idle' | 'connecting' | 'registered' | 'waiting' | 'closed';

export class WorkerSocket {
  readonly #options: WorkerSocketOptions;
  readonly #sign: (payload: Record<string, unknown>) => string;
  readonly #jobs: WorkerJobs;
  #state: WorkerState = 'idle';
  #socket: WebSocket | null = null;
  #attempt = 0;
  #draining = false;
  #retry: NodeJS.Timeout | undefined;
  #watchdog: NodeJS.Timeout | undefined;
  #loadReport: NodeJS.Timeout | undefined;

  constructor(options: WorkerSocketOptions) {
    this.#options = options;
    this.#jobs = new WorkerJobs(options.maxJobs);
    this.#sign = createSigner({
      algorithm: 'HS256',
      key: options.apiSecret,
      iss: options.apiKey,
      expiresIn: TOKEN_LIFETIME_MS,
    });
  }

  get state(): WorkerState {
    return this.#state;
  }

  /** Jobs promised and running. */
  get jobCount(): number {
    return this.#jobs.count;
  }

  connect(): void {
    if (this.#state !== 'idle') return;
    this.#open();
  }

  /** Ends a job towards the server and frees its slot. A second call changes nothing. */
  finish(jobId: string, outcome: JobOutcome, error?: string): void {
    if (!this.#jobs.finish(jobId)) return;
    this.#send(packJobStatus(jobId, outcome, error));
    this.#reportLoad();
  }

  /** From now on no job is taken. */
  drain(): void {
    this.#draining = true;
    this.#reportLoad();
  }

  /** Idempotent. Running jobs are the owner's to end before. */
  close(): void {
    if (this.#state === 'closed') return;
    clearTimeout(this.#retry);
    this.#forgetConnection();
    this.#setState('closed');
  }

  #open(): void {
    const token = this.#sign({ video: { agent: true } });
    const socket = new WebSocket(this.#options.url + WORKER_PATH, {
      headers: { Authorization: `Bearer ${token}` },
      handshakeTimeout: REGISTER_DEADLINE_MS,
      maxPayload: MAX_MESSAGE_BYTES,
    });
    this.#socket = socket;
    this.#setState('connecting');
    this.#expectSign(REGISTER_DEADLINE_MS);
    socket.on('open', () => socket.send(packRegister(this.#options)));
    socket.on('ping', () => this.#state === 'registered' && this.#expectSign(SILENCE_DEADLINE_MS));
    socket.on('message', (data) => {
      if (socket === this.#socket) this.#handleBytes(data as Buffer);
    });
    socket.on('unexpected-response', (request, response) => {
      const status = response.statusCode ?? 0;
      if (status === 401 || status === 403) this.#options.onRefused?.(status);
      this.#options.log.warn({ status }, 'LiveKit server refused the worker');
      request.destroy();
      this.#handleLost(socket);
    });
    // 'close' follows and handles it; without a listener it would end the process.
    socket.on('error', (error) => this.#options.log.debug({ err: error }, 'worker connection failed'));
    socket.on('close', () => this.#handleLost(socket));
  }

  #handleBytes(bytes: Buffer): void {
    let message: FromServer;
    try {
      message = unpackFromServer(bytes);
    } catch (error) {
      this.#options.log.warn({ err: error }, 'LiveKit server sent a message that is not of its protocol');
      return;
    }
    if (message.type === 'registered') this.#handleRegistered(message.workerId);
    if (this.#state !== 'registered') return;
    this.#expectSign(SILENCE_DEADLINE_MS);
    if (message.type === 'offer') this.#handleOffer(message.job);
    if (message.type === 'assignment') this.#handleAssignment(message);
    if (message.type === 'termination') this.#handleTermination(message.jobId);
  }

  #handleRegistered(workerId: string): void {
    this.#attempt = 0;
    this.#options.log.info({ workerId, agentName: this.#options.agentName }, 'registered with LiveKit');
    this.#setState('registered');
    this.#reportLoad();
    clearInterval(this.#loadReport);
    this.#loadReport = setInterval(() => this.#reportLoad(), LOAD_INTERVAL_MS);
  }

  #handleOffer(job: WorkerJob): void {
    const free = !this.#draining && !this.#jobs.full;
    const answer: JobAnswer = free ? this.#options.onOffer(job) : { answer: 'refuse' };
    if (answer.answer === 'take') this.#jobs.promise(job.id, PROMISE_HOLD_MS);
    this.#options.log.debug({ jobId: job.id, room: job.room, answer: answer.answer }, 'job offered');
    this.#send(packAnswer(job.id, answer));
    this.#reportLoad();
  }

  #handleAssignment(assignment: { job: WorkerJob; token: string; url: string }): void {
    const { job, token } = assignment;
    if (!this.#jobs.start(job.id)) return;
    this.#send(packJobStatus(job.id, 'running'));
    this.#options.onAssigned(job, { url: assignment.url || this.#options.url, token });
  }

  #handleTermination(jobId: string): void {
    this.#options.log.debug({ jobId }, 'job to be ended');
    this.#options.onTerminated?.(jobId);
  }

  #reportLoad(): void {
    if (this.#state !== 'registered') return;
    const share = Math.max(this.#jobs.share, this.#options.load?.() ?? 0);
    const load = Math.min(1, share) * HIGHEST_ELIGIBLE_LOAD;
    this.#send(packWorkerStatus(load, this.#jobs.count, this.#draining || this.#jobs.full));
  }

  /** While disconnected nothing is kept: the server has forgotten the worker and its jobs. */
  #send(bytes: Uint8Array): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(bytes);
  }

  #expectSign(withinMs: number): void {
    clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(() => {
      this.#options.log.warn('LiveKit server fell silent; reconnecting the worker');
      this.#socket?.terminate();
    }, withinMs);
  }

  #handleLost(socket: WebSocket): void {
    if (socket !== this.#socket) return;
    this.#forgetConnection();
    const delayMs = reconnectDelayMs(this.#attempt, RECONNECT_DELAY, Math.random());
    this.#attempt += 1;
    this.#options.log.warn({ delayMs, attempt: this.#attempt }, 'worker connection to LiveKit lost');
    this.#setState('waiting');
    this.#retry = setTimeout(() => this.#open(), delayMs);
  }

  #forgetConnection(): void {
    clearTimeout(this.#watchdog);
    clearInterval(this.#loadReport);
    this.#jobs.forgetPromises();
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  #setState(state: WorkerState): void {
    this.#state = state;
    this.#options.onStateChanged?.(state);
  }
}
