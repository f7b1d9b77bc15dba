/**
 * Measures how long sound takes from a speaker's microphone to a receiver that listens just like the agent
 * (rtc-node, 80 ms frames, through the same media server). The agent's caption clock counts from the arrival with
 * the least delay of the last seconds; that delay cannot be seen in the captions, so this twin measures it: every
 * second, half a second of received speech is laid over what was sent. Resolution 0.5 ms. The jitter buffers of
 * twin and agent adapt each for itself: a few ms of difference on an idle machine, more on an overloaded one.
 */
import {
  AudioStream,
  type RemoteTrack,
  type RemoteTrackPublication,
  Room,
  RoomEvent,
  TrackKind,
} from '@livekit/rtc-node';
import { nowMs } from '../runtime/clock.ts';
import { SOURCE_RATE_HZ } from './paced-source.ts';
import type { RoomAccess } from './room-speaker.ts';
import { findLag, PROBE_RATE_HZ, PROBE_STEP_MS, thin } from './signal-delay.ts';

const RECEIVED_RATE_HZ = 16_000;
const FRAME_MS = 80;
const FRAMES_BETWEEN_PROBES = 12;
const WINDOW_STEPS = PROBE_RATE_HZ / 2;
const MAX_LAG_STEPS = PROBE_RATE_HZ * 0.8;
const SENT_STEPS = PROBE_RATE_HZ * 4;
/** Receiving costs CPU for each track; the others take the median of these. */
const MAX_TRACKS = 4;

/** Sound that arrived at `atMs` (Unix) had taken so long. */
export interface MeasuredDelay {
  readonly atMs: number;
  readonly delayMs: number;
}

export class TransportProbe {
  readonly #room: Room;
  readonly #tracks = new Map<string, ProbedTrack>();

  private constructor(room: Room) {
    this.#room = room;
  }

  static async join(access: RoomAccess): Promise<TransportProbe> {
    const room = new Room();
    const probe = new TransportProbe(room);
    room.on(RoomEvent.TrackPublished, subscribe);
    room.on(RoomEvent.TrackSubscribed, (track, _publication, participant) => {
      const probed = probe.#tracks.get(participant.identity);
      if (probed !== undefined && track.kind === TrackKind.KIND_AUDIO) void probed.listen(track);
    });
    await room.connect(access.livekitUrl, access.livekitToken, { autoSubscribe: false, dynacast: false });
    return probe;
  }

  /** Listens to this speaker, present or to come, unless there are enough. */
  watch(identity: string): void {
    if (this.#tracks.size >= MAX_TRACKS) return;
    this.#tracks.set(identity, new ProbedTrack());
    const participant = this.#room.remoteParticipants.get(identity);
    for (const publication of participant?.trackPublications.values() ?? []) subscribe(publication);
  }

  /** What the speaker's microphone captured; `endMs` belongs to the last sample. */
  handleSent(identity: string, frame: Int16Array, endMs: number): void {
    this.#tracks.get(identity)?.handleSent(frame, endMs);
  }

  /** What was measured of each track that was heard. */
  measurements(): ReadonlyMap<string, readonly MeasuredDelay[]> {
    return new Map([...this.#tracks].map(([identity, { delays }]) => [identity, delays]));
  }

  async leave(): Promise<void> {
    await this.#room.disconnect();
  }
}

function subscribe(publication: RemoteTrackPublication): void {
  if (publication.kind === TrackKind.KIND_AUDIO) publication.setSubscribed(true);
}

class ProbedTrack {
  /** One a second at most: 86,400 in the longest demo. */
  readonly delays: MeasuredDelay[] = [];
  readonly #sent = new Float32Array(SENT_STEPS);
  #sentCount = 0;
  #sentEndMs = 0;
  readonly #window = new Float32Array(WINDOW_STEPS);
  readonly #scratch = new Float32Array((FRAME_MS * PROBE_RATE_HZ) / 1_000);
  #frames = 0;

  handleSent(frame: Int16Array, endMs: number): void {
    const steps = thin(frame, SOURCE_RATE_HZ / PROBE_RATE_HZ, this.#scratch);
    for (let i = 0; i < steps; i++) this.#sent[this.#sentCount++ % SENT_STEPS] = this.#scratch[i] ?? 0;
    this.#sentEndMs = endMs;
  }

  async listen(track: RemoteTrack): Promise<void> {
    const stream = new AudioStream(track, {
      sampleRate: RECEIVED_RATE_HZ,
      numChannels: 1,
      frameSizeMs: FRAME_MS,
    });
    const reader = stream.getReader();
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      this.#handleReceived(next.value.data, nowMs());
    }
  }

  #handleReceived(samples: Int16Array, arrivedMs: number): void {
    const steps = thin(samples, RECEIVED_RATE_HZ / PROBE_RATE_HZ, this.#scratch);
    this.#window.copyWithin(0, steps);
    this.#window.set(this.#scratch.subarray(0, steps), WINDOW_STEPS - steps);
    this.#frames += 1;
    if (this.#frames % FRAMES_BETWEEN_PROBES === 0) this.#probe(arrivedMs);
  }

  #probe(arrivedMs: number): void {
    const newest = this.#sentCount - 1;
    if (newest < WINDOW_STEPS + MAX_LAG_STEPS) return;
    const lag = findLag(this.#window, (index) => this.#sent[index % SENT_STEPS] ?? 0, newest, MAX_LAG_STEPS);
    if (lag === null) return;
    const delayMs = arrivedMs - (this.#sentEndMs - lag * PROBE_STEP_MS);
    this.delays.push({ atMs: arrivedMs, delayMs });
  }
}
