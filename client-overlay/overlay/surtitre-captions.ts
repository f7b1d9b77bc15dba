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
import { CaptionConnection, type TokenProvider } from './caption-connection.ts';
import { CaptionFeed } from './caption-feed.ts';
import { CaptionFrame } from './caption-frame.ts';
import {
  type CaptionPreferences,
  DEFAULT_PREFERENCES,
  loadPreferences,
  PREFERENCE_ATTRIBUTES,
  readPreferences,
  savePreferences,
  writtenPreference,
} from './caption-preferences.ts';
import type { SocketState } from './caption-socket.ts';
import type { CaptionUtterance } from './caption-utterance.ts';
import { CaptionView } from './caption-view.ts';
import type { CaptionsStatus, SurtitreCaptionsEvents } from './captions-events.ts';
import { gapText, type InterfaceLanguage, interfaceLanguage, type Messages, messagesIn } from './messages.ts';
import { SMALL_TEXT } from './overlay-style.ts';
import { PaintClock } from './paint-clock.ts';
import { StatusKeeper } from './status-keeper.ts';
import { TextMeasure } from './text-measure.ts';
import type { RowLimits } from './visible-rows.ts';

export type { TokenProvider } from './caption-connection.ts';
export type { CaptionPreferences } from './caption-preferences.ts';
export type { CaptionUtterance } from './caption-utterance.ts';
export type { CaptionsGap, CaptionsStatus, CaptionsWord, SurtitreCaptionsEvents } from './captions-events.ts';

/** That a page may set before the element is defined. */
const LATE_PROPERTIES = ['src', 'active', 'token', 'tokenProvider', 'preferences'] as const;
/** How often a status that depends on time is looked at. */
const STATUS_STEP_MS = 500;

export class SurtitreCaptions extends HTMLElement {
  static readonly observedAttributes = [
    'src',
    'active',
    'lang',
    'controls',
    'remember',
    ...PREFERENCE_ATTRIBUTES,
  ];

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
    onIncomplete: () => this.#connection.refetch(),
    gapText: (gap, name) => gapText(this.#messages, gap, name),
  });
  readonly #connection = new CaptionConnection({
    onDelivery: (delivery) => this.#feed.handleDelivery(delivery),
    onState: (state) => this.#handleConnection(state),
    onTokenNeeded: () => this.dispatchEvent(new Event('token-needed', { bubbles: true, composed: true })),
  });
  readonly #statusKeeper = new StatusKeeper();
  readonly #clock = new PaintClock(() => this.#paint());

  // --- life in the page ---

  connectedCallback(): void {
    for (const name of LATE_PROPERTIES) this.#takeOver(name);
    this.#readLanguage();
    if (this.hasAttribute('remember')) this.#recallPreferences();
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
    if (before === after) return;
    switch (name) {
      case 'active':
        if (this.isConnected && after === null) this.#stop();
        else if (this.isConnected && before === null) this.#start();
        break;
      case 'src':
        this.#connection.close();
        this.clear();
        if (this.isConnected && this.active) this.#start();
        break;
      case 'lang':
        this.#readLanguage();
        break;
      case 'controls':
        this.#frame.showSettings(after !== null);
        this.#applyPreferences(this.#preferences);
        break;
      case 'remember':
        if (this.isConnected && after !== null) this.#recallPreferences();
        break;
      default:
        this.#applyPreferences(writtenPreference(this.#preferences, { attribute: name, value: after }));
    }
    this.#tellStatus();
    this.#requestPaint();
  }

  /** What a page set before this script was loaded hides the property of the class: set it anew. */
  #takeOver(name: (typeof LATE_PROPERTIES)[number]): void {
    if (!Object.hasOwn(this, name)) return;
    const value: unknown = this[name];
    Reflect.deleteProperty(this, name);
    Reflect.set(this, name, value);
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
    return this.#connection.token;
  }

  set token(token: string | null) {
    this.#connection.token = token;
  }

  get tokenProvider(): TokenProvider | null {
    return this.#connection.tokenProvider;
  }

  set tokenProvider(provider: TokenProvider | null) {
    this.#connection.tokenProvider = provider;
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
    this.#connection.open(this.src);
  }

  #stop(): void {
    this.#connection.close();
    this.#feed.rows.clear();
    this.#frame.silence();
  }

  #handleConnection(state: SocketState): void {
    this.#statusKeeper.handleConnection(state);
    this.#tellStatus();
    this.#requestPaint();
  }

  readonly #handleSeen = (): void => {
    if (document.visibilityState !== 'visible') return;
    this.#connection.retry();
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
    const statusStepMs = this.#statusKeeper.mayChange(status) ? STATUS_STEP_MS : Number.POSITIVE_INFINITY;
    this.#clock.requestAfter(Math.min(rowsChangeMs, statusStepMs));
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

  #readLanguage(): void {
    const placed = this.closest<HTMLElement>('[lang]')?.lang;
    this.#language = interfaceLanguage(this.lang, placed, document.documentElement.lang, navigator.language);
    this.#messages = messagesIn(this.#language);
    this.#applyPreferences(this.#preferences);
  }

  #recallPreferences(): void {
    this.#applyPreferences(readPreferences(loadPreferences(), this.#preferences));
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
