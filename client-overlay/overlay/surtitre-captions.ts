/**
 * `<surtitre-captions>`: live captions over any page. Importing this file registers the element.
 *
 *     <surtitre-captions src="wss://captions.example.org/captions" active remember></surtitre-captions>
 *     captions.tokenProvider = async () => (await fetch('/token')).text();
 *
 * docs/overlay.md lists its attributes, properties, methods, events and CSS. This class joins the parts: what comes
 * in ({@link CaptionConnection}), what is held ({@link CaptionFeed}), what is said of it ({@link StatusKeeper}) and
 * what is seen ({@link CaptionDisplay}). It is long because it is the element's whole public surface.
 */
import type { CaptionEvent, CaptionGap, CaptionState } from '../../protocol/caption-event.ts';
import { CaptionConnection, type TokenProvider } from './caption-connection.ts';
import { CaptionDisplay } from './caption-display.ts';
import { CaptionFeed } from './caption-feed.ts';
import {
  type CaptionPreferences,
  DEFAULT_PREFERENCES,
  loadPreferences,
  PREFERENCE_ATTRIBUTES,
  readPreferences,
  savePreferences,
  writePreferencesFile,
  writtenPreference,
} from './caption-preferences.ts';
import type { SocketState } from './caption-socket.ts';
import type { CaptionUtterance } from './caption-utterance.ts';
import type { CaptionsStatus, SurtitreCaptionsEvents } from './captions-events.ts';
import type { CaptionCommands } from './controls/caption-commands.ts';
import { downloadFile } from './download-file.ts';
import { type InterfaceLanguage, interfaceLanguage } from './interface-language.ts';
import { takeOverProperties } from './late-properties.ts';
import { gapText, type Messages, messagesIn } from './messages.ts';
import { StatusKeeper } from './status-keeper.ts';
import {
  clockTime,
  TRANSCRIPT_TYPES,
  type Transcript,
  type TranscriptFormat,
  transcriptFile,
} from './transcript/transcript-file.ts';

export type { TokenProvider } from './caption-connection.ts';
export type { CaptionPreferences } from './caption-preferences.ts';
export type { CaptionUtterance } from './caption-utterance.ts';
export type { CaptionsGap, CaptionsStatus, CaptionsWord, SurtitreCaptionsEvents } from './captions-events.ts';

/** That a page may set before the element is defined. */
const LATE_PROPERTIES = ['src', 'active', 'token', 'tokenProvider', 'preferences'] as const;
/** How often a status that depends on time is looked at. */
const STATUS_STEP_MS = 500;
/** How often it is looked whether a style sheet of the person's has changed the font or its spacing. */
const STYLE_EVERY_MS = 1_000;

export class SurtitreCaptions extends HTMLElement {
  static readonly observedAttributes = [
    'src',
    'active',
    'lang',
    'controls',
    'remember',
    'retention',
    'off-record',
    'no-export',
    ...PREFERENCE_ATTRIBUTES,
  ];

  #preferences = DEFAULT_PREFERENCES;
  #styleReadAt = Number.NEGATIVE_INFINITY;
  #language: InterfaceLanguage = 'en';
  #messages: Messages = messagesIn(this.#language);
  readonly #display = new CaptionDisplay(this, {
    commands: this.#commands(),
    feed: () => this.#feed,
    readTranscript: () => this.#readTranscript(),
    onPaint: () => this.#paint(),
    onResize: () => this.#relayout(),
    onPopOut: (out) => this.#dispatch('captions-pop-out', { out }),
    onTranscript: (open) => this.#dispatch('captions-transcript', { open }),
  });
  readonly #feed = new CaptionFeed(this.#display.stage.limits(this.#preferences), {
    onChange: () => this.#requestPaint(),
    onStatus: (state) => this.#handleCaptions(state),
    onGap: (gap) => this.#dispatch('captions-gap', gap),
    onFinished: (utterance) => this.#display.announce(utterance),
    onIncomplete: () => this.#connection.refetch(),
    onErased: () => this.#display.clear(),
    onTranscript: (grown) => this.#display.handleTranscript(grown),
    gapText: (gap, name) => gapText(this.#messages, gap, name),
  });
  readonly #connection = new CaptionConnection({
    onDelivery: (delivery) => this.#feed.handleDelivery(delivery),
    onState: (state) => this.#handleConnection(state),
    onTokenNeeded: () => this.dispatchEvent(new Event('token-needed', { bubbles: true, composed: true })),
  });
  readonly #statusKeeper = new StatusKeeper();

  // --- life in the page ---

  connectedCallback(): void {
    takeOverProperties<SurtitreCaptions>(this, LATE_PROPERTIES);
    this.#readLanguage();
    if (this.hasAttribute('remember')) this.#recallPreferences();
    this.#display.observe();
    document.addEventListener('visibilitychange', this.#handleSeen);
    window.addEventListener('online', this.#handleSeen);
    if (this.active) this.#start();
    this.#requestPaint();
  }

  disconnectedCallback(): void {
    this.#stop();
    this.#display.stopObserving();
    document.removeEventListener('visibilitychange', this.#handleSeen);
    window.removeEventListener('online', this.#handleSeen);
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
        this.#display.showButtons(after !== null);
        break;
      case 'retention':
      case 'off-record':
      case 'no-export':
        this.#showPolicy();
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
    this.pinSpeaker(null);
    this.#feed.clear();
    this.#display.clear();
  }

  // --- what a person can do, also at the page's request ---

  /** Shows or hides the transcript; without an argument the other of the two. */
  openTranscript(open?: boolean): void {
    this.#display.openTranscript(open);
  }

  openSettings(open?: boolean): void {
    this.#display.openSettings(open);
  }

  /** Keeps a participant's captions in sight whoever else speaks; null: nobody's. */
  pinSpeaker(identity: string | null): void {
    this.#feed.pin(identity, this.#display.stage.pinnedLimits(this.#preferences));
    this.#display.showPinnedSpeaker(identity);
    this.#requestPaint();
  }

  /** Keeps an utterance in sight, or lets it go again. */
  togglePin(utterance: number): void {
    const held = this.#feed.lines.get(utterance);
    if (held) this.#display.togglePin(held);
  }

  /** Needs a click just before. Resolves to whether the captions are in a window of their own. */
  popOut(): Promise<boolean> {
    return this.#display.popOut();
  }

  popIn(): void {
    this.#display.popIn();
  }

  /** What is held as a file's text. Throws where the page forbids it (`no-export`). */
  exportTranscript(format: TranscriptFormat): string {
    if (this.hasAttribute('no-export'))
      throw new DOMException('The page forbids it (no-export).', 'NotAllowedError');
    return transcriptFile(format, this.#readTranscript());
  }

  // --- connection ---

  #start(): void {
    this.#statusKeeper.handleSwitchedOn();
    this.#feed.startViewing();
    this.#connection.open(this.src);
  }

  #stop(): void {
    this.#connection.close();
    this.#feed.clearScreen();
    this.#feed.hold(null);
    this.#display.silence();
  }

  #handleConnection(state: SocketState): void {
    this.#statusKeeper.handleConnection(state);
    this.#tellStatus();
    this.#requestPaint();
  }

  readonly #handleSeen = (): void => {
    if (document.visibilityState !== 'visible') {
      this.#display.handleHidden();
      return;
    }
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
    if (this.#statusKeeper.isNews(status)) {
      const isLost = status.kind === 'reconnecting';
      this.#feed.hold(
        isLost ? this.#messages.lost(clockTime(Date.now() - this.#statusKeeper.lostForMs)) : null,
      );
      this.#dispatch('captions-status', status);
    }
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
    if (this.isConnected) this.#display.clock.request();
  }

  #paint(): void {
    const now = performance.now();
    // Reading computed style makes the browser compute it twice in the frame: not for every word.
    if (now - this.#styleReadAt > STYLE_EVERY_MS) {
      this.#styleReadAt = now;
      if (this.#display.stage.readStyle()) this.#relayout();
    }
    const status = this.#tellStatus();
    const { rows, changesAtMs } = this.#feed.rows.at(now);
    this.#display.paint(rows, status.message, now);
    const rowsChangeMs = changesAtMs === null ? Number.POSITIVE_INFINITY : changesAtMs - now;
    const statusStepMs = this.#statusKeeper.mayChange(status) ? STATUS_STEP_MS : Number.POSITIVE_INFINITY;
    this.#display.clock.requestAfter(Math.min(rowsChangeMs, statusStepMs));
    const shownAt = performance.now();
    for (const word of this.#feed.takeWords()) {
      if (word.times) this.#connection.handlePainted(word.times, shownAt - word.receivedAt);
      this.#dispatch('captions-word', { ...word, shownAt });
    }
  }

  #relayout(): void {
    const { stage } = this.#display;
    this.#feed.rows.relayout(stage.limits(this.#preferences));
    this.#feed.pinnedRows?.relayout(stage.pinnedLimits(this.#preferences));
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

  #commands(): CaptionCommands {
    return {
      choose: (chosen) => this.#handleChoice(chosen),
      pinSpeaker: (identity) => this.pinSpeaker(identity),
      togglePin: (utterance) => this.togglePin(utterance),
      startMoving: () => this.#display.startMoving(),
      popOut: () => void this.popOut(),
      saveTranscript: (format) => {
        const text = this.exportTranscript(format);
        downloadFile(`surtitre-${new Date().toISOString().slice(0, 10)}.${format}`, {
          text,
          type: TRANSCRIPT_TYPES[format],
        });
      },
      savePreferences: () => {
        const text = writePreferencesFile(this.#preferences);
        downloadFile('surtitre-captions.json', { text, type: 'application/json' });
      },
      setOffRecord: (wanted) => this.#dispatch('captions-off-record', { wanted }),
    };
  }

  #readTranscript(): Transcript {
    const { lines } = this.#feed;
    return {
      utterances: lines.utterances,
      gaps: lines.gaps,
      gapText: (gap) => gapText(this.#messages, gap, this.#feed.nameOf(gap.identity)),
    };
  }

  #showPolicy(): void {
    const retentionS = Number.parseFloat(this.getAttribute('retention') ?? '');
    const offRecord = this.getAttribute('off-record');
    this.#display.showPolicy({
      retentionS: Number.isFinite(retentionS) ? Math.max(0, retentionS) : null,
      offRecord: offRecord === null ? null : offRecord === 'on',
      mayExport: !this.hasAttribute('no-export'),
    });
  }

  #applyPreferences(preferences: CaptionPreferences): void {
    this.#preferences = preferences;
    this.#display.show(preferences, { messages: this.#messages, language: this.#language });
    this.#display.stage.readStyle();
    this.#relayout();
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'surtitre-captions': SurtitreCaptions;
  }
}

if (!customElements.get('surtitre-captions')) customElements.define('surtitre-captions', SurtitreCaptions);
