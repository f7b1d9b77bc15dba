import { expect, test } from 'vitest';
import { ModelManifest, parseManifest } from './model-manifest.ts';
import { ModelShelf } from './model-shelf.ts';

const valid = {
  kind: 'step',
  name: 'tiny',
  licence: 'MIT',
  languages: ['fr'],
  sampleRateHz: 16_000,
  frameMs: 80,
  delayMs: 320,
  tokenizer: { type: 'base64-pieces', file: 'vocabulary.json', size: 10 },
  origin: null,
  files: [{ name: 'step.onnx', bytes: 12, sha256: 'a'.repeat(64) }],
};
const parse = (value: unknown) => parseManifest(JSON.stringify(value), ModelManifest, 'models/tiny');

test('what the graph needs beyond the common part is left to its engine', () => {
  expect(parse({ ...valid, rings: [] })).toMatchObject({ name: 'tiny', rings: [] });
});

test.each([
  ['a path out of the folder', { files: [{ ...valid.files[0], name: '../step.onnx' }] }, '/files/0/name'],
  ['a digest that is none', { files: [{ ...valid.files[0], sha256: 'abc' }] }, '/files/0/sha256'],
  ['a digest left out', { files: [{ name: 'a', bytes: 1 }] }, '/files/0'],
  ['no file', { files: [] }, '/files'],
  ['an unknown language', { languages: ['de'] }, '/languages/0'],
  ['an unknown kind', { kind: 'magic' }, '/kind'],
  ['an origin that is no folder', { origin: 'https://example.org/model' }, '/origin'],
])('%s is refused, by its place', (_, change, place) => {
  expect(() => parse({ ...valid, ...change })).toThrow(
    expect.objectContaining({ code: 'model-broken', message: expect.stringContaining(`${place} `) }),
  );
});

test('a manifest that is no JSON is refused', () => {
  expect(() => parseManifest('{', ModelManifest, 'models/tiny')).toThrow(
    expect.objectContaining({ code: 'model-broken' }),
  );
});

test('the manifests of this repository are valid, and say where a digest is unknown', async () => {
  const models = await new ModelShelf(new URL('../../models', import.meta.url).pathname).list();
  const unknown = models.filter(({ manifest }) => manifest.files.some(({ sha256 }) => sha256 === null));
  expect(models.map(({ manifest }) => manifest.name)).toContain('whisper-base');
  expect(unknown.every(({ manifest }) => manifest.kind === 'checkpoint')).toBe(true);
});
