/**
 * The command line of a bench: what it declares is what its usage tells, what is checked before anything starts, and
 * what it gets.
 */
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { SurtitreError } from '../runtime/errors.ts';
import { type Parameter, UsageFault } from './parameters.ts';

type Declared = Readonly<Record<string, Parameter<unknown>>>;

export interface CommandLine<Parameters extends Declared> {
  /** Below dist/bench. */
  readonly program: string;
  /** How it is started, where `node` alone is not enough. */
  readonly launch?: string;
  /** What is measured, what is needed, and about how long it takes. */
  readonly about: string;
  /** By name, in the usage's order; operands in the command line's. */
  readonly parameters: Parameters;
}

export type Told<Parameters extends Declared> = {
  readonly [Name in keyof Parameters]: Parameters[Name] extends Parameter<infer Value> ? Value : never;
};

/** Ends the process with the usage when it is asked for, or behind a sentence when something is wrong. */
export function readCommandLine<const Parameters extends Declared>(
  commandLine: CommandLine<Parameters>,
): Told<Parameters> {
  try {
    const told = toldBy(process.argv.slice(2), process.env, commandLine);
    if (told !== null) {
      process.once('uncaughtException', tellFault);
      return told;
    }
  } catch (fault) {
    if (!(fault instanceof UsageFault)) throw fault;
    console.error(`${fault.message}.\n\n${usageOf(commandLine)}`);
    process.exit(1);
  }
  console.log(usageOf(commandLine));
  process.exit(0);
}

/** A folder that is not there is a sentence; what nobody foresaw keeps its stack. */
function tellFault(fault: unknown): void {
  const isForeseen = fault instanceof SurtitreError || (fault instanceof Error && 'syscall' in fault);
  console.error(isForeseen ? fault.message : fault);
  process.exit(1);
}

/** Null: the usage is asked for. @throws {UsageFault} the whole sentence but its full stop */
export function toldBy<const Parameters extends Declared>(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  { launch = 'node', parameters }: CommandLine<Parameters>,
): Told<Parameters> | null {
  const { values, positionals } = parsed(args, parameters);
  if (values.help) return null;
  if (launch.includes('--expose-gc') && !('gc' in globalThis)) {
    throw new UsageFault('It collects garbage itself and must be started with node --expose-gc');
  }
  const given = (name: string, { kind, placeholder }: Parameter<unknown>): string[] => {
    if (kind === 'operand') return positionals.splice(0, 1);
    if (kind === 'operands') return positionals.splice(0);
    const value = kind === 'variable' ? env[placeholder] || undefined : values[name];
    return value === undefined ? [] : [String(value)];
  };
  const told = Object.entries(parameters).map(([name, parameter]) => {
    const texts = given(name, parameter);
    if (texts.length === 0 && parameter.fallback !== undefined) texts.push(parameter.fallback);
    try {
      return [name, parameter.read(texts)];
    } catch (fault) {
      if (!(fault instanceof UsageFault)) throw fault;
      throw new UsageFault(`${nameOf(name, parameter)} ${fault.message}`);
    }
  });
  if (positionals[0] !== undefined) throw new UsageFault(`“${positionals[0]}” is one name too many`);
  return Object.fromEntries(told) as Told<Parameters>;
}

function parsed(args: readonly string[], parameters: Declared) {
  const options: NonNullable<ParseArgsConfig['options']> = { help: { type: 'boolean', short: 'h' } };
  for (const [name, { kind }] of Object.entries(parameters)) {
    if (kind === 'option') options[name] = { type: 'string' };
    if (kind === 'flag') options[name] = { type: 'boolean' };
  }
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options });
  } catch (cause) {
    // The first of its sentences tells what is wrong, the others how arguments with dashes are quoted.
    throw new UsageFault((cause as Error).message.split(/[.\n]/)[0]);
  }
}

export function usageOf({ program, launch = 'node', about, parameters }: CommandLine<Declared>): string {
  const all = Object.entries(parameters);
  const shownOperands = all
    .filter(([, { kind }]) => kind === 'operand' || kind === 'operands')
    .map(([, { kind, placeholder, fallback }]) => {
      const shown = `${placeholder}${kind === 'operands' ? '…' : ''}`;
      return fallback === undefined ? shown : `[${shown}]`;
    });
  const rows = all.map(([name, parameter]) => {
    const { kind, placeholder, what, fallback } = parameter;
    const shown = kind === 'option' ? `${nameOf(name, parameter)} ${placeholder}` : nameOf(name, parameter);
    return [shown, fallback === undefined ? what : `${what} (default ${fallback})`] as const;
  });
  rows.push(['--help', 'this text']);
  const width = Math.max(...rows.map(([shown]) => shown.length)) + 2;
  const lines = rows.map(([shown, what]) => `  ${shown.padEnd(width)}${what}`);
  const call = [`${launch} dist/bench/${program}.js`, ...shownOperands, '[options]'].join(' ');
  return [`Usage: ${call}`, '', about, '', ...lines].join('\n');
}

function nameOf(name: string, { kind, placeholder }: Parameter<unknown>): string {
  return kind === 'option' || kind === 'flag' ? `--${name}` : placeholder;
}
