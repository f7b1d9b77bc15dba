/**
 * The settings of the captions: how they look, where they are, who is pinned. Every choice shows at once, on the
 * captions and on a sample. Says what the person chose through the commands; what is shown follows {@link show}.
 */
import { legibility, PRESET_NAMES, PRESETS } from '../caption-colours.ts';
import {
  type CaptionPreferences,
  DEFAULT_PREFERENCES,
  PLACEMENTS,
  PREFERENCE_RANGES,
  readPreferences,
  readPreferencesFile,
} from '../caption-preferences.ts';
import type { Messages } from '../messages.ts';
import type { CaptionCommands, CaptionPolicy, KnownSpeaker } from './caption-commands.ts';
import {
  choice,
  create,
  fillSelect,
  group,
  iconButton,
  input,
  labelled,
  select,
  textButton,
} from './control-parts.ts';
import { icon } from './icon.ts';

const SLIDERS = [
  { key: 'size', step: 10, isPercent: true },
  { key: 'lines', step: 1, isPercent: false },
  { key: 'lineLength', step: 2, isPercent: false },
  { key: 'textOpacity', step: 5, isPercent: true },
  { key: 'backgroundOpacity', step: 5, isPercent: true },
] as const;
const COLOURS = ['textColour', 'backgroundColour'] as const;
const NOBODY = '';

export class SettingsPanel {
  readonly #element: HTMLElement;
  readonly #commands: CaptionCommands;
  readonly #onClose: () => void;
  readonly #inputs = new Map<string, HTMLInputElement | HTMLSelectElement>();
  readonly #told = create('p', 'told');
  #messages: Messages | null = null;
  #preferences = DEFAULT_PREFERENCES;
  #speakers: readonly KnownSpeaker[] = [];
  #pinned: string | null = null;
  #policy: CaptionPolicy = { retentionS: null, offRecord: null, mayExport: true };

  /** Fills `element`. */
  constructor(element: HTMLElement, commands: CaptionCommands, onClose: () => void) {
    this.#element = element;
    this.#commands = commands;
    this.#onClose = onClose;
    this.#told.setAttribute('role', 'status');
    element.addEventListener('input', (event) => this.#handleInput(event.target));
  }

  show(preferences: CaptionPreferences, messages: Messages): void {
    this.#preferences = preferences;
    if (this.#messages !== messages) {
      this.#messages = messages;
      this.#write(messages);
    }
    for (const { key, isPercent } of SLIDERS) {
      const value = preferences[key];
      const words = isPercent ? messages.percent(value) : String(value);
      const slider = this.#input(key);
      slider.value = String(value);
      slider.setAttribute('aria-valuetext', words);
      const shown = slider.previousElementSibling;
      if (shown) shown.textContent = words;
    }
    const preset = PRESETS[preferences.preset];
    const ownColours = COLOURS.some((key) => preferences[key] !== null);
    for (const name of PRESET_NAMES) this.#check(name, !ownColours && name === preferences.preset);
    this.#input('textColour').value = preferences.textColour ?? preset.text;
    this.#input('backgroundColour').value = preferences.backgroundColour ?? preset.background;
    this.#input('font').value = preferences.font;
    this.#input('edge').value = preferences.edge;
    for (const name of PLACEMENTS) this.#check(name, name === preferences.placement);
    this.#check('announce', preferences.announce);
    this.#showLegibility(messages);
  }

  showSpeakers(speakers: readonly KnownSpeaker[], pinned: string | null): void {
    this.#speakers = speakers;
    this.#pinned = pinned;
    const control = this.#inputs.get('pinned');
    if (!(control instanceof HTMLSelectElement) || !this.#messages) return;
    const { nobody } = this.#messages.settings;
    fillSelect(control, [
      [NOBODY, nobody],
      ...speakers.map(({ identity, name }) => [identity, name] as const),
    ]);
    control.value = pinned ?? NOBODY;
  }

  showPolicy(policy: CaptionPolicy): void {
    this.#policy = policy;
    if (this.#messages) this.#write(this.#messages);
  }

  /** To the person, in the panel. */
  tell(words: string): void {
    this.#told.textContent = words;
  }

  #write(messages: Messages): void {
    this.#inputs.clear();
    const { settings } = messages;
    this.#element.setAttribute('aria-label', settings.title);
    const slider = Object.fromEntries(
      SLIDERS.map(({ key, step }) => [key, this.#slider(key, step, settings[key])]),
    );
    const own = COLOURS.map((key) => labelled(settings[key], this.#keep(input('color', key))));
    const look = group(
      settings.look,
      slider.size as Node,
      labelled(settings.font, this.#keep(select('font', settings.fonts))),
      slider.lines as Node,
      slider.lineLength as Node,
    );
    const colours = group(
      settings.preset,
      create('div', 'swatches', ...PRESET_NAMES.map((name) => this.#swatch(name, settings.presets[name]))),
      create('div', 'pair', ...own),
      this.#legible,
      slider.backgroundOpacity as Node,
      slider.textOpacity as Node,
      labelled(settings.edge, this.#keep(select('edge', settings.edges))),
    );
    const places = create(
      'div',
      'places',
      ...PLACEMENTS.map((name) => this.#radio('placement', name, settings.placements[name])),
    );
    this.#element.replaceChildren(
      create(
        'div',
        'head',
        create('h2', '', settings.title),
        iconButton('close', messages.close, this.#onClose),
      ),
      create('div', 'preview', create('p', 'sample', messages.sample)),
      look,
      colours,
      group(
        settings.placement,
        places,
        this.#action('move', messages.move.title, () => this.#commands.startMoving()),
        this.#action('popOut', messages.popOut.open, () => this.#commands.popOut()),
      ),
      labelled(settings.pinned, this.#keep(select('pinned', {}))),
      choice(settings.announce, this.#keep(input('checkbox', 'announce'))),
      ...this.#about(messages),
      create(
        'div',
        'buttons',
        textButton(settings.reset, () => this.#commands.choose(DEFAULT_PREFERENCES)),
        textButton(settings.save, () => this.#commands.savePreferences()),
        this.#importButton(messages),
      ),
      this.#told,
    );
    this.#input('size').dataset.first = '';
    this.showSpeakers(this.#speakers, this.#pinned);
    this.show(this.#preferences, messages);
  }

  readonly #legible = create('p', 'legible');

  #showLegibility({ settings }: Messages): void {
    const { ratio, problem } = legibility(this.#preferences);
    const words = (Math.floor(ratio * 10) / 10).toFixed(1);
    const told = problem === 'none' ? settings.legible(words) : settings.illegible[problem](words);
    this.#legible.classList.toggle('warning', problem !== 'none');
    this.#legible.setAttribute('role', 'status');
    if (this.#legible.textContent !== told) this.#legible.textContent = told;
  }

  #about({ settings }: Messages): Node[] {
    const { retentionS, offRecord } = this.#policy;
    const parts: Node[] = [];
    if (retentionS !== null) {
      const words = `${settings.purpose} ${settings.kept(retentionS)}`;
      parts.push(create('p', 'about', create('strong', '', settings.about), ' ', words));
    }
    if (offRecord !== null) {
      const control = this.#keep(input('checkbox', 'offRecord'));
      control.checked = offRecord;
      parts.push(choice(settings.offRecord, control));
    }
    return parts;
  }

  #importButton({ settings }: Messages): HTMLElement {
    const file = create('input');
    file.type = 'file';
    file.accept = 'application/json,.json';
    file.hidden = true;
    file.addEventListener('input', (event) => event.stopPropagation()); // says nothing about the settings above
    file.addEventListener('change', async () => {
      const [chosen] = file.files ?? [];
      file.value = '';
      const preferences = chosen ? readPreferencesFile(await chosen.text()) : null;
      if (preferences) this.#commands.choose(preferences);
      this.tell(preferences ? settings.loaded : settings.notLoaded);
    });
    return create(
      'span',
      '',
      textButton(settings.load, () => file.click()),
      file,
    );
  }

  #slider(key: (typeof SLIDERS)[number]['key'], step: number, words: string): HTMLElement {
    const slider = this.#keep(input('range', key));
    slider.min = String(PREFERENCE_RANGES[key].min);
    slider.max = String(PREFERENCE_RANGES[key].max);
    slider.step = String(step);
    const value = create('span', 'value');
    value.setAttribute('aria-hidden', 'true'); // the slider says it itself
    return labelled(words, slider, value);
  }

  #radio(name: string, value: string, words: string): HTMLLabelElement {
    const control = this.#keep(input('radio', value));
    control.name = name;
    return choice(words, control);
  }

  #swatch(name: (typeof PRESET_NAMES)[number], words: string): HTMLLabelElement {
    const label = this.#radio('preset', name, words);
    const { text, background } = PRESETS[name];
    label.style.setProperty('--text', text);
    label.style.setProperty('--background', background);
    return label;
  }

  #action(picture: Parameters<typeof icon>[0], words: string, act: () => void): HTMLButtonElement {
    const button = textButton(words, act);
    button.prepend(icon(picture));
    button.classList.add('action');
    return button;
  }

  #keep<T extends HTMLInputElement | HTMLSelectElement>(control: T): T {
    this.#inputs.set(control.id, control);
    return control;
  }

  #input(id: string): HTMLInputElement | HTMLSelectElement {
    const found = this.#inputs.get(id);
    if (!found) throw new Error(`the settings have no ${id}`);
    return found;
  }

  #check(id: string, checked: boolean): void {
    (this.#input(id) as HTMLInputElement).checked = checked;
  }

  #isChecked(id: string): boolean {
    return (this.#input(id) as HTMLInputElement).checked;
  }

  #handleInput(target: EventTarget | null): void {
    const control = target as HTMLInputElement | HTMLSelectElement;
    if (control.id === 'pinned') {
      this.#commands.pinSpeaker(control.value === NOBODY ? null : control.value);
      return;
    }
    if (control.id === 'offRecord') {
      this.#commands.setOffRecord(this.#isChecked('offRecord'));
      return;
    }
    const preset = PRESET_NAMES.find((name) => name === control.id);
    const values = Object.fromEntries(SLIDERS.map(({ key }) => [key, this.#input(key).value]));
    const chosen = {
      ...values,
      font: this.#input('font').value,
      edge: this.#input('edge').value,
      placement: PLACEMENTS.find((name) => this.#isChecked(name)),
      announce: this.#isChecked('announce'),
      // A preset takes the place of colours of one's own.
      ...(preset ? { preset, textColour: null, backgroundColour: null } : {}),
      ...(COLOURS.some((key) => key === control.id) ? { [control.id]: control.value } : {}),
    };
    this.#commands.choose(readPreferences(chosen, this.#preferences));
  }
}
