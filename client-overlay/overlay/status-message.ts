/** Decides, purely, what a viewer is told about the captions when there is something to tell besides words. */
import type { CaptionState } from '../../protocol/caption-event.ts';
import type { SocketState } from './caption-socket.ts';

export type StatusKind =
  | 'none'
  | 'starting'
  | 'slow-start'
  | 'listening'
  | 'interrupted'
  | 'unavailable'
  | 'off'
  | 'off-record'
  | 'reconnecting'
  | 'unreachable'
  | 'token-needed'
  | 'room-closed'
  | 'stopped';

export interface StatusFacts {
  readonly active: boolean;
  readonly connection: SocketState;
  /** A welcome has been received since captions were switched on. */
  readonly everOpen: boolean;
  readonly captions: CaptionState | null;
  /** Words have been shown since captions were switched on. */
  readonly anyWords: boolean;
  /** Since captions were switched on, since the gateway's last status, and since the connection was last open. */
  readonly activeForMs: number;
  readonly captionsForMs: number;
  readonly lostForMs: number;
}

/** A start that takes longer is said to be slow, so that nobody wonders whether the button worked. */
const SLOW_START_MS = 5_000;
/** "Captions are on" need not stay over the picture. */
const LISTENING_SHOWN_MS = 10_000;

/** Most connections are back before this: the person need not hear of it. */
const LOSS_SHOWN_AFTER_MS = 700;

export function statusKind(facts: StatusFacts): StatusKind {
  if (!facts.active) return 'none';
  switch (facts.connection.state) {
    case 'stopped':
      return facts.connection.cause === 'room-closed' ? 'room-closed' : 'stopped';
    case 'connecting':
    case 'waiting':
      if (facts.connection.state === 'waiting' && facts.connection.cause === 'token') return 'token-needed';
      if (facts.everOpen) return facts.lostForMs < LOSS_SHOWN_AFTER_MS ? captionsKind(facts) : 'reconnecting';
      if (facts.connection.attempt > 0 || facts.connection.state === 'waiting') return 'unreachable';
      return starting(facts.activeForMs);
    case 'open':
    case 'idle':
      return captionsKind(facts);
  }
}

function captionsKind(facts: StatusFacts): StatusKind {
  switch (facts.captions) {
    case 'starting':
      return starting(Math.min(facts.activeForMs, facts.captionsForMs));
    case 'interrupted':
    case 'unavailable':
    case 'off':
    case 'off-record':
      return facts.captions;
    case 'live':
      return facts.anyWords || facts.captionsForMs > LISTENING_SHOWN_MS ? 'none' : 'listening';
    case null:
      return facts.anyWords ? 'none' : starting(facts.activeForMs);
  }
}

function starting(forMs: number): StatusKind {
  return forMs > SLOW_START_MS ? 'slow-start' : 'starting';
}
