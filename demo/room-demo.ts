/** One demo: a room, one speaker for each file, a viewer of the captions. Owns and closes all of them. */
import type { CaptionsAccess, RoomLanguage } from '../protocol/room-api.ts';
import { nowMs } from '../runtime/clock.ts';
import { SurtitreError } from '../runtime/errors.ts';
import { AgentObserver, type AgentReadings } from './agent-readings.ts';
import { CaptionFollower } from './caption-follower.ts';
import { MeetingService } from './meeting-service.ts';
import { RoomSpeaker } from './room-speaker.ts';
import type { SpeechFile } from './speech-files.ts';
import { type SpokenWord, SpokenWords } from './spoken-words.ts';
import { type MeasuredDelay, TransportProbe } from './transport-probe.ts';

/** An on-demand agent is there within a second or two; beyond this none will come. */
const LIVE_WITHIN_MS = 30_000;
/** After the last sample: the model's delay, a queue under load. */
const LAST_WORDS_WITHIN_MS = 20_000;
/** Nothing new and nothing open for this long: the captions are complete. */
const QUIET_MS = 1_500;
/** A captions token with less life than this is replaced before it is used. */
const REFRESH_TOKEN_BEFORE_MS = 60_000;

export interface DemoSpeaker {
  readonly file: SpeechFile;
  readonly identity: string;
  /** Capture time of the file's first sample, Unix ms. */
  readonly fileStartMs: number;
}

export interface DemoResult {
  readonly speakers: readonly DemoSpeaker[];
  readonly words: SpokenWords;
  /** From microphone to receiver, by identity. */
  readonly transport: ReadonlyMap<string, readonly MeasuredDelay[]>;
  readonly agent: AgentReadings | null;
  readonly missedFrames: number;
  readonly reconnects: number;
}

export interface DemoPlan {
  readonly url: string;
  readonly agentHealthUrl: string;
  readonly language: RoomLanguage;
  readonly files: readonly SpeechFile[];
  readonly signal: AbortSignal;
  readonly onWord: (word: SpokenWord) => void;
}

export class RoomDemo {
  readonly #plan: DemoPlan;
  readonly #service: MeetingService;
  readonly #words = new SpokenWords();
  readonly #closers: (() => void | Promise<void>)[] = [];
  readonly #waiting = new Set<() => void>();
  #isLive = false;
  #lastChangeMs = 0;
  #ended: SurtitreError | null = null;

  constructor(plan: DemoPlan) {
    this.#plan = plan;
    this.#service = new MeetingService(plan.url);
  }

  async run(): Promise<DemoResult> {
    const { files, language, signal, agentHealthUrl } = this.#plan;
    const abort = () => this.#wake();
    signal.addEventListener('abort', abort);
    try {
      const { roomId } = await this.#service.createRoom(language);
      const follower = await this.#follow(roomId);
      const probe = await this.#probe(roomId);
      const bots: RoomSpeaker[] = [];
      for (const file of files) bots.push(await this.#join(roomId, file, probe));
      await this.#until(LIVE_WITHIN_MS, () => this.#isLive);
      if (!this.#isLive) {
        throw new SurtitreError(
          'no-agent',
          'No captioning agent came into the room: is an agent running and ready?',
        );
      }
      const observer = new AgentObserver(agentHealthUrl);
      const speakers = await Promise.all(
        bots.map(async (bot, index) => {
          const file = files[index] as SpeechFile;
          const { startMs } = await this.#race(bot.speak(file.pieces()));
          return { file, identity: bot.identity, fileStartMs: startMs };
        }),
      );
      await this.#until(LAST_WORDS_WITHIN_MS, () => this.#isQuiet(speakers));
      return {
        speakers,
        words: this.#words,
        transport: probe.measurements(),
        agent: await observer.finish(),
        missedFrames: follower.missedFrames,
        reconnects: follower.reconnects,
      };
    } finally {
      signal.removeEventListener('abort', abort);
      for (const close of this.#closers.reverse()) await close();
    }
  }

  async #follow(roomId: string): Promise<CaptionFollower> {
    let access: CaptionsAccess = await this.#service.join(roomId, 'Demo viewer');
    const follower = new CaptionFollower({
      access: async () => {
        if (access.captionsTokenExpiresMs - Date.now() < REFRESH_TOKEN_BEFORE_MS) {
          access = await this.#service.join(roomId, 'Demo viewer');
        }
        return access;
      },
      onEvents: (events, times, receivedMs) => {
        for (const event of events) if (event.type === 'status') this.#isLive = event.state === 'live';
        for (const word of this.#words.apply(events, times, receivedMs)) this.#plan.onWord(word);
        if (events.length > 0) this.#lastChangeMs = nowMs();
        this.#wake();
      },
      onEnded: (error) => {
        this.#ended = error;
        this.#wake();
      },
    });
    this.#closers.push(() => follower.close());
    await this.#race(follower.connect());
    return follower;
  }

  async #probe(roomId: string): Promise<TransportProbe> {
    const probe = await TransportProbe.join(await this.#service.join(roomId, 'Demo probe'));
    this.#closers.push(() => probe.leave());
    return probe;
  }

  async #join(roomId: string, file: SpeechFile, probe: TransportProbe): Promise<RoomSpeaker> {
    const access = await this.#service.join(roomId, file.name);
    probe.watch(access.identity);
    const bot = await RoomSpeaker.join(access, (frame, endMs) =>
      probe.handleSent(access.identity, frame, endMs),
    );
    this.#closers.push(() => bot.leave());
    return bot;
  }

  /** Everyone has words, nothing is open, and it has been quiet for a while. */
  #isQuiet(speakers: readonly DemoSpeaker[]): boolean {
    const everyone = speakers.every(({ identity }) => (this.#words.of(identity)?.words.length ?? 0) > 0);
    return everyone && !this.#words.hasOpenUtterances && nowMs() - this.#lastChangeMs >= QUIET_MS;
  }

  /** Looks again with each caption event, and once in a while for what is true only after some time. */
  async #until(withinMs: number, holds: () => boolean): Promise<void> {
    const deadlineMs = nowMs() + withinMs;
    while (!holds() && nowMs() < deadlineMs) {
      this.#throwIfEnded();
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.min(QUIET_MS / 3, deadlineMs - nowMs()));
        this.#waiting.add(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
    this.#throwIfEnded();
  }

  /** `work`, unless the demo is abandoned or the captions end before. */
  async #race<T>(work: Promise<T>): Promise<T> {
    let done = false;
    const settle = () => {
      done = true;
      this.#wake();
    };
    work.then(settle, settle);
    while (!done) await this.#until(60_000, () => done);
    return work;
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }

  #throwIfEnded(): void {
    this.#plan.signal.throwIfAborted();
    if (this.#ended !== null) throw this.#ended;
  }
}
