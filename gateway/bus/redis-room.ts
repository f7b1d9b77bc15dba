/**
 * One room of the bus in Redis, as one node sees it: subscribes, reads what it lacks, hands entries over in order,
 * and appends with at most one call under way, so that a room's inputs never overtake each other; what comes
 * meanwhile goes into the log as one entry. Invariant: `#run` is the only place that reads, and runs once at a
 * time, so a crowd of viewers costs one read.
 */
import { randomBytes } from 'node:crypto';
import { MalformedMessage } from '../../protocol/malformed-message.ts';
import type { Logger } from '../../runtime/log.ts';
import {
  type Attendance,
  type Attended,
  BusUnavailable,
  newEpoch,
  type RoomEntry,
  type RoomFollower,
  type Taken,
} from './caption-bus.ts';
import { type Envelope, readEnvelope } from './envelope.ts';
import { LogCursor } from './log-cursor.ts';
import type { RedisLink } from './redis-link.ts';
import { APPEND, ATTEND, LEAD, READ, RENEW, roomKeys, SAVE } from './redis-scripts.ts';
import { liveSince, packInput, type RoomInput } from './room-input.ts';

/** Agents hold what was not taken, and are told to come back with it. */
const MAX_WAITING_INPUTS = 512;
/** Entries that arrive while the past is being read. More are not kept: the rest is read again. */
const MAX_EARLY = 64;
const SAVE_EVERY = 512;
/** Nodes that lag by less need not read the whole room. */
const KEPT_BEFORE_COPY = 256;
/** Far beyond {@link SAVE_EVERY}: bounds the log when copies cannot be saved. */
const MAX_ENTRIES = 8_192;
/** Own entries come back through the subscription; if they do not, it is not what it seems. */
const ECHO_MS = 250;
const RETRY_MS = 250;
/** A node's word about its viewers and agents holds so long: two of them may fail before it no longer counts. */
const ATTENDANCE_MS = 12_000;

export interface RedisRoomOptions {
  readonly room: string;
  readonly node: string;
  readonly link: RedisLink;
  readonly follower: RoomFollower;
  readonly keepS: number;
  readonly log: Logger;
  readonly onRead: () => void;
  readonly onRewritten: () => void;
}

interface Waiting {
  readonly input: RoomInput;
  readonly resolve: (taken: Taken) => void;
  readonly reject: (error: Error) => void;
}

const TAKEN: Readonly<Record<string, Taken>> = { n: 'taken', h: 'taken', d: 'duplicate', o: 'over' };

export class RedisRoom {
  readonly #options: RedisRoomOptions;
  readonly #keys: string[];
  readonly #cursor = new LogCursor();
  #early: Envelope[] = [];
  #isSubscribed = false;
  #state: 'reading' | 'following' | 'closed' = 'reading';
  #isRunning = false;
  #mustRead = true;
  #queue: Waiting[] = [];
  #isAppending = false;
  #isSaving = false;
  #mustPurge = false;
  /** The bus has lost what this node holds, and nobody has put it there again. */
  #mustRenew = false;
  #retry: NodeJS.Timeout | undefined;
  #echo: NodeJS.Timeout | undefined;

  constructor(options: RedisRoomOptions) {
    this.#options = options;
    this.#keys = roomKeys(options.room);
  }

  /** The link stands (again): nothing is known of what happened meanwhile. */
  handleUp(): void {
    this.#read();
  }

  handleDown(): void {
    this.#isSubscribed = false;
    if (this.#state === 'following') this.#state = 'reading';
    this.#early = [];
    clearTimeout(this.#echo);
    this.#refuseAll();
  }

  append(input: RoomInput): Promise<Taken> {
    if (this.#state === 'closed' || !this.#options.link.isUp || this.#queue.length >= MAX_WAITING_INPUTS) {
      return Promise.reject(new BusUnavailable('the bus takes nothing at present'));
    }
    return new Promise((resolve, reject) => {
      this.#queue.push({ input, resolve, reject });
      void this.#appendNext();
    });
  }

  async attend({ viewers, serving }: Attendance): Promise<Attended> {
    const { link, node, keepS } = this.#options;
    const isServing = serving === null ? '0' : '1';
    const args = [node, String(viewers), isServing, String(ATTENDANCE_MS), String(keepS)];
    const { epoch, offset } = this.#cursor;
    const answer = (await link.call(ATTEND, this.#keys, args)) as number[];
    const [foundEpoch, foundOffset = 0, foundTag, viewersElsewhere = 0, isConnected, isCopyGone] = answer;
    if (this.#state === 'following' && epoch === this.#cursor.epoch) {
      const isSame = foundOffset === this.#cursor.offset && foundTag === this.#cursor.tag;
      if (foundEpoch !== epoch || foundOffset < offset) this.#read();
      else if (foundOffset === this.#cursor.offset && !isSame) this.#read();
      else if (!isSame) this.#expectEcho(foundOffset);
      else if (isCopyGone === 1 || this.#mustPurge) void this.#save();
    }
    return { viewersElsewhere, isAgentConnected: isConnected === 1 };
  }

  async lead(): Promise<boolean> {
    const { link, node } = this.#options;
    return (await link.call(LEAD, this.#keys, [node, String(ATTENDANCE_MS)])) === 1;
  }

  /** Nothing is handed over any more. */
  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    clearTimeout(this.#retry);
    clearTimeout(this.#echo);
    this.#refuseAll();
    if (this.#isSubscribed) this.#options.link.unsubscribe(this.#channel, this.#handleMessage);
  }

  get #isFollowing(): boolean {
    return this.#state === 'following';
  }

  get #channel(): string {
    return this.#keys[3] as string;
  }

  // --- reading ---

  readonly #handleMessage = (message: Buffer): void => {
    if (this.#state === 'closed') return;
    const envelope = this.#open(message);
    if (envelope === null) return;
    if (this.#isFollowing) this.#handOver(envelope);
    else if (this.#early.length < MAX_EARLY) this.#early.push(envelope);
    else {
      this.#early = [];
      this.#mustRead = true;
    }
  };

  #handOver(envelope: Envelope): void {
    const arrival = this.#cursor.take(envelope);
    if (arrival === 'next') this.#apply(envelope);
    else if (arrival === 'astray') this.#read();
    else if (arrival === 'erased') this.#handleErased();
  }

  #apply(envelope: Envelope): void {
    this.#options.follower.handleEntry(entryOf(envelope));
    // What the host erased must not stay in the log; a copy without it takes the log's place.
    if (envelope.inputs.some(({ type }) => type === 'wiped')) this.#mustPurge = true;
    if (this.#mustPurge) void this.#save();
  }

  /** What cannot be read was not written by a gateway of this version; it must not end the process. */
  #open(message: Buffer): Envelope | null {
    try {
      return readEnvelope(message);
    } catch (error) {
      if (!(error instanceof MalformedMessage)) throw error;
      this.#options.log.error({ err: error, room: this.#options.room }, 'malformed message on the bus');
      return null;
    }
  }

  #handleErased(): void {
    const { follower } = this.#options;
    this.close();
    follower.handleErased();
  }

  #read(): void {
    this.#mustRead = true;
    if (this.#state === 'following') this.#state = 'reading';
    void this.#run();
  }

  async #run(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    const { link } = this.#options;
    clearTimeout(this.#retry);
    try {
      while (this.#mustRead && this.#state !== 'closed' && link.isUp) {
        this.#mustRead = false;
        if (!this.#isSubscribed) {
          await link.subscribe(this.#channel, this.#handleMessage);
          this.#isSubscribed = true;
        }
        await this.#readOnce();
        // What came meanwhile may be of another epoch, and then it all has to be read again.
        if (!this.#mustRead && this.#state === 'reading' && link.isUp) this.#follow();
      }
    } catch (error) {
      this.#mustRead = true;
      if (!(error instanceof BusUnavailable)) throw error;
      if (link.isUp && this.#state !== 'closed') {
        this.#retry = setTimeout(() => void this.#run(), RETRY_MS * (1 + Math.random()));
      }
    } finally {
      this.#isRunning = false;
    }
  }

  #follow(): void {
    this.#state = 'following';
    const early = this.#early;
    this.#early = [];
    for (const envelope of early) if (this.#isFollowing) this.#handOver(envelope);
    if (!this.#isFollowing) return;
    this.#options.follower.handleCaughtUp();
    if (this.#mustPurge) void this.#save();
    void this.#appendNext();
  }

  /** Everything after the cursor; or, when that cannot be, all there is. */
  async #readOnce(): Promise<void> {
    const { epoch, offset } = this.#cursor;
    const answer = await this.#callRead(epoch, offset);
    if (this.#state === 'closed') return;
    switch (answer[0]) {
      case 'rest': {
        const outcome = this.#continue(entries(answer[4]), answer[2], answer[3]);
        if (outcome !== 'continued') await this.#readAll(outcome);
        else if (this.#mustRenew) await this.#renew(epoch, this.#cursor.offset);
        break;
      }
      case 'past':
        await this.#takePast(answer, epoch === 0 ? 'new' : 'another');
        break;
      case 'cut':
        await this.#takePast(answer, 'diverged');
        break;
      case 'gone':
        await this.#renew(0, 0);
        break;
      case 'erased':
        this.#handleErased();
        break;
    }
  }

  async #readAll(why: 'behind' | 'diverged'): Promise<void> {
    const { epoch } = this.#cursor;
    const answer = await this.#callRead(0, 0);
    if (this.#state === 'closed') return;
    await this.#takePast(answer, answer[1] === epoch ? why : 'another');
  }

  async #callRead(epoch: number, offset: number): Promise<ReadAnswer> {
    const { link, keepS, onRead } = this.#options;
    onRead();
    const args = [String(epoch), String(offset), String(newEpoch()), String(keepS)];
    const [kind, ...rest] = (await link.call(READ, this.#keys, args)) as [Buffer, ...unknown[]];
    return [kind.toString(), ...rest] as ReadAnswer;
  }

  /** `behind`: the log begins later than what this node needs. `diverged`: it says something else. */
  #continue(messages: readonly Buffer[], end: number, tag: number): 'continued' | 'behind' | 'diverged' {
    for (const message of messages) {
      const envelope = this.#open(message);
      if (!envelope || envelope.offset !== this.#cursor.offset + 1) return 'behind';
      if (this.#cursor.take(envelope) !== 'next') return 'diverged';
      this.#apply(envelope);
    }
    if (this.#cursor.offset !== end) return 'behind';
    return this.#cursor.tag === tag ? 'continued' : 'diverged';
  }

  /**
   * `another`: not the numbering that this node followed; `diverged`: the same, but it says something else. Whoever
   * holds what the bus has lost gives it back under a new epoch, so that nobody takes one log for the other.
   */
  async #takePast(past: ReadAnswer, why: 'new' | 'another' | 'behind' | 'diverged'): Promise<void> {
    const [, epoch, offset, tag, copyOffset, copy, stream] = past;
    const envelopes = entries(stream).flatMap((message) => this.#open(message) ?? []);
    const saved = copy.length === 0 ? null : copy;
    const firstOffset = (saved ? copyOffset : 0) + 1;
    const knownOffset = this.#cursor.offset;
    this.#cursor.moveTo({ epoch, offset: why === 'diverged' ? Math.max(knownOffset, offset) : offset, tag });
    const holdsMore = this.#options.follower.handlePast({
      epoch,
      offset: this.#cursor.offset,
      saved,
      entries: envelopes.map(entryOf),
      isComplete: offset < firstOffset || envelopes[0]?.offset === firstOffset,
      isRewritten: why === 'another' || why === 'diverged',
    });
    if (saved !== null && !holdsMore) this.#mustRenew = false;
    // Of another numbering: nobody who knew the former one has told yet what was in it, or only one who knew less.
    const isPoorer = why === 'another' && (saved === null || holdsMore);
    if (why === 'diverged' || isPoorer) await this.#renew(epoch, offset);
  }

  /** Puts this node's copy of the room in the place of what the bus has at `epoch` and `offset`. */
  async #renew(epoch: number, offset: number): Promise<void> {
    const { link, follower, keepS, onRewritten } = this.#options;
    this.#mustRenew = true;
    const position = { epoch: newEpoch(), offset: Math.max(this.#cursor.offset, offset) + 1, tag: newTag() };
    const copy = Buffer.from(follower.saveAfterLoss());
    const numbers = [epoch, offset, position.epoch, position.offset, position.tag].map(String);
    const args = [link.isSharded ? '1' : '0', ...numbers, copy, String(keepS)];
    const isDone = (await link.call(RENEW, this.#keys, args)) === 1;
    if (this.#state === 'closed') return;
    if (!isDone) {
      // Another node was first, or the log has only grown: reading tells which.
      this.#mustRead = true;
      return;
    }
    this.#mustRenew = false;
    onRewritten();
    this.#cursor.moveTo(position);
    follower.handlePast({
      ...position,
      saved: copy,
      entries: [],
      isComplete: true,
      isRewritten: true,
    });
  }

  /** If this node has not heard of entry `offset` after a moment, its subscription is not what it seems. */
  #expectEcho(offset: number): void {
    clearTimeout(this.#echo);
    const { epoch } = this.#cursor;
    this.#echo = setTimeout(() => {
      const isBehind = this.#cursor.epoch === epoch && this.#cursor.offset < offset;
      if (isBehind && this.#state === 'following') this.#read();
    }, ECHO_MS);
  }

  // --- appending ---

  async #appendNext(): Promise<void> {
    if (this.#isAppending || this.#state !== 'following' || this.#queue.length === 0) return;
    this.#isAppending = true;
    const batch = this.#queue;
    this.#queue = [];
    try {
      const answer = await this.#callAppend(batch);
      if (answer === null) {
        // Not in the log: it goes first once this node knows the room again.
        this.#queue = [...batch, ...this.#queue];
        this.#read();
      } else {
        const [offset, sinceCopy, orders] = answer;
        for (const [index, { resolve }] of batch.entries())
          resolve(TAKEN[orders[index] ?? ''] ?? 'duplicate');
        if (offset > this.#cursor.offset) this.#expectEcho(offset);
        if (sinceCopy >= SAVE_EVERY) void this.#save();
      }
    } catch (error) {
      const reason = error instanceof Error ? error : new BusUnavailable('appending failed');
      for (const { reject } of batch) reject(reason);
      this.#refuseAll();
    } finally {
      this.#isAppending = false;
    }
    void this.#appendNext();
  }

  async #callAppend(batch: readonly Waiting[]): Promise<[number, number, string] | null> {
    const { link, keepS } = this.#options;
    const { epoch, offset } = this.#cursor;
    const head = [epoch, offset, newTag(), keepS, MAX_ENTRIES].map(String);
    const args: (string | Buffer)[] = [link.isSharded ? '1' : '0', ...head];
    for (const { input } of batch) {
      if (input.type === 'frame') {
        args.push(input.session, String(input.number), String(liveSince(input.events) ?? ''));
      } else args.push('', '', '');
      args.push(Buffer.from(packInput(input)));
    }
    const [kind, end, sinceCopy, orders] = (await link.call(APPEND, this.#keys, args)) as AppendAnswer;
    return kind.toString() === 'ok' ? [end, sinceCopy, orders.toString()] : null;
  }

  #refuseAll(): void {
    const queue = this.#queue;
    this.#queue = [];
    for (const { reject } of queue) reject(new BusUnavailable('the bus cannot be reached'));
  }

  async #save(): Promise<void> {
    if (this.#isSaving || this.#state !== 'following') return;
    this.#isSaving = true;
    const isPurge = this.#mustPurge;
    const { link, follower, keepS, log, room } = this.#options;
    const { epoch, offset } = this.#cursor;
    const copy = Buffer.from(follower.save());
    try {
      const kept = isPurge ? -1 : KEPT_BEFORE_COPY;
      await link.call(SAVE, this.#keys, [String(epoch), String(offset), copy, String(kept), String(keepS)]);
      if (isPurge) this.#mustPurge = false;
    } catch (error) {
      log.warn({ err: error, room }, 'the room could not be saved on the bus');
    } finally {
      this.#isSaving = false;
    }
  }
}

/** 'rest': entries in place of the copy's offset. */
type ReadAnswer = [
  kind: string,
  epoch: number,
  offset: number,
  tag: number,
  copyOffset: number,
  copy: Buffer,
  stream: unknown,
];
type AppendAnswer = [kind: Buffer, offset: number, sinceCopy: number, orders: Buffer];

/** Of a stream: [[id, [field, message]], …]. */
function entries(stream: unknown): Buffer[] {
  return (stream as [Buffer, [Buffer, Buffer]][]).map(([, [, message]]) => message);
}

function entryOf({ epoch, offset, inputs }: Envelope): RoomEntry {
  return { epoch, offset, inputs };
}

function newTag(): number {
  return randomBytes(4).readUInt32LE();
}
