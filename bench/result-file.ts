import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Leaves what was measured as JSON in a file, or on standard output where none is named. */
export function leaveResult(result: object, file: string | undefined): void {
  if (file === undefined) process.stdout.write(textOf(result));
  else writeResult(result, file);
}

/** For a bench that also shows its figures in its own way. Makes the folders that are not there. */
export function writeResult(result: object, file: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, textOf(result));
}

function textOf(result: object): string {
  return `${JSON.stringify(result, null, 2)}\n`;
}
