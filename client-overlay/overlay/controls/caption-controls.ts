/** The element's own buttons beside the captions and the two panels that they open. */
import type { CaptionPreferences } from '../caption-preferences.ts';
import type { CaptionUtterance } from '../caption-utterance.ts';
import type { Messages } from '../messages.ts';
import { TranscriptPanel, type TranscriptPanelOptions } from '../transcript/transcript-panel.ts';
import type { CaptionCommands, CaptionPolicy, KnownSpeaker } from './caption-commands.ts';
import { create, iconButton, nameButton } from './control-parts.ts';
import { Popup } from './popup.ts';
import { SettingsPanel } from './settings-panel.ts';

export interface CaptionControlsOptions extends Omit<TranscriptPanelOptions, 'commands' | 'onClose'> {
  /** It was opened or closed. */
  readonly onTranscript: (open: boolean) => void;
}

export class CaptionControls {
  readonly element = create('div', 'controls');
  readonly #settingsButton = iconButton('settings', '', () => {});
  readonly #transcriptButton = iconButton('transcript', '', () => {});
  readonly #settingsPopup: Popup;
  readonly #transcriptPopup: Popup;
  readonly #settings: SettingsPanel;
  readonly #transcript: TranscriptPanel;

  constructor(commands: CaptionCommands, options: CaptionControlsOptions) {
    this.#settingsButton.setAttribute('part', 'settings-button');
    this.#transcriptButton.setAttribute('part', 'transcript-button');
    this.#transcriptPopup = new Popup('transcript', this.#transcriptButton, (open) => {
      this.#transcript.handleToggle(open);
      if (open) this.#settingsPopup.toggle(false);
      options.onTranscript(open);
    });
    this.#settingsPopup = new Popup('settings', this.#settingsButton);
    const close = () => this.#settingsPopup.toggle(false);
    // What moves the captions away from the panel closes it.
    const closing: CaptionCommands = {
      ...commands,
      startMoving: () => {
        close();
        commands.startMoving();
      },
      popOut: () => {
        close();
        commands.popOut();
      },
    };
    this.#settings = new SettingsPanel(this.#settingsPopup.element, closing, close);
    this.#transcript = new TranscriptPanel(this.#transcriptPopup.element, {
      ...options,
      commands,
      onClose: () => this.#transcriptPopup.toggle(false),
    });
    this.element.append(
      this.#transcriptButton,
      this.#settingsButton,
      this.#transcriptPopup.element,
      this.#settingsPopup.element,
    );
  }

  show(preferences: CaptionPreferences, messages: Messages): void {
    nameButton(this.#settingsButton, messages.settings.title);
    nameButton(this.#transcriptButton, messages.transcript.title);
    this.#settings.show(preferences, messages);
    this.#transcript.show(messages);
  }

  showPolicy(policy: CaptionPolicy): void {
    this.#settings.showPolicy(policy);
    this.#transcript.showPolicy(policy);
  }

  showSpeakers(speakers: readonly KnownSpeaker[], pinned: string | null): void {
    this.#settings.showSpeakers(speakers, pinned);
  }

  handlePins(): void {
    this.#transcript.handlePins();
  }

  handleTranscript(grown: CaptionUtterance | null): void {
    this.#transcript.handleChange(grown);
  }

  handleHidden(): void {
    this.#transcript.handleHidden();
  }

  paint(): void {
    this.#transcript.paint();
  }

  tell(words: string): void {
    this.#settings.tell(words);
  }

  toggleTranscript(open?: boolean): void {
    this.#transcriptPopup.toggle(open);
  }

  toggleSettings(open?: boolean): void {
    this.#settingsPopup.toggle(open);
  }

  close(): void {
    this.#settingsPopup.toggle(false);
    this.#transcriptPopup.toggle(false);
  }
}
