/**
 * All that a person sees of the captions: the frame in the page with its controls, the window that captions may be
 * popped out to, pinned lines, and when to paint, which is once per animation frame of the window they are in.
 */
import { SpeakerCues } from './caption-colours.ts';
import type { CaptionFeed } from './caption-feed.ts';
import { CaptionFrame } from './caption-frame.ts';
import { type CaptionPreferences, DEFAULT_PREFERENCES } from './caption-preferences.ts';
import { CaptionStage } from './caption-stage.ts';
import type { CaptionUtterance } from './caption-utterance.ts';
import type { CaptionCommands, CaptionPolicy, KnownSpeaker } from './controls/caption-commands.ts';
import { CaptionControls } from './controls/caption-controls.ts';
import { MoveBar } from './controls/move-bar.ts';
import { FocusShelter } from './focus-shelter.ts';
import type { InterfaceLanguage } from './interface-language.ts';
import { type Messages, messagesIn } from './messages.ts';
import { PaintClock } from './paint-clock.ts';
import { PinnedLines, showPinnedLines } from './pinned-lines.ts';
import { CaptionWindow } from './pop-out/caption-window.ts';
import { openSurface, type PoppedSurface } from './pop-out/popped-surface.ts';
import type { Transcript } from './transcript/transcript-file.ts';

export interface CaptionDisplayOptions {
  readonly commands: CaptionCommands;
  readonly feed: () => CaptionFeed;
  readonly readTranscript: () => Transcript;
  /** The next animation frame is there. */
  readonly onPaint: () => void;
  /** The room for captions is another one: rows are to be laid out anew. */
  readonly onResize: () => void;
  readonly onPopOut: (out: boolean) => void;
  readonly onTranscript: (open: boolean) => void;
}

/** Of the window of their own, in CSS pixels. */
const WINDOW_SIZE = { width: 640, height: 260 };
/** Who spoke longer ago is found in the transcript. */
const MAX_SPEAKERS_OFFERED = 50;

export class CaptionDisplay {
  readonly clock: PaintClock;
  readonly #host: HTMLElement;
  readonly #options: CaptionDisplayOptions;
  readonly #cues = new SpeakerCues();
  readonly #frame: CaptionFrame;
  readonly #stage: CaptionStage;
  readonly #states: CustomStateSet;
  readonly #moveBar: MoveBar;
  readonly #shelter: FocusShelter;
  readonly #window = new CaptionWindow();
  readonly #pins = new PinnedLines();
  readonly #speakers = new Map<string, KnownSpeaker>();
  #controls: CaptionControls | null = null;
  #withButtons = false;
  #popped: PoppedSurface | null = null;
  #preferences = DEFAULT_PREFERENCES;
  #messages: Messages = messagesIn('en');
  #language: InterfaceLanguage = 'en';
  #pinned: KnownSpeaker | null = null;
  #policy: CaptionPolicy = { retentionS: null, offRecord: null, mayExport: true };

  constructor(host: HTMLElement, options: CaptionDisplayOptions) {
    this.#host = host;
    this.#options = options;
    this.#states = host.attachInternals().states;
    this.#frame = new CaptionFrame(host.attachShadow({ mode: 'open' }), this.#frameOptions);
    this.#stage = new CaptionStage(this.#frame, this.#cues, options.onResize);
    const { commands } = options;
    this.#moveBar = new MoveBar(
      this.#frame.element,
      (moved) => commands.choose(moved),
      () => this.#frame.element.querySelector<HTMLElement>('[part=settings-button]')?.focus(),
    );
    this.#shelter = new FocusShelter(host, this.#frame.element);
    this.clock = new PaintClock(options.onPaint);
  }

  /** Where captions are painted now. */
  get stage(): CaptionStage {
    return this.#popped?.stage ?? this.#stage;
  }

  observe(): void {
    this.#stage.observe();
    this.#shelter.observe();
  }

  stopObserving(): void {
    this.#stage.stopObserving();
    this.#shelter.stopObserving();
    this.popIn();
    this.#controls?.close();
    this.clock.stop();
  }

  // --- how it looks ---

  show(
    preferences: CaptionPreferences,
    words: { readonly messages: Messages; readonly language: InterfaceLanguage },
  ): void {
    const isTranslated = words.messages !== this.#messages;
    this.#preferences = preferences;
    this.#messages = words.messages;
    this.#language = words.language;
    for (const frame of this.#frames) {
      frame.show(preferences, words);
      if (isTranslated) frame.pinnedLines.replaceChildren();
    }
    const { placement } = preferences;
    for (const state of ['docked', 'floating'] as const) {
      if (state === placement) this.#states.add(state);
      else this.#states.delete(state);
    }
    this.#moveBar.show(preferences);
    this.#controls?.show(preferences, words.messages);
    this.#showPinned();
  }

  /** The element's own buttons; without them the panels open at the page's request. */
  showButtons(shown: boolean): void {
    this.#withButtons = shown;
    this.#frame.element.classList.toggle('with-controls', shown);
    if (shown) this.#need();
    this.#hideButtons();
  }

  showPolicy(policy: CaptionPolicy): void {
    this.#policy = policy;
    this.#controls?.showPolicy(policy);
  }

  openTranscript(open?: boolean): void {
    this.#need().toggleTranscript(open);
  }

  openSettings(open?: boolean): void {
    this.#need().toggleSettings(open);
  }

  startMoving(): void {
    this.#moveBar.start(this.#messages);
  }

  // --- what is painted ---

  paint(rows: ReturnType<CaptionFeed['rows']['at']>['rows'], status: string, nowMs: number): void {
    const pinned = this.#options.feed().pinnedRows?.at(nowMs).rows ?? [];
    this.stage.paint({ rows, pinned, status }, { messages: this.#messages, nowMs });
    this.#controls?.paint();
  }

  announce(utterance: CaptionUtterance): void {
    this.#frame.announce(utterance);
  }

  silence(): void {
    this.#frame.silence();
  }

  /** To the person, where they just chose something. */
  tell(words: string): void {
    this.#controls?.tell(words);
  }

  // --- the transcript and what is pinned of it ---

  handleTranscript(grown: CaptionUtterance | null): void {
    this.#controls?.handleTranscript(grown);
    if (grown) {
      if (this.#pins.update(grown)) this.#showPinned();
      return;
    }
    const { lines } = this.#options.feed();
    let arePinsChanged = false;
    for (const { id } of this.#pins.utterances) {
      const now = lines.get(id);
      if (now && this.#pins.update(now)) arePinsChanged = true;
    }
    if (arePinsChanged) this.#showPinned();
    this.#meet(lines.utterances.at(-1));
  }

  handleHidden(): void {
    this.#controls?.handleHidden();
  }

  togglePin(utterance: CaptionUtterance): void {
    this.#pins.toggle(utterance);
    this.#showPinned();
  }

  showPinnedSpeaker(identity: string | null): void {
    this.#pinned = identity === null ? null : (this.#speakers.get(identity) ?? { identity, name: identity });
    this.#showPinned();
  }

  /** Forgets what was said. */
  clear(): void {
    this.#pins.clear();
    this.#speakers.clear();
    this.#controls?.handleTranscript(null);
    this.#showPinned();
  }

  // --- a window of its own ---

  async popOut(): Promise<boolean> {
    const { popOut } = this.#messages;
    const popped = await this.#window.open({
      ...WINDOW_SIZE,
      title: popOut.title,
      onClose: () => this.#handleReturn(),
    });
    if (!popped) {
      if (!this.#popped) this.tell(popOut.blocked);
      return this.#popped !== null;
    }
    const { onResize, onPopOut } = this.#options;
    const surface = { ...this.#frameOptions, cues: this.#cues, host: this.#host, onResize };
    this.#stage.paint({ rows: [], pinned: [], status: '' }, { messages: this.#messages, nowMs: 0 });
    this.#popped = openSurface(popped, surface);
    this.clock.moveTo(popped);
    this.#frame.showElsewhere(true);
    this.show(this.#preferences, { messages: this.#messages, language: this.#language });
    onResize();
    onPopOut(true);
    return true;
  }

  popIn(): void {
    this.#window.close();
  }

  #handleReturn(): void {
    this.#popped?.stage.stopObserving();
    this.#popped = null;
    this.clock.moveTo(window);
    this.#frame.showElsewhere(false);
    this.#options.onResize();
    this.#options.onPopOut(false);
  }

  readonly #frameOptions = {
    onUnpinSpeaker: () => this.#options.commands.pinSpeaker(null),
    onReturn: () => this.popIn(),
  };

  get #frames(): readonly CaptionFrame[] {
    return this.#popped ? [this.#frame, this.#popped.frame] : [this.#frame];
  }

  #showPinned(): void {
    const look = {
      messages: this.#messages,
      cues: this.#cues,
      onUnpin: (id: number) => this.#options.commands.togglePin(id),
    };
    for (const frame of this.#frames) {
      showPinnedLines(frame.pinnedLines, this.#pins.utterances, look);
      frame.showPinnedSpeaker(this.#pinned?.name ?? null, this.#messages);
    }
    this.#controls?.handlePins();
    this.#controls?.showSpeakers([...this.#speakers.values()], this.#pinned?.identity ?? null);
  }

  #meet(utterance: CaptionUtterance | undefined): void {
    if (!utterance) return;
    const { identity, name } = utterance.speaker;
    if (this.#speakers.has(identity)) return;
    this.#speakers.set(identity, { identity, name: name || identity });
    const [oldest] = this.#speakers.keys();
    if (this.#speakers.size > MAX_SPEAKERS_OFFERED && oldest !== undefined) this.#speakers.delete(oldest);
    this.#controls?.showSpeakers([...this.#speakers.values()], this.#pinned?.identity ?? null);
  }

  #need(): CaptionControls {
    if (this.#controls) return this.#controls;
    const { commands, readTranscript, onTranscript } = this.#options;
    const controls = new CaptionControls(commands, {
      read: readTranscript,
      isPinned: (utterance) => this.#pins.has(utterance),
      cues: this.#cues,
      onChange: () => this.clock.request(),
      onTranscript,
    });
    this.#controls = controls;
    this.#frame.element.append(controls.element);
    controls.showPolicy(this.#policy);
    controls.show(this.#preferences, this.#messages);
    this.#showPinned();
    this.#hideButtons();
    return controls;
  }

  #hideButtons(): void {
    for (const button of this.#controls?.element.querySelectorAll<HTMLElement>(':scope > button') ?? []) {
      button.hidden = !this.#withButtons;
    }
  }
}
