/** How the compared servers get their updates: over one WebSocket, a message per room and step. */
import { Packr } from 'msgpackr';
import { WebSocket } from 'ws';
import type { Update } from '../peer.ts';

const packr = new Packr({ useRecords: false });

export interface FedStep {
  readonly room: number;
  readonly updates: readonly Update[];
}

export function unpackStep(message: Uint8Array): FedStep {
  const [room, updates] = packr.unpack(message) as [number, [number, number, string, number, number][]];
  return {
    room,
    updates: updates.map(([utterance, offset, text, startMs, endMs]) => ({
      utterance,
      offset,
      text,
      startMs,
      endMs,
    })),
  };
}

/** Positional, as compact as ours: raw servers pass it on as it is. */
export function packUpdate({ utterance, offset, text, startMs, endMs }: Update): Buffer {
  return packr.pack([1, utterance, offset, text, startMs, endMs - startMs]);
}

export interface Feed {
  publish(room: number, updates: readonly Update[]): void;
  close(): void;
}

export async function openFeed(port: number): Promise<Feed> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/feed`, { perMessageDeflate: false });
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  return {
    publish(room, updates) {
      const rows = updates.map((one) => [one.utterance, one.offset, one.text, one.startMs, one.endMs]);
      socket.send(packr.pack([room, rows]));
    },
    close: () => socket.terminate(),
  };
}
