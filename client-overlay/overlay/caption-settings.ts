/**
 * The element's own settings: a button beside the captions and a panel over it, two actions from any setting. Says
 * what the person chose through `onChange`; what is shown follows {@link CaptionSettings.show}.
 */
import { PRESET_NAMES } from './caption-colours.ts';
import {
  type CaptionPreferences,
  DEFAULT_PREFERENCES,
  PREFERENCE_RANGES,
  readPreferences,
} from './caption-preferences.ts';
import type { Messages } from './messages.ts';

const SLIDERS = [
  { key: 'size', step: 10, isPercent: true },
  { key: 'lines', step: 1, isPercent: false },
  { key: 'backgroundOpacity', step: 5, isPercent: true },
] as const;

const GEAR =
  'M12 8.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7Zm8.6 5.2.1-1.7-.1-1.7 2-1.5-2-3.5-2.4 1a8 8 0 0 0-2.9-1.7L15 2H9l-.3 2.6a8 8 0 0 0-2.9 1.7l-2.4-1-2 3.5 2 1.5-.1 1.7.1 1.7-2 1.5 2 3.5 2.4-1a8 8 0 0 0 2.9 1.7L9 22h6l.3-2.6a8 8 0 0 0 2.9-1.7l2.4 1 2-3.5Z';

export class CaptionSettings {
  readonly element = document.createElement('div');
  readonly #onChange: (preferences: CaptionPreferences) => void;
  readonly #button = document.createElement('button');
  readonly #panel = document.createElement('div');
  #open = false;
  #preferences = DEFAULT_PREFERENCES;

  constructor(onChange: (preferences: CaptionPreferences) => void) {
    this.#onChange = onChange;
    this.element.className = 'controls';
    this.#button.type = 'button';
    this.#button.setAttribute('part', 'settings-button');
    this.#button.append(gear());
    this.#button.addEventListener('click', () => this.#toggle(!this.#open));
    this.#panel.className = 'panel';
    this.#panel.setAttribute('part', 'settings');
    this.#panel.setAttribute('role', 'dialog');
    this.#panel.addEventListener('input', () => this.#handleInput());
    this.element.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape' || !this.#open) return;
      event.stopPropagation(); // the page's own Escape is for what lies behind
      this.#toggle(false);
    });
    this.element.append(this.#panel, this.#button);
    this.#toggle(false);
  }

  /** Writes the panel anew in these words; keeps it open or closed as it is. */
  show(preferences: CaptionPreferences, messages: Messages): void {
    this.#preferences = preferences;
    const { settings } = messages;
    if (this.#panel.getAttribute('aria-label') !== settings.title) {
      this.#button.setAttribute('aria-label', settings.title);
      this.#button.title = settings.title;
      this.#panel.setAttribute('aria-label', settings.title);
      this.#panel.replaceChildren(...this.#rows(messages));
    }
    for (const { key, isPercent } of SLIDERS) {
      const slider = this.#input(key);
      const value = preferences[key];
      const words = isPercent ? settings.percent(value) : String(value);
      slider.value = String(value);
      slider.setAttribute('aria-valuetext', words);
      if (slider.nextElementSibling) slider.nextElementSibling.textContent = words;
    }
    for (const name of PRESET_NAMES) this.#input(name).checked = name === preferences.preset;
    this.#input('announce').checked = preferences.announce;
  }

  #rows(messages: Messages): HTMLElement[] {
    const { settings } = messages;
    const sample = document.createElement('p');
    sample.className = 'sample';
    sample.textContent = messages.sample;
    const sliders = SLIDERS.map(({ key, step }) => {
      const slider = input('range', key);
      slider.min = String(PREFERENCE_RANGES[key].min);
      slider.max = String(PREFERENCE_RANGES[key].max);
      slider.step = String(step);
      const value = document.createElement('output');
      value.setAttribute('aria-hidden', 'true'); // the slider says it itself
      return labelled(settings[key], slider, value);
    });
    const presets = document.createElement('fieldset');
    const legend = document.createElement('legend');
    legend.textContent = settings.preset;
    presets.append(legend);
    for (const name of PRESET_NAMES) {
      const radio = input('radio', name);
      radio.name = 'preset';
      presets.append(labelled(settings.presets[name], radio));
    }
    const announce = labelled(settings.announce, input('checkbox', 'announce'));
    announce.className = 'choice';
    const buttons = document.createElement('div');
    buttons.className = 'buttons';
    buttons.append(
      button(settings.reset, () => this.#onChange(DEFAULT_PREFERENCES)),
      button(settings.close, () => this.#toggle(false)),
    );
    return [sample, ...sliders, presets, announce, buttons];
  }

  #handleInput(): void {
    const chosen = PRESET_NAMES.find((name) => this.#input(name).checked);
    const values = Object.fromEntries(SLIDERS.map(({ key }) => [key, this.#input(key).value]));
    const announce = this.#input('announce').checked;
    this.#onChange(readPreferences({ ...values, preset: chosen, announce }, this.#preferences));
  }

  #input(id: string): HTMLInputElement {
    const found = this.#panel.querySelector<HTMLInputElement>(`#${id}`);
    if (!found) throw new Error(`the settings have no ${id}`);
    return found;
  }

  #toggle(open: boolean): void {
    const closing = !open && this.#open;
    this.#open = open;
    this.#panel.hidden = !open;
    this.#button.setAttribute('aria-expanded', String(open));
    if (open) this.#panel.querySelector('input')?.focus();
    else if (closing) this.#button.focus();
  }
}

function input(type: string, id: string): HTMLInputElement {
  const element = document.createElement('input');
  element.type = type;
  element.id = id;
  return element;
}

/** A choice stands before its words, a slider after. */
function labelled(words: string, control: HTMLInputElement, value?: HTMLElement): HTMLElement {
  const label = document.createElement('label');
  const text = document.createElement('span');
  text.textContent = words;
  if (value) label.append(text, control, value);
  else label.append(control, text);
  return label;
}

function button(words: string, act: () => void): HTMLButtonElement {
  const element = document.createElement('button');
  element.type = 'button';
  element.textContent = words;
  element.addEventListener('click', act);
  return element;
}

function gear(): SVGElement {
  const picture = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  picture.setAttribute('viewBox', '0 0 24 24');
  picture.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  path.setAttribute('d', GEAR);
  picture.append(path);
  return picture;
}
