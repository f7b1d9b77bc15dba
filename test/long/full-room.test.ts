/**
 * A full room: 150 people, each a real LiveKit connection. The page draws one page of tiles, plays the sound of all who
 * speak, and finds anybody by name.
 */
import { dispose } from '@livekit/rtc-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CreateRoomResponse, JoinRoomResponse } from '../../protocol/room-api.ts';
import { findChromium, launchChromium, type RunningChromium } from '../support/chromium.ts';
import { findLivekitServer } from '../support/livekit-server.ts';
import { type LocalSfu, startLocalSfu } from '../support/local-sfu.ts';
import { type BuiltClient, buildClient, joinAs, openPage, withoutCamera } from '../support/meeting-page.ts';
import { postJson, startTestGateway, type TestGateway } from '../support/start-gateway.ts';
import { ToneSpeaker } from '../support/tone-speaker.ts';

const PEOPLE = 149;
const SPEAKING = 5;
const TOGETHER = 10;
const lack = findChromium().reason ?? findLivekitServer().reason;

describe.skipIf(lack !== null)(`a full room${lack === null ? '' : ` (skipped: ${lack})`}`, () => {
  let client: BuiltClient;
  let sfu: LocalSfu;
  let gateway: TestGateway;
  let browser: RunningChromium;
  const people: ToneSpeaker[] = [];

  beforeAll(async () => {
    [client, sfu, browser] = await Promise.all([
      buildClient(),
      startLocalSfu(),
      launchChromium({ reducedMotion: 'reduce' }),
    ]);
    gateway = await startTestGateway({ livekit: sfu, clientFolder: client.folder });
    await withoutCamera(browser.context);
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await Promise.all(people.map((person) => person.close()));
    await gateway?.close();
    await dispose();
    await sfu?.close();
    await client?.remove();
  }, 120_000);

  it('shows 150 people in pages, hears those who speak, and finds one by name', {
    timeout: 480_000,
  }, async () => {
    const { roomId } = await postJson<CreateRoomResponse>(`${gateway.httpUrl}/api/rooms`, {});
    const { page } = await openPage(browser.context, `${gateway.httpUrl}/r/${roomId}`);
    page.setDefaultTimeout(60_000);
    await joinAs(page, 'Ana');
    while (people.length < PEOPLE) {
      const next = Math.min(TOGETHER, PEOPLE - people.length);
      const joined = await Promise.all(
        Array.from({ length: next }, async (_, index) => {
          const name = `Person ${people.length + index + 1}`;
          const access = await postJson<JoinRoomResponse>(`${gateway.httpUrl}/api/rooms/${roomId}/join`, {
            name,
          });
          return new ToneSpeaker().join(access.livekitUrl, access.livekitToken);
        }),
      );
      people.push(...joined);
    }
    await Promise.all(people.slice(0, SPEAKING).map((person) => person.publish()));
    await page.getByRole('button', { name: `People: ${PEOPLE + 1}` }).waitFor();
    const tiles = await page.locator('.tile').count();
    expect(tiles).toBeLessThanOrEqual(25);
    const pages = Math.ceil((PEOPLE + 1) / tiles);
    await page.getByText(`Page 1 of ${pages}`).waitFor();
    await page.getByRole('button', { name: 'Next page' }).click();
    await page.getByText(`Page 2 of ${pages}`).waitFor();
    await page.waitForFunction((speaking) => document.querySelectorAll('audio').length >= speaking, SPEAKING);
    await page.getByRole('button', { name: `People: ${PEOPLE + 1}` }).click();
    await page.getByLabel('Search for a name').fill('person 137');
    await page.getByRole('status').filter({ hasText: '1 person found' }).waitFor();
  });
});
