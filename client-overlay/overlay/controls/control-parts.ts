/** The form parts that the element's own panels are made of. */
import { type IconName, icon } from './icon.ts';

export function create<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className = '',
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (className !== '') element.className = className;
  element.append(...children);
  return element;
}

export function textButton(words: string, act: () => void): HTMLButtonElement {
  const button = create('button', '', words);
  button.type = 'button';
  button.addEventListener('click', act);
  return button;
}

/** A button that is only a picture; `words` is its name and its tooltip. */
export function iconButton(name: IconName, words: string, act: () => void): HTMLButtonElement {
  const button = textButton('', act);
  button.className = 'icon';
  button.append(icon(name));
  nameButton(button, words);
  return button;
}

export function nameButton(button: HTMLButtonElement, words: string): void {
  button.setAttribute('aria-label', words);
  button.title = words;
}

export function input(type: string, id: string): HTMLInputElement {
  const element = create('input');
  element.type = type;
  element.id = id;
  return element;
}

/** A choice among few, by its values and their names. */
export function select(id: string, choices: Readonly<Record<string, string>>): HTMLSelectElement {
  const element = create('select');
  element.id = id;
  fillSelect(element, Object.entries(choices));
  return element;
}

/** Keeps what is chosen, if it can still be chosen. */
export function fillSelect(
  element: HTMLSelectElement,
  choices: readonly (readonly [string, string])[],
): void {
  const chosen = element.value;
  const options = choices.map(([value, words]) => {
    const option = create('option', '', words);
    option.value = value;
    return option;
  });
  element.replaceChildren(...options);
  if (choices.some(([value]) => value === chosen)) element.value = chosen;
}

/** `value`: what a slider stands at, beside its words. */
export function labelled(words: string, control: HTMLElement, value?: HTMLElement): HTMLLabelElement {
  const text = create('span', '', words);
  return value ? create('label', 'wide', text, value, control) : create('label', '', text, control);
}

/** A choice stands before its words. */
export function choice(words: string, control: HTMLInputElement): HTMLLabelElement {
  return create('label', 'choice', control, create('span', '', words));
}

export function group(words: string, ...children: readonly Node[]): HTMLFieldSetElement {
  return create('fieldset', '', create('legend', '', words), ...children);
}
