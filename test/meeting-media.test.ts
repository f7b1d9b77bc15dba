/** Screens with their sound, devices changed on the way, a connection that breaks: two people in real browsers. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keepConnections } from '../bench/crowd/page-media.ts';
import { TcpProxy } from '../bench/faults/tcp-proxy.ts';
import { findChromium, launchChromium, type RunningChromium } from './support/chromium.ts';
import { findLivekitServer } from './support/livekit-server.ts';
import { type LocalSfu, startLocalSfu } from './support/local-sfu.ts';
import {
  accessibilityViolations,
  type BuiltClient,
  buildClient,
  joinAs,
  openPage,
  type WatchedPage,
  withoutCamera,
  withoutDevices,
} from './support/meeting-page.ts';
import { startTestGateway, type TestGateway } from './support/start-gateway.ts';
import { appendedText, live, openedUtterance, UplinkAgent } from './support/uplink-agent.ts';

const lack = findChromium().reason ?? findLivekitServer().reason;

/** Two browsers and a media server on a busy machine. */
const TEST_TIMEOUT_MS = 90_000;

describe.skipIf(lack !== null)(
  `media and devices in a meeting${lack === null ? '' : ` (skipped: ${lack})`}`,
  { timeout: TEST_TIMEOUT_MS },
  () => {
    let client: BuiltClient;
    let sfu: LocalSfu;
    let proxy: TcpProxy;
    let isReachable = true;
    let gateway: TestGateway;
    let anaBrowser: RunningChromium;
    let boBrowser: RunningChromium;
    let ana: WatchedPage;
    let bo: WatchedPage;

    beforeAll(async () => {
      [client, sfu, anaBrowser, boBrowser] = await Promise.all([
        buildClient(),
        startLocalSfu(),
        launchChromium({ reducedMotion: 'reduce' }),
        launchChromium({ reducedMotion: 'reduce' }),
      ]);
      proxy = await TcpProxy.start(() => (isReachable ? Number(new URL(sfu.url).port) : null));
      gateway = await startTestGateway({
        livekit: sfu,
        clientFolder: client.folder,
        // What carries sound and pictures goes past it.
        env: {
          SURTITRE_LIVEKIT_PUBLIC_URL: `ws://127.0.0.1:${proxy.port}`,
          SURTITRE_RECORDING_FILE: '/out/{room_name}.mp4',
        },
      });
      await withoutCamera(anaBrowser.context);
      await withoutDevices(boBrowser.context);
      for (const { context } of [anaBrowser, boBrowser]) await context.addInitScript(keepConnections);
      ana = await openPage(anaBrowser.context, gateway.httpUrl);
      await ana.page.getByRole('button', { name: 'Start a meeting' }).click();
      await joinAs(ana.page, 'Ana');
      bo = await openPage(boBrowser.context, ana.page.url());
      await joinAs(bo.page, 'Bo');
      await ana.page.getByRole('listitem').filter({ hasText: 'Bo' }).waitFor();
    }, 120_000);

    afterAll(async () => {
      await Promise.all([anaBrowser?.close(), boBrowser?.close()]);
      await gateway?.close();
      await proxy?.close();
      await sfu?.close();
      await client?.remove();
    });

    it('shows a shared screen large and plays its sound; captions lie below it', async () => {
      await heard(bo.page, 1);
      await ana.page.getByRole('button', { name: 'Share the screen' }).click();
      await ana.page.getByRole('button', { name: 'Stop sharing the screen' }).waitFor();
      const screen = bo.page.locator('.enlarged-cell .tile').filter({ hasText: 'Ana’s screen' });
      await screen.waitFor();
      await bo.page.waitForFunction(
        () => (document.querySelector<HTMLVideoElement>('.enlarged-cell video')?.videoWidth ?? 0) > 0,
      );
      await heard(bo.page, 2);
      await bo.page.getByRole('button', { name: 'Captions off' }).click();
      const captions = await bo.page.getByRole('region', { name: 'Captions', exact: true }).boundingBox();
      const picture = await screen.boundingBox();
      expect((picture?.y ?? 0) + (picture?.height ?? 0)).toBeLessThanOrEqual(captions?.y ?? 0);
      expect(await accessibilityViolations(bo.page)).toEqual([]);
      expect(await accessibilityViolations(ana.page)).toEqual([]);
    });

    it('goes back to the grid, to the screen again, and to the grid when sharing ends', async () => {
      const enlarged = bo.page.locator('.enlarged-cell');
      await bo.page.getByRole('button', { name: 'Back to all participants' }).click();
      await enlarged.waitFor({ state: 'detached' });
      await bo.page.getByRole('button', { name: 'Enlarge Ana’s screen' }).click();
      await enlarged.waitFor();
      await ana.page.getByRole('button', { name: 'Stop sharing the screen' }).click();
      await enlarged.waitFor({ state: 'detached' });
      await ana.page.getByRole('button', { name: 'Share the screen' }).waitFor();
    });

    it('changes the microphone during the call: what is sent comes from the chosen one, also next time', async () => {
      const { page } = ana;
      await page.getByRole('button', { name: 'Settings', exact: true }).click();
      const settings = page.getByRole('dialog', { name: 'Settings' });
      expect(await accessibilityViolations(page)).toEqual([]);
      await settings.getByLabel('Microphone').selectOption({ label: 'Fake Audio Input 2' });
      await page.waitForFunction(() =>
        window.connections
          .flatMap((connection) => connection.getSenders())
          .some(({ track }) => track?.label === 'Fake Audio Input 2' && track.readyState === 'live'),
      );
      await settings.getByLabel('Loudspeaker').selectOption({ label: 'Fake Audio Output 1' });
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Settings', exact: true }).click();
      // The list of devices comes a moment after the dialog.
      const chosen = settings.getByLabel('Microphone').locator('option:checked');
      await chosen.filter({ hasText: 'Fake Audio Input 2' }).waitFor({ state: 'attached' });
      await page.keyboard.press('Escape');
    });

    it('tells how late captions are, on the screen that shows them', async () => {
      const { page } = bo;
      const roomId = page.url().slice(page.url().lastIndexOf('/') + 1);
      await page.getByRole('button', { name: 'About the captions' }).filter({ visible: true }).click();
      const about = page.getByRole('dialog', { name: 'About the captions' });
      await about.getByText('How late are they?').click();
      await about.getByText('Nothing to measure yet').waitFor();
      const agent = await UplinkAgent.connect(gateway.socketUrl, gateway.uplinkToken());
      const now = Date.now();
      const events = [live(now), openedUtterance(1, now - 500), appendedText(1, 0, 'Bonjour', now - 500)];
      agent.frame(roomId, 1, events, {
        ...{ audioMs: now, readUs: 1_000, gatheredUs: 2_000, steppedUs: 60_000, sentUs: 61_000 },
        ...{ receivedUs: 0, publishedUs: 0 },
      });
      const recognised = about.getByRole('row', { name: /^Hearing and recognising/ });
      await recognised.waitFor();
      expect(await recognised.getByRole('cell').allTextContents()).toEqual(['560 ms', '560 ms']);
      expect(await accessibilityViolations(page)).toEqual([]);
      await page.keyboard.press('Escape');
      await agent.die();
    });

    it('asks before it records, and says that no recorder answers', async () => {
      const { page } = ana;
      await page.getByRole('button', { name: 'Host controls' }).click();
      await page.getByRole('button', { name: 'Record the meeting' }).click();
      const question = page.getByRole('dialog', { name: 'Record this meeting?' });
      await question.waitFor();
      expect(await accessibilityViolations(page)).toEqual([]);
      await question.getByRole('button', { name: 'Record the meeting' }).click();
      await page.getByText('The recording did not start: the recorder does not answer.').first().waitFor();
      await page.getByRole('button', { name: 'Record the meeting' }).waitFor();
      await page.keyboard.press('Escape');
    });

    it('says that the connection broke and is being repaired, and that it is', async () => {
      // In the page; the same words are read out.
      const lost = (page: Page) =>
        page.getByRole('main').getByText('Connection lost. Reconnecting…', { exact: true });
      isReachable = false;
      proxy.cut();
      for (const { page } of [ana, bo]) {
        await lost(page).waitFor();
      }
      expect(await accessibilityViolations(bo.page)).toEqual([]);
      isReachable = true;
      for (const { page } of [ana, bo]) {
        await page.getByText('You are connected again.').first().waitFor();
        await lost(page).waitFor({ state: 'detached' });
      }
      await ana.page.getByRole('button', { name: 'Chat' }).click();
      await ana.page.getByLabel('Write a message').fill('Still here?');
      await ana.page.keyboard.press('Enter');
      await bo.page.getByRole('status').filter({ hasText: 'Ana writes: Still here?' }).waitFor();
    });
  },
);

/** Resolves when the sound of so many tracks arrives and each has a player that plays it. */
async function heard(page: Page, tracks: number): Promise<void> {
  await page.waitForFunction(async (wanted) => {
    const reports = await Promise.all(window.connections.map((connection) => connection.getStats()));
    const arriving = reports
      .flatMap((report) => [...report.values()])
      .filter(({ type, kind, totalAudioEnergy }) => {
        return type === 'inbound-rtp' && kind === 'audio' && totalAudioEnergy > 0;
      });
    const playing = [...document.querySelectorAll('audio')].filter(({ paused, srcObject }) => {
      return !paused && srcObject instanceof MediaStream && srcObject.active;
    });
    return arriving.length >= wanted && playing.length >= wanted;
  }, tracks);
}
