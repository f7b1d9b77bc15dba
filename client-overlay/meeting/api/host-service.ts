/** What only the host of a room may ask of the service. Each method throws a `ServiceProblem`. */
import type { CaptionerInvitation } from '../../../protocol/captioner-api.ts';
import type {
  CaptionMode,
  DecideRequest,
  MuteSource,
  RoomAccess,
  WaitingList,
} from '../../../protocol/room-api.ts';
import { request, roomPath } from './request.ts';

export class HostService {
  readonly #room: string;
  readonly #hostKey: string;

  constructor(roomId: string, hostKey: string) {
    this.#room = roomPath(roomId);
    this.#hostKey = hostKey;
  }

  setCaptionMode(mode: CaptionMode): Promise<void> {
    return this.#ask('PUT', '/captions', { mode });
  }

  setOffRecord(offRecord: boolean): Promise<void> {
    return this.#ask('PUT', '/off-record', { offRecord });
  }

  eraseCaptions(): Promise<void> {
    return this.#ask('DELETE', '/captions');
  }

  setAccess(access: RoomAccess): Promise<void> {
    return this.#ask('PUT', '/access', { access });
  }

  waiting(): Promise<WaitingList> {
    return this.#ask('GET', '/waiting');
  }

  decide(decision: DecideRequest['decision'], identity?: string): Promise<void> {
    return this.#ask('POST', '/waiting', identity === undefined ? { decision } : { decision, identity });
  }

  mute(identity: string, source: MuteSource): Promise<void> {
    return this.#ask('POST', `${participantPath(identity)}/mute`, { source });
  }

  muteAll(except: string): Promise<void> {
    return this.#ask('POST', '/mute', { except });
  }

  lowerHand(identity: string): Promise<void> {
    return this.#ask('DELETE', `${participantPath(identity)}/hand`);
  }

  remove(identity: string): Promise<void> {
    return this.#ask('DELETE', participantPath(identity));
  }

  startRecording(): Promise<void> {
    return this.#ask('POST', '/recording');
  }

  stopRecording(): Promise<void> {
    return this.#ask('DELETE', '/recording');
  }

  inviteCaptioner(name: string): Promise<CaptionerInvitation> {
    return this.#ask('POST', '/captioners', { name });
  }

  end(): Promise<void> {
    return this.#ask('DELETE', '');
  }

  #ask<Answer>(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<Answer> {
    return request<Answer>(method, this.#room + path, {
      bearer: this.#hostKey,
      ...(body === undefined ? {} : { body }),
    });
  }
}

function participantPath(identity: string): string {
  return `/participants/${encodeURIComponent(identity)}`;
}
