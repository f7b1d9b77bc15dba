import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FileServer } from '../../test/support/file-server.ts';
import { downloadFile } from './file-download.ts';
import { folderSource, mirrorSource } from './file-source.ts';

/** Larger than what a socket takes at once. */
const content = Buffer.from(Array.from({ length: 3_000_000 }, (_, i) => (i * 7 + (i >> 8)) & 255));
const sha256 = createHash('sha256').update(content).digest('hex');
const file = { name: 'graph.onnx', bytes: content.length, sha256 };

let server: FileServer;
let folder = '';
let target = '';

beforeEach(async () => {
  server = await FileServer.start();
  folder = await mkdtemp(join(tmpdir(), 'model-'));
  target = join(folder, file.name);
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

const fromServer = () => mirrorSource(server.url, 'tiny');
const serve = (bytes: Buffer, more: { breaksAfter?: number[]; ignoresRange?: boolean } = {}) =>
  server.files.set('/tiny/graph.onnx', { content: bytes, ...more });

test('a file is fetched, verified and alone in its folder', async () => {
  serve(content);
  const seen: number[] = [];
  const onProgress = (bytes: number) => seen.push(bytes);
  const verdict = await downloadFile({ source: fromServer(), file, target, onProgress });
  expect(verdict).toEqual({ state: 'verified' });
  expect((await readFile(target)).equals(content)).toBe(true);
  expect(await readdir(folder)).toEqual([file.name]);
  expect(seen.at(-1)).toBe(content.length);
});

test('after broken connections it goes on where it was', async () => {
  serve(content, { breaksAfter: [1_000_000, 500_000] });
  await downloadFile({ source: fromServer(), file, target });
  expect((await readFile(target)).equals(content)).toBe(true);
  const [first, second, third] = server.requests;
  expect(first).toBe('/tiny/graph.onnx');
  for (const request of [second, third]) expect(request).toMatch(/^\/tiny\/graph\.onnx bytes=[1-9]\d*-$/);
});

test('an earlier run is continued, also of a server that knows no ranges', async () => {
  await writeFile(`${target}.part`, content.subarray(0, 1_234_567));
  serve(content);
  await downloadFile({ source: fromServer(), file, target });
  expect(server.requests).toEqual(['/tiny/graph.onnx bytes=1234567-']);
  await rm(target);
  await writeFile(`${target}.part`, content.subarray(0, 1_234_567));
  serve(content, { ignoresRange: true });
  expect(await downloadFile({ source: fromServer(), file, target })).toEqual({ state: 'verified' });
});

test('a server that breaks off again and again is given up, and what came is kept for the next time', async () => {
  serve(content, { breaksAfter: [1000, 1000] });
  await expect(downloadFile({ source: fromServer(), file, target, attempts: 2 })).rejects.toMatchObject({
    code: 'model-download-failed',
  });
  expect(await readdir(folder)).toEqual(['graph.onnx.part']);
});

test('other content is refused with both hashes, and leaves nothing', async () => {
  const other = Buffer.from(content);
  other[5] = 1 + (other[5] ?? 0);
  serve(other);
  const found = createHash('sha256').update(other).digest('hex');
  await expect(downloadFile({ source: fromServer(), file, target })).rejects.toMatchObject({
    code: 'model-hash-wrong',
    message: expect.stringMatching(new RegExp(`${found}.*${sha256}`)),
  });
  expect(await readdir(folder)).toEqual([]);
});

test('a file that the server itself holds cut short is refused with both hashes', async () => {
  const short = content.subarray(0, 1_000_000);
  serve(short);
  const found = createHash('sha256').update(short).digest('hex');
  await expect(downloadFile({ source: fromServer(), file, target, attempts: 2 })).rejects.toMatchObject({
    code: 'model-truncated',
    message: expect.stringMatching(new RegExp(`only 1000000 bytes of the 3000000.*${found}.*${sha256}`)),
  });
  expect(await readdir(folder)).toEqual(['graph.onnx.part']);
});

test('a file that is longer than it should be is not taken', async () => {
  serve(Buffer.concat([content, Buffer.from('more')]));
  await expect(downloadFile({ source: fromServer(), file, target })).rejects.toMatchObject({
    code: 'model-truncated',
    message: expect.stringContaining('more than the 3000000 bytes'),
  });
  expect(await readdir(folder)).not.toContain('graph.onnx');
});

test('an address without the file is named', async () => {
  await expect(downloadFile({ source: fromServer(), file, target })).rejects.toMatchObject({
    code: 'model-source-missing',
    message: expect.stringContaining(`${server.url}/tiny/graph.onnx`),
  });
});

const noFull = existsSync('/dev/full') ? '' : ' (skipped: this system has no /dev/full)';
test.skipIf(noFull !== '')(`a full disk is said to be full${noFull}`, async () => {
  serve(content);
  // Linux: every write to it fails with "no space left on device".
  await symlink('/dev/full', `${target}.part`);
  await expect(downloadFile({ source: fromServer(), file, target })).rejects.toMatchObject({
    code: 'model-disk-full',
    message: expect.stringContaining('(3 MB)'),
  });
});

test('without a digest it is taken, and said not to be verified', async () => {
  serve(content);
  const unknown = { name: file.name, bytes: null, sha256: null };
  expect(await downloadFile({ source: fromServer(), file: unknown, target })).toEqual({
    state: 'not-verified',
    sha256,
  });
});

test('a folder serves as well as the web', async () => {
  const stick = await mkdtemp(join(tmpdir(), 'stick-'));
  await writeFile(join(stick, file.name), content);
  expect(await downloadFile({ source: folderSource(stick), file, target })).toEqual({ state: 'verified' });
  await rm(join(stick, file.name));
  await rm(target);
  await expect(downloadFile({ source: folderSource(stick), file, target })).rejects.toMatchObject({
    code: 'model-source-missing',
  });
  await rm(stick, { recursive: true });
});
