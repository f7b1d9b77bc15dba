/**
 * What has been said, to read back at one's own pace: follows what is said until the person scrolls up, keeps the
 * place they had read up to, finds words and speakers, pins lines, saves files. While it is closed it does nothing.
 */
import type { SpeakerCues } from '../caption-colours.ts';
import type { CaptionUtterance } from '../caption-utterance.ts';
import type { CaptionCommands, CaptionPolicy, KnownSpeaker } from '../controls/caption-commands.ts';
import { create, fillSelect, iconButton, input, select, textButton } from '../controls/control-parts.ts';
import type { Messages } from '../messages.ts';
import {
  entryOf,
  isWanted,
  LAST_READ_KEY,
  type TranscriptEntry,
  transcriptEntries,
} from './transcript-entries.ts';
import { TRANSCRIPT_FORMATS, type Transcript, type TranscriptFormat } from './transcript-file.ts';
import { TranscriptList } from './transcript-list.ts';
import { showPinned, transcriptRow, writeSaid } from './transcript-row.ts';

export interface TranscriptPanelOptions {
  readonly commands: CaptionCommands;
  readonly read: () => Transcript;
  readonly isPinned: (utterance: number) => boolean;
  readonly cues: SpeakerCues;
  readonly onClose: () => void;
  /** To be painted in the next frame. */
  readonly onChange: () => void;
}

const EVERYBODY = '';

export class TranscriptPanel {
  readonly #element: HTMLElement;
  readonly #options: TranscriptPanelOptions;
  readonly #search = input('search', 'search');
  readonly #speaker = select('speaker', {});
  readonly #found = create('p', 'found');
  readonly #scroller = create('div', 'scroller');
  readonly #rows = create('ol');
  readonly #empty = create('p', 'empty');
  readonly #toLive = textButton('', () => this.#goLive());
  readonly #toLastRead = textButton('', () => this.#list.goTo(LAST_READ_KEY));
  readonly #list: TranscriptList<TranscriptEntry>;
  #messages: Messages | null = null;
  #policy: CaptionPolicy = { retentionS: null, offRecord: null, mayExport: true };
  #open = false;
  /** Everything is to be looked at anew, not only what is in `#grown`. */
  #stale = true;
  readonly #grown = new Map<number, CaptionUtterance>();
  #entries: readonly TranscriptEntry[] = [];
  #lastRead: string | null = null;

  /** Fills `element`. */
  constructor(element: HTMLElement, options: TranscriptPanelOptions) {
    this.#element = element;
    this.#options = options;
    this.#list = new TranscriptList(this.#scroller, this.#rows, {
      createRow: (entry, before) => this.#createRow(entry, before),
      onFollowing: (following, scrolled) => {
        if (!following && scrolled) this.#markLastRead();
        this.#showWay();
      },
    });
    this.#scroller.tabIndex = 0;
    this.#scroller.setAttribute('role', 'region');
    this.#found.setAttribute('role', 'status');
    this.#search.addEventListener('input', () => this.#refilter());
    this.#speaker.addEventListener('input', () => this.#refilter());
    this.#scroller.addEventListener('keydown', (event) => this.#handleKey(event));
  }

  show(messages: Messages): void {
    if (this.#messages === messages) return;
    this.#messages = messages;
    this.#write(messages);
  }

  showPolicy(policy: CaptionPolicy): void {
    this.#policy = policy;
    if (this.#messages) this.#write(this.#messages);
  }

  handleToggle(open: boolean): void {
    this.#open = open;
    if (!open) {
      if (this.#list.following) this.#markLastRead();
      this.#list.clear();
      return;
    }
    this.#stale = true;
    this.paint();
    this.#list.toEnd();
  }

  /** The person looks elsewhere: up to here they have read. */
  handleHidden(): void {
    if (this.#open && this.#list.following) this.#markLastRead();
  }

  /** `null`: not only one utterance grew. */
  handleChange(grown: CaptionUtterance | null): void {
    if (!this.#open) return;
    if (grown === null) this.#stale = true;
    else this.#grown.set(grown.id, grown);
  }

  handlePins(): void {
    if (!this.#messages) return;
    for (const entry of this.#entries) {
      const row = entry.kind === 'utterance' ? this.#list.rowOf(entry.key) : undefined;
      if (row && entry.kind === 'utterance')
        showPinned(row, this.#options.isPinned(entry.utterance.id), this.#messages);
    }
  }

  /** Once a frame. */
  paint(): void {
    if (!this.#open || !this.#messages) return;
    if (this.#stale || (this.#grown.size > 0 && this.#search.value !== '')) this.#rebuild();
    else if (this.#grown.size > 0) {
      for (const utterance of this.#grown.values()) {
        const row = this.#list.rowOf(entryOf(utterance).key);
        if (row) writeSaid(row, utterance, '');
      }
      this.#list.settle();
    }
    this.#grown.clear();
  }

  #rebuild(): void {
    this.#stale = false;
    const { utterances, gaps } = this.#options.read();
    const filter = { query: this.#search.value.trim(), identity: this.#speaker.value || null };
    const isFiltered = filter.query !== '' || filter.identity !== null;
    const all = transcriptEntries(utterances, gaps);
    this.#showSpeakers(utterances);
    const entries = isFiltered ? all.filter((entry) => isWanted(entry, filter)) : this.#withLastRead(all);
    for (const entry of entries) this.#refresh(entry, filter.query);
    this.#entries = entries;
    this.#list.show(entries);
    this.#empty.hidden = all.length > 0;
    const words = isFiltered ? (this.#messages?.transcript.found(entries.length) ?? '') : '';
    if (this.#found.textContent !== words) this.#found.textContent = words;
    this.#showWay();
  }

  /** A row that is there shows the utterance as it now is. */
  #refresh(entry: TranscriptEntry, query: string): void {
    if (entry.kind !== 'utterance') return;
    const row = this.#list.rowOf(entry.key);
    if (!row) return;
    writeSaid(row, entry.utterance, query);
    if (entry.utterance.revision > 0 && !row.querySelector(':scope > .mark')) {
      row.querySelector('.said')?.after(create('span', 'mark', this.#messages?.corrected ?? ''));
    }
  }

  #withLastRead(entries: TranscriptEntry[]): TranscriptEntry[] {
    const at = this.#lastRead === null ? -1 : entries.findIndex(({ key }) => key === this.#lastRead);
    if (at >= 0 && at < entries.length - 1)
      entries.splice(at + 1, 0, { kind: 'last-read', key: LAST_READ_KEY });
    return entries;
  }

  #markLastRead(): void {
    const last = this.#options.read().utterances.findLast(({ text }) => text !== '');
    if (!last) return;
    this.#lastRead = entryOf(last).key;
    this.#stale = true;
  }

  #createRow(entry: TranscriptEntry, before: TranscriptEntry | undefined): HTMLElement {
    const messages = this.#messages as Messages; // rows are only made once there are words for them
    const { read, commands, cues, isPinned } = this.#options;
    return transcriptRow(entry, before, {
      messages,
      gapText: ({ gap }) => read().gapText(gap),
      cueOf: (identity) => cues.cueOf(identity),
      query: this.#search.value.trim(),
      isPinned,
      onPin: (utterance) => commands.togglePin(utterance),
      onShow: (key) => this.#showAround(key),
    });
  }

  #showAround(key: string): void {
    this.#search.value = '';
    this.#speaker.value = EVERYBODY;
    this.#list.clear();
    this.#rebuild();
    this.#list.goTo(key);
    const row = this.#list.rowOf(key);
    row?.classList.add('shown');
    row?.querySelector<HTMLElement>('button.icon')?.focus();
  }

  #refilter(): void {
    this.#list.clear();
    this.#rebuild();
    this.#list.toEnd();
  }

  #goLive(): void {
    this.#list.toEnd();
    this.#scroller.focus();
  }

  #showWay(): void {
    if (!this.#messages) return;
    const { transcript } = this.#messages;
    const { following } = this.#list;
    const mark = this.#entries.findIndex(({ kind }) => kind === 'last-read');
    const news = following || mark < 0 ? 0 : this.#entries.length - 1 - mark;
    this.#toLive.hidden = following;
    const words = transcript.backToLive(news);
    if (this.#toLive.textContent !== words) this.#toLive.textContent = words;
    this.#toLastRead.hidden = mark < 0 || !following;
  }

  #showSpeakers(utterances: readonly CaptionUtterance[]): void {
    const speakers = new Map<string, KnownSpeaker>();
    for (const { speaker } of utterances) speakers.set(speaker.identity, speaker);
    if (speakers.size === this.#speaker.options.length - 1) return;
    const everybody = this.#messages?.transcript.everybody ?? '';
    const choices = [...speakers.values()].map(({ identity, name }) => [identity, name || identity] as const);
    fillSelect(this.#speaker, [[EVERYBODY, everybody], ...choices]);
  }

  /** Up and down go from one row's pin to the next; Home and End to the ends of the transcript. */
  #handleKey(event: KeyboardEvent): void {
    const { key } = event;
    if (key === 'Home' && this.#entries[0]) this.#list.goTo(this.#entries[0].key);
    else if (key === 'End') this.#list.toEnd();
    else {
      const pins = [...this.#rows.querySelectorAll<HTMLElement>('button.icon')];
      const root = this.#element.getRootNode() as ShadowRoot;
      const at = pins.indexOf(root.activeElement as HTMLElement);
      if (at < 0) {
        if (key !== 'Enter') return; // the arrows scroll
        pins.at(-1)?.focus();
      } else if (key === 'ArrowUp') pins[at - 1]?.focus();
      else if (key === 'ArrowDown') pins[at + 1]?.focus();
      else return;
    }
    event.preventDefault();
  }

  #write(messages: Messages): void {
    const { transcript } = messages;
    this.#element.setAttribute('aria-label', transcript.title);
    this.#scroller.setAttribute('aria-label', transcript.title);
    this.#search.placeholder = transcript.search;
    this.#search.setAttribute('aria-label', transcript.search);
    this.#search.dataset.first = '';
    this.#speaker.setAttribute('aria-label', transcript.speaker);
    fillSelect(this.#speaker, [[EVERYBODY, transcript.everybody]]);
    this.#empty.textContent = transcript.empty;
    this.#toLastRead.textContent = transcript.toLastRead;
    this.#toLastRead.hidden = true;
    this.#toLive.hidden = true;
    this.#toLive.className = 'live';
    this.#scroller.replaceChildren(this.#empty, this.#rows);
    const foot = create('div', 'foot', this.#toLastRead, this.#toLive);
    const parts: Node[] = [
      create(
        'div',
        'head',
        create('h2', '', transcript.title),
        iconButton('close', messages.close, this.#options.onClose),
      ),
      create('div', 'find', this.#search, this.#speaker),
      this.#found,
      this.#scroller,
      foot,
    ];
    if (this.#policy.mayExport) parts.push(this.#saving(messages));
    this.#element.replaceChildren(...parts);
    this.#list.clear();
    this.#stale = true;
    this.#options.onChange();
  }

  #saving({ transcript }: Messages): HTMLElement {
    const names = Object.fromEntries(TRANSCRIPT_FORMATS.map((format) => [format, format.toUpperCase()]));
    const format = select('format', names);
    format.setAttribute('aria-label', transcript.format);
    const save = textButton(transcript.save, () =>
      this.#options.commands.saveTranscript(format.value as TranscriptFormat),
    );
    return create('div', 'save', format, save);
  }
}
