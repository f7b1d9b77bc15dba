/**
 * `<surtitre-captions>`: live captions over any page. Importing this file registers the element.
 *
 *     <surtitre-captions src="wss://captions.example.org/captions" active remember></surtitre-captions>
 *     captions.tokenProvider = async () => (await fetch('/token')).text();
 *
 * Attributes (each with a property of the same name in camel case)
 *   src                 WebSocket address of the caption stream; without it only `feed` brings captions
 *   active              captions are wanted: connect and show. Removing it disconnects and hides
 *   lang                language of the element's own words, fr or en; default: the page's, then the browser's
 *   lines               lines shown at most, 1–6 (3)
 *   line-length         characters in a line at most, 20–80 (42)
 *   size                text size in per cent, 50–300 (100)
 *   background-opacity  in per cent, 0–100 (80)
 *   preset              colours: light-on-dark, white-on-black, yellow-on-black, dark-on-light
 *   announce            finished utterances are also written to a log for screen readers
 *   controls            shows the element's own settings button
 *   remember            keeps lines … announce in localStorage under one key, `surtitre-captions`
 *
 * Properties
 *   token           captions token; setting it while the element waits for one reconnects at once
 *   tokenProvider   called when there is no token or the gateway refused it; returns a token or a promise of one
 *   status          what `captions-status` last told (read only)
 *   transcript      everything held, by start of turn (read only): `{ utterances, gaps }`
 *   preferences     lines … announce as one object (read and write)
 *
 * Methods
 *   feed(events)    caption events from elsewhere, see protocol/caption-event.ts; repeats change nothing
 *   clear()         forgets everything held
 *
 * Events (bubble, composed); names and types of details: {@link SurtitreCaptionsEvents}
 *   captions-status, captions-word, captions-gap, captions-preferences, token-needed
 *
 * CSS: custom properties --surtitre-font-family, --surtitre-font-size, --surtitre-inset; parts `stage`, `line`,
 * `name`, `gap`, `status`, `settings-button`, `settings`, `log`. The host is laid over the bottom of its
 * positioned ancestor and lets clicks through; the page may place it otherwise with plain CSS on the element.
 */
import type { CaptionEvent, CaptionGap, StageTimes } from '../../protocol/caption-event.ts';
import { CaptionAnnouncer } from './caption-announcer.ts';
import { PRESETS, SpeakerCues } from './caption-colours.ts';
import { CaptionLines } from './caption-lines.ts';
import {
  type CaptionPreferences,
  DEFAULT_PREFERENCES,
  loadPreferences,
  readPreferences,
  savePreferences,
} from './caption-preferences.ts';
import { type CaptionDelivery, CaptionSocket, type SocketState } from './caption-socket.ts';
import type { CaptionUtterance } from './caption-utterance.ts';
import { CaptionView } from './caption-view.ts';
import type { CaptionsStatus, CaptionsWord, SurtitreCaptionsEvents } from './captions-events.ts';
import { gapText, interfaceLanguage, type Messages, messagesIn } from './messages.ts';
import { colourProperties, OVERLAY_STYLE, SMALL_TEXT } from './overlay-style.ts';
import { type StatusKind, statusKind } from './status-message.ts';
import { TextMeasure } from './text-measure.ts';
import { type RowLimits, VisibleRows } from './visible-rows.ts';

export type { CaptionPreferences } from './caption-preferences.ts';
export type { CaptionUtterance } from './caption-utterance.ts';
export type { CaptionsGap, CaptionsStatus, CaptionsWord, SurtitreCaptionsEvents } from './captions-events.ts';

/** `refused`: the last token did not open a connection, so a cached one is of no use. */
export type TokenProvider = (refused: boolean) => string | Promise<string>;

/** History that ended longer ago than this is for the transcript, not for the screen. */
const SHOWN_HISTORY_MS = 15_000;
/** What does not fit together is asked for again at most this often, or a faulty sender would be asked for ever. */
const REFETCH_EVERY_MS = 10_000;
/** Words that wait for a frame; a hidden page paints none, and then nobody measures them: the oldest go. */
const MAX_UNPAINTED_WORDS = 500;
/** How often a status that depends on time is looked at. */
const STATUS_STEP_MS = 500;

type UnpaintedWord = Omit<CaptionsWord, 'shownAt'>;

export class SurtitreCaptions extends HTMLElement {
  static readonly observedAttributes = [
    'src',
    'active',
    'lang',
    'lines',
    'line-length',
    'size',
    'background-opacity',
    'preset',
    'announce',
    'controls',
    'remember',
  ];

  /** See the head of this file. */
  tokenProvider: TokenProvider | null = null;

  readonly #stage = document.createElement('div');
  readonly #statusLine = document.createElement('p');
  readonly #log = document.createElement('div');
  readonly #lines = new CaptionLines();
  readonly #measure = new TextMeasure(this.#stage);
  readonly #view = new CaptionView(this.#stage, this.#statusLine, new SpeakerCues());
  readonly #announcer = new CaptionAnnouncer(this.#log);
  readonly #observer = new ResizeObserver(([entry]) => this.#handleResize(entry?.contentRect.width ?? 0));
  #preferences = DEFAULT_PREFERENCES;
  #rows = new VisibleRows(this.#limits());
  #messages: Messages = messagesIn('en');
  #token: string | null = null;
  #socket: CaptionSocket | null = null;
  #connection: SocketState = { state: 'idle' };
  #unpainted: UnpaintedWord[] = [];
  #everOpen = false;
  #anyWords = false;
  #activeSince = 0;
  #captionsSince = 0;
  #refetchedAt = Number.NEGATIVE_INFINITY;
  #lastStatus: CaptionsStatus | null = null;
  #frame = 0;
  #wake: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open' });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(OVERLAY_STYLE);
    root.adoptedStyleSheets = [sheet];
    this.#stage.className = 'stage';
    this.#stage.setAttribute('part', 'stage');
    this.#stage.setAttribute('role', 'group');
    this.#statusLine.className = 'status';
    this.#statusLine.setAttribute('part', 'status');
    this.#statusLine.setAttribute('role', 'status');
    this.#log.className = 'log';
    this.#log.setAttribute('part', 'log');
    this.#stage.append(this.#statusLine);
    root.append(this.#stage);
  }

  // --- life in the page ---

  connectedCallback(): void {
    this.#readAttributes();
    this.#observer.observe(this.#stage);
    document.addEventListener('visibilitychange', this.#handleSeen);
    window.addEventListener('online', this.#handleSeen);
    if (this.active) this.#start();
    this.#requestPaint();
  }

  disconnectedCallback(): void {
    this.#stop();
    this.#observer.disconnect();
    document.removeEventListener('visibilitychange', this.#handleSeen);
    window.removeEventListener('online', this.#handleSeen);
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    clearTimeout(this.#wake);
  }

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    if (!this.isConnected || before === after) return;
    if (name === 'active') {
      if (after === null) this.#stop();
      else this.#start();
    } else if (name === 'src') {
      this.#socket?.stop();
      this.#socket = null;
      this.clear();
      if (this.active) this.#start();
    } else this.#readAttributes();
    this.#tellStatus();
    this.#requestPaint();
  }

  // --- attributes as properties ---

  get src(): string {
    return this.getAttribute('src') ?? '';
  }

  set src(address: string) {
    this.setAttribute('src', address);
  }

  get active(): boolean {
    return this.hasAttribute('active');
  }

  set active(active: boolean) {
    this.toggleAttribute('active', active);
  }

  get token(): string | null {
    return this.#token;
  }

  set token(token: string | null) {
    this.#token = token;
    if (token !== null && this.#connection.state === 'waiting') this.#socket?.retry();
  }

  get status(): CaptionsStatus {
    return this.#currentStatus();
  }

  get transcript(): {
    readonly utterances: readonly CaptionUtterance[];
    readonly gaps: readonly CaptionGap[];
  } {
    return { utterances: [...this.#lines.utterances], gaps: [...this.#lines.gaps] };
  }

  get preferences(): CaptionPreferences {
    return this.#preferences;
  }

  set preferences(preferences: Partial<CaptionPreferences>) {
    this.#applyPreferences(readPreferences(preferences, this.#preferences));
    if (this.hasAttribute('remember')) savePreferences(this.#preferences);
  }

  // --- captions in ---

  feed(events: readonly CaptionEvent[]): void {
    this.#handleEvents(events, { times: null, shownFromMs: Number.NEGATIVE_INFINITY, live: true });
  }

  clear(): void {
    this.#lines.clear();
    this.#rows.clear();
    this.#unpainted = [];
    this.#anyWords = false;
    this.#requestPaint();
  }

  #handleDelivery({ events, times, welcome }: CaptionDelivery): void {
    if (welcome === null) {
      this.#handleEvents(events, { times, shownFromMs: Number.NEGATIVE_INFINITY, live: true });
      return;
    }
    const heldUntilMs = this.#lines.newestMs;
    const shownFromMs = welcome.serverMs - SHOWN_HISTORY_MS;
    // Only what came since is news; a first welcome is all history.
    this.#handleEvents(events, { times: null, shownFromMs, live: heldUntilMs > 0 });
    if (welcome.recovered || heldUntilMs === 0) return;
    const firstNew = events.find((event) => event.type === 'restored' && event.startMs > heldUntilMs);
    const toMs = firstNew?.type === 'restored' ? firstNew.startMs : welcome.serverMs;
    const gap: CaptionGap = {
      type: 'gap',
      identity: null,
      fromMs: heldUntilMs,
      toMs,
      reason: 'captions-lost',
    };
    if (toMs > heldUntilMs) this.#handleEvents([gap], { times: null, shownFromMs, live: true });
  }

  #handleEvents(events: readonly CaptionEvent[], origin: Origin): void {
    const now = performance.now();
    if (this.#measure.readStyle()) this.#relayout();
    for (const event of events) {
      const change = this.#lines.apply(event);
      switch (change.type) {
        case 'none':
          break;
        case 'grown':
          this.#handleGrown(change.utterance, change.before, origin, now);
          break;
        case 'replaced':
          this.#rows.replace(change.utterance, now);
          break;
        case 'gap':
          this.#handleGap(change.gap, origin, now);
          break;
        case 'status':
          this.#captionsSince = now;
          this.#tellStatus();
          break;
        case 'needs-resume':
          this.#refetch(now);
          break;
      }
    }
    this.#requestPaint();
  }

  #handleGrown(utterance: CaptionUtterance, before: number, origin: Origin, now: number): void {
    const ended = utterance.endMs !== null;
    if (ended && origin.live && this.#preferences.announce) this.#announcer.announce(utterance);
    if (utterance.text.length === before || (ended && (utterance.endMs ?? 0) < origin.shownFromMs)) return;
    this.#anyWords = true;
    this.#rows.grow(utterance, before, now);
    const { wordTimes, startMs, id, speaker, text } = utterance;
    this.#unpainted.push({
      utterance: id,
      identity: speaker.identity,
      offset: before,
      text: text.slice(before),
      startMs: startMs + (wordTimes.at(-2) ?? 0),
      endMs: startMs + (wordTimes.at(-1) ?? 0),
      receivedAt: now,
      times: origin.times,
    });
    if (this.#unpainted.length > MAX_UNPAINTED_WORDS) this.#unpainted.shift();
  }

  #handleGap(gap: CaptionGap, origin: Origin, now: number): void {
    this.#dispatch('captions-gap', gap);
    if (gap.toMs < origin.shownFromMs) return;
    const name =
      gap.identity === null
        ? null
        : (this.#lines.utterances.findLast(({ speaker }) => speaker.identity === gap.identity)?.speaker
            .name ?? null);
    this.#rows.addGap({ fromMs: gap.fromMs, text: gapText(this.#messages, gap, name) }, now);
  }

  #refetch(now: number): void {
    if (now - this.#refetchedAt < REFETCH_EVERY_MS) return;
    this.#refetchedAt = now;
    this.#socket?.refetch();
  }

  // --- connection ---

  #start(): void {
    this.#activeSince = performance.now();
    this.#everOpen = false;
    this.#anyWords = false;
    if (this.src === '') return;
    this.#socket ??= new CaptionSocket({
      url: this.src,
      getToken: (refused) => this.#getToken(refused),
      onDelivery: (delivery) => this.#handleDelivery(delivery),
      onState: (state) => this.#handleConnection(state),
    });
    this.#socket.start();
  }

  #stop(): void {
    this.#socket?.stop();
    this.#rows.clear();
    this.#announcer.close();
  }

  async #getToken(refused: boolean): Promise<string | null> {
    if (this.#token !== null && !refused) return this.#token;
    if (this.tokenProvider) {
      this.#token = await this.tokenProvider(refused);
      return this.#token;
    }
    if (this.#token === null)
      this.dispatchEvent(new Event('token-needed', { bubbles: true, composed: true }));
    return this.#token;
  }

  #handleConnection(state: SocketState): void {
    this.#connection = state;
    if (state.state === 'open') this.#everOpen = true;
    this.#tellStatus();
    this.#requestPaint();
  }

  readonly #handleSeen = (): void => {
    if (document.visibilityState !== 'visible') return;
    this.#socket?.retry();
    this.#requestPaint();
  };

  // --- what is told ---

  #currentStatus(): CaptionsStatus {
    const now = performance.now();
    const kind: StatusKind = statusKind({
      active: this.active,
      connection: this.#connection,
      everOpen: this.#everOpen,
      captions: this.#lines.status?.state ?? null,
      anyWords: this.#anyWords,
      activeForMs: now - this.#activeSince,
      captionsForMs: now - Math.max(this.#captionsSince, this.#activeSince),
    });
    return {
      active: this.active,
      connection: this.#connection.state,
      captions: this.#lines.status?.state ?? null,
      kind,
      message: this.#messages.status[kind],
    };
  }

  #tellStatus(): CaptionsStatus {
    const status = this.#currentStatus();
    const last = this.#lastStatus;
    const same =
      last?.active === status.active &&
      last.connection === status.connection &&
      last.captions === status.captions &&
      last.message === status.message;
    if (same) return last;
    this.#lastStatus = status;
    this.#dispatch('captions-status', status);
    return status;
  }

  #dispatch<K extends keyof SurtitreCaptionsEvents>(
    type: K,
    detail: SurtitreCaptionsEvents[K] extends CustomEvent<infer D> ? D : never,
  ): void {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }

  // --- painting ---

  #requestPaint(): void {
    if (this.#frame !== 0 || !this.isConnected) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.#paint();
    });
  }

  #paint(): void {
    const now = performance.now();
    const status = this.#tellStatus();
    const { rows, changesAtMs } = this.#rows.at(now);
    this.#view.paint(rows, this.#messages);
    this.#view.showStatus(status.message);
    clearTimeout(this.#wake);
    const statusMayChange = status.kind === 'starting' || status.kind === 'listening';
    const waitMs = Math.min(
      changesAtMs === null ? Number.POSITIVE_INFINITY : changesAtMs - now,
      statusMayChange ? STATUS_STEP_MS : Number.POSITIVE_INFINITY,
    );
    if (Number.isFinite(waitMs)) this.#wake = setTimeout(() => this.#requestPaint(), waitMs);
    const shownAt = performance.now();
    for (const word of this.#unpainted.splice(0)) this.#dispatch('captions-word', { ...word, shownAt });
  }

  #handleResize(widthPx: number): void {
    this.#measure.setWidth(widthPx);
    this.#measure.readStyle();
    this.#relayout();
    this.#requestPaint();
  }

  #limits(): RowLimits {
    const { lines, lineLength } = this.#preferences;
    return {
      lines,
      fits: (text) => text.length <= lineLength && this.#measure.fits(text),
      gapFits: (text) => this.#measure.fits(text, SMALL_TEXT),
    };
  }

  #relayout(): void {
    this.#rows.relayout(this.#limits());
  }

  // --- settings ---

  #readAttributes(): void {
    this.#messages = messagesIn(
      interfaceLanguage(
        this.lang,
        this.closest<HTMLElement>('[lang]')?.lang,
        document.documentElement.lang,
        navigator.language,
      ),
    );
    const attributes = {
      lines: this.getAttribute('lines'),
      lineLength: this.getAttribute('line-length'),
      size: this.getAttribute('size'),
      backgroundOpacity: this.getAttribute('background-opacity'),
      preset: this.getAttribute('preset'),
      ...(this.hasAttribute('announce') ? { announce: true } : {}),
    };
    const byPage = readPreferences(attributes);
    const kept = this.hasAttribute('remember') ? loadPreferences() : null;
    this.#applyPreferences(readPreferences(kept, byPage));
  }

  #applyPreferences(preferences: CaptionPreferences): void {
    this.#preferences = preferences;
    const { style } = this.#stage;
    style.setProperty('--lines', String(preferences.lines));
    style.setProperty('--size', String(preferences.size / 100));
    const colours = colourProperties(PRESETS[preferences.preset], preferences.backgroundOpacity);
    for (const [name, value] of Object.entries(colours)) style.setProperty(name, value);
    this.#stage.setAttribute('aria-label', this.#messages.captions);
    this.#log.setAttribute('aria-label', this.#messages.log);
    this.#showLog(preferences.announce);
    this.#measure.readStyle();
    this.#relayout();
    this.#requestPaint();
  }

  /** A live region that is off does not exist; it must be there before its first entry. */
  #showLog(shown: boolean): void {
    if (shown === this.#log.isConnected) return;
    if (shown) {
      this.#log.setAttribute('role', 'log');
      this.shadowRoot?.append(this.#log);
    } else {
      this.#announcer.close();
      this.#log.remove();
    }
  }
}

interface Origin {
  readonly times: StageTimes | null;
  /** Of history, what ended before this is not brought on screen. */
  readonly shownFromMs: number;
  /** News rather than history: read out where that is wanted. */
  readonly live: boolean;
}

declare global {
  interface HTMLElementTagNameMap {
    'surtitre-captions': SurtitreCaptions;
  }
}

if (!customElements.get('surtitre-captions')) customElements.define('surtitre-captions', SurtitreCaptions);
