/**
 * One child process that is kept running. It counts as ready when it says so over IPC (`{ready: true, …ports}`).
 * A child that dies is started again, at once the first time and then more slowly; one that cannot even start,
 * or dies again and again, is given up. Each child leads its own process group: Ctrl-C reaches the supervisor
 * only, which stops them in order, and whatever a child leaves behind in its group is swept away after it.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { SurtitreError } from '../runtime/errors.ts';
import { ChildLog } from './child-log.ts';
import { projectRoot } from './project-root.ts';
import { restartDelayMs, STABLE_AFTER_MS } from './restart-delay.ts';

/** What a child sends with `ready`: the ports that it was given as 0. */
export type ReadyMessage = Readonly<Record<string, unknown>> & { readonly ready: true };

export interface ProcessSpec {
  readonly name: string;
  /** Path of a JavaScript module. */
  readonly program: string;
  readonly args?: readonly string[];
  /** `last`: what the child said when it was ready before, so that a restarted one takes the same ports. */
  readonly env: (last: ReadyMessage | null) => NodeJS.ProcessEnv;
  /** A child that is not ready by then is killed and counts as dead. */
  readonly readyWithinMs: number;
  /** After SIGTERM; then SIGKILL. */
  readonly stopWithinMs: number;
  readonly logFile: string;
  readonly showLog: boolean;
}

export interface ProcessEvents {
  /** The child died and comes back after `delayMs`. */
  readonly onRestart: (name: string, cause: string, delayMs: number) => void;
  /** The child was ready before and is given up. */
  readonly onGivenUp: (error: SurtitreError) => void;
}

type State = 'new' | 'starting' | 'ready' | 'waiting' | 'stopping' | 'stopped' | 'failed';

export class ManagedProcess {
  readonly #spec: ProcessSpec;
  readonly #events: ProcessEvents;
  readonly #log: ChildLog;
  readonly #readyWaiters: ((outcome: ReadyMessage | SurtitreError) => void)[] = [];
  #state: State = 'new';
  #child: ChildProcess | null = null;
  #exited: Promise<void> = Promise.resolve();
  #lastReady: ReadyMessage | null = null;
  #readyAtMs = 0;
  #deaths = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(spec: ProcessSpec, events: ProcessEvents) {
    this.#spec = spec;
    this.#events = events;
    this.#log = new ChildLog({ name: spec.name, file: spec.logFile, show: spec.showLog });
  }

  get name(): string {
    return this.#spec.name;
  }

  /** Of the running child; undefined while there is none. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Starts the child and waits until it is ready. */
  start(): Promise<ReadyMessage> {
    const ready = this.nextReady();
    this.#spawn();
    return ready;
  }

  /** The next time the child becomes ready: how a test awaits a restart. Rejects when it is given up or stopped. */
  nextReady(): Promise<ReadyMessage> {
    return new Promise((resolve, reject) => {
      this.#readyWaiters.push((outcome) =>
        outcome instanceof SurtitreError ? reject(outcome) : resolve(outcome),
      );
    });
  }

  /** SIGTERM, then SIGKILL for the whole group. Resolves when the child is gone. Idempotent. */
  async stop(): Promise<void> {
    if (this.#state === 'stopped') return;
    if (this.#state !== 'failed') this.#state = 'stopping';
    clearTimeout(this.#timer);
    const child = this.#child;
    if (child !== null) {
      child.kill('SIGTERM');
      const killer = setTimeout(() => killGroup(child), this.#spec.stopWithinMs);
      await this.#exited;
      clearTimeout(killer);
    }
    this.#state = 'stopped';
    this.#settle(new SurtitreError('process-stopped', `The ${this.name} was stopped.`));
    this.#log.close();
  }

  #spawn(): void {
    const { program, args = [], env, readyWithinMs } = this.#spec;
    this.#state = 'starting';
    const output = this.#log.beginRun();
    const child = fork(program, args, {
      env: env(this.#lastReady),
      detached: true,
      cwd: projectRoot,
      stdio: ['ignore', output, output, 'ipc'],
      execArgv: [],
    });
    this.#child = child;
    let cause: string | null = null;
    this.#timer = setTimeout(() => {
      cause = `was not ready after ${readyWithinMs / 1_000} s`;
      killGroup(child);
    }, readyWithinMs);
    child.on('message', (message) => this.#handleMessage(child, message));
    this.#exited = new Promise((resolve) => {
      const end = (how: string) => {
        resolve();
        this.#handleExit(child, cause ?? how);
      };
      child.once('error', (error) => child.pid === undefined && end(`could not be run: ${error.message}`));
      child.once('exit', (code, signal) => {
        killGroup(child);
        end(signal === null ? `ended with code ${code}` : `was ended by ${signal}`);
      });
    });
  }

  #handleMessage(child: ChildProcess, message: unknown): void {
    if (child !== this.#child || this.#state !== 'starting' || !isReady(message)) return;
    clearTimeout(this.#timer);
    this.#state = 'ready';
    this.#readyAtMs = performance.now();
    this.#lastReady = message;
    this.#settle(message);
  }

  #handleExit(child: ChildProcess, cause: string): void {
    if (child !== this.#child) return;
    clearTimeout(this.#timer);
    this.#child = null;
    if (this.#state === 'stopping') return;
    const wasStable = this.#state === 'ready' && performance.now() - this.#readyAtMs >= STABLE_AFTER_MS;
    this.#deaths = wasStable ? 1 : this.#deaths + 1;
    const delayMs = this.#lastReady === null ? null : restartDelayMs(this.#deaths);
    if (delayMs === null) {
      this.#giveUp(cause);
      return;
    }
    this.#state = 'waiting';
    this.#events.onRestart(this.name, cause, delayMs);
    this.#timer = setTimeout(() => this.#spawn(), delayMs);
  }

  #giveUp(cause: string): void {
    if (this.#state === 'stopping' || this.#state === 'stopped') return;
    this.#state = 'failed';
    const complaint = this.#log.complaint();
    const told = complaint === null ? '' : ` It said: ${complaint}`;
    const what = this.#lastReady === null ? 'could not start' : `died ${this.#deaths} times in a row`;
    const error = new SurtitreError(
      'process-failed',
      `The ${this.name} ${what}: it ${cause}.${told} Its log is ${this.#spec.logFile}.`,
    );
    const wasReady = this.#lastReady !== null;
    this.#settle(error);
    if (wasReady) this.#events.onGivenUp(error);
  }

  #settle(outcome: ReadyMessage | SurtitreError): void {
    for (const waiter of this.#readyWaiters.splice(0)) waiter(outcome);
  }
}

function isReady(message: unknown): message is ReadyMessage {
  return typeof message === 'object' && message !== null && 'ready' in message && message.ready === true;
}

/** Ends the child and all that it started. */
function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // nothing of the group is left
  }
}
