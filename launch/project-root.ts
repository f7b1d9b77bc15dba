/** Folders of this installation. The same code runs from `launch/` (tests) and from `dist/launch/`. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const projectRoot = folderWith('package.json', dirname(fileURLToPath(import.meta.url)));

/** What starts leave behind between runs: secrets, logs, the media server. Ignored by git. */
export const defaultStateFolder = join(projectRoot, '.surtitre');

/** A compiled program, e.g. `compiledProgram('gateway/main.js')`. */
export function compiledProgram(path: string): string {
  return join(projectRoot, 'dist', path);
}

function folderWith(file: string, from: string): string {
  if (existsSync(join(from, file))) return from;
  const parent = dirname(from);
  if (parent === from) throw new Error(`no ${file} in any folder above`);
  return folderWith(file, parent);
}
