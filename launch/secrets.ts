/** The generated LiveKit key pair, kept so that links to rooms survive a restart. Never logged, never `devkey`. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface LivekitKeys {
  readonly apiKey: string;
  /** At least 32 characters: it also signs captions and uplink tokens. */
  readonly apiSecret: string;
}

const SECRET_BYTES = 32;

export function generateKeys(): LivekitKeys {
  return {
    apiKey: `API${randomBytes(8).toString('hex')}`,
    apiSecret: randomBytes(SECRET_BYTES).toString('base64url'),
  };
}

/** Reads the keys in `stateFolder`, or makes them. Unreadable ones are replaced: links of old rooms then end. */
export function keptKeys(stateFolder: string): LivekitKeys {
  const file = join(stateFolder, 'secrets.json');
  const kept = readKeys(file);
  if (kept !== null) return kept;
  const keys = generateKeys();
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, `${JSON.stringify(keys)}\n`, { mode: 0o600 });
  return keys;
}

/** Opens the status page and `/metrics`. Kept beside the keys, for whoever may read that folder. */
export function keptOperatorToken(stateFolder: string): string {
  const file = join(stateFolder, 'operator-token');
  try {
    const kept = readFileSync(file, 'utf8').trim();
    if (kept.length >= 32) return kept;
  } catch {
    // absent on the first start
  }
  const token = randomBytes(SECRET_BYTES).toString('base64url');
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, `${token}\n`, { mode: 0o600 });
  return token;
}

function readKeys(file: string): LivekitKeys | null {
  try {
    const { apiKey, apiSecret } = JSON.parse(readFileSync(file, 'utf8')) as Partial<LivekitKeys>;
    if (typeof apiKey !== 'string' || typeof apiSecret !== 'string' || apiSecret.length < 32) return null;
    return { apiKey, apiSecret };
  } catch {
    return null; // absent on the first start
  }
}
