/** What benches are told, and that every one of them tells how, as a process. */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { toldBy, usageOf } from './command-line.ts';
import { amount, count, counts, flag, operand, operands, text, variable } from './parameters.ts';

const commandLine = {
  program: 'fan-out/example',
  about: 'What an example costs. A second.',
  parameters: {
    model: operand('MODEL', 'that hears'),
    files: operands('FILE', 'that is heard'),
    'at-once': count('files at a time', 2),
    seconds: amount('of each', 1.5),
    batches: counts('streams', [1, 4]),
    out: text('FILE', 'for words'),
    noise: flag('also that'),
    url: variable('EXAMPLE_URL', 'of the server'),
    browser: variable('EXAMPLE_BROWSER', 'that shows it', '/usr/bin/browser'),
  },
};
const env = { EXAMPLE_URL: 'ws://example' };

describe('a command line', () => {
  it('gives every parameter, as typed or as it falls back', () => {
    expect(toldBy(['tiny', 'a.wav'], env, commandLine)).toEqual({
      model: 'tiny',
      files: ['a.wav'],
      'at-once': 2,
      seconds: 1.5,
      batches: [1, 4],
      out: undefined,
      noise: false,
      url: 'ws://example',
      browser: '/usr/bin/browser',
    });
    const typed = 'tiny --at-once 3 a.wav --seconds=0.25 --batches 8 --out words --noise b.wav'.split(' ');
    expect(toldBy(typed, { ...env, EXAMPLE_BROWSER: '' }, commandLine)).toMatchObject({
      files: ['a.wav', 'b.wav'],
      'at-once': 3,
      seconds: 0.25,
      batches: [8],
      out: 'words',
      noise: true,
      browser: '/usr/bin/browser',
    });
  });

  it.each([
    ['--at-onse 3', "Unknown option '--at-onse'"],
    ['--at-once', "Option '--at-once <value>' argument missing"],
    ['--at-once 1.5', '--at-once must be a positive whole number, not “1.5”'],
    ['--at-once many', '--at-once must be a positive whole number, not “many”'],
    ['--seconds 0', '--seconds must be a positive number, not “0”'],
    ['--seconds=-1', '--seconds must be a positive number, not “-1”'],
    ['--seconds Infinity', '--seconds must be a positive number, not “Infinity”'],
    ['--batches 1,,4', '--batches must be a positive whole number, not “”'],
    ['--noise=loud', "Option '--noise' does not take an argument"],
  ])('refuses %s', (args, sentence) => {
    expect(() => toldBy(['tiny', 'a.wav', ...args.split(' ')], env, commandLine)).toThrow(sentence);
  });

  it('refuses what is missing or too much', () => {
    expect(() => toldBy([], env, commandLine)).toThrow('MODEL is missing');
    expect(() => toldBy(['tiny'], env, commandLine)).toThrow('FILE is missing');
    expect(() => toldBy(['tiny', 'a.wav'], {}, commandLine)).toThrow('EXAMPLE_URL is missing');
    const { model } = commandLine.parameters;
    const one = { ...commandLine, parameters: { model } };
    expect(() => toldBy(['tiny', 'base'], env, one)).toThrow('“base” is one name too many');
    expect(() => toldBy(['tiny'], env, { ...one, launch: 'node --expose-gc' })).toThrow('node --expose-gc');
  });

  it('tells its usage before anything is missing', () => {
    expect(toldBy(['--help'], {}, commandLine)).toBeNull();
    expect(toldBy(['-h'], {}, { ...commandLine, launch: 'node --expose-gc' })).toBeNull();
    expect(usageOf(commandLine)).toBe(`Usage: node dist/bench/fan-out/example.js MODEL FILE… [options]

What an example costs. A second.

  MODEL            that hears
  FILE             that is heard
  --at-once N      files at a time (default 2)
  --seconds N      of each (default 1.5)
  --batches N,…    streams (default 1,4)
  --out FILE       for words
  --noise          also that
  EXAMPLE_URL      of the server
  EXAMPLE_BROWSER  that shows it (default /usr/bin/browser)
  --help           this text`);
  });
});

const sources = readdirSync('bench', { recursive: true, encoding: 'utf8' })
  .filter((file) => /(?<!\.test)\.ts$/.test(file))
  .map((file) => ({ program: file.replace(/\.ts$/, ''), source: readFileSync(`bench/${file}`, 'utf8') }));
const programs = sources
  .filter(({ source }) => source.includes('= readCommandLine({'))
  .map(({ program }) => program);
const isBuilt = programs.every((program) => existsSync(`dist/bench/${program}.js`));
const reason = isBuilt ? '' : ' (skipped: not all of dist/bench is there; run npm run build)';

describe.skipIf(!isBuilt)(`every bench${reason}`, () => {
  it('reads its command line in this way', () => {
    const own = sources.filter(({ source }) => source.includes('parseArgs('));
    expect(own.map(({ program }) => program)).toEqual(['command-line']);
    expect(programs.length).toBeGreaterThan(20);
  });

  it.concurrent.each(programs)('%s tells how it is used', { timeout: 120_000 }, async (program) => {
    const usage = expect.stringContaining(`dist/bench/${program}.js`);
    expect(await run(program, '--help')).toEqual({ code: 0, out: usage, err: '' });
  });

  it('says what is missing without a stack', { timeout: 60_000 }, async () => {
    const { code, out, err } = await run('speech-streams', '/no/such/folder');
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/^No speech model in \/no\/such\/folder .*\n$/);
  });

  // Of those that load fast: what the others do is the same piece's doing.
  it.concurrent.each(['plot', 'start-times', 'fan-out/stalled'])('%s refuses an option', async (program) => {
    const { out: usage } = await run(program, '--help');
    const err = `Unknown option '--frobnicate'.\n\n${usage}`;
    expect(await run(program, '--frobnicate')).toEqual({ code: 1, out: '', err });
  });
});

function run(program: string, option: string) {
  return new Promise<{ code: unknown; out: string; err: string }>((resolve) => {
    execFile(process.execPath, [`dist/bench/${program}.js`, option], (error, out, err) =>
      resolve({ code: error?.code ?? 0, out, err }),
    );
  });
}
