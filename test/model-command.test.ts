/** `npm run model` as a process, against a mirror on this machine. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileServer } from './support/file-server.ts';

const COMMAND = 'dist/agents/models/model-command.js';
const reason = existsSync(COMMAND) ? '' : ` (skipped: ${COMMAND} is not there; run npm run build)`;

const graph = Buffer.from('a graph');
const digest = createHash('sha256').update(graph).digest('hex');
const manifest = {
  kind: 'step',
  name: 'tiny',
  licence: 'MIT',
  languages: ['fr', 'en'],
  sampleRateHz: 16_000,
  frameMs: 80,
  delayMs: 320,
  tokenizer: { type: 'base64-pieces', file: 'vocabulary.json', size: 10 },
  origin: null,
  files: [{ name: 'step.onnx', bytes: graph.length, sha256: digest as string | null }],
};

describe.skipIf(reason !== '')(`npm run model${reason}`, () => {
  let server: FileServer;
  let models = '';

  beforeEach(async () => {
    server = await FileServer.start();
    models = await mkdtemp(join(tmpdir(), 'models-'));
  });
  afterEach(async () => {
    await server.close();
    await rm(models, { recursive: true });
  });

  function serve(change: Partial<typeof manifest> = {}): void {
    const text = JSON.stringify({ ...manifest, ...change });
    server.files.set('/tiny/manifest.json', { content: Buffer.from(text) });
    server.files.set('/tiny/step.onnx', { content: graph });
  }

  function model(args: readonly string[], env: Record<string, string> = {}) {
    return new Promise<{ code: number; out: string; err: string }>((resolve) => {
      execFile(
        process.execPath,
        [COMMAND, ...args, '--models', models],
        { env: { PATH: process.env.PATH, ...env } },
        (error, out, err) => resolve({ code: Number(error?.code ?? 0), out, err }),
      );
    });
  }

  it('takes a model that it has never heard of from a mirror, and verifies it', async () => {
    serve();
    const env = { SURTITRE_MODEL_MIRROR: server.url, SURTITRE_MODEL_TOKEN: 'sesame' };
    expect(await model(['get', 'tiny'], env)).toMatchObject({
      code: 0,
      out: expect.stringContaining('step.onnx: fetched, verified'),
    });
    expect(server.requests).toEqual(['/tiny/manifest.json Bearer sesame', '/tiny/step.onnx Bearer sesame']);
    expect((await model(['list'])).out).toMatch(/tiny +step +fr en +320 ms +0\.0 MB +complete +MIT/);
    expect(await model(['verify'])).toMatchObject({ code: 0, out: 'tiny/step.onnx: verified\n' });
    expect((await model(['get', 'tiny'], env)).out).toContain('step.onnx: was here, verified');
  });

  it('ends with 1 and both hashes when a file was changed', async () => {
    serve();
    await model(['get', 'tiny', '--from', server.url]);
    await writeFile(join(models, 'tiny', 'step.onnx'), 'a groph');
    const { code, out } = await model(['verify', 'tiny']);
    expect(code).toBe(1);
    expect(out).toMatch(new RegExp(`tiny/step.onnx: WRONG: its sha256 is [0-9a-f]{64}, .*${digest}`));
  });

  it('leaves no manifest of a model whose files it could not get', async () => {
    serve();
    server.files.delete('/tiny/step.onnx');
    const { code, err } = await model(['get', 'tiny', '--from', server.url]);
    expect(code).toBe(1);
    expect(err).toContain(`There is no ${server.url}/tiny/step.onnx.`);
    expect(existsSync(join(models, 'tiny', 'manifest.json'))).toBe(false);
  });

  it('takes what it cannot verify only when told to, and says so', async () => {
    const files = [{ name: 'step.onnx', bytes: graph.length, sha256: null }];
    serve({ files });
    const refused = await model(['get', 'tiny', '--from', server.url]);
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('Add --unverified') });
    const { code, out } = await model(['get', 'tiny', '--from', server.url, '--unverified']);
    expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining(`NOT VERIFIED`) });
    expect(out).toContain(digest);
  });

  it('works from a folder, without any network', async () => {
    const stick = await mkdtemp(join(tmpdir(), 'stick-'));
    await mkdir(join(stick, 'tiny'));
    await writeFile(join(stick, 'tiny', 'manifest.json'), JSON.stringify(manifest));
    await writeFile(join(stick, 'tiny', 'step.onnx'), graph);
    expect((await model(['get', 'tiny', '--from', stick])).code).toBe(0);
    expect((await readdir(join(models, 'tiny'))).sort()).toEqual(['manifest.json', 'step.onnx']);
    await rm(stick, { recursive: true });
  });

  it('names the models that there are when asked for another, and explains itself', async () => {
    const unknown = await model(['get', 'grand']);
    expect(unknown).toMatchObject({ code: 1, err: expect.stringContaining('No model is called grand') });
    expect(await model(['--help'])).toMatchObject({ code: 0, out: expect.stringContaining('verify [NAME]') });
    expect(await model(['melt'])).toMatchObject({ code: 2 });
  });
});
