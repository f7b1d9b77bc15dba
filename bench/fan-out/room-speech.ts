/** An agent that speaks in many rooms through the real uplink, and knows what it said. */
import { randomUUID } from 'node:crypto';
import { GatewayUplink } from '../../agents/uplink/gateway-uplink.ts';
import type { CaptionLines } from '../../client-overlay/overlay/caption-lines.ts';
import { createLog } from '../../runtime/log.ts';
import { KEYS, roomName } from './peers/surtitre.ts';

const WORDS_PER_TURN = 20;
const MAX_HELD_BYTES = 64 * 1_048_576;

export interface Heard {
  /** Every utterance is there, with all of its text. */
  readonly isComplete: boolean;
  readonly gaps: number;
}

export class RoomSpeech {
  readonly #uplink: GatewayUplink;
  readonly #said: string[][];
  #timer: NodeJS.Timeout | undefined;
  #words = 0;

  constructor(uplinkUrl: string, rooms: number) {
    this.#said = Array.from({ length: rooms }, () => []);
    this.#uplink = new GatewayUplink({
      url: uplinkUrl,
      apiSecret: KEYS.LIVEKIT_API_SECRET,
      agentId: 'bench',
      sessionId: randomUUID(),
      log: createLog('agent', 'silent'),
      maxTotalBytes: MAX_HELD_BYTES,
    });
    this.#uplink.connect();
  }

  /** So many words a second in every room, the rooms one after the other. */
  start(wordsPerSecond: number): void {
    const rooms = this.#said.length;
    for (let room = 0; room < rooms; room += 1) {
      this.#uplink.send(roomName(room), [{ type: 'status', state: 'live', sinceMs: Date.now() }], null);
    }
    const began = performance.now();
    this.#timer = setInterval(() => {
      const due = ((performance.now() - began) / 1_000) * wordsPerSecond * rooms;
      while (this.#words < due) this.#say(this.#words++ % rooms);
    }, 5);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  heard(room: number, { utterances, gaps }: CaptionLines): Heard {
    const said = this.#said[room] ?? [];
    const isComplete =
      utterances.length === said.length && utterances.every(({ text }, index) => text === said[index]);
    return { isComplete, gaps: gaps.length };
  }

  async close(): Promise<void> {
    this.stop();
    await this.#uplink.close(0);
  }

  #say(room: number): void {
    const turns = this.#said[room] ?? [];
    const words = this.#words;
    const now = Date.now();
    const previous = turns.at(-1);
    const isNewTurn = previous === undefined || previous.split(' ').length > WORDS_PER_TURN;
    const text = previous === undefined || isNewTurn ? `word${words}` : ` word${words}`;
    const utterance = isNewTurn ? turns.length + 1 : turns.length;
    const offset = isNewTurn ? 0 : previous.length;
    const appended = { type: 'appended', utterance, offset, text, startMs: now - 300, endMs: now } as const;
    const times = {
      audioMs: now,
      readUs: 0,
      gatheredUs: 0,
      steppedUs: 0,
      sentUs: 0,
      receivedUs: 0,
      publishedUs: 0,
    };
    if (!isNewTurn) {
      turns[turns.length - 1] = previous + text;
      this.#uplink.send(roomName(room), [appended], times);
      return;
    }
    turns.push(text);
    const speaker = { identity: 'p-ana', name: 'Ana', trackSid: 'TR_ana' };
    const closed =
      previous === undefined
        ? []
        : [{ type: 'closed', utterance: utterance - 1, length: previous.length, endMs: now } as const];
    const opened = {
      type: 'opened',
      utterance,
      speaker,
      language: 'en',
      source: 'machine',
      startMs: now - 300,
    } as const;
    this.#uplink.send(roomName(room), [...closed, opened, appended], times);
  }
}
