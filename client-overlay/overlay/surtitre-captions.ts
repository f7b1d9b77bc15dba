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
import type { CaptionEvent, CaptionGap, CaptionState } from '../../protocol/caption-event.ts';
import { SpeakerCues } from './caption-colours.ts';
import { CaptionFeed } from './caption-feed.ts';
import { CaptionFrame } from './caption-frame.ts';
import {
  type CaptionPreferences,
  DEFAULT_PREFERENCES,
  loadPreferences,
  preferencesOf,
  readPreferences,
  savePreferences,
} from './caption-preferences.ts';
import { CaptionSocket, type SocketState } from './caption-socket.ts';
import type { CaptionUtterance } from './caption-utterance.ts';
import { CaptionView } from './caption-view.ts';
import type { CaptionsStatus, SurtitreCaptionsEvents } from './captions-events.ts';
import { gapText, type InterfaceLanguage, interfaceLanguage, type Messages, messagesIn } from './messages.ts';
import { SMALL_TEXT } from './overlay-style.ts';
import { PaintClock } from './paint-clock.ts';
import { StatusKeeper } from './status-keeper.ts';
import { TextMeasure } from './text-measure.ts';
import type { RowLimits } from './visible-rows.ts';

export type { CaptionPreferences } from './caption-preferences.ts';
export type { CaptionUtterance } from './caption-utterance.ts';
export type { CaptionsGap, CaptionsStatus, CaptionsWord, SurtitreCaptionsEvents } from './captions-events.ts';

/** `refused`: the last token did not open a connection, so a cached one is of no use. */
export type TokenProvider = (refused: boolean) => string | Promise<string>;

/** What does not fit together is asked for again at most this often, or a faulty sender would be asked for ever. */
const REFETCH_EVERY_MS = 10_000;
/** How often a status that depends on time is looked at. */
const STATUS_STEP_MS = 500;

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

  readonly #frame = new CaptionFrame(this.attachShadow({ mode: 'open' }), (chosen) =>
    this.#handleChoice(chosen),
  );
  readonly #measure = new TextMeasure(this.#frame.stage);
  readonly #cues = new SpeakerCues();
  readonly #view = new CaptionView(this.#frame.stage, this.#frame.status, this.#cues);
  readonly #observer = new ResizeObserver(([entry]) => this.#handleResize(entry?.contentRect.width ?? 0));
  #preferences = DEFAULT_PREFERENCES;
  #language: InterfaceLanguage = 'en';
  #messages: Messages = messagesIn(this.#language);
  readonly #feed = new CaptionFeed(this.#limits(), {
    onChange: () => this.#requestPaint(),
    onStatus: (state) => this.#handleCaptions(state),
    onGap: (gap) => this.#dispatch('captions-gap', gap),
    onFinished: (utterance) => this.#frame.announce(utterance),
    onIncomplete: () => this.#refetch(),
    gapText: (gap, name) => gapText(this.#messages, gap, name),
  });
  #token: string | null = null;
  #socket: CaptionSocket | null = null;
  #refetchedAt = Number.NEGATIVE_INFINITY;
  readonly #statusKeeper = new StatusKeeper();
  readonly #clock = new PaintClock(() => this.#paint());

  // --- life in the page ---

  connectedCallback(): void {
    this.#readAttributes();
    this.#observer.observe(this.#frame.stage);
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
    this.#clock.stop();
  }

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    if (!this.isConnected || before === after) return;
    if (name === 'active') {
      if (after === null) this.#stop();
      else if (before === null) this.#start();
    } else if (name === 'src') {
      this.#socket?.stop();
      this.#socket = null;
      this.clear();
      if (this.active) this.#start();
    } else this.#readAttributes();
    this.#tellStatus();
    this.#requestPaint();
  }

  // --- attributes and properties ---

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
    if (token !== null && this.#statusKeeper.connection === 'waiting') this.#socket?.retry();
  }

  get status(): CaptionsStatus {
    const { active } = this;
    return this.#statusKeeper.current({ active, anyWords: this.#feed.anyWords, messages: this.#messages });
  }

  get transcript(): {
    readonly utterances: readonly CaptionUtterance[];
    readonly gaps: readonly CaptionGap[];
  } {
    const { utterances, gaps } = this.#feed.lines;
    return { utterances: [...utterances], gaps: [...gaps] };
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
    this.#feed.handleEvents(events);
  }

  clear(): void {
    this.#feed.clear();
  }

  // --- connection ---

  #start(): void {
    this.#statusKeeper.handleSwitchedOn();
    this.#feed.startViewing();
    if (this.src === '') return;
    this.#socket ??= new CaptionSocket({
      url: this.src,
      getToken: (refused) => this.#getToken(refused),
      onDelivery: (delivery) => this.#feed.handleDelivery(delivery),
      onState: (state) => this.#handleConnection(state),
    });
    this.#socket.start();
  }

  #stop(): void {
    this.#socket?.stop();
    this.#feed.rows.clear();
    this.#frame.silence();
  }

  async #getToken(refused: boolean): Promise<string | null> {
    if (this.#token !== null && !refused) return this.#token;
    if (this.tokenProvider) this.#token = await this.tokenProvider(refused);
    else if (this.#token === null) {
      this.dispatchEvent(new Event('token-needed', { bubbles: true, composed: true }));
    }
    return this.#token;
  }

  #handleConnection(state: SocketState): void {
    this.#statusKeeper.handleConnection(state);
    this.#tellStatus();
    this.#requestPaint();
  }

  #refetch(): void {
    const now = performance.now();
    if (now - this.#refetchedAt < REFETCH_EVERY_MS) return;
    this.#refetchedAt = now;
    this.#socket?.refetch();
  }

  readonly #handleSeen = (): void => {
    if (document.visibilityState !== 'visible') return;
    this.#socket?.retry();
    this.#requestPaint();
  };

  // --- what is told ---

  #handleCaptions(state: CaptionState | null): void {
    this.#statusKeeper.handleCaptions(state);
    this.#tellStatus();
  }

  #tellStatus(): CaptionsStatus {
    const { status } = this;
    if (this.#statusKeeper.isNews(status)) this.#dispatch('captions-status', status);
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
    if (this.isConnected) this.#clock.request();
  }

  #paint(): void {
    if (this.#measure.readStyle()) this.#relayout();
    const now = performance.now();
    const status = this.#tellStatus();
    const { rows, changesAtMs } = this.#feed.rows.at(now);
    this.#view.paint(rows, this.#messages);
    this.#view.showStatus(status.message);
    const rowsChangeMs = changesAtMs === null ? Number.POSITIVE_INFINITY : changesAtMs - now;
    const timed = status.kind === 'starting' || status.kind === 'listening';
    this.#clock.requestAfter(Math.min(rowsChangeMs, timed ? STATUS_STEP_MS : Number.POSITIVE_INFINITY));
    const shownAt = performance.now();
    for (const word of this.#feed.takeWords()) this.#dispatch('captions-word', { ...word, shownAt });
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
    this.#feed.rows.relayout(this.#limits());
  }

  // --- settings ---

  #readAttributes(): void {
    const placed = this.closest<HTMLElement>('[lang]')?.lang;
    this.#language = interfaceLanguage(this.lang, placed, document.documentElement.lang, navigator.language);
    this.#messages = messagesIn(this.#language);
    const byPage = preferencesOf(this);
    const kept = this.hasAttribute('remember') ? loadPreferences() : null;
    this.#frame.showSettings(this.hasAttribute('controls'));
    this.#applyPreferences(readPreferences(kept, byPage));
  }

  #handleChoice(chosen: CaptionPreferences): void {
    this.preferences = chosen;
    this.#dispatch('captions-preferences', chosen);
  }

  #applyPreferences(preferences: CaptionPreferences): void {
    this.#preferences = preferences;
    this.#frame.show(preferences, { messages: this.#messages, language: this.#language });
    this.#measure.readStyle();
    this.#relayout();
    this.#requestPaint();
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'surtitre-captions': SurtitreCaptions;
  }
}

if (!customElements.get('surtitre-captions')) customElements.define('surtitre-captions', SurtitreCaptions);
