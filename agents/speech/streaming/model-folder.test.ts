/** What is wrong with a model is found when it is loaded, and named. */
import { cpSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readStepModel } from './model-folder.ts';
import type { StepManifest } from './step-manifest.ts';
import { StepSession } from './step-session.ts';

const tiny = new URL('./fixtures/tiny', import.meta.url).pathname;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'surtitre-model-'));
  cpSync(tiny, folder, { recursive: true });
});

afterEach(() => rmSync(folder, { recursive: true }));

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function change(edit: (manifest: Mutable<StepManifest>) => void): void {
  const path = join(folder, 'manifest.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as Mutable<StepManifest>;
  edit(manifest);
  writeFileSync(path, JSON.stringify(manifest));
}

async function load(): Promise<void> {
  const session = await StepSession.load(await readStepModel(folder), 1);
  await session.close();
}

async function faultOf(): Promise<string> {
  return load().then(
    () => 'none',
    (error: Error & { code: string }) => `${error.code}: ${error.message}`,
  );
}

test('a sound model is taken', async () => {
  expect(await faultOf()).toBe('none');
});

test('a truncated graph is refused by its size, and by ONNX Runtime if the manifest does not know', async () => {
  truncateSync(join(folder, 'step.onnx'), 100_000);
  expect(await faultOf()).toMatch(/^model-broken: .*step\.onnx should have 153130 bytes and has 100000/);
  change((manifest) => {
    manifest.files = manifest.files.map((file) => ({ ...file, bytes: null, sha256: null }));
  });
  expect(await faultOf()).toMatch(/^model-broken: .*ONNX Runtime refuses step\.onnx \(.*protobuf/i);
});

test('a graph of another opset is refused', async () => {
  const path = join(folder, 'step.onnx');
  const graph = readFileSync(path);
  // ModelProto field 8 (opset_import), a message of two bytes: field 2 (version), 20.
  const at = graph.indexOf(Buffer.from([0x42, 0x02, 0x10, 20]));
  const entry = at >= 0 ? at + 3 : graph.indexOf(Buffer.from([0x42, 0x04, 0x0a, 0x00, 0x10, 20])) + 5;
  graph[entry] = 99;
  writeFileSync(path, graph);
  expect(await faultOf()).toMatch(/^model-broken: .*opset/i);
});

test('every name and shape that the graph does not have is named', async () => {
  change((manifest) => {
    manifest.audio = { ...manifest.audio, input: 'sound' };
    manifest.text = { ...manifest.text, output: 'words' } as StepManifest['text'];
    manifest.carries = manifest.carries.map((carry) => ({ ...carry, shape: [2, 17] }));
  });
  const fault = await faultOf();
  expect(fault).toContain('the graph has no input "sound"');
  expect(fault).toContain('input "pcm" is not in the manifest');
  expect(fault).toContain('the graph has no output "words"');
  expect(fault).toContain('input "x1" has the shape [B, 2, 16], not [B, 2, 17]');
});

test.each<[string, (manifest: Mutable<StepManifest>) => void, RegExp]>([
  [
    'a ring without its axis',
    (m) => (m.rings = m.rings.map((ring) => ({ ...ring, columnAxis: 7 }))),
    /no axis 7/,
  ],
  [
    'a ring of odd size',
    (m) => (m.rings = m.rings.map((ring) => ({ ...ring, columns: 3 }))),
    /no multiple of 3/,
  ],
  ['a mask of nothing', (m) => (m.masks = [{ input: 'mask', ring: 'k9' }]), /ring k9, which there is not/],
  ['two lengths of a step', (m) => (m.frameMs = 40), /stepSamples \(1280\) is not frameMs \(40\)/],
  ['a foreign tokenizer', (m) => (m.tokenizer = { ...m.tokenizer, type: 'sentencepiece' }), /base64-pieces/],
  ['no text rule', (m) => (m.text = { rule: 'guess' } as never), /\/text/],
])('%s is a contradiction', async (_, edit, fault) => {
  change(edit);
  expect(await faultOf()).toMatch(/^model-broken/);
  expect(await faultOf()).toMatch(fault);
});

test('a model of another kind, or none, is not this engine’s', async () => {
  change((manifest) => {
    (manifest as { kind: string }).kind = 'windowed';
  });
  expect(await faultOf()).toMatch(/^model-unsupported: .*"windowed"/);
  rmSync(join(folder, 'manifest.json'));
  expect(await faultOf()).toMatch(/^model-missing/);
});

test('a model that hears the language must have a prompt for each, and be able to tell them apart', async () => {
  const text = { rule: 'token-or-wait' as const, output: 'next', delaySteps: 6, wait: 1, languageSteps: 22 };
  const feedback = { input: 'token', first: 2 };
  const refused = /^model-broken: .*text\.languageSteps needs a prompt for French and one for English/;
  for (const prompt of [undefined, { fr: [3, 5], en: [] }, { fr: [3, 5], en: [3, 5] }]) {
    change((manifest) => {
      manifest.text = prompt ? { ...text, feedback, prompt } : { ...text, feedback };
    });
    expect(await faultOf()).toMatch(refused);
  }
});

test('a vocabulary that is none is refused', async () => {
  change((manifest) => {
    manifest.files = manifest.files.map((file) => ({ ...file, bytes: null, sha256: null }));
  });
  writeFileSync(join(folder, 'vocabulary.json'), '{"a": 1}');
  expect(await faultOf()).toContain('vocabulary.json is not an array of strings and nulls');
});
