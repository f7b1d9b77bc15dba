/**
 * A full room: many people, each a real LiveKit connection with a microphone and a camera. The page draws one page of
 * tiles, has the media server send it those pictures and no others, plays the sound of all, and finds anybody by name.
 */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Crowd, whyNoCrowd } from '../../bench/crowd/crowd.ts';
import { arrivingMedia, keepConnections } from '../../bench/crowd/page-media.ts';
import type { CreateRoomResponse } from '../../protocol/room-api.ts';
import { findChromium, launchChromium, type RunningChromium } from '../support/chromium.ts';
import { findLivekitServer } from '../support/livekit-server.ts';
import { type LocalSfu, startLocalSfu } from '../support/local-sfu.ts';
import {
  accessibilityViolations,
  type BuiltClient,
  buildClient,
  joinAs,
  openPage,
  withoutDevices,
} from '../support/meeting-page.ts';
import { postJson, startTestGateway, type TestGateway } from '../support/start-gateway.ts';

/** Besides the page's own person. */
const PEOPLE = 149;
const SPEAKING = 5;
/** Packets of each picture come at least twice a second. */
const LOOK_MS = 4_000;
const lack = findChromium().reason ?? findLivekitServer().reason ?? whyNoCrowd();

describe.skipIf(lack !== null)(
  `a full room${lack === null ? '' : ` (skipped: ${lack})`}`,
  { timeout: 600_000 },
  () => {
    let client: BuiltClient;
    let sfu: LocalSfu;
    let gateway: TestGateway;
    let browser: RunningChromium;
    let crowd: Crowd | undefined;
    let page: Page;

    beforeAll(async () => {
      [client, sfu, browser] = await Promise.all([
        buildClient(),
        startLocalSfu(),
        launchChromium({ reducedMotion: 'reduce' }),
      ]);
      gateway = await startTestGateway({ livekit: sfu, clientFolder: client.folder });
      await withoutDevices(browser.context);
      await browser.context.addInitScript(keepConnections);
      const { roomId } = await postJson<CreateRoomResponse>(`${gateway.httpUrl}/api/rooms`, {});
      ({ page } = await openPage(browser.context, `${gateway.httpUrl}/r/${roomId}`));
      page.setDefaultTimeout(120_000);
      await joinAs(page, 'Ana');
      crowd = await Crowd.gather({ livekit: sfu, room: roomId, people: PEOPLE, speaking: SPEAKING });
    }, 600_000);

    afterAll(async () => {
      await browser?.close();
      await crowd?.disperse();
      await gateway?.close();
      await sfu?.close();
      await client?.remove();
    }, 120_000);

    it('shows one page of tiles, says how many there are, and has no violation of accessibility', async () => {
      await page.getByRole('button', { name: `People: ${PEOPLE + 1}` }).waitFor();
      // The grid grows as people come in.
      const shown = async () => {
        const tiles = await page.locator('.tile').count();
        const words = await page.getByText(/^Page 1 of \d+$/).textContent();
        return { few: tiles > 1 && tiles <= 25, words, due: `Page 1 of ${Math.ceil((PEOPLE + 1) / tiles)}` };
      };
      await expect
        .poll(
          async () => {
            const { few, words, due } = await shown();
            return few && words === due;
          },
          { timeout: 60_000 },
        )
        .toBe(true);
      expect(await accessibilityViolations(page)).toEqual([]);
    });

    it('is sent the pictures of the page that is shown, and no others; and the sound of all who speak', async () => {
      await page.waitForFunction(picturesPlay);
      const shown = await page.locator('.tile video').count();
      await expect
        .poll(() => arrivingMedia(page, LOOK_MS), { timeout: 120_000 })
        .toEqual({ pictures: shown, sounds: SPEAKING });
    });

    it('has a player for everybody, so that whoever begins to speak is heard', async () => {
      await page.waitForFunction((people) => document.querySelectorAll('audio').length === people, PEOPLE);
    });

    it('changes to the pictures of the next page when one turns it', async () => {
      await page.getByRole('button', { name: 'Next page' }).click();
      await page.getByText('Page 2 of').waitFor();
      await page.waitForFunction(picturesPlay);
      const shown = await page.locator('.tile video').count();
      await expect
        .poll(() => arrivingMedia(page, LOOK_MS), { timeout: 120_000 })
        .toEqual({ pictures: shown, sounds: SPEAKING });
    });

    it('finds one of them by name', async () => {
      await page.getByRole('button', { name: `People: ${PEOPLE + 1}` }).click();
      await page.getByLabel('Search for a name').fill(`person ${PEOPLE - 2}`);
      await page.getByRole('status').filter({ hasText: '1 person found' }).waitFor();
    });
  },
);

/** Runs in the page: every tile but the person's own has a picture. */
function picturesPlay(): boolean {
  const others = [...document.querySelectorAll('.tile')].filter(
    (tile) => !tile.textContent?.includes('(you)'),
  );
  return others.length > 0 && others.every((tile) => (tile.querySelector('video')?.videoWidth ?? 0) > 0);
}
