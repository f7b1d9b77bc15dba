/**
 * A long list of which only a window is in the page: at most {@link MAX_ROWS} rows, however long it is. The window
 * follows its end until the person scrolls away from it, and moves along when they near an edge of it; what they
 * look at stays where it is on screen.
 */
export interface ListedEntry {
  readonly key: string;
}

export interface TranscriptListOptions<Entry extends ListedEntry> {
  /** `before`: the entry above it in the list. */
  readonly createRow: (entry: Entry, before: Entry | undefined) => HTMLElement;
  /** The end of the list is followed, or no longer; `scrolled`: because the person scrolled. */
  readonly onFollowing: (following: boolean, scrolled: boolean) => void;
}

export const MAX_ROWS = 180;
const STEP_ROWS = 60;
/** This close to the edge of the window it moves. */
const EDGE_PX = 600;
/** Scrolled this far up, the person has left the end. */
const AWAY_PX = 24;

export class TranscriptList<Entry extends ListedEntry> {
  readonly #scroller: HTMLElement;
  readonly #list: HTMLElement;
  readonly #options: TranscriptListOptions<Entry>;
  readonly #rows = new Map<string, HTMLElement>();
  #entries: readonly Entry[] = [];
  #first = 0;
  #following = true;

  /** `list` is what is scrolled in `scroller`. */
  constructor(scroller: HTMLElement, list: HTMLElement, options: TranscriptListOptions<Entry>) {
    this.#scroller = scroller;
    this.#list = list;
    this.#options = options;
    scroller.addEventListener('scroll', () => this.#handleScroll(), { passive: true });
  }

  get following(): boolean {
    return this.#following;
  }

  rowOf(key: string): HTMLElement | undefined {
    return this.#rows.get(key);
  }

  /** These are the entries now. Rows of entries that were there before stay as they are. */
  show(entries: readonly Entry[]): void {
    const top = this.#entries[this.#first]?.key;
    this.#entries = entries;
    if (this.#following) this.#first = this.#lastFirst;
    else {
      const known = top === undefined ? -1 : entries.findIndex(({ key }) => key === top);
      this.#first = Math.max(0, Math.min(this.#lastFirst, known < 0 ? this.#first : known));
    }
    this.#render();
  }

  /** Text of a row may have become longer: whoever follows the end still sees it. */
  settle(): void {
    if (this.#following) this.#scroller.scrollTop = this.#scroller.scrollHeight;
  }

  toEnd(): void {
    this.#follow(true);
    this.#first = this.#lastFirst;
    this.#render();
  }

  /** Brings an entry to the middle. */
  goTo(key: string): void {
    const index = this.#entries.findIndex((entry) => entry.key === key);
    if (index < 0) return;
    this.#follow(false);
    this.#first = Math.max(0, Math.min(this.#lastFirst, index - MAX_ROWS / 2));
    this.#render();
    this.#rows.get(key)?.scrollIntoView({ block: 'center' });
  }

  /** Forgets the rows, because they are to be written anew. */
  clear(): void {
    this.#rows.clear();
    this.#list.replaceChildren();
  }

  get #lastFirst(): number {
    return Math.max(0, this.#entries.length - MAX_ROWS);
  }

  #follow(following: boolean, scrolled = false): void {
    if (following === this.#following) return;
    this.#following = following;
    this.#options.onFollowing(following, scrolled);
  }

  #handleScroll(): void {
    const { scrollTop, clientHeight, scrollHeight } = this.#scroller;
    if (clientHeight === 0) return; // closed
    const belowPx = scrollHeight - clientHeight - scrollTop;
    this.#follow(belowPx < AWAY_PX && this.#first >= this.#lastFirst, true);
    if (scrollTop < EDGE_PX && this.#first > 0) this.#move(-STEP_ROWS);
    else if (belowPx < EDGE_PX && this.#first < this.#lastFirst) this.#move(STEP_ROWS);
  }

  #move(rows: number): void {
    this.#first = Math.max(0, Math.min(this.#lastFirst, this.#first + rows));
    this.#render();
  }

  #render(): void {
    const wanted = this.#entries.slice(this.#first, this.#first + MAX_ROWS);
    const keys = new Set(wanted.map(({ key }) => key));
    const anchor = this.#following ? null : this.#anchor(keys);
    for (const [key, row] of this.#rows) {
      if (keys.has(key)) continue;
      row.remove();
      this.#rows.delete(key);
    }
    let below: Node | null = null;
    for (let index = wanted.length - 1; index >= 0; index -= 1) {
      const entry = wanted[index];
      if (!entry) continue;
      let row = this.#rows.get(entry.key);
      if (!row) {
        row = this.#options.createRow(entry, this.#entries[this.#first + index - 1]);
        this.#rows.set(entry.key, row);
      }
      if (row.parentNode !== this.#list || row.nextSibling !== below) this.#list.insertBefore(row, below);
      below = row;
    }
    if (anchor) this.#scroller.scrollTop += anchor.row.getBoundingClientRect().top - anchor.topPx;
    else this.settle();
  }

  /** A row that is on screen and stays in the list. */
  #anchor(keys: ReadonlySet<string>): { readonly row: HTMLElement; readonly topPx: number } | null {
    const fromPx = this.#scroller.getBoundingClientRect().top;
    for (const { key } of this.#entries.slice(this.#first)) {
      const row = this.#rows.get(key);
      if (!row || !keys.has(key)) continue;
      const { top, bottom } = row.getBoundingClientRect();
      if (bottom >= fromPx) return { row, topPx: top };
    }
    for (const [key, row] of this.#rows)
      if (keys.has(key)) return { row, topPx: row.getBoundingClientRect().top };
    return null;
  }
}
