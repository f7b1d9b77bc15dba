/** Builds what runs (not tests or benches) when the sources are others than at the last build. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './command.mjs';
import { withLock } from './lock.mjs';
import { step } from './progress.mjs';

const PROGRAMS = ['protocol', 'runtime', 'agents', 'gateway', 'demo', 'launch'];
const PAGES = ['client-overlay'];
const PAGE_CONFIGS = [
  'vite.config.ts',
  'vite.overlay.config.ts',
  'vite.captions-page.config.ts',
  'vite.pages.config.ts',
];
const SETTINGS = ['package-lock.json', 'tsconfig.base.json', ...PAGE_CONFIGS];
const SKIPPED = new Set(['node_modules', 'dist', 'samples']);

export async function buildIfStale(root, { verbose }) {
  const programs = part(root, 'programs', PROGRAMS);
  const pages = part(root, 'pages', [...PAGES, 'protocol']);
  if (programs.fresh() && pages.fresh()) return;
  await withLock(join(root, '.surtitre', 'build.lock'), async () => {
    if (!programs.fresh()) {
      await step('Compiling', () =>
        run(...tool(root, 'typescript/bin/tsc', ['-b', ...PROGRAMS]), { cwd: root, verbose }),
      );
      programs.stamp();
    }
    if (!pages.fresh()) {
      await step('Building the pages', async () => {
        for (const config of PAGE_CONFIGS) {
          if (!existsSync(join(root, config))) continue;
          const args = ['build', '--config', config, '--logLevel', 'warn'];
          await run(...tool(root, 'vite/bin/vite.js', args), { cwd: root, verbose });
        }
      });
      pages.stamp();
    }
  });
}

/** A tool of node_modules, run by this same Node. */
export function tool(root, path, args) {
  return [process.execPath, [join(root, 'node_modules', path), ...args]];
}

function part(root, name, folders) {
  const stampFile = join(root, 'dist', `.built-${name}`);
  const digest = digestOf(root, folders);
  return {
    // Read anew each time: another process may have built while this one waited for the lock.
    fresh: () => existsSync(stampFile) && readFileSync(stampFile, 'utf8') === digest,
    stamp: () => {
      mkdirSync(join(root, 'dist'), { recursive: true });
      rmSync(stampFile, { force: true });
      writeFileSync(stampFile, digest);
    },
  };
}

/** Contents, not times: a checkout changes times and a copied folder keeps them. */
function digestOf(root, folders) {
  const hash = createHash('sha256');
  const add = (path) =>
    hash
      .update(path)
      .update('\0')
      .update(readFileSync(join(root, path)))
      .update('\0');
  const walk = (folder) => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true }).sort(byName)) {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        if (!SKIPPED.has(entry.name)) walk(path);
      } else if (!/\.test\.tsx?$/.test(entry.name)) add(path);
    }
  };
  for (const folder of folders) walk(folder);
  for (const file of SETTINGS) if (existsSync(join(root, file))) add(file);
  return hash.digest('hex');
}

function byName(a, b) {
  return a.name < b.name ? -1 : 1;
}
