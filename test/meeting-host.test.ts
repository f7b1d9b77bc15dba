/** What a host does and what the others see of it, in real browsers, in real rooms; and the captioner's page. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CaptionerInvitation } from '../protocol/captioner-api.ts';
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
} from './support/meeting-page.ts';
import { startTestGateway, type TestGateway } from './support/start-gateway.ts';

const lack = findChromium().reason ?? findLivekitServer().reason;

/** Three browsers and a media server on a busy machine. */
const TEST_TIMEOUT_MS = 60_000;

describe.skipIf(lack !== null)(
  `host and guests${lack === null ? '' : ` (skipped: ${lack})`}`,
  { timeout: TEST_TIMEOUT_MS },
  () => {
    let client: BuiltClient;
    let sfu: LocalSfu;
    let gateway: TestGateway;
    let hostBrowser: RunningChromium;
    let guestBrowser: RunningChromium;
    let host: WatchedPage;
    let guest: WatchedPage;
    let link = '';
    let roomId = '';
    let hostKey = '';

    beforeAll(async () => {
      [client, sfu, hostBrowser, guestBrowser] = await Promise.all([
        buildClient(),
        startLocalSfu(),
        launchChromium({ reducedMotion: 'reduce', viewport: { width: 1440, height: 810 } }),
        launchChromium({ reducedMotion: 'reduce', language: 'fr' }),
      ]);
      gateway = await startTestGateway({ livekit: sfu, clientFolder: client.folder });
      await Promise.all([withoutCamera(hostBrowser.context), withoutCamera(guestBrowser.context)]);
      host = await openPage(hostBrowser.context, gateway.httpUrl);
      guest = await openPage(guestBrowser.context, gateway.httpUrl);
    });

    afterAll(async () => {
      await Promise.all([hostBrowser?.close(), guestBrowser?.close()]);
      await gateway?.close();
      await sfu?.close();
      await client?.remove();
    });

    it('goes from the start into a room, through every control and out again, with the keyboard alone', async () => {
      const { page } = host;
      const tabTo = async (name: string) => {
        for (let presses = 0; presses < 40; presses += 1) {
          await page.keyboard.press('Tab');
          const focused = await page.evaluate(() => {
            const element = document.activeElement;
            return element?.getAttribute('aria-label') ?? element?.textContent ?? '';
          });
          if (focused === name) return;
        }
        throw new Error(`the Tab key does not reach ${name}`);
      };
      await page.getByRole('button', { name: 'Start a meeting' }).waitFor();
      await tabTo('Start a meeting');
      await page.keyboard.press('Enter');
      const name = page.getByLabel('Your name');
      await name.waitFor();
      while (!(await name.evaluate((field) => field === document.activeElement))) {
        await page.keyboard.press('Tab');
      }
      await page.keyboard.type('Ana Host');
      await page.keyboard.press('Enter');
      await page.getByRole('region', { name: 'Meeting controls' }).waitFor();
      for (const control of ['Turn the mic off', 'Captions off', 'Raise the hand', 'Chat'])
        await tabTo(control);
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Chat' }).waitFor();
      await page.keyboard.press('Escape');
      await tabTo('Leave');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'You have left the meeting.' }).waitFor();
      await page.getByRole('button', { name: 'Join again' }).click();
    });

    it('tries the loudspeaker before joining', async () => {
      const { page } = host;
      await page.getByRole('button', { name: 'Test the loudspeaker' }).click();
      await page.getByText('If you heard three tones, the sound works.').waitFor();
      expect(await accessibilityViolations(page)).toEqual([]);
      link = page.url();
      roomId = link.slice(link.lastIndexOf('/') + 1);
      await joinAs(page, 'Ana Host');
      hostKey = await page.evaluate(
        (id) => JSON.parse(localStorage.getItem('surtitre.host-keys') ?? '{}')[id],
        roomId,
      );
    });

    it('puts a waiting room before the meeting; who comes waits, and is let in', async () => {
      const { page } = host;
      await page.getByRole('button', { name: 'Host controls' }).click();
      await page.getByRole('radio', { name: 'Whom I let in' }).click();
      await page.getByRole('radio', { name: 'Whom I let in', checked: true }).waitFor();
      await guest.page.goto(link);
      await guest.page.getByLabel('Votre nom').fill('Bo Guest');
      await guest.page.getByRole('button', { name: 'Rejoindre la réunion' }).click();
      await guest.page.getByRole('heading', { name: 'En attente de l’hôte' }).waitFor();
      expect(await accessibilityViolations(guest.page)).toEqual([]);
      await page.getByRole('status').filter({ hasText: 'Bo Guest waits to be let in' }).waitFor();
      await page.getByRole('button', { name: 'Host controls, 1 person waits' }).waitFor();
      expect(await accessibilityViolations(page)).toEqual([]);
      await page.getByRole('button', { name: 'Let Bo Guest in' }).click();
      await guest.page.getByRole('region', { name: 'Commandes de la réunion' }).waitFor();
      await page.getByRole('listitem').filter({ hasText: 'Bo Guest' }).first().waitFor();
      await page.getByRole('button', { name: 'Let Bo Guest in' }).waitFor({ state: 'detached' });
    });

    it('turns somebody’s microphone off; that person reads who did it', async () => {
      const { page } = host;
      await guest.page.getByRole('button', { name: 'Couper le micro' }).waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'People: 2' }).click();
      await page.getByRole('button', { name: 'Actions for Bo Guest' }).click();
      await page.getByRole('menuitem', { name: 'Turn off the microphone of Bo Guest' }).click();
      await guest.page.getByText('L’hôte a coupé votre micro.').first().waitFor();
      await guest.page.getByRole('button', { name: 'Activer le micro' }).waitFor();
    });

    it('shows raised hands in order to everybody, and lowers one', async () => {
      const { page } = host;
      await guest.page.locator('body').press('h');
      await page.getByRole('status').filter({ hasText: 'Bo Guest raises a hand' }).waitFor();
      await page.getByRole('heading', { name: 'Raised hands' }).waitFor();
      expect(await accessibilityViolations(page)).toEqual([]);
      await page.getByRole('button', { name: 'Raise the hand' }).click();
      await page.getByRole('img', { name: 'hand raised, number 2 in the queue' }).first().waitFor();
      await page.getByRole('button', { name: 'Actions for Bo Guest' }).first().click();
      await page.getByRole('menuitem', { name: 'Lower the hand of Bo Guest' }).click();
      await page.getByRole('img', { name: 'hand raised, number 2 in the queue' }).first().waitFor({
        state: 'detached',
      });
      await guest.page.getByRole('status').filter({ hasText: 'Votre main est baissée.' }).waitFor();
    });

    it('brings a reaction to the others, and reads it out', async () => {
      await guest.page.setViewportSize({ width: 390, height: 844 });
      await guest.page.getByRole('button', { name: 'Plus', exact: true }).click();
      await guest.page.getByRole('menuitem', { name: 'Réagir' }).click();
      await guest.page.getByRole('menuitem', { name: 'applaudissements' }).waitFor();
      expect(await accessibilityViolations(guest.page)).toEqual([]);
      await guest.page.getByRole('menuitem', { name: 'applaudissements' }).click();
      await host.page.getByRole('status').filter({ hasText: 'Bo Guest: applause' }).waitFor();
      await guest.page.setViewportSize({ width: 1280, height: 720 });
    });

    it('goes off the record: everybody sees it, and sees it end', async () => {
      const { page } = host;
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Host controls' }).click();
      await page.getByRole('button', { name: 'Go off the record' }).click();
      await guest.page
        .getByText('Hors enregistrement\u00a0: rien n’est sous-titré ni conservé')
        .filter({ visible: true })
        .waitFor();
      await page.locator('surtitre-captions[off-record="on"]').waitFor({ state: 'attached' });
      await page.getByRole('button', { name: 'About the captions' }).filter({ visible: true }).click();
      const about = page.getByRole('dialog', { name: 'About the captions' });
      await about.waitFor();
      expect(await accessibilityViolations(page)).toEqual([]);
      await about.getByRole('button', { name: 'Back on the record' }).click();
      await guest.page
        .getByRole('status')
        .filter({ hasText: 'La réunion n’est plus hors enregistrement' })
        .waitFor();
      await page.keyboard.press('Escape');
    });

    it('says where recording is not set up', async () => {
      const record = host.page.getByRole('button', { name: 'Record the meeting' });
      expect(await record.getAttribute('aria-disabled')).toBe('true');
      await host.page.getByText('Recording is not set up on this installation.').waitFor();
    });

    it('lets a person write the captions, word by word, and correct a line', async () => {
      const answer = await fetch(`${gateway.httpUrl}/api/rooms/${roomId}/captioners`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${hostKey}` },
        body: '{"name":"Chloé"}',
      });
      const { pagePath } = (await answer.json()) as CaptionerInvitation;
      const { page, complaints } = await openPage(hostBrowser.context, gateway.httpUrl + pagePath);
      await page.getByRole('button', { name: 'Start', exact: true }).waitFor();
      expect(await accessibilityViolations(page)).toEqual([]);
      await page.getByRole('button', { name: 'Start', exact: true }).click();
      const field = page.getByLabel('What is being said');
      await field.waitFor();
      expect(await accessibilityViolations(page)).toEqual([]);
      await guest.page.getByRole('button', { name: 'Sous-titres désactivés' }).click();
      const captions = guest.page.locator('surtitre-captions');
      await field.pressSequentially('The bugdet is ');
      await captions.getByText('bugdet').first().waitFor();
      await field.pressSequentially('ready');
      await field.press('Enter');
      await captions.getByText('ready').first().waitFor();
      await page.getByRole('button', { name: 'Correct “The bugdet is ready”' }).click();
      const correction = page.getByRole('textbox', { name: 'Correction' });
      await correction.fill('The budget is ready');
      await correction.press('Enter');
      await captions.getByText('budget').first().waitFor();
      expect(await accessibilityViolations(page)).toEqual([]);
      await page.getByRole('button', { name: 'Stop captioning' }).click();
      await page.getByRole('heading', { name: 'You no longer write the captions.' }).waitFor();
      expect(await accessibilityViolations(page)).toEqual([]);
      expect(complaints).toEqual([]);
      await page.close();
    });

    it('lists the keys, and leaves them alone when they are turned off', async () => {
      const { page } = guest;
      await page.locator('body').press('?');
      await page.getByRole('dialog', { name: 'Raccourcis clavier' }).waitFor();
      expect(await accessibilityViolations(page)).toEqual([]);
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Réglages', exact: true }).click();
      await page.getByRole('checkbox', { name: 'Utiliser des touches seules' }).uncheck();
      await page.getByRole('radio', { name: 'Claire' }).check();
      expect(await accessibilityViolations(page)).toEqual([]);
      await page.keyboard.press('Escape');
      await page.locator('body').press('c');
      await page.locator('body').press('p');
      await page.getByRole('button', { name: 'Sous-titres activés' }).waitFor();
      expect(await page.getByRole('heading', { name: /^Participants/ }).count()).toBe(0);
      expect(await accessibilityViolations(page)).toEqual([]);
    });

    it('keeps the choice of captions through a reload', async () => {
      const { page } = guest;
      await host.page.getByRole('radio', { name: 'Whoever has the link' }).click();
      await host.page.getByRole('radio', { name: 'Whoever has the link', checked: true }).waitFor();
      await page.reload();
      await page.getByRole('button', { name: 'Rejoindre la réunion' }).click();
      const on = page.getByRole('button', { name: 'Sous-titres activés' });
      expect(await on.getAttribute('aria-pressed')).toBe('true');
    });

    it('puts somebody out after asking, and locks the door behind', async () => {
      const { page } = host;
      await page.getByRole('radio', { name: 'Nobody else: the room is locked' }).click();
      await page.getByRole('radio', { name: 'Nobody else: the room is locked', checked: true }).waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'People: 2' }).click();
      await page.getByRole('button', { name: 'Actions for Bo Guest' }).click();
      await page.getByRole('menuitem', { name: 'Remove Bo Guest' }).click();
      await page.getByRole('dialog', { name: 'Remove Bo Guest from the meeting?' }).waitFor();
      expect(await accessibilityViolations(page)).toEqual([]);
      await page.getByRole('button', { name: 'Remove Bo Guest', exact: true }).click();
      await guest.page.getByRole('heading', { name: 'Votre accès à cette réunion a été retiré.' }).waitFor();
      await guest.page.getByRole('button', { name: 'Rejoindre à nouveau' }).click();
      await guest.page.getByRole('button', { name: 'Rejoindre la réunion' }).click();
      await guest.page.getByRole('heading', { name: 'L’hôte a verrouillé cette réunion.' }).waitFor();
      expect(await accessibilityViolations(guest.page)).toEqual([]);
    });

    it('ends the meeting for everyone', async () => {
      const { page } = host;
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Host controls' }).click();
      await page.getByRole('button', { name: 'End the meeting for everyone' }).click();
      await page.getByRole('dialog').waitFor();
      expect(await accessibilityViolations(page)).toEqual([]);
      await page
        .getByRole('dialog')
        .getByRole('button', { name: 'End the meeting for everyone', exact: true })
        .click();
      await page.getByRole('heading', { name: 'The meeting is over.' }).waitFor();
      // The media library reports as errors that the server closed its channels.
      expect(host.complaints.filter((complaint) => !/data ?channel/i.test(complaint))).toEqual([]);
      // What the service refuses, the browser itself writes to the console.
      expect(guest.complaints.filter((complaint) => !/status of 423|data ?channel/i.test(complaint))).toEqual(
        [],
      );
    });
  },
);
