/** Full-range weights in 8 bits give wrong words on processors that saturate, unless ONNX Runtime is told. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { addsByteProductsExactly } from './byte-products.ts';

const folder = mkdtempSync(join(tmpdir(), 'surtitre-processor-'));
afterAll(() => rmSync(folder, { recursive: true }));

function processor(flags: string): string {
  const file = join(folder, flags.replaceAll(' ', '-'));
  writeFileSync(
    file,
    `processor\t: 0\nmodel name\t: avx512_vnni\nflags\t\t: fpu sse2 ${flags} avx2\nbugs\t\t: none\n`,
  );
  return file;
}

test.each([
  ['x64', 'fma', false],
  ['x64', 'avx512f avx512bw', false],
  ['x64', 'avx512f avx512_vnni', true],
  ['x64', 'avx_vnni', true],
  ['x64', 'avx_vnni_int8', false],
  ['arm64', 'asimd', true],
])('%s with %s: %s', (architecture, flags, exact) => {
  expect(addsByteProductsExactly(architecture as NodeJS.Architecture, processor(flags))).toBe(exact);
});

test('rather slow than wrong where nobody tells', () => {
  expect(addsByteProductsExactly('x64', join(folder, 'no such file'))).toBe(false);
});
