/**
 * Keeps the machine's captions of a room, or of one speaker, back while a person writes them. An utterance that
 * began meanwhile is not lost for good: what is said of it once the person has stopped is told as a turn that
 * begins there. Pure: who holds, and for how long, is decided elsewhere.
 */
import type { CaptionEvent, UtteranceOpened } from '../../protocol/caption-event.ts';

/** The identity that is held, or everybody. */
export type Held = string | null;

interface HeldTurn {
  readonly opened: UtteranceOpened;
  /** Characters of it that nobody was shown; null while nothing of it was shown. */
  cut: number | null;
}

export interface SavedHold {
  readonly holders: readonly {
    readonly captioner: string;
    readonly identity: Held;
    readonly untilMs: number;
  }[];
  readonly turns: readonly Readonly<HeldTurn>[];
}

/** Turns that were never closed, because their agent died, are forgotten beyond this; the oldest first. */
const MAX_TURNS = 1_000;

export class MachineHold {
  readonly #holders = new Map<string, { readonly identity: Held; readonly untilMs: number }>();
  readonly #turns = new Map<number, HeldTurn>();

  /** `untilMs`: unless it is said again, {@link expired} names the captioner from then on. */
  hold(captioner: string, identity: Held, untilMs = Number.POSITIVE_INFINITY): void {
    this.#holders.set(captioner, { identity, untilMs });
  }

  /** Captioners whose gateway died with them. */
  expired(nowMs: number): string[] {
    const expired: string[] = [];
    for (const [captioner, { untilMs }] of this.#holders) if (untilMs < nowMs) expired.push(captioner);
    return expired;
  }

  save(): SavedHold {
    const holders = [...this.#holders].map(([captioner, holder]) => ({ captioner, ...holder }));
    return { holders, turns: [...this.#turns.values()].map((turn) => ({ ...turn })) };
  }

  restore({ holders, turns }: SavedHold): void {
    this.#holders.clear();
    this.#turns.clear();
    for (const { captioner, identity, untilMs } of holders) this.hold(captioner, identity, untilMs);
    for (const { opened, cut } of turns) this.#turns.set(opened.utterance, { opened, cut });
  }

  /** Whether this captioner had held anything. */
  release(captioner: string): boolean {
    return this.#holders.delete(captioner);
  }

  /** Whether nothing of the machine's is shown. */
  get holdsRoom(): boolean {
    for (const { identity } of this.#holders.values()) if (identity === null) return true;
    return false;
  }

  holds(identity: Held): boolean {
    if (this.#holders.size === 0) return false;
    for (const { identity: held } of this.#holders.values()) {
      if (held === null || held === identity) return true;
    }
    return false;
  }

  /** What of a frame of the machine's may be told. */
  filter(events: readonly CaptionEvent[]): readonly CaptionEvent[] {
    if (this.#holders.size === 0 && this.#turns.size === 0) return events;
    return events.flatMap((event) => this.#filterOne(event));
  }

  #filterOne(event: CaptionEvent): readonly CaptionEvent[] {
    switch (event.type) {
      case 'opened':
        if (!this.holds(event.speaker.identity)) return [event];
        this.#keep(event);
        return [];
      case 'restored': {
        if (!this.holds(event.speaker.identity)) return [event];
        const { utterance, speaker, language, source, startMs } = event;
        if (event.endMs === null)
          this.#keep({ type: 'opened', utterance, speaker, language, source, startMs });
        return [];
      }
      case 'appended': {
        const turn = this.#turns.get(event.utterance);
        if (turn === undefined) return [event];
        if (this.holds(turn.opened.speaker.identity)) return [];
        if (turn.cut !== null) return [{ ...event, offset: event.offset - turn.cut }];
        // Half a word is worse than a word too few.
        if (!event.text.startsWith(' ') && event.offset > 0) return [];
        const leading = event.text.length - event.text.trimStart().length;
        turn.cut = event.offset + leading;
        return [
          { ...turn.opened, startMs: event.startMs },
          { ...event, offset: 0, text: event.text.slice(leading) },
        ];
      }
      case 'closed': {
        const turn = this.#turns.get(event.utterance);
        if (turn === undefined) return [event];
        this.#turns.delete(event.utterance);
        return turn.cut === null ? [] : [{ ...event, length: Math.max(0, event.length - turn.cut) }];
      }
      case 'gap':
        return this.holds(event.identity) ? [] : [event];
      case 'status':
      case 'erased':
        return [event];
    }
  }

  #keep(opened: UtteranceOpened): void {
    const oldest = this.#turns.size >= MAX_TURNS ? this.#turns.keys().next().value : undefined;
    if (oldest !== undefined) this.#turns.delete(oldest);
    this.#turns.set(opened.utterance, { opened, cut: null });
  }
}
