/**
 * What a page set on an element before its class was defined hides the property of the class: it is set anew, so
 * that the class hears of it.
 */
export function takeOverProperties<T extends HTMLElement>(element: T, names: readonly (keyof T)[]): void {
  for (const name of names) {
    if (!Object.hasOwn(element, name)) continue;
    const value = element[name];
    Reflect.deleteProperty(element, name);
    element[name] = value;
  }
}
