import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The newest dated file of this kind, or null where nothing was measured yet. */
export function newestResultFile(kind: string, folder = 'bench/results'): string | null {
  const dated = new RegExp(`^${kind}-\\d{4}-\\d{2}-\\d{2}\\.json$`);
  const newest = readdirSync(folder)
    .filter((file) => dated.test(file))
    .sort()
    .at(-1);
  return newest === undefined ? null : join(folder, newest);
}

export function newestResult<Result>(kind: string): Result | null {
  const file = newestResultFile(kind);
  return file === null ? null : (JSON.parse(readFileSync(file, 'utf8')) as Result);
}
