/**
 * Decides which rooms have a captioning agent: hears of viewers, modes, agents and rooms, and keeps one
 * {@link RoomCaptioning} for each room that has any of them. Looks at LiveKit's list of rooms now and then, for
 * what no event told of: rooms captioned always, found after a restart, and rooms that are gone.
 */
import type { CaptionMode } from '../../protocol/room-api.ts';
import { nowMs } from '../../runtime/clock.ts';
import type { AgentWatch } from '../fanout/caption-hub.ts';
import type { OpenRoom } from './livekit-rooms.ts';
import { type CaptioningContext, RoomCaptioning } from './room-captioning.ts';
import type { RoomIds, RoomSettings } from './room-id.ts';
import { type RoomMetadataWriter, readRoomMetadata } from './room-metadata.ts';
import { isWaitingRoom } from './waiting-room.ts';

const RECONCILE_MS = 10_000;

export interface CaptionDispatcherOptions extends Omit<CaptioningContext, 'tellRoom'> {
  readonly roomMetadata: RoomMetadataWriter;
  readonly ids: RoomIds;
  /** All rooms that are open, as asked for at this time. */
  readonly onListed: (open: readonly OpenRoom[], askedAtMs: number) => void;
  /** For rooms that another product created. */
  readonly defaultMode: CaptionMode;
}

export class CaptionDispatcher implements AgentWatch {
  readonly #options: CaptionDispatcherOptions;
  readonly #context: CaptioningContext;
  readonly #rooms = new Map<string, RoomCaptioning>();
  #timer: NodeJS.Timeout | undefined;
  #state: 'new' | 'running' | 'closed' = 'new';

  constructor(options: CaptionDispatcherOptions) {
    this.#options = options;
    this.#context = { ...options, tellRoom: (room, live) => this.#tellRoom(room, live) };
  }

  start(): void {
    this.#state = 'running';
    void this.#reconcile(true);
  }

  setViewers(room: string, count: number): void {
    if (count > 0 || this.#rooms.has(room)) this.#roomOf(room)?.setViewers(count);
  }

  setMode(room: string, mode: CaptionMode): void {
    this.#roomOf(room)?.setMode(mode);
  }

  /** Whether the host has switched captions off for everybody, or put the room off the record. */
  isOff(room: string): boolean {
    const captioning = this.#rooms.get(room);
    return captioning ? captioning.isOff : this.#options.ids.read(room)?.captions === 'off';
  }

  /** A person captions this room by hand, or no longer does. */
  setCaptioner(room: string, writing: boolean): void {
    this.#roomOf(room)?.setCaptioner(writing);
  }

  setOffRecord(room: string, offRecord: boolean): void {
    this.#roomOf(room)?.setOffRecord(offRecord);
  }

  handleJoin(room: string, settings: RoomSettings): void {
    if (settings.captions === 'always') this.#roomOf(room)?.setOpen();
  }

  handleRoomFinished(room: string): void {
    this.#rooms.get(room)?.close();
    this.#rooms.delete(room);
  }

  onServed(room: string): void {
    this.#roomOf(room)?.handleServed();
  }

  onLost(room: string): void {
    this.#roomOf(room)?.handleLost();
  }

  onLeft(room: string): void {
    this.#roomOf(room)?.handleLeft();
  }

  onAgentConnected(): void {
    for (const captioning of this.#rooms.values()) captioning.handleAgentConnected();
  }

  /** What viewers and agents do from now on is another gateway's business: they are on their way there. */
  close(): void {
    this.#state = 'closed';
    clearTimeout(this.#timer);
    for (const captioning of this.#rooms.values()) captioning.close();
    this.#rooms.clear();
  }

  #roomOf(room: string): RoomCaptioning | undefined {
    const known = this.#rooms.get(room);
    if (known || this.#state === 'closed' || isWaitingRoom(room)) return known;
    const { ids, defaultMode } = this.#options;
    const captioning = new RoomCaptioning(room, ids.read(room)?.captions ?? defaultMode, this.#context);
    this.#rooms.set(room, captioning);
    return captioning;
  }

  async #reconcile(isFirst: boolean): Promise<void> {
    const askedAtMs = nowMs();
    try {
      this.#compare(await this.#options.livekit.list(), { isFirst, askedAtMs });
    } catch (error) {
      this.#options.log.warn({ err: error }, 'LiveKit did not list its rooms');
    }
    if (this.#state === 'running') this.#timer = setTimeout(() => void this.#reconcile(false), RECONCILE_MS);
  }

  #compare(open: readonly OpenRoom[], list: { readonly isFirst: boolean; readonly askedAtMs: number }): void {
    if (this.#state !== 'running') return;
    this.#options.onListed(open, list.askedAtMs);
    const { ids, defaultMode } = this.#options;
    for (const { room, participants, metadata } of open) {
      if (participants === 0) continue;
      const { captions, live, offRecord } = readRoomMetadata(metadata);
      const mode = captions ?? ids.read(room)?.captions ?? defaultMode;
      if (offRecord === true) this.#roomOf(room);
      this.#rooms.get(room)?.adoptOffRecord(offRecord === true, list.askedAtMs);
      if (mode === 'always' || this.#rooms.has(room)) this.#roomOf(room)?.setOpen();
      // A gateway that died could not take it back; at first the agents may not have come back yet.
      else if (live === true && !list.isFirst) this.#tellRoom(room, false);
    }
    for (const [room, captioning] of this.#rooms) {
      captioning.handleTimePassed();
      if (captioning.isIdle) this.#rooms.delete(room);
    }
  }

  /** Only in rooms of our own making: what others write into theirs is not ours to change. */
  #tellRoom(room: string, live: boolean): void {
    const { ids, roomMetadata, log } = this.#options;
    if (ids.read(room) === null) return;
    roomMetadata.change(room, { live }).catch((error: unknown) => {
      log.warn({ err: error, room }, 'the room could not be told whether it is captioned');
    });
  }
}
