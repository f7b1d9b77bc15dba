/**
 * An agent as the uplink's contract wants it, without sockets: it holds its frames, sends those that the gateway
 * does not have, and after any refusal comes back to whichever node there is.
 */

import type { AgentSession } from '../../gateway/fanout/agent-session.ts';
import type { CaptionHub } from '../../gateway/fanout/caption-hub.ts';
import type { CaptionEvent } from '../../protocol/caption-event.ts';
import type { UplinkFrame } from '../../protocol/uplink-message.ts';
import type { SpokenWord } from './history-checker.ts';

const RETRY_MS = 60;
const WORDS_PER_UTTERANCE = 6;
const WORD_MS = 8;

export class ScriptedAgent {
  readonly #spoken: Omit<SpokenWord, 'isUnheard'>[] = [];
  readonly #room: string;
  readonly #session: string;
  readonly #findHub: () => CaptionHub | null;
  readonly #firstUtterance: number;
  readonly #frames: UplinkFrame[] = [];
  #acknowledged = 0;
  #sent = 0;
  #open: { readonly session: AgentSession; readonly hub: CaptionHub } | null = null;
  #length = 0;
  #retry: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: {
    room: string;
    session: string;
    firstUtterance: number;
    findHub: () => CaptionHub | null;
  }) {
    this.#room = options.room;
    this.#session = options.session;
    this.#firstUtterance = options.firstUtterance;
    this.#findHub = options.findHub;
    this.#frames.push({
      type: 'frame',
      room: this.#room,
      number: 1,
      times: null,
      events: [{ type: 'status', state: 'live', sinceMs: Date.now() }],
    });
    void this.#connect();
  }

  get spoken(): SpokenWord[] {
    const isUnheard = this.#isClosed && this.#acknowledged === 0;
    return this.#spoken.map((word) => ({ ...word, isUnheard }));
  }

  get isSettled(): boolean {
    return this.#acknowledged >= this.#frames.length;
  }

  /** The next word, in a frame of its own; utterances open and close by themselves. */
  say(): void {
    const index = this.#spoken.length;
    const utterance = this.#firstUtterance + Math.floor(index / WORDS_PER_UTTERANCE);
    const isFirst = index % WORDS_PER_UTTERANCE === 0;
    if (isFirst) this.#length = 0;
    const startMs = Date.now();
    const endMs = startMs + WORD_MS;
    const text = `${isFirst ? '' : ' '}w${utterance}-${index}`;
    const offset = this.#length;
    this.#length += text.length;
    this.#spoken.push({ utterance, offset, text, startMs, endMs });
    const events: CaptionEvent[] = [];
    const speaker = { identity: `p-${utterance % 2}`, name: 'P', trackSid: 'TR' };
    if (isFirst) {
      events.push({ type: 'opened', utterance, speaker, language: 'fr', source: 'machine', startMs });
    }
    events.push({ type: 'appended', utterance, offset, text, startMs, endMs });
    if (index % WORDS_PER_UTTERANCE === WORDS_PER_UTTERANCE - 1) {
      events.push({ type: 'closed', utterance, length: this.#length, endMs });
    }
    this.#frames.push({
      type: 'frame',
      room: this.#room,
      number: this.#frames.length + 1,
      times: null,
      events,
    });
    this.#pump();
  }

  /** The connection breaks; the node notices unless it is dead itself. */
  cut(): void {
    const open = this.#open;
    this.#open = null;
    if (open) open.hub.loseSession(open.session);
    this.#reconnectLater();
  }

  /** The process is gone, and with it whatever it still held. */
  die(): void {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    const open = this.#open;
    this.#open = null;
    if (open) open.hub.loseSession(open.session);
  }

  /** The node is gone without a word. */
  handleNodeGone(hub: CaptionHub): void {
    if (this.#open?.hub !== hub) return;
    this.#open = null;
    this.#reconnectLater();
  }

  async #connect(): Promise<void> {
    const hub = this.#findHub();
    if (!hub || this.#isClosed) {
      this.#reconnectLater();
      return;
    }
    try {
      const { session, held } = await hub.openSession(this.#session, 'agent', [this.#room]);
      if (this.#isClosed || this.#open) {
        hub.loseSession(session);
        return;
      }
      this.#open = { session, hub };
      this.#sent = held.get(this.#room) ?? 0;
      this.#acknowledged = this.#sent;
      this.#pump();
    } catch {
      this.#reconnectLater();
    }
  }

  #pump(): void {
    const open = this.#open;
    if (!open) return;
    for (let frame = this.#frames[this.#sent]; frame; frame = this.#frames[this.#sent]) {
      this.#sent += 1;
      const { number } = frame;
      open.hub.takeFrame(open.session, frame, Date.now()).then(
        () => {
          if (this.#open === open) this.#acknowledged = Math.max(this.#acknowledged, number);
        },
        () => {
          if (this.#open !== open) return;
          this.#open = null;
          open.hub.loseSession(open.session);
          this.#reconnectLater();
        },
      );
    }
  }

  #reconnectLater(): void {
    if (this.#isClosed) return;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => void this.#connect(), RETRY_MS * (0.5 + Math.random()));
  }
}
