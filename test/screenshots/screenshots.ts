/** The pictures in docs/screenshots/, taken of a real meeting by `npm run screenshots`. Not a test: nothing is asserted. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { dispose } from '@livekit/rtc-node';
import type { Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, it } from 'vitest';
import type { CaptionEvent } from '../../protocol/caption-event.ts';
import type { CaptionerInvitation } from '../../protocol/captioner-api.ts';
import type { JoinRoomResponse } from '../../protocol/room-api.ts';
import { keepTalking } from '../support/caption-traffic.ts';
import { type ChromiumOptions, launchChromium, type RunningChromium } from '../support/chromium.ts';
import { type LocalSfu, startLocalSfu } from '../support/local-sfu.ts';
import { type BuiltClient, buildClient, joinAs, openPage } from '../support/meeting-page.ts';
import { OPERATOR_TOKEN, postJson, startTestGateway, type TestGateway } from '../support/start-gateway.ts';
import { ToneSpeaker } from '../support/tone-speaker.ts';
import { live, UplinkAgent } from '../support/uplink-agent.ts';

const FOLDER = 'docs/screenshots';
const STEP_TIMEOUT_MS = 45_000;
/** For the curve of the status page to have some length. */
const CURVE_MS = 30_000;
const DESKTOP = { width: 1440, height: 810 };
const PEOPLE = ['Camille Durand', 'Noah Petit', 'Inès Moreau', 'Étienne Le Gall', 'Salomé Girard'];
const TALK: readonly (readonly [speaker: number, language: 'fr' | 'en', text: string])[] = [
  [0, 'fr', 'Bonjour à tous, on commence par le budget de l’année prochaine.'],
  [1, 'fr', 'Il est prêt. La part de l’accessibilité double.'],
  [2, 'en', 'Could you say what the new servers are for?'],
  [0, 'fr', 'Pour que la parole soit transcrite chez nous, et nulle part ailleurs.'],
  [3, 'fr', 'Les personnes sourdes du service testent les sous-titres depuis lundi.'],
  [1, 'fr', 'Très bien. On vote, puis on passe au calendrier.'],
];

let client: BuiltClient;
let sfu: LocalSfu;
let gateway: TestGateway;
let agent: UplinkAgent;
let browser: RunningChromium;
let link = '';
let roomId = '';
let hostKey = '';
const people: { person: ToneSpeaker; access: JoinRoomResponse }[] = [];
const browsers: RunningChromium[] = [];

beforeAll(async () => {
  mkdirSync(FOLDER, { recursive: true });
  [client, sfu] = await Promise.all([buildClient(), startLocalSfu()]);
  await build({ configFile: 'vite.pages.config.ts', logLevel: 'error', build: { outDir: client.folder } });
  gateway = await startTestGateway({ livekit: sfu, clientFolder: client.folder });
  agent = await UplinkAgent.connect(gateway.socketUrl, gateway.uplinkToken());
  browser = await open({ viewport: DESKTOP, deviceScaleFactor: 1, reducedMotion: 'reduce' });
}, 120_000);

afterAll(async () => {
  await Promise.all(people.map(({ person }) => person.close()));
  await Promise.all(browsers.map((opened) => opened.close()));
  await agent.die();
  await gateway.close();
  await dispose();
  await sfu.close();
  await client.remove();
});

async function open(options: ChromiumOptions): Promise<RunningChromium> {
  const opened = await launchChromium(options);
  browsers.push(opened);
  return opened;
}

async function picture(page: Page, name: string): Promise<void> {
  // What comes and goes at the top is no part of any picture.
  for (const notice of await page.getByRole('button', { name: /^(Dismiss|Fermer ce message)$/ }).all()) {
    await notice.click().catch(() => {});
  }
  await page.mouse.move(2, 2);
  await page.screenshot({ path: join(FOLDER, `${name}.png`), animations: 'disabled' });
}

/** Everything of {@link TALK}, as an agent would tell it, up to now. */
function talk(): void {
  const now = Date.now();
  const events: CaptionEvent[] = TALK.flatMap(([speaker, language, text], index): CaptionEvent[] => {
    const { identity, name } = people[speaker]?.access ?? { identity: '', name: '' };
    const startMs = now - (TALK.length - index) * 4_000;
    const utterance = now * 10 + index;
    return [
      {
        type: 'opened',
        utterance,
        speaker: { identity, name, trackSid: `TR_${speaker}` },
        language,
        source: 'machine',
        startMs,
      },
      { type: 'appended', utterance, offset: 0, text, startMs, endMs: startMs + 3_500 },
      { type: 'closed', utterance, length: text.length, endMs: startMs + 3_500 },
    ];
  });
  agent.frame(roomId, ++frames, frames === 1 ? [live(now - 60_000), ...events] : events);
}
let frames = 0;

async function enter(page: Page, name: string): Promise<void> {
  page.setDefaultTimeout(STEP_TIMEOUT_MS);
  await joinAs(page, name);
}

const captionsOf = (page: Page) => page.locator('surtitre-captions');

let host: Page;

it('start', { timeout: 120_000 }, async () => {
  ({ page: host } = await openPage(browser.context, gateway.httpUrl));
  host.setDefaultTimeout(STEP_TIMEOUT_MS);
  await host.getByRole('button', { name: 'Start a meeting' }).waitFor();
  await picture(host, 'start');
  await host.getByRole('button', { name: 'Start a meeting' }).click();
});

it('pre-join', { timeout: 120_000 }, async () => {
  await host.getByRole('heading', { name: 'Ready to join?' }).waitFor();
  link = host.url();
  roomId = link.slice(link.lastIndexOf('/') + 1);
  hostKey = await host.evaluate(
    (id) => JSON.parse(localStorage.getItem('surtitre.host-keys') ?? '{}')[id],
    roomId,
  );
  await host.getByLabel('Your name').fill('Maël Robert');
  await host.waitForFunction(() => (document.querySelector('video')?.videoWidth ?? 0) > 0);
  await host.waitForFunction(() => (document.querySelector('meter')?.value ?? 0) > 5);
  await picture(host, 'pre-join');
  // A test pattern is no face: the others have no camera either.
  await host.getByRole('button', { name: 'Turn the camera off' }).click();
  await host.getByRole('button', { name: 'Turn the microphone off' }).click();
});

it('room with captions', { timeout: 180_000 }, async () => {
  await enter(host, 'Maël Robert');
  for (const name of PEOPLE) {
    const access = await postJson<JoinRoomResponse>(`${gateway.httpUrl}/api/rooms/${roomId}/join`, { name });
    const person = await new ToneSpeaker().join(access.livekitUrl, access.livekitToken);
    person.humming = people.length === 0;
    if (people.length < 2) await person.publish();
    people.push({ person, access });
  }
  await host.getByRole('button', { name: 'Captions off' }).click();
  talk();
  await captionsOf(host).getByText('calendrier').first().waitFor();
  await host.getByRole('listitem').filter({ hasText: 'Salomé Girard' }).waitFor();
  await picture(host, 'room');
});

it('host controls, people, chat', { timeout: 180_000 }, async () => {
  await fetch(`${gateway.httpUrl}/api/rooms/${roomId}/hand`, {
    method: 'PUT',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${people[2]?.access.captionsToken}`,
    },
    body: '{"raised":true}',
  });
  await host.getByRole('button', { name: /^Host controls/ }).click();
  await host.getByRole('radio', { name: 'Whom I let in' }).click();
  await host.getByRole('radio', { name: 'Whom I let in', checked: true }).waitFor();
  const guest = await open({ viewport: DESKTOP, reducedMotion: 'reduce' });
  const { page } = await openPage(guest.context, link);
  page.setDefaultTimeout(STEP_TIMEOUT_MS);
  await page.getByLabel('Your name').fill('Zoé Blanc');
  await page.getByRole('button', { name: 'Join the meeting' }).click();
  await page.getByRole('heading', { name: 'Waiting for the host' }).waitFor();
  await picture(page, 'waiting');
  await host.getByRole('button', { name: 'Let Zoé Blanc in' }).waitFor();
  await picture(host, 'host');
  await host.getByRole('button', { name: /^People: / }).click();
  await host.getByRole('heading', { name: 'Raised hands' }).waitFor();
  await picture(host, 'people');
  await host.keyboard.press('Escape');
  await guest.close();
});

it('light', { timeout: 120_000 }, async () => {
  await host.evaluate(() => {
    document.documentElement.dataset.appearance = 'light';
  });
  talk();
  await captionsOf(host).getByText('calendrier').first().waitFor();
  await picture(host, 'room-light');
  await host.evaluate(() => {
    document.documentElement.dataset.appearance = 'dark';
  });
  await host.getByRole('button', { name: 'Settings', exact: true }).click();
  await host.getByRole('dialog', { name: 'Settings' }).waitFor();
  await picture(host, 'settings');
  await host.keyboard.press('Escape');
});

it('caption settings, transcript, size, colours', { timeout: 180_000 }, async () => {
  const captions = captionsOf(host);
  const onTime = async () => {
    talk();
    await captions.getByText('calendrier').first().waitFor();
  };
  await onTime();
  await captions.getByRole('button', { name: 'Caption settings' }).click();
  await picture(host, 'caption-settings');
  await host.keyboard.press('Escape');
  await captions.getByRole('button', { name: 'Transcript' }).click();
  await picture(host, 'transcript');
  await host.keyboard.press('Escape');
  const setSize = async (percent: string) => {
    await captions.getByRole('button', { name: 'Caption settings' }).click();
    await captions.getByRole('slider', { name: 'Text size' }).fill(percent);
    await host.keyboard.press('Escape');
  };
  await setSize('300');
  await onTime();
  await picture(host, 'size-300');
  await setSize('100');
  await host.emulateMedia({ forcedColors: 'active' });
  await onTime();
  await picture(host, 'forced-colours');
  await host.emulateMedia({ forcedColors: 'none' });
});

it('captions in a window of their own', { timeout: 60_000 }, async () => {
  // A picture can only be taken of an ordinary window, which is what other browsers open.
  await host.evaluate(() => Reflect.deleteProperty(window, 'documentPictureInPicture'));
  const [own] = await Promise.all([
    browser.context.waitForEvent('page', { timeout: 30_000 }),
    captionsOf(host).evaluate((element) => (element as HTMLElement & { popOut(): unknown }).popOut()),
  ]);
  await own.setViewportSize({ width: 640, height: 300 });
  talk();
  await own.getByText('calendrier').first().waitFor();
  await picture(own, 'pop-out');
  await own.close();
});

it('captioner', { timeout: 120_000 }, async () => {
  const { pagePath } = await fetch(`${gateway.httpUrl}/api/rooms/${roomId}/captioners`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${hostKey}` },
    body: '{"name":"Chloé, vélotypiste"}',
  }).then((answer) => answer.json() as Promise<CaptionerInvitation>);
  const writer = await open({ viewport: DESKTOP, reducedMotion: 'reduce', language: 'fr' });
  const { page } = await openPage(writer.context, gateway.httpUrl + pagePath);
  page.setDefaultTimeout(STEP_TIMEOUT_MS);
  await page.getByRole('button', { name: 'Commencer' }).click();
  const field = page.getByLabel('Ce qui se dit');
  await field.pressSequentially('Merci Camille.');
  await field.press('Enter');
  await field.pressSequentially('Le vote est ouvert jusqu’à midi ');
  await captionsOf(page).getByText('ouvert').first().waitFor();
  await picture(page, 'captioner');
  // Or the machine would be held back for the next pictures.
  await page.getByRole('button', { name: 'Arrêter de sous-titrer' }).click();
  await page.getByRole('heading', { name: 'Vous n’écrivez plus les sous-titres.' }).waitFor();
  await writer.close();
});

it('390 px', { timeout: 120_000 }, async () => {
  await fetch(`${gateway.httpUrl}/api/rooms/${roomId}/access`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${hostKey}` },
    body: '{"access":"open"}',
  });
  const phone = await open({
    viewport: { width: 390, height: 844 },
    deviceScaleFactor: 2,
    reducedMotion: 'reduce',
    language: 'fr',
  });
  const { page } = await openPage(phone.context, link);
  page.setDefaultTimeout(STEP_TIMEOUT_MS);
  await page.getByLabel('Votre nom').fill('Zoé Blanc');
  await page.getByRole('button', { name: 'Couper la caméra' }).click();
  await page.getByRole('button', { name: 'Rejoindre la réunion' }).click();
  await page.getByRole('region', { name: 'Commandes de la réunion' }).waitFor();
  await page.getByRole('button', { name: 'Sous-titres désactivés' }).click();
  talk();
  await captionsOf(page).getByText('calendrier').first().waitFor();
  await picture(page, '390px');
  await captionsOf(page).getByRole('button', { name: 'Transcription' }).click();
  await picture(page, '390px-transcript');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Plus', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Réglages', exact: true }).waitFor();
  await picture(page, '390px-more');
  await phone.close();
});

it('status', { timeout: 180_000 }, async () => {
  const traffic = await keepTalking(gateway);
  const operator = await open({ viewport: DESKTOP, reducedMotion: 'reduce' });
  const { page } = await openPage(operator.context, `${gateway.httpUrl}/status#${OPERATOR_TOKEN}`);
  page.setDefaultTimeout(STEP_TIMEOUT_MS);
  await page.getByRole('img', { name: /At present: median \d/ }).waitFor();
  await page.waitForTimeout(CURVE_MS);
  await page.screenshot({ path: join(FOLDER, 'status.png'), fullPage: true });
  clearInterval(traffic);
  await operator.close();
});
