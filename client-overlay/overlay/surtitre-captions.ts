/**
 * `<surtitre-captions>`: live captions over any page. Importing this file registers the element.
 *
 *     <surtitre-captions src="wss://captions.example.org/captions" active remember></surtitre-captions>
 *     captions.tokenProvider = async () => (await fetch('/token')).text();
 *
 * docs/overlay.md lists its attributes, properties, methods, events and CSS. This class joins the parts: what comes
 * in ({@link CaptionConnection}), what is held ({@link CaptionFeed}), what is said of it ({@link StatusKeeper}) and
 * what is painted ({@link CaptionStage}).
 */
import type { CaptionEvent, CaptionGap, CaptionState } from '../../protocol/caption-event.ts';
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
import { CaptionStage } from './caption-stage.ts';
import type { CaptionUtterance } from './caption-utterance.ts';
import type { CaptionsStatus, SurtitreCaptionsEvents } from './captions-events.ts';
import { takeOverProperties } from './late-properties.ts';
import { gapText, type InterfaceLanguage, interfaceLanguage, type Messages, messagesIn } from './messages.ts';
import { PaintClock } from './paint-clock.ts';
import { StatusKeeper } from './status-keeper.ts';

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
  readonly #stage = new CaptionStage(this.#frame, () => this.#relayout());
  #preferences = DEFAULT_PREFERENCES;
  #language: InterfaceLanguage = 'en';
  #messages: Messages = messagesIn(this.#language);
  readonly #feed = new CaptionFeed(this.#stage.limits(this.#preferences), {
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
    takeOverProperties<SurtitreCaptions>(this, LATE_PROPERTIES);
    this.#readLanguage();
    if (this.hasAttribute('remember')) this.#recallPreferences();
    this.#stage.observe();
    document.addEventListener('visibilitychange', this.#handleSeen);
    window.addEventListener('online', this.#handleSeen);
    if (this.active) this.#start();
    this.#requestPaint();
  }

  disconnectedCallback(): void {
    this.#stop();
    this.#stage.stopObserving();
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
    if (this.#stage.readStyle()) this.#relayout();
    const now = performance.now();
    const status = this.#tellStatus();
    const { rows, changesAtMs } = this.#feed.rows.at(now);
    this.#stage.paint(rows, { status: status.message, messages: this.#messages });
    const rowsChangeMs = changesAtMs === null ? Number.POSITIVE_INFINITY : changesAtMs - now;
    const statusStepMs = this.#statusKeeper.mayChange(status) ? STATUS_STEP_MS : Number.POSITIVE_INFINITY;
    this.#clock.requestAfter(Math.min(rowsChangeMs, statusStepMs));
    const shownAt = performance.now();
    for (const word of this.#feed.takeWords()) {
      if (word.times) this.#connection.handlePainted(word.times, shownAt - word.receivedAt);
      this.#dispatch('captions-word', { ...word, shownAt });
    }
  }

  #relayout(): void {
    this.#feed.rows.relayout(this.#stage.limits(this.#preferences));
    this.#requestPaint();
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
    this.#stage.readStyle();
    this.#relayout();
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'surtitre-captions': SurtitreCaptions;
  }
}

if (!customElements.get('surtitre-captions')) customElements.define('surtitre-captions', SurtitreCaptions);
