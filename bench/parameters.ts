/** What a bench can be told: how its usage shows each thing, and how what was typed becomes a value. */

/** Something that a bench is told; it gets a `Value`. */
export interface Parameter<Value> {
  readonly kind: 'option' | 'flag' | 'operand' | 'operands' | 'variable';
  /** What stands for it in the usage; of a variable, its name. */
  readonly placeholder: string;
  readonly what: string;
  /** As it would be typed. */
  readonly fallback?: string | undefined;
  /** `given` is empty where nothing is and none falls back. @throws {UsageFault} */
  read(given: readonly string[]): Value;
}

/** What is wrong with a parameter: a sentence's part behind its name. */
export class UsageFault extends Error {}

/** A positive whole number. */
export function count(what: string, fallback: number): Parameter<number> {
  return option('N', what, String(fallback), readCount);
}

/** Positive whole numbers with commas between them. */
export function counts(what: string, fallback: readonly number[]): Parameter<readonly number[]> {
  return option('N,…', what, fallback.join(','), (given) => given.split(',').map(readCount));
}

/** A positive number. */
export function amount(what: string, fallback: number): Parameter<number> {
  return option('N', what, String(fallback), readAmount);
}

export function text(placeholder: string, what: string): Parameter<string | undefined>;
export function text(placeholder: string, what: string, fallback: string): Parameter<string>;
export function text(placeholder: string, what: string, fallback?: string): Parameter<string | undefined> {
  return { kind: 'option', placeholder, what, fallback, read: ([given]) => given };
}

export function flag(what: string): Parameter<boolean> {
  return { kind: 'flag', placeholder: '', what, read: (given) => given.length > 0 };
}

/** Named without dashes; required unless it falls back. */
export function operand(placeholder: string, what: string, fallback?: string): Parameter<string> {
  return { kind: 'operand', placeholder, what, fallback, read: required };
}

/** One or more, the last on the command line. */
export function operands(placeholder: string, what: string): Parameter<readonly string[]> {
  return { kind: 'operands', placeholder, what, read: (given) => [required(given), ...given.slice(1)] };
}

/** Of the environment; required unless it falls back. */
export function variable(name: string, what: string, fallback?: string): Parameter<string> {
  return { kind: 'variable', placeholder: name, what, fallback, read: required };
}

/** Of every bench that keeps its figures. */
export const resultFile = text('FILE', 'where the figures are left as JSON; without it they are only shown');
export const chromiumPath = variable('CHROMIUM_PATH', 'the browser', '/usr/bin/chromium');

function option<Value>(
  placeholder: string,
  what: string,
  fallback: string,
  read: (given: string) => Value,
): Parameter<Value> {
  return { kind: 'option', placeholder, what, fallback, read: ([given = fallback]) => read(given) };
}

function readAmount(given: string): number {
  const value = Number(given);
  if (!(value > 0) || !Number.isFinite(value)) {
    throw new UsageFault(`must be a positive number, not “${given}”`);
  }
  return value;
}

export function readCount(given: string): number {
  const value = Number(given);
  if (!(value > 0) || !Number.isSafeInteger(value)) {
    throw new UsageFault(`must be a positive whole number, not “${given}”`);
  }
  return value;
}

function required([given]: readonly string[]): string {
  if (given === undefined) throw new UsageFault('is missing');
  return given;
}
