/**
 * A gateway node without sockets: hub and bus as the gateway joins them, viewers as functions. And a viewer that
 * believes the protocol only: it notes a frame that does not follow its predecessor.
 */
import { CaptionLines } from '../../client-overlay/overlay/caption-lines.ts';
import type { CaptionBus } from '../../gateway/bus/caption-bus.ts';
import { CaptionHub } from '../../gateway/fanout/caption-hub.ts';
import { GatewayMetrics } from '../../gateway/metrics.ts';
import type { CaptionEvent } from '../../protocol/caption-event.ts';
import { type ToViewer, unpackToViewer } from '../../protocol/viewer-message.ts';
import { createLog } from '../../runtime/log.ts';

const LIMITS = { maxAgeMs: 3_600_000, maxUtterances: 10_000, maxCharacters: 1_000_000 };

export class HubViewer {
  readonly lines = new CaptionLines();
  readonly events: CaptionEvent[] = [];
  readonly #watchers = new Set<() => void>();
  position = { epoch: 0, seq: 0 };
  welcomes = 0;
  isClosed = false;
  /** What a node did that the protocol does not allow. */
  broken: string | null = null;
  /** Frames before the first welcome are another viewer's business. */
  #isWelcome = false;

  take(message: ToViewer): void {
    if (message.type === 'welcome') {
      // As the overlay does: what is no longer held is a gap after what it has.
      if (!message.recovered) {
        const fromMs = this.lines.newestMs;
        this.lines.apply({
          type: 'gap',
          identity: null,
          fromMs,
          toMs: message.serverMs,
          reason: 'captions-lost',
        });
      }
      this.welcomes += 1;
      this.#isWelcome = true;
    } else if (message.type === 'frame') {
      if (!this.#isWelcome) return;
      const { epoch, seq } = this.position;
      if (message.epoch !== epoch || message.seq !== seq + (message.steps ?? 1)) {
        this.broken ??= `frame ${message.seq} after ${seq}, epoch ${message.epoch} after ${epoch}`;
      }
    } else return;
    this.position = { epoch: message.epoch, seq: message.seq };
    for (const event of message.events) {
      this.events.push(event);
      this.lines.apply(event);
    }
    for (const look of [...this.#watchers]) look();
  }

  /** Of all utterances, in the order in which they began. */
  get text(): string {
    return this.lines.utterances.map(({ text }) => text).join('|');
  }

  get gaps(): number {
    return this.lines.gaps.length;
  }

  get state(): string | undefined {
    return this.lines.status?.state;
  }

  until(condition: (viewer: this) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!condition(this)) return;
        this.#watchers.delete(look);
        resolve();
      };
      this.#watchers.add(look);
      look();
    });
  }
}

export class HubNode {
  readonly bus: CaptionBus;
  readonly hub: CaptionHub;
  readonly metrics: GatewayMetrics;
  readonly #viewers = new Map<string, Set<HubViewer>>();
  readonly #parted = new WeakSet<HubViewer>();

  #isKilled = false;

  constructor(bus: CaptionBus, metrics = new GatewayMetrics(), mergeMs = 0) {
    this.bus = bus;
    this.metrics = metrics;
    this.hub = new CaptionHub({
      bus,
      limits: LIMITS,
      publish: (room, message) => {
        for (const viewer of this.#viewers.get(room) ?? []) viewer.take(unpackToViewer(message));
      },
      viewersOf: (room) => this.#viewers.get(room)?.size ?? 0,
      metrics: this.metrics,
      mergeMs: () => mergeMs,
      log: createLog('hub-node', process.env.TEST_LOG ?? 'silent'),
      onErased: (room) => {
        for (const viewer of this.#viewers.get(room) ?? []) viewer.isClosed = true;
        this.#viewers.delete(room);
      },
    });
  }

  /** Joins with the viewer's position; resolves with its welcome. */
  join(room: string, viewer = new HubViewer()): Promise<HubViewer> {
    const viewers = this.#viewers.get(room) ?? new Set();
    this.#viewers.set(room, viewers);
    this.#parted.delete(viewer);
    return new Promise((resolve) => {
      this.hub.join(room, viewer.position, (welcome) => {
        // It may have gone elsewhere while it waited.
        if (this.#isKilled || this.#parted.has(viewer)) return;
        viewer.take(unpackToViewer(welcome));
        viewers.add(viewer);
        resolve(viewer);
      });
    });
  }

  part(room: string, viewer: HubViewer): void {
    this.#parted.add(viewer);
    this.#viewers.get(room)?.delete(viewer);
  }

  /** As by `kill -9`: nobody is told anything any more. */
  killed(): void {
    this.#isKilled = true;
    this.#viewers.clear();
    void this.close();
  }

  async close(): Promise<void> {
    this.hub.close();
    await this.bus.close();
  }
}
