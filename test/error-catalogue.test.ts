/** Every error code that a person may meet is documented, and every documented one exists. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const FOLDERS = ['runtime', 'agents', 'gateway', 'launch', 'demo'];
const NEW_ERROR = /new SurtitreError\(\s*'([a-z-]+)'/g;

function codesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
    .flatMap((path) => [...readFileSync(join(folder, path), 'utf8').matchAll(NEW_ERROR)])
    .map(([, code]) => code ?? '');
}

it('docs/errors.md lists exactly the codes in the sources', () => {
  const rows = readFileSync('docs/errors.md', 'utf8').matchAll(/^\| (`[a-z-]+`(?:, `[a-z-]+`)*) \|/gm);
  const documented = [...rows].flatMap(([, codes]) => codes?.match(/[a-z-]+/g) ?? []);
  expect([...new Set(documented)].sort()).toEqual([...new Set(FOLDERS.flatMap(codesIn))].sort());
});
