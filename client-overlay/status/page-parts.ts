/** Building blocks of the page: elements with their text, figures and tables. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  options: { readonly text?: string; readonly className?: string } = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  if (options.className !== undefined) made.className = options.className;
  if (options.text !== undefined) made.textContent = options.text;
  made.append(...children);
  return made;
}

export function section(heading: string, explanation: string, ...children: readonly Node[]): HTMLElement {
  return element(
    'section',
    {},
    element('h2', { text: heading }),
    ...(explanation === '' ? [] : [element('p', { text: explanation, className: 'explanation' })]),
    ...children,
  );
}

/** A name and a value that changes: `show` writes it, and nothing when it is the same. */
export class Figure {
  readonly element: HTMLElement;
  readonly #value = element('dd');

  constructor(name: string, className = '') {
    this.element = element(
      'div',
      { className: `figure ${className}` },
      element('dt', { text: name }),
      this.#value,
    );
  }

  show(value: string): void {
    if (this.#value.textContent !== value) this.#value.textContent = value;
  }
}

/** A table whose first column is fixed and whose others are written again and again. */
export class FigureTable {
  readonly element: HTMLTableElement;
  readonly #cells = new Map<string, readonly HTMLTableCellElement[]>();

  constructor(
    caption: string,
    columns: readonly string[],
    rows: readonly { readonly key: string; readonly header: Node | string }[],
  ) {
    const head = element('tr', {}, ...columns.map((column) => headerCell(column, 'col')));
    const body = rows.map(({ key, header }) => {
      const cells = columns.slice(1).map(() => element('td'));
      this.#cells.set(key, cells);
      const name = headerCell('', 'row');
      name.append(header);
      return element('tr', {}, name, ...cells);
    });
    this.element = element(
      'table',
      {},
      element('caption', { text: caption, className: 'for-ears' }),
      element('thead', {}, head),
      element('tbody', {}, ...body),
    );
  }

  show(key: string, values: readonly string[], className = ''): void {
    const cells = this.#cells.get(key) ?? [];
    for (const [index, cell] of cells.entries()) {
      const value = values[index] ?? '';
      if (cell.textContent !== value) cell.textContent = value;
      cell.className = className;
    }
  }
}

function headerCell(text: string, scope: 'col' | 'row'): HTMLTableCellElement {
  const cell = element('th', { text });
  cell.scope = scope;
  return cell;
}
