/**
 * Which rows of the transcript are on screen, from top to bottom: at most so many lines, turns in the order in which
 * they began, a name where the speaker changes, a line for each gap. Rows never swap and a line never changes but
 * by growing at its end. Knows no page and no clock: `nowMs` comes from the caller.
 *
 * When there are too many lines, the one whose last word is oldest goes first, so that the lines of two who speak at
 * once both roll up. Silence clears everything together, and not before it could be read.
 */
import type { CaptionLanguage, CaptionSource, Speaker } from '../../protocol/caption-event.ts';
import type { CaptionUtterance } from './caption-utterance.ts';
import { type BrokenLine, breakInto, type Fits } from './line-breaker.ts';

/** Silence clears the screen after this at the earliest … */
export const SILENCE_CLEARS_MS = 5_000;
/** … and not before what came at once could be read, about 14 characters a second. */
const READING_MS_PER_CHARACTER = 70;
/** Turns that others have pushed off the screen but that may go on. */
const MAX_HIDDEN = 16;
/** Of one turn; a monologue would otherwise keep all its lines. */
const MAX_ROLLED_LINES = 32;
/** Of the gap that says that nothing can come: no utterance and no other gap has it. */
const HELD_ID = Number.POSITIVE_INFINITY;

export type VisibleRow =
  | {
      readonly kind: 'name';
      readonly key: string;
      readonly speaker: Speaker;
      readonly language: CaptionLanguage;
      readonly source: CaptionSource;
    }
  | {
      readonly kind: 'line';
      readonly key: string;
      readonly utterance: number;
      readonly speaker: Speaker;
      readonly language: CaptionLanguage;
      readonly text: string;
      readonly split: boolean;
      readonly corrected: boolean;
    }
  | { readonly kind: 'gap'; readonly key: string; readonly text: string };

export interface RowLimits {
  readonly lines: number;
  readonly fits: Fits;
  /** Gap markers are set smaller and may be longer. */
  readonly gapFits: Fits;
}

interface Line extends BrokenLine {
  readonly key: string;
  lastWordMs: number;
  /** Grows with every word of anybody; unlike times, no two are equal. */
  lastWord: number;
}

interface Block {
  /** Null for a gap. */
  readonly utterance: CaptionUtterance | null;
  readonly startMs: number;
  readonly id: number;
  /** Of the text that is laid out, which begins at `from` in the utterance. */
  text: string;
  from: number;
  lines: Line[];
  /** Lines before this one have rolled off. */
  first: number;
  /** Shared by the blocks of one turn, so that the name stays while its lines roll. Null for a gap. */
  nameKey: string | null;
  corrected: boolean;
}

export class VisibleRows {
  readonly #clears: boolean;
  #limits: RowLimits;
  #blocks: Block[] = [];
  #nextKey = 0;
  #words = 0;
  #held = false;

  /** `clears`: silence clears the screen; otherwise the last words stay until others come. */
  constructor(limits: RowLimits, { clears = true } = {}) {
    this.#limits = limits;
    this.#clears = clears;
  }

  /** An utterance has grown from `before` characters; only what is new is laid out. */
  grow(utterance: CaptionUtterance, before: number, nowMs: number): void {
    let block = this.#blocks.find((known) => known.utterance?.id === utterance.id);
    if (!block) {
      if (utterance.text.length <= before) return;
      block = this.#insert({ utterance, startMs: utterance.startMs, id: utterance.id, from: before });
    }
    const tail = utterance.text.slice(block.from + block.text.length);
    this.#extend(block, tail, nowMs);
  }

  /** A human correction: where the utterance is on screen, its new text takes the place of the old. */
  replace(utterance: CaptionUtterance, nowMs: number): void {
    const index = this.#blocks.findIndex((known) => known.utterance?.id === utterance.id);
    const old = this.#blocks[index];
    if (!old || old.first >= old.lines.length) return;
    this.#blocks.splice(index, 1);
    const block = this.#insert({ utterance, startMs: utterance.startMs, id: utterance.id, from: 0 });
    block.corrected = true;
    this.#extend(block, utterance.text, nowMs);
  }

  addGap(gap: { readonly fromMs: number; readonly text: string }, nowMs: number): void {
    const block = this.#insert({
      utterance: null,
      startMs: gap.fromMs,
      id: Number.MAX_SAFE_INTEGER,
      from: 0,
    });
    this.#extend(block, gap.text, nowMs);
  }

  /** Takes what these say off the screen; what they say next begins a new line. */
  remove(concerns: (utterance: CaptionUtterance) => boolean): void {
    this.#blocks = this.#blocks.filter(({ utterance }) => !utterance || !concerns(utterance));
  }

  /**
   * Nothing can come for now, which `text` says after the last line: silence clears nothing until `text` is null.
   * What was missed stands between the lines that were there, so the words about it go again.
   */
  hold(text: string | null, nowMs: number): void {
    if (this.#held === (text !== null)) return;
    this.#held = text !== null;
    this.#blocks = this.#blocks.filter(({ id }) => id !== HELD_ID);
    if (text === null) {
      for (const line of this.#blocks.flatMap(({ lines }) => lines)) line.lastWordMs = nowMs;
      return;
    }
    const block = this.#insert({ utterance: null, startMs: Number.MAX_VALUE, id: HELD_ID, from: 0 });
    this.#extend(block, text, nowMs);
  }

  /** The person or the page changed the room there is: what is on screen is laid out anew. */
  relayout(limits: RowLimits): void {
    this.#limits = limits;
    for (const block of this.#blocks) {
      const [first] = block.lines.slice(block.first);
      if (!first) continue;
      const lastWordMs = Math.max(...block.lines.map((line) => line.lastWordMs));
      const text = block.text.slice(first.from - block.from);
      block.lines = [];
      block.first = 0;
      block.from = first.from;
      block.text = '';
      this.#extend(block, text, lastWordMs);
    }
  }

  clear(): void {
    this.#blocks = [];
  }

  /** The rows at `nowMs`, and when they next change if nothing is said; null when they then stay. */
  at(nowMs: number): { readonly rows: readonly VisibleRow[]; readonly changesAtMs: number | null } {
    this.#rollUp();
    if (this.#held || !this.#clears) return { rows: this.#rows(), changesAtMs: null };
    const clearsAtMs = this.#clearsAtMs();
    if (clearsAtMs === null) return { rows: [], changesAtMs: null };
    if (nowMs >= clearsAtMs) {
      this.clear(); // an utterance that goes on begins a new line, see `grow`
      return { rows: [], changesAtMs: null };
    }
    return { rows: this.#rows(), changesAtMs: clearsAtMs };
  }

  #insert(start: Pick<Block, 'utterance' | 'startMs' | 'id' | 'from'>): Block {
    const block: Block = { ...start, text: '', lines: [], first: 0, nameKey: null, corrected: false };
    let index = this.#blocks.length;
    for (; index > 0; index -= 1) {
      const before = this.#blocks[index - 1];
      if (!before || before.startMs < block.startMs) break;
      if (before.startMs === block.startMs && before.id < block.id) break;
    }
    this.#blocks.splice(index, 0, block);
    return block;
  }

  #extend(block: Block, text: string, nowMs: number): void {
    const tail = { text, from: block.from + block.text.length, afterSpace: /[ \t\n]$/.test(block.text) };
    const fits = block.utterance ? this.#limits.fits : this.#limits.gapFits;
    const last = block.lines.at(-1);
    const lengthBefore = last?.text.length ?? 0;
    const lastIndex = block.lines.length - 1;
    const word = ++this.#words; // older than those of the lines that begin now
    breakInto(block.lines, tail, fits, (line) => ({
      ...line,
      key: `l${this.#nextKey++}`,
      lastWordMs: nowMs,
      lastWord: ++this.#words,
    }));
    block.text += text;
    if (last && last.text.length > lengthBefore) {
      last.lastWordMs = nowMs;
      last.lastWord = word;
      block.first = Math.min(block.first, lastIndex); // pushed off by a crowd, its line comes back
    }
    // Nobody asks for rows while the page is hidden: what rolls off is forgotten all the same.
    if (this.#blocks.length > 2 * MAX_HIDDEN) this.#rollUp();
  }

  #rollUp(): void {
    let total = 0;
    for (const block of this.#blocks) total += block.lines.length - block.first;
    for (; total > this.#limits.lines; total -= 1) {
      let oldest: Block | undefined;
      let oldestWord = Number.POSITIVE_INFINITY;
      for (const block of this.#blocks) {
        const line = block.lines[block.first];
        if (line && line.lastWord < oldestWord) {
          oldest = block;
          oldestWord = line.lastWord;
        }
      }
      if (!oldest) return;
      oldest.first += 1;
      if (oldest.first > MAX_ROLLED_LINES) forgetRolledLines(oldest);
    }
    this.#forgetHidden();
  }

  #forgetHidden(): void {
    let hidden = 0;
    for (const block of this.#blocks) if (isHidden(block)) hidden += 1;
    if (hidden <= MAX_HIDDEN) return;
    this.#blocks = this.#blocks.filter((block) => !isHidden(block) || hidden-- <= MAX_HIDDEN);
  }

  #clearsAtMs(): number | null {
    let lastWordMs = Number.NEGATIVE_INFINITY;
    let characters = 0;
    for (const block of this.#blocks) {
      for (let index = block.first; index < block.lines.length; index += 1) {
        const line = block.lines[index];
        if (!line) continue;
        lastWordMs = Math.max(lastWordMs, line.lastWordMs);
        characters += line.text.length;
      }
    }
    if (characters === 0) return null;
    return lastWordMs + Math.max(SILENCE_CLEARS_MS, characters * READING_MS_PER_CHARACTER);
  }

  #rows(): VisibleRow[] {
    const rows: VisibleRow[] = [];
    const usedNames = new Set<string>();
    let previous: Block | null = null;
    let shownName: string | null = null;
    for (const block of this.#blocks) {
      const { utterance } = block;
      const goesOn: boolean =
        utterance !== null &&
        previous?.utterance?.speaker.trackSid === utterance.speaker.trackSid &&
        previous.utterance.source === utterance.source;
      if (goesOn) block.nameKey = previous?.nameKey ?? null;
      else if (utterance && (block.nameKey === null || usedNames.has(block.nameKey))) {
        block.nameKey = `n${this.#nextKey++}`;
      }
      previous = block;
      if (isHidden(block)) continue;
      if (utterance && block.nameKey !== null && block.nameKey !== shownName) {
        usedNames.add(block.nameKey);
        const { speaker, language, source } = utterance;
        rows.push({ kind: 'name', key: block.nameKey, speaker, language, source });
      }
      pushLines(rows, block);
      shownName = block.nameKey;
    }
    return rows;
  }
}

function pushLines(rows: VisibleRow[], block: Block): void {
  const { utterance } = block;
  for (const { key, text, split } of block.lines.slice(block.first)) {
    if (!utterance) rows.push({ kind: 'gap', key, text });
    else {
      const { id, speaker, language } = utterance;
      const { corrected } = block;
      rows.push({ kind: 'line', key, utterance: id, speaker, language, text, split, corrected });
    }
  }
}

function forgetRolledLines(block: Block): void {
  block.lines.splice(0, block.first);
  block.first = 0;
  const from = block.lines[0]?.from ?? block.from + block.text.length;
  block.text = block.text.slice(from - block.from);
  block.from = from;
}

function isHidden(block: Block): boolean {
  return block.first >= block.lines.length;
}
