/** One entry of the transcript as a list item, and how its text goes on. */
import { SPEAKER_SHAPES } from '../caption-colours.ts';
import type { CaptionUtterance } from '../caption-utterance.ts';
import { create, iconButton } from '../controls/control-parts.ts';
import type { Messages } from '../messages.ts';
import { matchesIn, type TranscriptEntry } from './transcript-entries.ts';
import { clockTime, nameOf } from './transcript-file.ts';

export interface RowContext {
  readonly messages: Messages;
  readonly gapText: (entry: TranscriptEntry & { readonly kind: 'gap' }) => string;
  readonly cueOf: (identity: string) => number;
  /** What is searched, to be marked; empty: nothing is. */
  readonly query: string;
  readonly isPinned: (utterance: number) => boolean;
  readonly onPin: (utterance: number) => void;
  /** Shows a found entry among what was said around it. */
  readonly onShow: (key: string) => void;
}

/** Said later than this after the one above by the same person, and the name stands again. */
const SAME_TURN_MS = 60_000;

export function transcriptRow(
  entry: TranscriptEntry,
  before: TranscriptEntry | undefined,
  context: RowContext,
): HTMLElement {
  const { messages } = context;
  if (entry.kind === 'last-read')
    return create('li', 'last-read', create('span', '', messages.transcript.lastRead));
  if (entry.kind === 'gap') return create('li', 'missing', create('p', '', context.gapText(entry)));
  const { utterance } = entry;
  const said = create('p', 'said');
  said.lang = utterance.language;
  const row = create('li', 'entry');
  row.dataset.utterance = String(utterance.id);
  if (!goesOn(utterance, before) || context.query !== '') row.append(who(utterance, context));
  row.append(said);
  if (utterance.revision > 0) row.append(create('span', 'mark', messages.corrected));
  writeSaid(row, utterance, context.query);
  const pin = iconButton('pin', messages.pins.pin, () => context.onPin(utterance.id));
  pin.tabIndex = -1; // the list has one stop; arrow keys go from row to row
  row.append(pin);
  showPinned(row, context.isPinned(utterance.id), messages);
  if (context.query !== '') {
    const show = create('button', 'show', messages.transcript.show);
    show.type = 'button';
    show.addEventListener('click', () => context.onShow(entry.key));
    row.append(show);
  }
  return row;
}

export function showPinned(row: HTMLElement, pinned: boolean, { pins }: Messages): void {
  const button = row.querySelector<HTMLButtonElement>('button.icon');
  if (!button) return;
  button.setAttribute('aria-pressed', String(pinned));
  button.setAttribute('aria-label', pins.pin);
  button.title = pinned ? pins.unpin : pins.pin;
}

/** Text that only grew is added to; with something to mark it is written anew. */
export function writeSaid(row: HTMLElement, { text }: CaptionUtterance, query: string): void {
  const said = row.querySelector('.said');
  if (!said) return;
  const only = said.firstChild;
  if (query === '' && said.childNodes.length === 1 && only instanceof Text && text.startsWith(only.data)) {
    if (text.length > only.length) only.appendData(text.slice(only.length));
    return;
  }
  const parts: (string | Node)[] = [];
  let written = 0;
  const found = matchesIn(text, query);
  for (let index = 0; index < found.length; index += 2) {
    const [from = 0, to = 0] = [found[index], found[index + 1]];
    parts.push(text.slice(written, from), create('mark', '', text.slice(from, to)));
    written = to;
  }
  said.replaceChildren(...parts, text.slice(written));
}

function who(utterance: CaptionUtterance, { cueOf, messages }: RowContext): HTMLElement {
  const cue = cueOf(utterance.speaker.identity);
  const shape = create('span', 'shape', SPEAKER_SHAPES[cue] ?? '');
  shape.setAttribute('aria-hidden', 'true');
  const head = create('div', 'who', shape, create('b', '', nameOf(utterance)));
  head.dataset.cue = String(cue);
  if (utterance.source === 'human') head.append(create('span', 'mark', messages.human));
  const time = create('time', '', clockTime(utterance.startMs));
  time.dateTime = new Date(utterance.startMs).toISOString();
  head.append(time);
  return head;
}

function goesOn(
  { speaker, source, startMs }: CaptionUtterance,
  before: TranscriptEntry | undefined,
): boolean {
  if (before?.kind !== 'utterance') return false;
  const { utterance } = before;
  return (
    utterance.speaker.identity === speaker.identity &&
    utterance.source === source &&
    startMs - utterance.startMs < SAME_TURN_MS
  );
}
