/** Programs on this machine that are not ours: the media server, and what tests and benches run beside the product. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Absolute path of the first of `names` that is in one of the folders of `searchPath` (as in PATH); null: none is. */
export function findExecutable(names: readonly string[], searchPath = ''): string | null {
  const folders = searchPath.split(delimiter).filter((folder) => folder !== '');
  const paths = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  return paths.find(isExecutable) ?? null;
}
