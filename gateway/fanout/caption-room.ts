/**
 * One node's copy of a room: applies what the bus says, in the bus's order, and so becomes what every other node's
 * copy becomes. Invariant: nothing changes a room but its inputs. Under load, entries wait a little before they are
 * applied and told, together and in their order; until then the room stands where its viewers know it to stand.
 */
import type { CaptionEvent, CaptionState, StageTimes } from '../../protocol/caption-event.ts';
import { MalformedMessage } from '../../protocol/malformed-message.ts';
import type { ViewerJoin } from '../../protocol/viewer-message.ts';
import type { Logger } from '../../runtime/log.ts';
import type { RoomEntry, RoomFollower, RoomPast } from '../bus/caption-bus.ts';
import type { FrameInput, RoomInput } from '../bus/room-input.ts';
import { MachineHold } from './machine-hold.ts';
import { RoomAgent, type ServingAgent } from './room-agent.ts';
import { type CatchUp, type Publish, RoomCaptions } from './room-captions.ts';
import { packRoomCopy, type RoomCopy, unpackRoomCopy } from './room-copy.ts';
import type { LogLimits } from './utterance-log.ts';

/** So many steps in one frame at most: two seconds of what comes while the gateway does not get round to telling. */
const MAX_WAITING = 24;

export interface CaptionRoomOptions {
  readonly room: string;
  readonly limits: LogLimits;
  readonly publish: Publish;
  readonly log: Logger;
  /** How long entries may wait for others to be told with; 0: each is told at once. */
  readonly mergeMs: () => number;
  /** So many entries were told in the frame of a later one. */
  readonly onMerged: (count: number) => void;
  /** Frames of an agent that was replaced are told to nobody. */
  readonly onSuperseded: (frame: FrameInput) => void;
  readonly onHole: (frame: FrameInput) => void;
  /** A frame was told; the newest of them with its times, complete, if it has any. */
  readonly onPublished: (times: StageTimes | null, frame: FrameInput) => void;
  /** Called after anything that may have changed who serves the room. */
  readonly onServing: (before: ServingAgent | null, after: ServingAgent | null) => void;
  readonly onOffRecord: (isOff: boolean) => void;
  /** The host erased what was said. */
  readonly onWiped: () => void;
  readonly onCaughtUp: () => void;
  readonly onErased: () => void;
}

export class CaptionRoom implements RoomFollower {
  readonly captions: RoomCaptions;
  readonly #options: CaptionRoomOptions;
  readonly #agent: RoomAgent;
  readonly #hold = new MachineHold();
  /** What the machine's state is; viewers see it while no person captions the room. */
  #machineState: CaptionState | null = null;
  #isOffRecord = false;
  #isCaughtUp = false;
  #toldServing: ServingAgent | null = null;
  #toldOffRecord = false;
  /** Not applied yet. */
  #waiting: RoomEntry[] = [];
  #tellTimer: NodeJS.Timeout | undefined;

  constructor(options: CaptionRoomOptions) {
    this.#options = options;
    this.captions = new RoomCaptions(options.room, options.limits, options.publish);
    this.#agent = new RoomAgent(this.captions);
  }

  get serving(): ServingAgent | null {
    return this.#agent.serving;
  }

  get isOffRecord(): boolean {
    return this.#isOffRecord;
  }

  /** Captioners who hold the machine back and whose gateway has not said so for long. */
  expiredCaptioners(nowMs: number): string[] {
    return this.#hold.expired(nowMs);
  }

  /** The past is here: viewers can be answered. */
  get isCaughtUp(): boolean {
    return this.#isCaughtUp;
  }

  catchUp(position: Pick<ViewerJoin, 'epoch' | 'seq'>): CatchUp {
    // Another node was faster to tell it.
    if (position.epoch === this.captions.epoch && position.seq > this.captions.seq) this.#tellWaiting();
    return this.captions.catchUp(position);
  }

  // --- the bus ---

  handlePast(past: RoomPast): boolean {
    this.#tellWaiting();
    const { epoch, offset, saved, entries } = past;
    const isFirst = this.captions.epoch === 0;
    const copy = saved && this.#unpack(saved);
    const holdsMore = this.captions.holdsMoreThan(copy?.log ?? null, utterancesIn(entries));
    const heardUntilMs = this.captions.lastAudioMs;
    if (copy) {
      this.captions.restore(copy, isFirst ? undefined : offset);
      this.#agent.restore(copy.agent);
      this.#hold.restore(copy.machine.hold);
      this.#machineState = copy.machine.state;
      this.#isOffRecord = copy.machine.isOffRecord;
    }
    for (const entry of entries) {
      for (const input of entry.inputs) this.#apply(input, isFirst ? entry.offset : offset);
    }
    if (past.isRewritten && holdsMore) this.captions.markLoss(heardUntilMs, offset);
    const isIncomplete = !past.isComplete || (saved !== null && !copy);
    this.captions.moveTo({ epoch, seq: offset, missingSeq: isIncomplete ? missingUpTo(past) : null });
    this.#tellChanges();
    return holdsMore;
  }

  /** Frames may wait; what a person decided may not, and takes what waits with it. */
  handleEntry(entry: RoomEntry): void {
    const mergeMs = this.#options.mergeMs();
    this.#waiting.push(entry);
    const mayWait = mergeMs > 0 && this.#waiting.length < MAX_WAITING;
    if (!mayWait || entry.inputs.some(({ type }) => type !== 'frame')) this.#tellWaiting();
    else this.#tellTimer ??= setTimeout(() => this.#tellWaiting(), mergeMs);
  }

  #tellWaiting(): void {
    clearTimeout(this.#tellTimer);
    this.#tellTimer = undefined;
    const entries = this.#waiting;
    if (entries.length === 0) return;
    this.#waiting = [];
    let newest: FrameInput | null = null;
    let isWiped = false;
    for (const [index, { inputs }] of entries.entries()) {
      for (const input of inputs) {
        const isTold = this.#apply(input, this.captions.seq + 1 + index);
        if (input.type === 'wiped') isWiped = true;
        if (input.type !== 'frame' || !isTold) continue;
        if (newest) this.#options.onPublished(null, newest);
        newest = input;
      }
    }
    const times = this.captions.publish(entries.length);
    if (newest) this.#options.onPublished(times, newest);
    if (entries.length > 1) this.#options.onMerged(entries.length - 1);
    if (isWiped) this.#options.onWiped();
    this.#tellChanges();
  }

  handleCaughtUp(): void {
    this.#isCaughtUp = true;
    this.captions.resume();
    this.#options.onCaughtUp();
  }

  handleErased(): void {
    this.close();
    this.#options.onErased();
  }

  /** What waits is told to nobody. */
  close(): void {
    clearTimeout(this.#tellTimer);
    this.#waiting = [];
  }

  save(): Uint8Array {
    this.#tellWaiting();
    return packRoomCopy({ ...this.#people, ...this.captions.save() });
  }

  saveAfterLoss(): Uint8Array {
    this.#tellWaiting();
    return packRoomCopy({ ...this.#people, ...this.captions.saveAfterLoss() });
  }

  get #people(): Pick<RoomCopy, 'agent' | 'machine'> {
    const machine = {
      state: this.#machineState,
      isOffRecord: this.#isOffRecord,
      hold: this.#hold.save(),
    };
    return { agent: this.#agent.state, machine };
  }

  /** False for a frame of which nothing is told. */
  #apply(input: RoomInput, seq?: number): boolean {
    switch (input.type) {
      case 'frame':
        return this.#applyFrame(input, seq);
      case 'left':
        this.#take(this.#hold.filter(this.#agent.take(input) ?? []), seq);
        return true;
      case 'back':
      case 'lost':
        this.#show(this.#agent.take(input) ?? [], seq);
        return true;
      case 'state':
        this.#machineState = input.state;
        if (!this.#isOffRecord && (!this.#hold.holdsRoom || input.state === 'off')) {
          this.#take(this.#agent.take(input) ?? [], seq);
        }
        return true;
      case 'told':
        if (!this.#isOffRecord) this.#take(input.events, seq);
        return true;
      case 'held':
        this.#hold.hold(input.captioner, input.identity, input.untilMs);
        this.#take(
          this.captions.closeOpen((identity) => this.#hold.holds(identity)),
          seq,
        );
        if (this.#hold.holdsRoom && !this.#isOffRecord) this.#setState('live', input.atMs, seq);
        return true;
      case 'released':
        this.#release(input.captioner, input.atMs, seq);
        return true;
      case 'off-record':
        this.#setOffRecord(input.isOff, input.atMs, seq);
        return true;
      case 'wiped':
        this.#take([{ type: 'erased', atMs: input.atMs }], seq);
        return true;
    }
  }

  #applyFrame(frame: FrameInput, seq: number | undefined): boolean {
    if (this.#isOffRecord) return false;
    const events = this.#agent.take(frame);
    if (events === null) {
      this.#options.onSuperseded(frame);
      return false;
    }
    if (frame.isHole) this.#options.onHole(frame);
    this.captions.take(this.#hold.filter(events), frame.times, frame.receivedMs, seq);
    return true;
  }

  /** That the machine comes or goes is nothing to tell while a person captions. */
  #show(events: readonly CaptionEvent[], seq: number | undefined): void {
    for (const event of events) if (event.type === 'status') this.#machineState = event.state;
    if (!this.#isOffRecord && !this.#hold.holdsRoom) this.#take(events, seq);
  }

  #release(captioner: string, atMs: number, seq: number | undefined): void {
    const isServed = this.serving?.isConnected === true;
    if (!this.#hold.release(captioner) || this.#hold.holdsRoom || isServed || this.#isOffRecord) return;
    if (this.#machineState !== null) this.#setState(this.#machineState, atMs, seq);
  }

  #setOffRecord(isOff: boolean, atMs: number, seq: number | undefined): void {
    if (isOff === this.#isOffRecord) return;
    this.#isOffRecord = isOff;
    if (!isOff) return;
    this.#take(this.captions.closeOpen(), seq);
    this.#setState('off-record', atMs, seq);
  }

  #setState(state: CaptionState, atMs: number, seq: number | undefined): void {
    if (this.captions.state !== state)
      this.#take([{ type: 'status', state, sinceMs: Math.round(atMs) }], seq);
  }

  #take(events: readonly CaptionEvent[], seq: number | undefined): void {
    this.captions.take(events, null, 0, seq);
  }

  #tellChanges(): void {
    if (this.#isOffRecord !== this.#toldOffRecord) {
      this.#toldOffRecord = this.#isOffRecord;
      this.#options.onOffRecord(this.#isOffRecord);
    }
    this.#tellServing();
  }

  #tellServing(): void {
    const before = this.#toldServing;
    const after = this.#agent.serving;
    if (before === after) return;
    this.#toldServing = after;
    this.#options.onServing(before, after);
  }

  /** Without the copy something is missing, which is marked; what is wrong with it is for the operator. */
  #unpack(saved: Uint8Array): RoomCopy | null {
    try {
      return unpackRoomCopy(saved);
    } catch (error) {
      if (!(error instanceof MalformedMessage)) throw error;
      this.#options.log.error({ err: error, room: this.#options.room }, 'unreadable copy of a room');
      return null;
    }
  }
}

function missingUpTo({ entries, offset }: RoomPast): number {
  const first = entries[0];
  return first ? first.offset - 1 : offset;
}

function utterancesIn(entries: readonly RoomEntry[]): ReadonlySet<number> {
  const events = entries
    .flatMap(({ inputs }) => inputs)
    .flatMap((input) => ('events' in input ? input.events : []));
  return new Set(events.flatMap((event) => ('utterance' in event ? [event.utterance] : [])));
}
