/** Keeps what is known of the connection and of the room, and makes of it the status that the page is told. */
import type { CaptionState } from '../../protocol/caption-event.ts';
import type { SocketState } from './caption-socket.ts';
import type { CaptionsStatus } from './captions-events.ts';
import type { Messages } from './messages.ts';
import { statusKind } from './status-message.ts';

export class StatusKeeper {
  #connection: SocketState = { state: 'idle' };
  #everOpen = false;
  #captions: CaptionState | null = null;
  #activeSince = 0;
  #captionsSince = 0;
  #lostAt = 0;
  #told: CaptionsStatus | null = null;

  handleSwitchedOn(): void {
    this.#activeSince = performance.now();
    this.#everOpen = false;
  }

  handleConnection(state: SocketState): void {
    if (this.#connection.state === 'open') this.#lostAt = performance.now();
    this.#connection = state;
    if (state.state === 'open') this.#everOpen = true;
  }

  /** Null: forgotten with the rest. */
  handleCaptions(state: CaptionState | null): void {
    this.#captions = state;
    this.#captionsSince = performance.now();
  }

  current(view: {
    readonly active: boolean;
    readonly anyWords: boolean;
    readonly messages: Messages;
  }): CaptionsStatus {
    const now = performance.now();
    const { active, anyWords, messages } = view;
    const kind = statusKind({
      active,
      connection: this.#connection,
      everOpen: this.#everOpen,
      captions: this.#captions,
      anyWords,
      activeForMs: now - this.#activeSince,
      captionsForMs: now - Math.max(this.#captionsSince, this.#activeSince),
      lostForMs: this.lostForMs,
    });
    const connection = this.#connection.state;
    return { active, connection, captions: this.#captions, kind, message: messages.status[kind] };
  }

  /** Whether time alone may change `status`. */
  mayChange(status: CaptionsStatus): boolean {
    return status.kind === 'starting' || status.kind === 'listening' || this.#isReconnecting;
  }

  get lostForMs(): number {
    return performance.now() - this.#lostAt;
  }

  get #isReconnecting(): boolean {
    return (
      this.#everOpen && (this.#connection.state === 'connecting' || this.#connection.state === 'waiting')
    );
  }

  /** Whether `status` is another one than the last that was told; from now on it is the last. */
  isNews(status: CaptionsStatus): boolean {
    const told = this.#told;
    if (
      told?.active === status.active &&
      told.connection === status.connection &&
      told.captions === status.captions &&
      told.message === status.message
    ) {
      return false;
    }
    this.#told = status;
    return true;
  }
}
