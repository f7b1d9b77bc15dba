/**
 * A speech engine that lets moshi-servers hear: Kyutai's models on a GPU somewhere. No thread of its own, because
 * nothing here computes. A connection for each speaker who speaks, none for those who are silent.
 */
import { nowMs } from '../../../runtime/clock.ts';
import { SurtitreError } from '../../../runtime/errors.ts';
import type { Logger } from '../../../runtime/log.ts';
import {
  engineFull,
  type SpeechEngine,
  type SpeechEngineStats,
  type SpeechStream,
  type SpeechStreamOptions,
} from '../speech-engine.ts';
import { type ConnectionEnd, MoshiConnection } from './moshi-connection.ts';
import { MOSHI_FRAME_MS, MOSHI_PATH, MOSHI_RATE_HZ } from './moshi-message.ts';
import { MoshiServers } from './moshi-servers.ts';
import { MoshiStream, type StreamContext } from './moshi-stream.ts';

export interface MoshiEngineOptions {
  /** ws, wss, http or https addresses; without a path, the one that moshi-server uses. */
  readonly urls: readonly string[];
  readonly apiKey: string;
  /** The model's delay: 480 for Kyutai's 1B, 2560 for its 2.6B. */
  readonly delayMs: number;
  /** Connections at the same time; 0: as many as the servers have. */
  readonly maxSlots: number;
  /** Streams that may be open at once, silent ones included. Default 512. */
  readonly maxStreams?: number;
  readonly log?: Logger;
}

/** What went wrong since the start. */
export interface MoshiCounters {
  /** Times that a speaker had to wait because every stream was taken. */
  readonly full: number;
  readonly lostConnections: number;
  /** Streams begun anew because the model wrote nothing although somebody spoke. */
  readonly wordless: number;
}

/** Models with a longer delay than this want a second of silence first. */
const PREFIX_FROM_DELAY_MS = 1_000;
const PREFIX_FRAMES = 13;
const STALL_CHECK_MS = 250;
/** The engine counts as full for so long after a server said so. */
const SATURATED_MS = 5_000;
/** A frame that took longer has missed its deadline. */
const LATE_MS = 1_000;
const INFO_TIMEOUT_MS = 3_000;

/** Fails with `moshi-unreachable` or `moshi-key-refused` unless one of the servers answers. A full one does. */
export async function createMoshiEngine(options: MoshiEngineOptions): Promise<MoshiEngine> {
  const urls = options.urls.map(streamingUrl);
  const ends = await Promise.all(urls.map((url) => tryOut(url, options.apiKey)));
  if (ends.every((end) => end === 'refused')) {
    throw new SurtitreError(
      'moshi-key-refused',
      'No moshi-server knows the key. Set MOSHI_API_KEY to one of its authorized_ids.',
    );
  }
  if (ends.every((end) => end === 'refused' || end === 'lost')) {
    throw new SurtitreError(
      'moshi-unreachable',
      'No moshi-server answers. Check MOSHI_URL, and that the servers are up.',
      { retryable: true },
    );
  }
  const slots = await Promise.all(urls.map(totalSlots));
  const total = slots.reduce((sum, count) => sum + count, 0);
  return new MoshiEngine(options, urls, options.maxSlots || total);
}

export class MoshiEngine implements SpeechEngine {
  readonly name = 'moshi';
  readonly sampleRateHz = MOSHI_RATE_HZ;
  readonly #maxStreams: number;
  /** 0: not known. */
  readonly #slots: number;
  readonly #mayTake: number;
  readonly #context: StreamContext;
  readonly #streams = new Set<MoshiStream>();
  readonly #stallCheck: NodeJS.Timeout;
  #stepDone: () => void = () => {};
  #stepDoneSoon: NodeJS.Immediate | null = null;
  #taken = 0;
  #full = 0;
  #fullAtMs = Number.NEGATIVE_INFINITY;
  #lostConnections = 0;
  #wordless = 0;
  #skippedAudioMs = 0;
  #steps = 0;
  #missedDeadlines = 0;

  constructor(options: MoshiEngineOptions, urls: readonly string[], slots: number) {
    this.#maxStreams = options.maxStreams ?? 512;
    this.#slots = slots;
    this.#mayTake = options.maxSlots || Number.POSITIVE_INFINITY;
    const delayFrames = Math.ceil(options.delayMs / MOSHI_FRAME_MS);
    this.#context = {
      servers: new MoshiServers(urls),
      apiKey: options.apiKey,
      delayFrames,
      prefixFrames: options.delayMs >= PREFIX_FROM_DELAY_MS ? PREFIX_FRAMES : 0,
      takeSlot: () => this.#takeSlot(),
      releaseSlot: () => {
        this.#taken -= 1;
      },
      onFull: () => {
        this.#full += 1;
        this.#fullAtMs = nowMs();
      },
      onLost: (end) => this.#handleLost(end, options.log),
      onStep: (lateMs) => {
        this.#steps += 1;
        if (lateMs > LATE_MS) this.#missedDeadlines += 1;
      },
      onSkipped: (audioMs) => {
        this.#skippedAudioMs += audioMs;
      },
      onDelivered: () => this.#announceStep(),
      onWatchdog: () => {
        this.#wordless += 1;
      },
      onClosed: (stream) => this.#streams.delete(stream),
    };
    this.#stallCheck = setInterval(() => {
      const now = nowMs();
      for (const stream of this.#streams) stream.endIfStalled(now);
    }, STALL_CHECK_MS);
  }

  get counters(): MoshiCounters {
    return { full: this.#full, lostConnections: this.#lostConnections, wordless: this.#wordless };
  }

  /** Fails with `engine-full` when `maxStreams` are open. */
  openStream(options: SpeechStreamOptions): SpeechStream {
    if (this.#streams.size >= this.#maxStreams) {
      throw engineFull(this.#maxStreams);
    }
    const stream = new MoshiStream(this.#context, options);
    this.#streams.add(stream);
    return stream;
  }

  stats(): SpeechEngineStats {
    let activeStreams = 0;
    for (const stream of this.#streams) if (stream.isActive) activeStreams += 1;
    const isSaturated = nowMs() - this.#fullAtMs < SATURATED_MS;
    return {
      openStreams: this.#streams.size,
      activeStreams,
      maxActiveStreams: this.#slots,
      skippedAudioMs: this.#skippedAudioMs,
      steps: this.#steps,
      missedDeadlines: this.#missedDeadlines,
      // The servers' own load is theirs to tell; that they are full keeps further rooms away.
      busy: isSaturated ? 1 : this.#slots > 0 ? this.#taken / this.#slots : 0,
    };
  }

  onStepDone(listener: () => void): void {
    this.#stepDone = listener;
  }

  /** Servers come back: this engine never gives up by itself. */
  onFailed(): void {}

  async close(): Promise<void> {
    clearInterval(this.#stallCheck);
    if (this.#stepDoneSoon) clearImmediate(this.#stepDoneSoon);
    for (const stream of [...this.#streams]) stream.close();
  }

  #takeSlot(): boolean {
    if (this.#taken >= this.#mayTake) return false;
    this.#taken += 1;
    return true;
  }

  #handleLost(end: ConnectionEnd, log: Logger | undefined): void {
    this.#lostConnections += 1;
    if (end === 'refused') log?.error('a moshi-server no longer knows our key');
    else log?.warn('a connection to a moshi-server was lost');
  }

  /** Messages of several streams that came at once are one step. */
  #announceStep(): void {
    this.#stepDoneSoon ??= setImmediate(() => {
      this.#stepDoneSoon = null;
      this.#stepDone();
    });
  }
}

/** Address of the streaming recognition behind whatever address an operator wrote. */
export function streamingUrl(address: string): string {
  const url = new URL(address);
  url.protocol = url.protocol === 'https:' || url.protocol === 'wss:' ? 'wss:' : 'ws:';
  if (url.pathname === '/') url.pathname = MOSHI_PATH;
  return url.href;
}

/** Opens a stream and gives it back; resolves with `ready`, or how it ended. */
function tryOut(url: string, apiKey: string): Promise<ConnectionEnd | 'ready'> {
  return new Promise((resolve) => {
    const connection = new MoshiConnection({
      url,
      apiKey,
      onMessage: () => {},
      onEnd: resolve,
      onReady: () => {
        connection.close();
        resolve('ready');
      },
    });
  });
}

/** What the server says about itself; 0 where it does not. */
async function totalSlots(url: string): Promise<number> {
  const info = new URL('/api/modules_info', url.replace(/^ws/, 'http'));
  try {
    const response = await fetch(info, { signal: AbortSignal.timeout(INFO_TIMEOUT_MS) });
    const modules = (await response.json()) as readonly { path?: unknown; total_slots?: unknown }[];
    const mine = modules.find(({ path }) => path === new URL(url).pathname);
    const count = Number(mine?.total_slots);
    return Number.isInteger(count) && count > 0 ? count : 0;
  } catch {
    // It is only good to know: proxies often let nothing but the streaming path through.
    return 0;
  }
}
