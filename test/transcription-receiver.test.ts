/**
 * What a client that knows nothing of ours shows, with La Suite Meet's rules: it listens to `TranscriptionReceived`
 * only, wants one segment an event and a participant that it knows, and ignores a segment id that it has seen.
 */

import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dispose } from '@livekit/rtc-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Agent, startAgent } from '../agents/agent.ts';
import { readConfig } from '../agents/config.ts';
import { createLog } from '../runtime/log.ts';
import { findChromium, launchChromium, type RunningChromium } from './support/chromium.ts';
import { findLivekitServer } from './support/livekit-server.ts';
import { type LocalSfu, startLocalSfu } from './support/local-sfu.ts';
import { LoudnessEngine } from './support/loudness-engine.ts';
import { ToneSpeaker } from './support/tone-speaker.ts';
import { UplinkReceiver } from './support/uplink-receiver.ts';

const CLIENT = 'node_modules/livekit-client/dist/livekit-client.umd.js';
const missing = findChromium().reason ?? findLivekitServer().reason;

/** As the page saw it. */
interface Received {
  readonly segments: { readonly id: string; readonly text: string; readonly final: boolean }[];
  readonly identity: string | undefined;
  readonly trackSid: string | undefined;
}

/** Runs in the page: joins and collects. The page has livekit-client's global. */
const JOIN = `async ([url, token]) => {
  const { Room, RoomEvent } = globalThis.LivekitClient;
  const room = new Room();
  globalThis.received = [];
  room.on(RoomEvent.TranscriptionReceived, (segments, participant, publication) => {
    globalThis.received.push({
      segments: segments.map(({ id, text, final }) => ({ id, text, final })),
      identity: participant?.identity,
      trackSid: publication?.trackSid,
    });
  });
  await room.connect(url, token);
}`;

describe.skipIf(missing !== null)(
  `a client of LiveKit transcriptions${missing ? ` (skipped: ${missing})` : ''}`,
  () => {
    let sfu: LocalSfu;
    let gateway: UplinkReceiver;
    let engine: LoudnessEngine;
    let agent: Agent;
    let page: Server;
    let chromium: RunningChromium;

    beforeAll(async () => {
      sfu = await startLocalSfu();
      gateway = await new UplinkReceiver(sfu.apiSecret).start();
      engine = new LoudnessEngine();
      agent = startAgent({
        config: readConfig({
          LIVEKIT_URL: sfu.url,
          LIVEKIT_API_KEY: sfu.apiKey,
          LIVEKIT_API_SECRET: sfu.apiSecret,
          SURTITRE_UPLINK_URL: gateway.url,
        }),
        engine,
        log: createLog('agent', 'silent'),
        onFailed: (error) => expect.unreachable(error.message),
      });
      await agent.ready;
      const script = await readFile(CLIENT);
      page = createServer((request, response) => {
        response.setHeader('Content-Type', request.url === '/client.js' ? 'text/javascript' : 'text/html');
        response.end(request.url === '/client.js' ? script : '<script src="/client.js"></script>');
      });
      await new Promise<void>((resolve) => page.listen(0, '127.0.0.1', resolve));
      chromium = await launchChromium();
    });
    afterAll(async () => {
      await chromium.close();
      page.close();
      await agent.close();
      await engine.close();
      await gateway.stop();
      await dispose();
      await sfu.close();
    });

    it('receives whole words under the speaker, each segment once and for good', async () => {
      const token = await sfu.token('meet', 'ada', 'Ada');
      const speaker = await new ToneSpeaker().join(sfu.url, token);
      await speaker.publish();
      const reader = await chromium.context.newPage();
      await reader.goto(`http://127.0.0.1:${(page.address() as AddressInfo).port}/`);
      await reader.evaluate(`(${JOIN})(${JSON.stringify([sfu.url, await sfu.token('meet', 'bob', 'Bob')])})`);
      await sfu.dispatches.createDispatch('meet', 'surtitre');
      await gateway.until(({ events }) => events.filter(({ type }) => type === 'appended').length >= 5);
      speaker.humming = false;
      await gateway.until(({ events }) => events.some(({ type }) => type === 'closed'));
      const said = gateway.events.map((event) => (event.type === 'appended' ? event.text : '')).join('');
      const all = 'globalThis.received.flatMap(({ segments }) => segments.map(({ text }) => text)).join(" ")';
      await reader.waitForFunction(`${all}.length >= ${said.length}`);
      const received = (await reader.evaluate('globalThis.received')) as Received[];
      expect(received.map(({ segments }) => segments.map(({ text }) => text).join()).join(' ')).toBe(said);
      expect(received.length).toBeGreaterThan(1);
      for (const { segments, identity, trackSid } of received) {
        expect(segments).toHaveLength(1);
        expect(segments[0]?.final).toBe(true);
        expect([identity, trackSid]).toEqual(['ada', speaker.trackSid]);
      }
      const ids = received.map(({ segments }) => segments[0]?.id);
      expect(new Set(ids).size).toBe(ids.length);
      await speaker.close();
    });
  },
);
