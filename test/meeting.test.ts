/** The meeting page in a real browser, over a real media server and a real gateway. */
import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium, launchChromium, type RunningChromium } from './support/chromium.ts';
import {
  findLivekitServer,
  type RunningLivekitServer,
  startLivekitServer,
} from './support/livekit-server.ts';
import {
  accessibilityViolations,
  type BuiltClient,
  buildClient,
  joinAs,
  openPage,
  type WatchedPage,
} from './support/meeting-page.ts';
import { startTestGateway, type TestGateway } from './support/start-gateway.ts';

const lack = findChromium().reason ?? findLivekitServer().reason;

/** Two browsers and a media server on a busy machine. */
const TEST_TIMEOUT_MS = 60_000;

describe.skipIf(lack !== null)(
  `meeting page${lack === null ? '' : ` (skipped: ${lack})`}`,
  { timeout: TEST_TIMEOUT_MS },
  () => {
    let client: BuiltClient;
    let livekit: RunningLivekitServer;
    let gateway: TestGateway;
    let hostBrowser: RunningChromium;
    let guestBrowser: RunningChromium;
    let host: WatchedPage;
    let guest: WatchedPage;
    let link = '';

    beforeAll(async () => {
      [client, livekit, hostBrowser, guestBrowser] = await Promise.all([
        buildClient(),
        startLivekitServer(),
        launchChromium({ reducedMotion: 'reduce' }),
        // A name that is not loopback makes the page insecure: browsers then give it no devices at all.
        launchChromium({
          reducedMotion: 'reduce',
          extraArgs: ['--host-resolver-rules=MAP insecure.test 127.0.0.1'],
        }),
      ]);
      gateway = await startTestGateway({ livekit, clientFolder: client.folder });
      host = await openPage(hostBrowser.context, gateway.httpUrl);
    });

    afterAll(async () => {
      await Promise.all([hostBrowser?.close(), guestBrowser?.close()]);
      await gateway?.close();
      await livekit?.close();
      await client?.remove();
    });

    it('greets in the browser’s language, switches to the other, and keeps the choice', async () => {
      const { page } = host;
      await page.getByRole('heading', { name: 'Meetings you can read.' }).waitFor();
      expect(await page.getAttribute('html', 'lang')).toBe('en');
      await page.getByRole('button', { name: 'Français' }).click();
      await page.getByRole('heading', { name: 'Des réunions qui se lisent.' }).waitFor();
      await page.reload();
      await page.getByRole('button', { name: 'Démarrer une réunion' }).waitFor();
      expect(await page.getAttribute('html', 'lang')).toBe('fr');
      await page.getByRole('button', { name: 'English' }).click();
      await page.getByRole('button', { name: 'Try the demo' }).waitFor();
      expect(await accessibilityViolations(page)).toEqual([]);
    });

    it('creates a room and shows its lobby with a picture and a moving level', async () => {
      const { page } = host;
      await page.getByRole('button', { name: 'Start a meeting' }).click();
      await page.getByRole('heading', { name: 'Ready to join?' }).waitFor();
      link = page.url();
      await page.waitForFunction(() => (document.querySelector('video')?.videoWidth ?? 0) > 0);
      // The fake microphone beeps once a second.
      await page.waitForFunction(() => (document.querySelector('meter')?.value ?? 0) > 0);
      expect(await accessibilityViolations(page)).toEqual([]);
    });

    it('asks for a name, then enters the room', async () => {
      const { page } = host;
      await page.getByRole('button', { name: 'Join the meeting' }).click();
      await page.getByText('Enter the name that the others should see.').waitFor();
      await joinAs(page, 'Ana Host');
      await page.getByRole('listitem').filter({ hasText: 'Ana Host (you)' }).waitFor();
      await page.getByText('Nobody else is here yet.').waitFor();
      expect(await accessibilityViolations(page)).toEqual([]);
    });

    it('lets somebody without any device in by the pasted link, and says so in words', async () => {
      const insecure = new URL(gateway.httpUrl);
      insecure.hostname = 'insecure.test';
      guest = await openPage(guestBrowser.context, insecure.href);
      const { page } = guest;
      await page.getByLabel('Link or code').fill('not a link');
      await page.getByRole('button', { name: 'Join', exact: true }).click();
      await page.getByText('This is not a meeting link or code.').waitFor();
      await page.getByLabel('Link or code').fill(link);
      await page.getByRole('button', { name: 'Join', exact: true }).click();
      await page.getByText('This browser gives no access to a camera here.').waitFor();
      await page.getByText('This browser gives no access to a microphone here.').waitFor();
      await joinAs(page, 'Bo Guest');
      await page.getByRole('listitem').filter({ hasText: 'Ana Host' }).locator('video').waitFor();
      await page.waitForFunction(() => (document.querySelector('video')?.videoWidth ?? 0) > 0);
      await host.page.getByRole('listitem').filter({ hasText: 'Bo Guest' }).waitFor();
    });

    it('brings a chat message, announces it and counts it as unread', async () => {
      await host.page.getByRole('button', { name: 'Chat' }).click();
      await host.page.getByLabel('Write a message').fill('Hello from Ana');
      await host.page.keyboard.press('Enter');
      await host.page.getByRole('listitem').filter({ hasText: 'Hello from Ana' }).waitFor();
      expect(await accessibilityViolations(host.page)).toEqual([]);
      const { page } = guest;
      await page.getByRole('status').filter({ hasText: 'Ana Host writes: Hello from Ana' }).waitFor();
      await page.getByRole('button', { name: 'Chat, 1 unread message' }).click();
      await page.getByRole('listitem').filter({ hasText: 'Hello from Ana' }).waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Chat', exact: true }).waitFor();
    });

    it('shows captions to the one who pressed CC and to nobody else', async () => {
      const { page } = host;
      const opened = page.waitForEvent('websocket', (socket) => socket.url().includes('/captions'));
      const off = page.getByRole('button', { name: 'Captions off' });
      expect(await off.getAttribute('aria-pressed')).toBe('false');
      await off.click();
      const on = page.getByRole('button', { name: 'Captions on' });
      expect(await on.getAttribute('aria-pressed')).toBe('true');
      await opened;
      await page
        .locator('surtitre-captions')
        .getByText(/^Captions are (starting|not available)/)
        .waitFor();
      await page.getByText('What is said here is captioned live').waitFor();
      expect(await accessibilityViolations(page)).toEqual([]);
      expect(await guest.page.getByRole('button', { name: 'Captions off' }).count()).toBe(1);
      await page.locator('body').press('c');
      await off.waitFor();
      expect(await page.locator('surtitre-captions').getAttribute('active')).toBeNull();
    });

    it('makes room for the transcript: it covers no tile and no control, at 1280 and at 390 px', async () => {
      const { page } = host;
      await page.getByRole('button', { name: 'Captions off' }).click();
      const captions = page.locator('surtitre-captions');
      const transcript = captions.getByRole('dialog', { name: 'Transcript' });
      for (const width of [1280, 390]) {
        await page.setViewportSize({ width, height: 720 });
        await captions.getByRole('button', { name: 'Transcript' }).click();
        await transcript.waitFor();
        expect(await coveredBy(transcript), `at ${width} px`).toEqual([]);
        expect(await accessibilityViolations(page)).toEqual([]);
        // One panel at a time: the newest.
        await page.getByRole('button', { name: 'Chat', exact: true }).click();
        await transcript.waitFor({ state: 'hidden' });
        await page.getByRole('heading', { name: 'Chat' }).waitFor();
        await page.keyboard.press('Escape');
      }
      await captions.getByRole('button', { name: 'Transcript' }).click();
      await page.getByRole('button', { name: 'Captions on' }).click();
      await transcript.waitFor({ state: 'hidden' });
      await page.setViewportSize({ width: 1280, height: 720 });
    });

    it('keeps every control within reach at 390 and 320 px', async () => {
      const { page } = guest;
      await page.keyboard.press('Escape');
      for (const width of [390, 320]) {
        await page.setViewportSize({ width, height: 700 });
        for (const name of ['Captions off', 'Turn the mic on', 'More', 'Leave']) {
          const box = await page.getByRole('button', { name }).boundingBox();
          expect(box?.x, `${name} at ${width} px`).toBeGreaterThanOrEqual(0);
          expect((box?.x ?? 0) + (box?.width ?? 0), `${name} at ${width} px`).toBeLessThanOrEqual(width);
        }
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        expect(overflow).toBeLessThanOrEqual(0);
      }
      await page.getByRole('button', { name: 'More' }).click();
      await page.getByRole('menuitem', { name: 'Settings', exact: true }).waitFor();
      expect(await accessibilityViolations(page)).toEqual([]);
      await page.getByRole('menuitem', { name: 'Settings', exact: true }).click();
      await page.getByRole('dialog', { name: 'Settings' }).waitFor();
      expect(await accessibilityViolations(page)).toEqual([]);
      await page.keyboard.press('Escape');
    });

    it('lets the host switch captions off for the room', async () => {
      const { page } = host;
      await page.getByRole('button', { name: 'Host controls' }).click();
      await page.getByRole('radio', { name: 'Off for everyone' }).click();
      await page.getByText('Captions are now off for everyone in this room.').first().waitFor();
      await page.getByRole('radio', { name: 'Off for everyone', checked: true }).waitFor();
      await page.keyboard.press('Escape');
    });

    it('leaves, and the others see it', async () => {
      await host.page.getByRole('button', { name: 'Leave' }).click();
      await host.page.getByRole('heading', { name: 'You have left the meeting.' }).waitFor();
      expect(await accessibilityViolations(host.page)).toEqual([]);
      await guest.page.getByRole('listitem').filter({ hasText: 'Ana Host' }).waitFor({ state: 'detached' });
      expect(host.complaints).toEqual([]);
      // What the browser itself says of an address that is not secure is not ours.
      expect(guest.complaints.filter((complaint) => !/origin/i.test(complaint))).toEqual([]);
    });

    it('shows captions from the start to whoever wants that always, also after a reload', async () => {
      const { page } = host;
      await page.getByRole('button', { name: 'Join again' }).click();
      await page.getByRole('checkbox', { name: 'Show captions as soon as I am in' }).check();
      await page.reload();
      await page.getByRole('button', { name: 'Join the meeting' }).click();
      const on = page.getByRole('button', { name: 'Captions on' });
      expect(await on.getAttribute('aria-pressed')).toBe('true');
      // The host has switched captions off for the room.
      await page.locator('surtitre-captions').getByText('The host has switched captions off').waitFor();
    });

    it('says what is wrong with an unknown room and an unknown address', async () => {
      const { page } = host;
      await page.goto(`${gateway.httpUrl}/r/nobody-made-this-one`);
      await page.getByRole('heading', { name: 'This meeting does not exist, or it is over.' }).waitFor();
      expect(await accessibilityViolations(page)).toEqual([]);
      await page.getByRole('button', { name: 'Back to the start' }).click();
      await page.getByRole('heading', { name: 'Meetings you can read.' }).waitFor();
    });

    it('says that the video server cannot be reached, and that the service does not answer', async () => {
      const { page } = host;
      await page.getByRole('button', { name: 'Start a meeting' }).click();
      await page.getByRole('heading', { name: 'Ready to join?' }).waitFor();
      await livekit.close();
      await page.getByLabel('Your name').fill('Ana');
      await page.getByRole('button', { name: 'Join the meeting' }).click();
      await page.getByRole('button', { name: 'Try again' }).waitFor();
      expect(await accessibilityViolations(page)).toEqual([]);
      await gateway.close();
      await page.getByRole('button', { name: 'Try again' }).click();
      await page.getByLabel('Your name').fill('Ana');
      await page.getByRole('button', { name: 'Join the meeting' }).click();
      await page.getByRole('heading', { name: 'The meeting service does not answer.' }).waitFor();
      expect(await accessibilityViolations(page)).toEqual([]);
    });
  },
);

/** Tiles in sight and controls that lie under the panel, by their names. */
function coveredBy(panel: Locator): Promise<string[]> {
  return panel.evaluate((element) => {
    const over = element.getBoundingClientRect();
    const places = document.querySelectorAll<HTMLElement>('.tile, .control-bar button');
    return [...places].flatMap((place) => {
      const { left, right, top, bottom, width } = place.getBoundingClientRect();
      const isCovered = left < over.right && right > over.left && top < over.bottom && bottom > over.top;
      const isSeen = width > 0 && place.checkVisibility({ visibilityProperty: true });
      return isSeen && isCovered ? [place.ariaLabel ?? place.textContent] : [];
    });
  });
}
