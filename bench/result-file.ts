import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Leaves what was measured as JSON in a file, or on standard output where none is named. */
export function leaveResult(result: object, file: string | undefined): void {
  const text = `${JSON.stringify(result, null, 2)}\n`;
  if (file === undefined) {
    process.stdout.write(text);
    return;
  }
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
