/** What the documents point at is there: linked files and headings, and the tests, benches and results that they name. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';

const DOCUMENTS = ['README.md', 'CHANGELOG.md', ...documentsIn('docs')];
const LINK = /\]\((?!https?:)([^)\s]+)\)/g;
/** In prose or in a command, but for what the command writes; stars stand for several. */
const NAMED = /(?<!--results |[\w./-])((?:test|bench|ops|k8s)\/[\w./-]+\.(?:ts|json|txt|yaml|yml))(?![\w*])/g;

it.each(DOCUMENTS)('%s leads nowhere that does not exist', (document) => {
  const text = readFileSync(document, 'utf8');
  const linked = [...text.matchAll(LINK)].map(([, target]) => target ?? '');
  const broken = linked.filter((target) => !resolves(document, target));
  const named = [...text.matchAll(NAMED)].map(([, path]) => path ?? '');
  expect({ broken, missing: named.filter((path) => !existsSync(path)) }).toEqual({ broken: [], missing: [] });
});

it('every “yes” of ours in the comparisons is a link to a test', () => {
  for (const document of ['README.md', 'docs/comparison.md']) {
    const rows = readFileSync(document, 'utf8').matchAll(/^\| ([^|]+) \| ([^|]*yes[^|]*) \|/gm);
    const ours = [...rows].map(([, what, cell]) => `${what}: ${cell}`);
    expect(ours.length).toBeGreaterThan(5);
    expect(ours.filter((row) => !/\[yes\]\((\.\.\/)?test\/[\w./-]+\.test\.ts\)$/.test(row))).toEqual([]);
  }
});

function resolves(document: string, target: string): boolean {
  const [path = '', heading] = target.split('#');
  const file = path === '' ? document : join(dirname(document), path);
  if (!existsSync(file)) return false;
  return heading === undefined || headingsOf(file).includes(heading);
}

/** As GitHub writes them in addresses. */
function headingsOf(file: string): string[] {
  return [...readFileSync(file, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    (heading ?? '')
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

function documentsIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .map((path) => join(folder, path));
}
