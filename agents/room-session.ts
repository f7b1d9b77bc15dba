/**
 * One captioned room: the agent's place in it, one pipeline per microphone, and the frames that go up. Created by
 * the roster for a job, closed once. Between two model steps it gathers what its speakers said into one frame.
 */
import type { RemoteTrack } from '@livekit/rtc-node';
import type { CaptionEvent, StageTimes } from '../protocol/caption-event.ts';
import { nowMs } from '../runtime/clock.ts';
import type { Logger } from '../runtime/log.ts';
import { CaptionPipeline, type PipelineContext } from './caption-pipeline.ts';
import { StepFrame } from './captions/step-frame.ts';
import type { Microphone, MicrophoneListener } from './livekit/audio-subscriptions.ts';
import { RoomConnection, type RoomEnd } from './livekit/room-connection.ts';
import { TranscriptionPublisher } from './livekit/transcription-publisher.ts';
import type { RoomAccess } from './livekit/worker-socket.ts';
import type { StreamLanguage } from './speech/speech-engine.ts';

/** The engine's longest delay between a word and its text. */
const FINISH_DEADLINE_MS = 3_000;
/** A shorter loss of audio while reconnecting is within what the jitter buffer hides. */
const SHORTEST_GAP_MS = 300;

/** A reconnection that can be had takes less. */
const DEAF_AFTER_MS = 3_000;

/** Where a room's frames go. */
export interface RoomUplinkPort {
  send(room: string, events: readonly CaptionEvent[], times: StageTimes | null): void;
}

export interface RoomSessionOptions {
  readonly room: string;
  readonly language: StreamLanguage;
  readonly pipelines: PipelineContext;
  readonly uplink: RoomUplinkPort;
  readonly publishTranscription: boolean;
  readonly onTranscriptionsDropped: (count: number) => void;
  readonly log: Logger;
  /** The room ended without {@link RoomSession.close}; the session is not yet closed. */
  readonly onEnded: (end: RoomEnd) => void;
}

export class RoomSession implements MicrophoneListener {
  readonly #options: RoomSessionOptions;
  readonly #connection: RoomConnection;
  readonly #frame: StepFrame;
  readonly #publisher: TranscriptionPublisher | null;
  readonly #pipelines = new Map<string, CaptionPipeline>();
  /** Pipelines of microphones that are gone, until their last words are out. */
  readonly #finishing = new Set<Promise<void>>();
  /** Until when each speaker was heard whom a broken connection cut off, by identity. */
  readonly #cutOffAtMs = new Map<string, number>();
  #live = false;
  #closing: Promise<void> | null = null;

  constructor(options: RoomSessionOptions) {
    this.#options = options;
    const { room, uplink, log } = options;
    this.#connection = new RoomConnection({ listener: this, log, onEnded: options.onEnded });
    this.#publisher = options.publishTranscription
      ? new TranscriptionPublisher({
          participant: () => this.#connection.localParticipant,
          log,
          onDropped: options.onTranscriptionsDropped,
        })
      : null;
    this.#frame = new StepFrame((events, times) => {
      uplink.send(room, events, times);
      this.#publisher?.handleEvents(events);
    });
  }

  /** The room was out of hearing for so long that somebody should join it anew. */
  get isDeaf(): boolean {
    return this.#connection.reconnectingForMs > DEAF_AFTER_MS;
  }

  /** Until when the room was in hearing. */
  get heardUntilMs(): number {
    return nowMs() - this.#connection.reconnectingForMs;
  }

  get microphones(): number {
    return this.#pipelines.size;
  }

  /** Rejects when the room cannot be joined. `gapSinceMs`: since when the room was not heard, if it was before. */
  async join(access: RoomAccess, gapSinceMs: number | null): Promise<void> {
    await this.#connection.join(access);
    this.#live = true;
    const sinceMs = Math.round(nowMs());
    this.#frame.add({ type: 'status', state: 'live', sinceMs });
    if (gapSinceMs !== null) this.#addGap(null, gapSinceMs, sinceMs);
    this.#frame.send();
  }

  /** All outputs of a model step were delivered. */
  handleStepDone(): void {
    this.#frame.send();
  }

  /** Turns what was heard into captions, then leaves the room. `lost`: the captions are said to be interrupted. */
  close(end: RoomEnd, deadlineMs = FINISH_DEADLINE_MS): Promise<void> {
    this.#closing ??= this.#close(end, deadlineMs);
    return this.#closing;
  }

  /** Out of the room at once; {@link close} goes on with what was heard. */
  leave(): Promise<void> {
    return this.#connection.leave();
  }

  onHeard(microphone: Microphone, track: RemoteTrack): void {
    const pipeline = this.#pipelines.get(microphone.sid) ?? this.#openPipeline(microphone);
    if (!pipeline) return;
    const { identity } = microphone.speaker();
    pipeline.hear(track, (startMs) => {
      const cutOffAtMs = this.#cutOffAtMs.get(identity);
      this.#cutOffAtMs.delete(identity);
      if (cutOffAtMs === undefined || startMs - cutOffAtMs < SHORTEST_GAP_MS) return;
      this.#addGap(identity, cutOffAtMs, startMs);
      this.#frame.send();
    });
  }

  onMuted(sid: string): void {
    this.#pipelines.get(sid)?.mute();
  }

  onUnmuted(sid: string): void {
    this.#pipelines.get(sid)?.unmute();
  }

  onUnheard(sid: string): void {
    const pipeline = this.#pipelines.get(sid);
    if (!pipeline) return;
    const { heardUntilMs } = pipeline;
    if (this.#connection.reconnectingForMs > 0 && !pipeline.muted && heardUntilMs !== null) {
      this.#cutOffAtMs.set(pipeline.identity, heardUntilMs);
    }
    pipeline.unhear();
  }

  onGone(sid: string): void {
    const pipeline = this.#pipelines.get(sid);
    if (!pipeline) return;
    this.#pipelines.delete(sid);
    this.#finish(pipeline, FINISH_DEADLINE_MS);
  }

  /** Null when the engine has no stream left. */
  #openPipeline(microphone: Microphone): CaptionPipeline | null {
    const { pipelines, language, log } = this.#options;
    try {
      const pipeline = new CaptionPipeline({
        ...pipelines,
        microphone,
        language,
        onEvent: (event) => this.#frame.add(event),
        onOutput: (output) => {
          this.#frame.addTimes(output);
          pipelines.onOutput(output);
        },
      });
      this.#pipelines.set(microphone.sid, pipeline);
      return pipeline;
    } catch (error) {
      log.error({ err: error }, 'a microphone is not captioned');
      pipelines.onMicrophoneRefused();
      return null;
    }
  }

  #finish(pipeline: CaptionPipeline, deadlineMs: number): void {
    const finished = pipeline.finish(deadlineMs).then(() => {
      this.#finishing.delete(finished);
      this.#frame.send();
    });
    this.#finishing.add(finished);
  }

  async #close(end: RoomEnd, deadlineMs: number): Promise<void> {
    for (const pipeline of this.#pipelines.values()) this.#finish(pipeline, deadlineMs);
    this.#pipelines.clear();
    await Promise.all(this.#finishing);
    if (end === 'lost' && this.#live)
      this.#frame.add({ type: 'status', state: 'interrupted', sinceMs: Math.round(nowMs()) });
    this.#frame.send();
    await this.#connection.leave();
  }

  #addGap(identity: string | null, fromMs: number, toMs: number): void {
    const reason = 'agent-lost';
    this.#frame.add({ type: 'gap', identity, fromMs: Math.round(fromMs), toMs: Math.round(toMs), reason });
  }
}
