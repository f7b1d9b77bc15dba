/** The gateway's public HTTP API, as any integrator would call it. */
import type { CreateRoomResponse, JoinRoomResponse, Problem, RoomLanguage } from '../protocol/room-api.ts';
import { SurtitreError } from '../runtime/errors.ts';

const TIMEOUT_MS = 10_000;

export class MeetingService {
  readonly #url: string;

  /** `url`: the gateway's address, e.g. http://127.0.0.1:8080. */
  constructor(url: string) {
    this.#url = url.replace(/\/$/, '');
  }

  createRoom(language: RoomLanguage): Promise<CreateRoomResponse> {
    return this.#post('/api/rooms', { language });
  }

  join(roomId: string, name: string): Promise<JoinRoomResponse> {
    return this.#post(`/api/rooms/${encodeURIComponent(roomId)}/join`, { name });
  }

  /** Whether a gateway answers there and is ready. */
  async isReady(): Promise<boolean> {
    try {
      const response = await fetch(`${this.#url}/readyz`, { signal: AbortSignal.timeout(2_000) });
      await response.arrayBuffer();
      return response.ok;
    } catch {
      return false; // nobody listens
    }
  }

  async #post<T>(path: string, body: object): Promise<T> {
    const response = await this.#fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const answer: unknown = await response.json();
    if (response.ok) return answer as T;
    const problem = answer as Partial<Problem>;
    throw new SurtitreError(
      'gateway-refused',
      `The gateway refused ${path.replace(/rooms\/[^/]+/, 'rooms/…')} with ${response.status}: ${problem.detail ?? problem.title ?? 'no reason'}.`,
    );
  }

  async #fetch(path: string, init: RequestInit): Promise<Response> {
    try {
      return await fetch(this.#url + path, init);
    } catch (cause) {
      throw new SurtitreError(
        'gateway-unreachable',
        `No gateway answers at ${this.#url}. Is npm start running?`,
        {
          cause,
          retryable: true,
        },
      );
    }
  }
}
