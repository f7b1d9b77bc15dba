/** `npm run demo` as operators and CI use it: real WebRTC, the real model, the real captions socket. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DemoReport } from '../demo/demo-report.ts';
import { projectRoot } from '../launch/project-root.ts';
import { demo, plain, startDemo } from './support/demo-run.ts';
import { startTestStack, type TestStack } from './support/stack.ts';

const SAMPLES = join(projectRoot, 'demo', 'samples');
const RECORDINGS = join(projectRoot, '..', 'shared', 'audio');
const hasRecordings = existsSync(RECORDINGS);

let stack: TestStack;
let folder: string;

beforeAll(async () => {
  stack = await startTestStack();
  folder = mkdtempSync(join(tmpdir(), 'surtitre-demo-'));
}, 180_000);
afterAll(async () => {
  await stack?.close();
  rmSync(folder, { recursive: true, force: true });
}, 20_000);

test('--json is one document: who said what and when, and what each stage cost', async () => {
  const [french, english] = [join(SAMPLES, 'fr-1.opus'), join(SAMPLES, 'en-1.opus')];
  const { code, stdout, stderr } = await demo(stack, [french, english, '--json']);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const report = JSON.parse(stdout) as DemoReport;

  expect(report.speakers.map(({ file }) => file)).toEqual([french, english]);
  expect(plain(report.speakers[0]?.text)).toContain('le secteur public');
  expect(plain(report.speakers[1]?.text)).toContain('headphones');
  for (const { words, name } of report.speakers) {
    expect(words.length, name).toBeGreaterThan(5);
    for (const [index, word] of words.entries()) {
      expect(word.endMs).toBeGreaterThanOrEqual(word.startMs);
      expect(word.startMs).toBeGreaterThanOrEqual((words[index - 1]?.startMs ?? -500) - 1);
      expect(word.shownMs).toBeGreaterThan(word.startMs);
    }
  }
  for (const [stage, { p50, p95, max }] of Object.entries(report.stages)) {
    expect(
      [p50, p95, max].every((value) => value !== null && value > -5),
      stage,
    ).toBe(true);
  }
  expect(report).toMatchObject({ gaps: 0, contradictions: 0, missedFrames: 0, reconnects: 0 });
  expect(report.realTimeFactor).toBeGreaterThan(0);
  expect(report.missedDeadlines).not.toBeNull();
}, 120_000);

describe.skipIf(!hasRecordings)(
  `the recordings in ${RECORDINGS}${hasRecordings ? '' : ' (skipped: absent)'}`,
  () => {
    test('captions of both files come under the right names, no word of one under the other', async () => {
      const files = [join(RECORDINGS, 'two_speakers.en.wav'), join(RECORDINGS, 'jfk.en.flac')];
      const { code, stdout } = await demo(stack, [...files, '--json']);
      expect(code).toBe(0);
      const [talk, kennedy] = (JSON.parse(stdout) as DemoReport).speakers.map(({ text }) => plain(text));
      expect(kennedy).toContain('your country');
      expect(talk).not.toContain('country');
      expect(talk).toContain('chicago');
      expect(kennedy).not.toContain('chicago');
    }, 150_000);
  },
);

test('without --json, words and a table are printed', async () => {
  const { code, stdout } = await demo(stack, [join(SAMPLES, 'en-1.opus')]);
  expect(code).toBe(0);
  expect(plain(stdout)).toContain('headphones');
  expect(stdout).toMatch(/end of word → viewer +\d+\.\d +\d+\.\d +\d+\.\d/);
}, 90_000);

test.each([
  ['nothing.wav', null, /nothing\.wav cannot be opened/],
  ['empty.wav', Buffer.alloc(0), /empty\.wav is empty/],
  ['text.wav', Buffer.from('not sound at all, but long enough to look at'), /text\.wav is not a wav, flac/],
])('%s costs a sentence and exit code 1', async (name, bytes, sentence) => {
  const file = join(folder, name);
  if (bytes !== null) writeFileSync(file, bytes);
  const { code, stderr } = await demo(stack, [file]);
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(sentence) });
});

test('a file without speech ends with a sentence', async () => {
  const file = join(folder, 'silence.wav');
  writeFileSync(file, silentWav(2));
  const { code, stderr } = await demo(stack, [file]);
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: expect.stringMatching(/No captions came for .*silence\.wav/),
  });
}, 90_000);

test('three hours are announced before anything else, and Ctrl-C ends them cleanly', async () => {
  const file = join(folder, 'long.wav');
  writeFileSync(file, silentWav(3 * 3_600));
  const started = startDemo(stack, [file]);
  await expect.poll(() => started.errors(), { timeout: 30_000 }).toMatch(/This takes 3 h 0 min/);
  started.child.kill('SIGINT');
  expect(await started.ended).toMatchObject({ code: 1, stderr: expect.stringMatching(/Stopped\.\n$/) });
}, 60_000);

function silentWav(seconds: number, sampleRateHz = 16_000): Buffer {
  const bytes = Buffer.alloc(44 + seconds * sampleRateHz * 2);
  bytes.write('RIFF', 0, 'latin1');
  bytes.writeUInt32LE(bytes.length - 8, 4);
  bytes.write('WAVEfmt ', 8, 'latin1');
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(sampleRateHz, 24);
  bytes.writeUInt32LE(sampleRateHz * 2, 28);
  bytes.writeUInt16LE(2, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write('data', 36, 'latin1');
  bytes.writeUInt32LE(bytes.length - 44, 40);
  return bytes;
}
