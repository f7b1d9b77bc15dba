/** A participant with a microphone that hums: 440 Hz while humming, silence otherwise. Real WebRTC and Opus. */
import {
  AudioFrame,
  AudioSource,
  LocalAudioTrack,
  Room,
  TrackPublishOptions,
  TrackSource,
} from '@livekit/rtc-node';

const SAMPLE_RATE_HZ = 48_000;
const FRAME_SAMPLES = 480;
/** Without a queue `captureFrame` does not pace. */
const QUEUE_MS = 50;

export class ToneSpeaker {
  readonly room = new Room();
  humming = true;
  trackSid = '';
  readonly #source = new AudioSource(SAMPLE_RATE_HZ, 1, QUEUE_MS);
  #state: 'idle' | 'publishing' | 'closed' = 'idle';
  #sample = 0;

  async join(url: string, token: string): Promise<this> {
    await this.room.connect(url, token, { autoSubscribe: false, dynacast: false });
    return this;
  }

  async publish(): Promise<void> {
    const track = LocalAudioTrack.createAudioTrack('microphone', this.#source);
    const options = new TrackPublishOptions({ source: TrackSource.SOURCE_MICROPHONE });
    const publication = await this.room.localParticipant?.publishTrack(track, options);
    this.trackSid = publication?.sid ?? '';
    this.#state = 'publishing';
    void this.#hum();
  }

  async unpublish(): Promise<void> {
    this.#state = 'idle';
    await this.room.localParticipant?.unpublishTrack(this.trackSid);
  }

  async close(): Promise<void> {
    this.#state = 'closed';
    await this.room.disconnect();
  }

  /** `captureFrame` paces: it resolves when the frame is due. */
  async #hum(): Promise<void> {
    while (this.#state === 'publishing') {
      const samples = new Int16Array(FRAME_SAMPLES);
      for (let i = 0; i < FRAME_SAMPLES; i += 1, this.#sample += 1) {
        const phase = (2 * Math.PI * 440 * this.#sample) / SAMPLE_RATE_HZ;
        samples[i] = this.humming ? Math.round(12_000 * Math.sin(phase)) : 0;
      }
      await this.#source.captureFrame(new AudioFrame(samples, SAMPLE_RATE_HZ, 1, FRAME_SAMPLES));
    }
  }
}
