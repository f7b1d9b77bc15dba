/** One measurement of one peer: start it, connect the viewers, let it settle, count for a while. */
import { setTimeout as sleep } from 'node:timers/promises';
import { processorSeconds, stayOnClientCore } from './child-server.ts';
import { LoadClient } from './load-client.ts';
import { MeetingLoad } from './meeting-load.ts';
import type { Peer } from './peer.ts';

export interface LoadPlan {
  readonly connections: number;
  readonly stalled: number;
  readonly rooms: number;
  readonly updatesPerStep: number;
  readonly seconds: number;
}

export interface Measurement {
  /** Updates that arrived at viewers. */
  readonly deliveries: number;
  /** Share of what was published and should have arrived at viewers that read. */
  readonly delivered: number;
  readonly serverCpuUsPerDelivery: number;
  readonly bytesPerDelivery: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** Busy shares of their cores: a client near 1 would be what is measured. */
  readonly serverBusy: number;
  readonly clientBusy: number;
  readonly closed: number;
}

/** A minute of the meeting: servers run for weeks, and what is measured is not their first seconds of compiling. */
const WARM_UP = { speed: 16, ms: 5_000 };
/** The crowd at the door has been let in, and a merge window that it opened is closed again. */
const SETTLE_MS = 6_000;
/** What is on its way when the counting ends. */
const DRAIN_MS = 300;

export async function measure(peer: Peer, plan: LoadPlan): Promise<Measurement> {
  stayOnClientCore();
  const running = await peer.start(plan.rooms);
  const load = new MeetingLoad(running, plan);
  await warmUp(load);
  const client = await LoadClient.connect({ ...running, ...plan });
  try {
    await sleep(SETTLE_MS);
    const clientBefore = (await client.report()).cpuS;
    client.reset();
    const serverBefore = processorSeconds(running.pid);
    const publishedBefore = load.published;
    const began = performance.now();
    await sleep(plan.seconds * 1_000);
    const serverCpuS = processorSeconds(running.pid) - serverBefore;
    const published = load.published - publishedBefore;
    const elapsedS = (performance.now() - began) / 1_000;
    const atEnd = await client.report();
    load.stop();
    await sleep(DRAIN_MS);
    const readers = plan.connections - plan.stalled;
    return {
      deliveries: atEnd.updates,
      delivered: atEnd.updates / ((published * readers) / plan.rooms),
      serverCpuUsPerDelivery: (serverCpuS * 1e6) / atEnd.updates,
      bytesPerDelivery: atEnd.bytes / atEnd.updates,
      p50Ms: atEnd.p50Us / 1_000,
      p95Ms: atEnd.p95Us / 1_000,
      p99Ms: atEnd.p99Us / 1_000,
      maxMs: atEnd.maxUs / 1_000,
      serverBusy: serverCpuS / elapsedS,
      clientBusy: (atEnd.cpuS - clientBefore) / elapsedS,
      closed: atEnd.closed,
    };
  } finally {
    load.stop();
    await client.close();
    await running.close();
  }
}

/** Before anybody watches, so that no queue of a viewer's is left over from it. */
async function warmUp(load: MeetingLoad): Promise<void> {
  load.setSpeed(WARM_UP.speed);
  await sleep(WARM_UP.ms);
  load.setSpeed(1);
}
