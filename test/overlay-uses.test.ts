/** Captions where there is nothing else of ours: the transparent page, and a LiveKit room without a gateway. */
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { dispose } from '@livekit/rtc-node';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startAgent } from '../agents/agent.ts';
import { readConfig } from '../agents/config.ts';
import { createLog } from '../runtime/log.ts';
import { launchChromium, type RunningChromium } from './support/chromium.ts';
import { findLivekitServer } from './support/livekit-server.ts';
import { startLocalSfu } from './support/local-sfu.ts';
import { LoudnessEngine } from './support/loudness-engine.ts';
import { MARIE, noChromium, OverlayFixture, PAUL, skipNote, turn } from './support/overlay-fixture.ts';
import { ScriptedGateway } from './support/scripted-gateway.ts';
import { ToneSpeaker } from './support/tone-speaker.ts';
import { UplinkReceiver } from './support/uplink-receiver.ts';

const TYPES: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };
const LIVEKIT_CLIENT = 'node_modules/livekit-client/dist/livekit-client.umd.js';
/** A page of anybody's that is in a LiveKit room. */
const ROOM_PAGE = `<!doctype html><html lang="en"><meta charset="utf-8"><title>A room</title>
<script src="/livekit-client.js"></script><script src="/surtitre-captions.js"></script>
<surtitre-captions active></surtitre-captions>
<script type="module">
  import { feedTranscriptions } from '/surtitre-livekit.js';
  window.join = async (url, token) => {
    const room = new LivekitClient.Room();
    feedTranscriptions(room, document.querySelector('surtitre-captions'), { language: 'fr' });
    await room.connect(url, token);
  };
</script>`;

describe.skipIf(noChromium !== null)(`in Chromium${skipNote}`, () => {
  const reader = new OverlayFixture();
  let folder: string;
  let site: Server;
  let address: string;
  let gateway: ScriptedGateway;
  let browser: RunningChromium;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'surtitre-pages-'));
    for (const configFile of ['vite.overlay.config.ts', 'vite.captions-page.config.ts'])
      await build({ configFile, logLevel: 'warn', build: { outDir: folder } });
    gateway = await ScriptedGateway.start();
    site = createServer(async (request, response) => {
      const path = request.url ?? '/';
      if (path === '/room.html') response.setHeader('content-type', 'text/html').end(ROOM_PAGE);
      else if (path === '/api/rooms/open/join')
        response.end(JSON.stringify({ captionsUrl: gateway.url, captionsToken: 'a.b.c' }));
      else if (path === '/api/rooms/closed/join') response.writeHead(404).end();
      else {
        const file = path === '/livekit-client.js' ? LIVEKIT_CLIENT : join(folder, path);
        response.setHeader('content-type', TYPES[extname(file)] ?? 'text/plain');
        response.end(await readFile(file).catch(() => ''));
      }
    });
    site.listen(0, '127.0.0.1');
    await once(site, 'listening');
    address = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
    browser = await launchChromium({ language: 'en' });
  });

  afterAll(async () => {
    await browser.close();
    await gateway.close();
    site.closeAllConnections();
    site.close();
    await rm(folder, { recursive: true, force: true });
  });

  test.each([
    ['a stream and its token', MARIE, () => `src=${encodeURIComponent(gateway.url)}&token=a.b.c`],
    ['a room', PAUL, () => 'room=open'],
  ])('the captions page shows %s over nothing', async (_name, speaker, source) => {
    const page = await browser.context.newPage();
    await page.goto(`${address}/captions.html#${source()}&size=200&lang=fr`);
    await page.waitForFunction(
      () => document.querySelector('surtitre-captions')?.status.connection === 'open',
    );
    gateway.publish(...turn(speaker === MARIE ? 1 : 2, speaker, 'Bonjour à tous.', Date.now()));
    await vi.waitFor(async () =>
      expect((await reader.screen(page)).slice(-2)).toEqual([`${speaker.name}:`, 'Bonjour à tous.']),
    );
    const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    expect(await background()).toBe('rgba(0, 0, 0, 0)');
    expect(await page.evaluate(() => document.querySelector('surtitre-captions')?.preferences.size)).toBe(
      200,
    );
    await page.close();
  });

  test('the captions page says in words when there is nothing to show', async () => {
    const page = await browser.context.newPage();
    await page.goto(`${address}/captions.html#lang=fr`);
    await page.getByText('Cette adresse ne désigne aucun sous-titre').waitFor();
    await page.goto(`${address}/captions.html#room=closed`);
    await page.getByText('This meeting cannot be joined.').waitFor();
    await page.close();
  });

  const { reason } = findLivekitServer();
  test.skipIf(reason !== null)(
    `transcriptions of a LiveKit room are captions of who speaks, without a gateway${reason ? ` (skipped: ${reason})` : ''}`,
    async () => {
      const sfu = await startLocalSfu();
      const uplink = await new UplinkReceiver(sfu.apiSecret).start();
      const engine = new LoudnessEngine();
      const agent = startAgent({
        config: readConfig({
          LIVEKIT_URL: sfu.url,
          LIVEKIT_API_KEY: sfu.apiKey,
          LIVEKIT_API_SECRET: sfu.apiSecret,
          SURTITRE_UPLINK_URL: uplink.url,
        }),
        engine,
        log: createLog('agent', 'silent'),
        onFailed: (error) => expect.unreachable(error.message),
      });
      const page = await browser.context.newPage();
      try {
        await agent.ready;
        await page.goto(`${address}/room.html`);
        await page.waitForFunction('window.join');
        await page.evaluate(
          `join(${JSON.stringify(sfu.url)}, ${JSON.stringify(await sfu.token('meet', 'bob', 'Bob'))})`,
        );
        const speaker = await new ToneSpeaker().join(sfu.url, await sfu.token('meet', 'ada', 'Ada'));
        await speaker.publish();
        await sfu.dispatches.createDispatch('meet', 'surtitre');
        await uplink.until(({ events }) => events.filter(({ type }) => type === 'appended').length >= 5);
        speaker.humming = false;
        await uplink.until(({ events }) => events.some(({ type }) => type === 'closed'));
        const said = uplink.events.map((event) => (event.type === 'appended' ? event.text : '')).join('');
        await page.waitForFunction((text) => {
          const held = document.querySelector('surtitre-captions')?.transcript.utterances ?? [];
          return (
            held
              .map((utterance) => utterance.text)
              .join(' ')
              .trim() === text
          );
        }, said.trim());
        const names = await page.evaluate(() =>
          document
            .querySelector('surtitre-captions')
            ?.transcript.utterances.map((utterance) => utterance.speaker.name),
        );
        expect(new Set(names)).toEqual(new Set(['Ada']));
        await speaker.close();
      } finally {
        await page.close();
        await agent.close();
        await engine.close();
        await uplink.stop();
        await dispose();
        await sfu.close();
      }
    },
    60_000,
  );
});
