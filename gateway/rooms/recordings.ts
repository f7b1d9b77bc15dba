/** Recordings of a room through LiveKit Egress, which deployments may or may not have. */
import { EncodedFileOutput, EncodedFileType, EncodingOptionsPreset } from '@livekit/protocol';
import { EgressClient } from 'livekit-server-sdk';
import type { LivekitRoomsOptions } from './livekit-rooms.ts';

/** Egress starts a browser before it answers. */
const REQUEST_TIMEOUT_S = 20;

export class Recordings {
  readonly #egress: EgressClient;
  readonly #filepath: string;

  /** `filepath`: where Egress puts the file, in its own terms, e.g. `/out/{room_name}-{time}.mp4`. */
  constructor({ url, apiKey, apiSecret }: LivekitRoomsOptions, filepath: string) {
    const options = { requestTimeout: REQUEST_TIMEOUT_S, failover: false };
    this.#egress = new EgressClient(url.replace(/^ws/, 'http'), apiKey, apiSecret, options);
    this.#filepath = filepath;
  }

  get isAvailable(): boolean {
    return this.#filepath !== '';
  }

  /** LiveKit itself then tells everybody in the room that it is recorded. One recording a room. */
  async start(room: string): Promise<void> {
    if ((await this.#running(room)).length > 0) return;
    const file = new EncodedFileOutput({ filepath: this.#filepath, fileType: EncodedFileType.MP4 });
    await this.#egress.startRoomCompositeEgress(
      room,
      { file },
      {
        layout: 'speaker',
        encodingOptions: EncodingOptionsPreset.H264_720P_30,
      },
    );
  }

  async stop(room: string): Promise<void> {
    const running = await this.#running(room);
    await Promise.all(running.map(({ egressId }) => this.#egress.stopEgress(egressId)));
  }

  #running(room: string) {
    return this.#egress.listEgress({ roomName: room, active: true });
  }
}
