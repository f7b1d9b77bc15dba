/**
 * Reads a process's configuration from its environment once. Every fault is collected, so that an operator
 * corrects them all in one go. Only a process's `config.ts` calls this.
 */
import { SurtitreError } from './errors.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export class EnvReader {
  readonly #env: Environment;
  readonly #faults: string[] = [];

  constructor(env: Environment) {
    this.#env = env;
  }

  string(name: string, fallback?: string): string {
    const value = this.#env[name] ?? fallback;
    if (value === undefined || value === '') {
      if (fallback === '') return '';
      this.#faults.push(`${name} is required`);
      return '';
    }
    return value;
  }

  optional(name: string): string | undefined {
    const value = this.#env[name];
    return value === '' ? undefined : value;
  }

  secret(name: string, minLength = 32): string {
    const value = this.string(name);
    if (value !== '' && value.length < minLength) {
      this.#faults.push(`${name} must have at least ${minLength} characters`);
    }
    return value;
  }

  integer(name: string, fallback: number, range: { min: number; max: number }): number {
    const text = this.#env[name];
    if (text === undefined || text === '') return fallback;
    const value = Number(text);
    if (!Number.isInteger(value) || value < range.min || value > range.max) {
      this.#faults.push(`${name} must be a whole number from ${range.min} to ${range.max}`);
      return fallback;
    }
    return value;
  }

  boolean(name: string, fallback: boolean): boolean {
    return this.choice(name, ['true', 'false'] as const, fallback ? 'true' : 'false') === 'true';
  }

  choice<const T extends string>(name: string, choices: readonly T[], fallback: T): T {
    const text = this.#env[name];
    if (text === undefined || text === '') return fallback;
    const found = choices.find((choice) => choice === text);
    if (found === undefined) {
      this.#faults.push(`${name} must be one of ${choices.join(', ')}`);
      return fallback;
    }
    return found;
  }

  url(name: string, protocols: readonly string[], fallback?: string): string {
    const text = this.string(name, fallback);
    if (text === '') return text;
    try {
      if (protocols.includes(new URL(text).protocol)) return text.replace(/\/$/, '');
    } catch {
      // falls through to the same fault: not a URL at all
    }
    this.#faults.push(
      `${name} must be an address that starts with ${protocols.map((p) => `${p}//`).join(' or ')}`,
    );
    return text;
  }

  /** A rule that spans several variables. */
  check(holds: boolean, fault: string): void {
    if (!holds) this.#faults.push(fault);
  }

  /** Throws one error that names every fault, or returns the finished configuration frozen. */
  finish<T extends object>(config: T): Readonly<T> {
    if (this.#faults.length > 0) {
      throw new SurtitreError(
        'config-invalid',
        `The configuration has ${this.#faults.length} fault(s): ${this.#faults.join('; ')}.`,
      );
    }
    return Object.freeze(config);
  }
}
