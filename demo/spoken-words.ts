/**
 * Puts the words of all speakers together from caption events, with the time at which each was shown. Takes
 * repeated events as done and checks on the way that nothing which was shown ever changes. Pure but for its state.
 */
import type { CaptionEvent, CaptionGap, StageTimes, UtteranceRestored } from '../protocol/caption-event.ts';

/** Times in Unix ms: start and end on the caption clock, shown on the viewer's. */
export interface ShownWord {
  text: string;
  startMs: number;
  endMs: number;
  shownMs: number;
  /** Of the frame that completed the word; null when it came in a welcome. */
  times: StageTimes | null;
}

export interface SpeakerWords {
  readonly identity: string;
  readonly name: string;
  readonly words: ShownWord[];
}

interface Utterance {
  readonly speaker: SpeakerWords;
  readonly startMs: number;
  text: string;
  open: boolean;
}

export class SpokenWords {
  readonly #speakers = new Map<string, SpeakerWords>();
  readonly #utterances = new Map<number, Utterance>();
  readonly gaps: CaptionGap[] = [];
  /** Times at which shown text would have had to change. Must stay 0. */
  contradictions = 0;

  /** Returns the words that are new, or that grew, with these events. */
  apply(events: readonly CaptionEvent[], times: StageTimes | null, shownMs: number): readonly SpokenWord[] {
    const changed: SpokenWord[] = [];
    for (const event of events) {
      switch (event.type) {
        case 'opened':
          this.#open(event.utterance, event.speaker.identity, event.speaker.name, event.startMs);
          break;
        case 'appended': {
          const utterance = this.#utterances.get(event.utterance);
          if (utterance === undefined || event.offset < utterance.text.length) break;
          if (event.offset > utterance.text.length) this.contradictions += 1;
          changed.push(this.#append(utterance, event.text, { ...event, shownMs, times }));
          break;
        }
        case 'closed': {
          const utterance = this.#utterances.get(event.utterance);
          if (utterance === undefined) break;
          if (utterance.text.length !== event.length) this.contradictions += 1;
          utterance.open = false;
          break;
        }
        case 'restored':
          changed.push(...this.#restore(event, shownMs));
          break;
        case 'gap':
          if (!this.gaps.some((gap) => gap.fromMs === event.fromMs && gap.identity === event.identity)) {
            this.gaps.push(event);
          }
      }
    }
    return changed;
  }

  get hasOpenUtterances(): boolean {
    return [...this.#utterances.values()].some(({ open }) => open);
  }

  of(identity: string): SpeakerWords | undefined {
    return this.#speakers.get(identity);
  }

  /** Everybody who was captioned. */
  get speakers(): readonly SpeakerWords[] {
    return [...this.#speakers.values()];
  }

  #open(id: number, identity: string, name: string, startMs: number): Utterance {
    const known = this.#utterances.get(id);
    if (known !== undefined) return known;
    let speaker = this.#speakers.get(identity);
    if (speaker === undefined) {
      speaker = { identity, name, words: [] };
      this.#speakers.set(identity, speaker);
    }
    const utterance: Utterance = { speaker, startMs, text: '', open: true };
    this.#utterances.set(id, utterance);
    return utterance;
  }

  #append(utterance: Utterance, text: string, at: Omit<ShownWord, 'text'>): SpokenWord {
    const { words, identity, name } = utterance.speaker;
    const last = words.at(-1);
    const continues = utterance.text !== '' && !text.startsWith(' ');
    utterance.text += text;
    if (continues && last !== undefined) {
      last.text += text;
      last.endMs = at.endMs;
      last.shownMs = at.shownMs;
      last.times = at.times;
      return { identity, name, text, continues };
    }
    const { startMs, endMs, shownMs, times } = at;
    words.push({ text: text.trim(), startMs, endMs, shownMs, times });
    return { identity, name, text: text.trim(), continues };
  }

  #restore(event: UtteranceRestored, shownMs: number): SpokenWord[] {
    const utterance = this.#open(event.utterance, event.speaker.identity, event.speaker.name, event.startMs);
    if (!event.text.startsWith(utterance.text)) {
      this.contradictions += 1;
      return [];
    }
    const changed: SpokenWord[] = [];
    const known = utterance.text === '' ? 0 : utterance.text.split(' ').length;
    for (const [index, word] of event.text.split(' ').entries()) {
      const startMs = event.startMs + (event.wordTimes[index * 2] ?? 0);
      const endMs = event.startMs + (event.wordTimes[index * 2 + 1] ?? 0);
      const at = { startMs, endMs, shownMs, times: null };
      if (index >= known && word !== '') {
        changed.push(this.#append(utterance, index === 0 ? word : ` ${word}`, at));
      } else if (index === known - 1) {
        const rest = event.text.slice(utterance.text.length).split(' ')[0] ?? '';
        if (rest !== '') changed.push(this.#append(utterance, rest, at));
      }
    }
    utterance.open = event.endMs === null;
    return changed;
  }
}

/** A word, or the rest of one, as a terminal prints it. */
export interface SpokenWord {
  readonly identity: string;
  readonly name: string;
  readonly text: string;
  readonly continues: boolean;
}
