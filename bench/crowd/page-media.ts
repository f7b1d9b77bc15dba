/** What of a room's pictures and sounds really arrives in a meeting page, from the connections that it opened. */
import type { Page } from 'playwright-core';

declare global {
  interface Window {
    /** Every connection that the page has made; see {@link keepConnections}. */
    connections: RTCPeerConnection[];
  }
}

/** Runs in the page, before anything of its own: `context.addInitScript(keepConnections)`. */
export function keepConnections(): void {
  window.connections = [];
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      window.connections.push(this);
    }
  };
}

/** Of which packets came during a while. */
export interface ArrivingMedia {
  readonly pictures: number;
  readonly sounds: number;
}

/** Looks twice, `overMs` apart. */
export async function arrivingMedia(page: Page, overMs: number): Promise<ArrivingMedia> {
  return page.evaluate(async (ms) => {
    const received = async () => {
      const reports = await Promise.all(window.connections.map((connection) => connection.getStats()));
      const inbound = reports
        .flatMap((report) => [...report.values()])
        .filter(({ type }) => type === 'inbound-rtp');
      return new Map(inbound.map(({ ssrc, kind, packetsReceived }) => [ssrc, { kind, packetsReceived }]));
    };
    const before = await received();
    await new Promise((resolve) => setTimeout(resolve, ms));
    const moving = [...(await received())].filter(
      ([ssrc, { packetsReceived }]) => packetsReceived > (before.get(ssrc)?.packetsReceived ?? 0),
    );
    const count = (kind: string) => moving.filter(([, stream]) => stream.kind === kind).length;
    return { pictures: count('video'), sounds: count('audio') };
  }, overMs);
}
