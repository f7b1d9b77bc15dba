/** Whether a media server that was given answers and takes our key: asked before anything starts. */
import { RoomServiceClient } from 'livekit-server-sdk';
import { SurtitreError } from '../runtime/errors.ts';
import type { LivekitKeys } from './secrets.ts';

const TIMEOUT_S = 5;

export async function checkLivekit(url: string, { apiKey, apiSecret }: LivekitKeys): Promise<void> {
  const client = new RoomServiceClient(url.replace(/^ws/, 'http'), apiKey, apiSecret, {
    requestTimeout: TIMEOUT_S,
  });
  try {
    await client.listRooms(['surtitre-check']);
  } catch (cause) {
    const status = (cause as { status?: unknown }).status;
    if (status === 401 || status === 403) {
      throw new SurtitreError(
        'livekit-refused',
        `The LiveKit server at ${url} does not accept LIVEKIT_API_KEY with LIVEKIT_API_SECRET. Both must be one ` +
          'of the pairs under "keys" in its configuration.',
        { cause },
      );
    }
    throw new SurtitreError(
      'livekit-unreachable',
      `No LiveKit server answers at ${url} (LIVEKIT_URL). Start it or correct the address; without LIVEKIT_URL ` +
        'npm start runs one itself.',
      { cause, retryable: true },
    );
  }
}
