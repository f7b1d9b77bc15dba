/** The keys of rooms that this browser created. The newest {@link KEPT_ROOMS} are kept. */
import { isRecord, readStored, writeStored } from './browser-storage.ts';

const STORAGE_KEY = 'surtitre.host-keys';
const KEPT_ROOMS = 50;

function readHostKeys(): [roomId: string, hostKey: string][] {
  const stored = readStored(STORAGE_KEY);
  if (!isRecord(stored)) return [];
  return Object.entries(stored).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
}

export function hostKeyOf(roomId: string): string | undefined {
  return readHostKeys().find(([room]) => room === roomId)?.[1];
}

export function rememberHostKey(roomId: string, hostKey: string): void {
  const others = readHostKeys().filter(([room]) => room !== roomId);
  writeStored(STORAGE_KEY, Object.fromEntries([...others, [roomId, hostKey]].slice(-KEPT_ROOMS)));
}
