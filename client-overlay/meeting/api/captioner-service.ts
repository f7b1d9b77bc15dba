/** What a captioner asks of the service, with the token of the invitation. Each throws a `ServiceProblem`. */
import type { CaptionerJoinResponse, FeedRequest, FeedResponse } from '../../../protocol/captioner-api.ts';
import { request, roomPath } from './request.ts';

export class CaptionerService {
  readonly #room: string;
  readonly #token: string;

  constructor(roomId: string, token: string) {
    this.#room = roomPath(roomId);
    this.#token = token;
  }

  join(): Promise<CaptionerJoinResponse> {
    return request('POST', `${this.#room}/captioner/join`, { bearer: this.#token });
  }

  write(post: FeedRequest): Promise<FeedResponse> {
    return request('POST', `${this.#room}/captions`, { bearer: this.#token, body: post });
  }

  /** Also while the page goes away: the machine is to come back at once. */
  setWriting(writing: boolean): Promise<void> {
    const body = { writing };
    return request('PUT', `${this.#room}/captioner`, { bearer: this.#token, body, keepalive: !writing });
  }
}
