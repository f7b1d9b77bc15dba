/** What a person sees of the captions, in a real Chromium, over a real WebSocket, with the script that ships. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { SurtitreCaptions } from '../client-overlay/overlay/surtitre-captions.ts';
import type { CaptionEvent, Speaker } from '../protocol/caption-event.ts';
import { CLOSE_CODES } from '../protocol/close-codes.ts';
import { findChromium, launchChromium, type RunningChromium } from './support/chromium.ts';
import { type OverlayPage, type PaintWatch, serveOverlayPage } from './support/overlay-page.ts';
import { ScriptedGateway } from './support/scripted-gateway.ts';

const MAX_SCRIPT_BYTES = 35 * 1024;
const MARIE: Speaker = { identity: 'marie', name: 'Marie Curie', trackSid: 'TR_marie' };
const PAUL: Speaker = { identity: 'paul', name: 'Paul Langevin', trackSid: 'TR_paul' };
const TALK =
  `Le premier point porte sur les sous-titres en direct de nos réunions que chacun doit pouvoir lire sans
effort et sans que rien ne bouge sous ses yeux pendant la lecture même quand plusieurs personnes parlent`.split(
    /\s+/,
  );

declare global {
  interface Window {
    watch: PaintWatch & { clicks: number };
  }
  /** Of the page: as an extension or a user style sheet would. */
  function addReaderStyle(css: string): void;
}

let scriptFolder: string;

beforeAll(async () => {
  scriptFolder = await mkdtemp(join(tmpdir(), 'surtitre-overlay-'));
  await build({ configFile: 'vite.overlay.config.ts', logLevel: 'warn', build: { outDir: scriptFolder } });
});

afterAll(() => rm(scriptFolder, { recursive: true, force: true }));

test(`the one-file build is at most ${MAX_SCRIPT_BYTES} bytes compressed`, async () => {
  const script = await readFile(join(scriptFolder, 'surtitre-captions.js'));
  expect(gzipSync(script, { level: 9 }).length).toBeLessThanOrEqual(MAX_SCRIPT_BYTES);
});

const chromium = findChromium();

describe.skipIf(chromium.path === null)(
  `in Chromium${chromium.path === null ? ` (skipped: ${chromium.reason})` : ''}`,
  () => {
    let browser: RunningChromium;
    let site: OverlayPage;
    let gateway: ScriptedGateway;
    let page: Page;
    let faults: string[];

    beforeAll(async () => {
      site = await serveOverlayPage(scriptFolder);
      browser = await launchChromium({ language: 'en' });
    });

    afterAll(async () => {
      await browser?.close();
      await site?.close();
    });

    beforeEach(async () => {
      gateway = await ScriptedGateway.start();
      page = await browser.context.newPage();
      faults = [];
      page.on('pageerror', (error) => faults.push(error.message));
      page.on('console', (message) => {
        // A lost connection is reported by Chromium itself, and is what several tests are about.
        if (!message.text().includes('WebSocket connection to')) faults.push(message.text());
      });
      await page.goto(site.url);
    });

    afterEach(async () => {
      await page.evaluate(() => localStorage.clear());
      await page.close();
      await gateway.close();
      expect(faults).toEqual([]);
    });

    async function switchOn(attributes: Record<string, string> = {}): Promise<void> {
      await page.evaluate(
        ({ url, attributes }) => {
          const captions = document.querySelector('surtitre-captions') as SurtitreCaptions;
          for (const [name, value] of Object.entries(attributes)) captions.setAttribute(name, value);
          captions.token = 'a.b.c';
          captions.src = url;
          captions.active = true;
        },
        { url: gateway.url, attributes },
      );
    }

    async function connected(joins = 1): Promise<void> {
      await vi.waitFor(() => expect(gateway.joins.length).toBeGreaterThanOrEqual(joins), { timeout: 8_000 });
      await page.waitForFunction(
        () => document.querySelector('surtitre-captions')?.status.connection === 'open',
      );
    }

    const screen = () =>
      page.evaluate(() => {
        const root = document.querySelector('surtitre-captions')?.shadowRoot;
        return [...(root?.querySelectorAll<HTMLElement>('[part=name], [part=line], [part=gap]') ?? [])].map(
          (row) =>
            row.getAttribute('part') === 'name'
              ? `${row.lastElementChild?.textContent}:`
              : (row.textContent ?? ''),
        );
      });
    const watched = () => page.evaluate(() => window.watch);
    const status = () =>
      page.evaluate(
        () =>
          document.querySelector('surtitre-captions')?.shadowRoot?.querySelector('[role=status]')
            ?.textContent,
      );
    const transcript = () =>
      page.evaluate(() =>
        document.querySelector('surtitre-captions')?.transcript.utterances.map(({ text }) => text),
      );
    const seen = (text: string) =>
      page.waitForFunction((wanted) => window.watch.lines.some((line) => line.text.includes(wanted)), text);

    test('pressing CC brings a caption box with “starting” within 300 ms, before any connection', async () => {
      gateway.cut({ refuse: true });
      const waitedMs = await page.evaluate(async (url) => {
        const captions = document.querySelector('surtitre-captions') as SurtitreCaptions;
        captions.tokenProvider = () => new Promise(() => {});
        const pressedAt = performance.now();
        captions.src = url;
        captions.active = true;
        const line = captions.shadowRoot?.querySelector('[role=status]');
        while (line?.textContent !== 'Captions are starting…') await new Promise(requestAnimationFrame);
        return performance.now() - pressedAt;
      }, gateway.url);
      expect(waitedMs).toBeLessThan(300);
    });

    test('a gateway that cannot be reached is told in words within five seconds', async () => {
      gateway.cut({ refuse: true });
      await switchOn({ lang: 'fr' });
      await vi.waitFor(
        async () => expect(await status()).toBe('Les sous-titres sont injoignables. Nouvel essai en cours…'),
        {
          timeout: 5_000,
        },
      );
    });

    test('words are painted in the frame after they come, with speaker, language and shape', async () => {
      await switchOn();
      await connected();
      const talk = speak(1, MARIE);
      gateway.publish({ type: 'status', state: 'live', sinceMs: 1 }, talk.opened);
      for (const word of TALK.slice(0, 6)) gateway.publish(talk.say(word));
      await seen(TALK[5] ?? '');
      expect(await screen()).toEqual(['Marie Curie:', TALK.slice(0, 6).join(' ')]);
      const { words } = await watched();
      expect(words).toHaveLength(6);
      const waitsMs = words.map(({ receivedAt, shownAt }) => shownAt - receivedAt).sort((a, b) => a - b);
      expect(waitsMs[3]).toBeLessThan(100); // the median: a busy machine may delay a frame or two
      const line = page.locator('surtitre-captions [part=line]');
      expect(await line.getAttribute('lang')).toBe('fr');
      expect(await page.locator('surtitre-captions .shape').textContent()).toBe('●');
      expect(await status()).toBe('');
    });

    test('under repeats, losses, broken connections and a new epoch no painted word changes or comes twice', async () => {
      await switchOn();
      await connected();
      const [marie, paul] = [speak(1, MARIE), speak(2, PAUL, 500)];
      const sent: CaptionEvent[] = [marie.opened, paul.opened];
      let joins = 1;
      gateway.publish(...sent);
      for (const [index, word] of TALK.entries()) {
        const event = (index % 2 ? paul : marie).say(word);
        sent.push(event);
        if (index === 7) gateway.keep(event);
        else gateway.publish(event);
        if (index % 5 === 0) gateway.repeat(...sent.slice(-4));
        if (index === 11) gateway.cut();
        if (index === 18) gateway.hangUp(CLOSE_CODES.tooSlow.code);
        if (index === 25) gateway.restart();
        // What index 7 lost is noticed by the next frame.
        if ([8, 11, 18, 25].includes(index)) await connected(++joins);
        await page.waitForTimeout(30); // the pace of the talk, not a wait for anything
      }
      gateway.heartbeat();
      gateway.publish(marie.closed(), paul.closed());
      const spoken = [
        TALK.filter((_, at) => at % 2 === 0).join(' '),
        TALK.filter((_, at) => at % 2 === 1).join(' '),
      ];
      await vi.waitFor(async () => expect(await transcript()).toEqual(spoken), { timeout: 8_000 });
      const { changed, lines, shift } = await watched();
      expect(changed).toEqual([]);
      expect(shift).toBe(0);
      for (const [index, name] of [MARIE.name, PAUL.name].entries()) {
        const painted = lines.filter((line) => line.speaker === name).map((line) => line.text);
        expect(painted.join(' ')).toBe(spoken[index]);
        expect(painted.every((line) => line.length <= 42)).toBe(true);
      }
    });

    test('a lost connection is told within a second, and what was said meanwhile comes in order and once', async () => {
      await switchOn();
      await connected();
      const [marie, paul] = [speak(1, MARIE), speak(2, PAUL, 2_000)];
      gateway.publish({ type: 'status', state: 'live', sinceMs: 1 }, marie.opened, marie.say('Avant'));
      await seen('Avant');
      gateway.cut({ refuse: true });
      await page.waitForFunction(
        (message) => document.querySelector('surtitre-captions')?.status.message === message,
        'Connection to the captions lost. Reconnecting…',
        { timeout: 1_500 },
      );
      gateway.keep(marie.say('pendant'), marie.closed(), paul.opened, paul.say('encore'));
      gateway.open();
      await connected(2);
      gateway.publish(paul.say('après'));
      await seen('encore après');
      expect(await screen()).toEqual(['Marie Curie:', 'Avant pendant', 'Paul Langevin:', 'encore après']);
      expect(await status()).toBe('');
      expect((await watched()).changed).toEqual([]);
    });

    test('a gap is marked in words where it happened', async () => {
      await switchOn({ lang: 'fr' });
      await connected();
      const [before, after] = [speak(1, MARIE), speak(2, MARIE, 9_000)];
      gateway.publish(before.opened, before.say('Avant'));
      gateway.publish({ type: 'gap', identity: null, fromMs: 4_000, toMs: 8_000, reason: 'agent-lost' });
      gateway.publish(after.opened, after.say('Après'));
      await seen('Après');
      expect(await screen()).toEqual([
        'Marie Curie:',
        'Avant',
        'Sous-titres interrompus ici · 4 s manquantes',
        'Marie Curie:',
        'Après',
      ]);
      expect((await watched()).gaps).toMatchObject([{ fromMs: 4_000, toMs: 8_000 }]);
    });

    test('two who speak at once keep their rows, and rolling up shifts nothing', async () => {
      await switchOn();
      await connected();
      const [marie, paul] = [speak(1, MARIE), speak(2, PAUL, 300)];
      gateway.publish(marie.opened, paul.opened);
      for (const [index, word] of TALK.entries()) {
        gateway.publish((index % 3 ? marie : paul).say(word));
        await page.evaluate(
          () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
        );
        const names = (await screen()).filter((row) => row.endsWith(':'));
        if (index > 1) expect(names).toEqual(['Marie Curie:', 'Paul Langevin:']);
      }
      const { changed, shift } = await watched();
      expect(changed).toEqual([]);
      expect(shift).toBe(0);
    });

    test('clicks go through to what lies behind', async () => {
      await switchOn();
      await connected();
      const talk = speak(1, MARIE);
      gateway.publish(talk.opened, ...TALK.map(talk.say));
      await seen(TALK.at(-1) ?? '');
      await page.getByRole('button', { name: 'Behind the captions' }).click();
      expect((await watched()).clicks).toBe(1);
    });

    test('finished utterances are read out only where that is wanted', async () => {
      await switchOn();
      await connected();
      const [first, second] = [speak(1, MARIE), speak(2, PAUL)];
      gateway.publish(first.opened, first.say('Bonjour.'), first.closed());
      await seen('Bonjour.');
      const log = page.locator('surtitre-captions [role=log]');
      expect(await log.count()).toBe(0);
      await page.evaluate(() => document.querySelector('surtitre-captions')?.setAttribute('announce', ''));
      gateway.publish(second.opened, second.say('Merci.'));
      await seen('Merci.');
      expect(await log.textContent()).toBe('');
      gateway.publish(second.closed());
      await vi.waitFor(async () => expect(await log.textContent()).toBe('Paul Langevin: Merci.'));
    });

    test('asks the page for a token when the gateway calls the old one expired', async () => {
      await switchOn();
      await connected();
      await page.evaluate(() => {
        const captions = document.querySelector('surtitre-captions') as SurtitreCaptions;
        captions.tokenProvider = (refused) => (refused ? 'd.e.f' : 'a.b.c');
      });
      gateway.hangUp(CLOSE_CODES.tokenExpired.code);
      await connected(2);
      expect(await page.evaluate(() => document.querySelector('surtitre-captions')?.token)).toBe('d.e.f');
    });

    test('settings are two actions away, show at once, survive a reload and can be reset', async () => {
      await switchOn({ controls: '', remember: '' });
      const captions = page.locator('surtitre-captions');
      const look = () =>
        page.evaluate(() => {
          const stage = document.querySelector('surtitre-captions')?.shadowRoot?.querySelector('.stage');
          if (!stage) throw new Error('no stage');
          const { color, fontSize } = getComputedStyle(stage);
          return { color, sizePx: Number.parseFloat(fontSize) };
        });
      const before = await look();
      await captions.getByRole('button', { name: 'Caption settings' }).click();
      await captions.getByLabel('Yellow on black').check();
      await captions.getByRole('slider', { name: 'Text size' }).fill('200');
      expect(await look()).toEqual({ color: 'rgb(255, 255, 0)', sizePx: 2 * before.sizePx });
      await captions.getByRole('dialog').press('Escape');
      expect(await captions.getByRole('dialog').isVisible()).toBe(false);
      await page.reload();
      await switchOn({ controls: '', remember: '' });
      expect(await look()).toEqual({ color: 'rgb(255, 255, 0)', sizePx: 2 * before.sizePx });
      await captions.getByRole('button', { name: 'Caption settings' }).click();
      await captions.getByRole('button', { name: 'Reset' }).click();
      expect(await look()).toEqual(before);
    });

    test('takes over what the page set before the script was there', async () => {
      await page.goto(new URL('/late', site.url).href);
      const taken = await page.evaluate(() => {
        const captions = document.querySelector('surtitre-captions');
        return [captions?.token, captions?.preferences.lines, Object.keys(captions ?? {})];
      });
      expect(taken).toEqual(['early', 5, []]);
    });

    type Look = {
      readonly attributes?: Record<string, string>;
      readonly width?: number;
      readonly style?: string;
      readonly media?: Parameters<Page['emulateMedia']>[0];
      readonly settings?: true;
    };
    const looks: [string, Look][] = [
      ['as it comes', {}],
      ['at 320 px and 200 %', { attributes: { size: '200', announce: '' }, width: 320 }],
      ['at 320 px and 300 % with the settings', { attributes: { size: '300', controls: '' }, width: 320 }],
      ['dark on light', { attributes: { preset: 'dark-on-light' } }],
      [
        'with a reader’s own spacing',
        { style: '* { letter-spacing: .12em !important; word-spacing: .16em !important }' },
      ],
      ['in forced colours without motion', { media: { forcedColors: 'active', reducedMotion: 'reduce' } }],
      ['with the settings open', { attributes: { controls: '', lang: 'fr' }, settings: true }],
    ];
    test.each(looks)('axe finds nothing and no line is cut off: %s', async (_name, look) => {
      await page.setViewportSize({ width: look.width ?? 1280, height: 720 });
      await page.emulateMedia(look.media ?? {});
      if (look.style) await page.evaluate((css) => addReaderStyle(css), look.style);
      await switchOn(look.attributes);
      await connected();
      const talk = speak(1, MARIE);
      gateway.publish(talk.opened, ...TALK.map(talk.say));
      await seen(TALK.at(-1) ?? '');
      if (look.settings) await page.locator('surtitre-captions [part=settings-button]').click();
      const cutOff = await page.evaluate(() => {
        const rows =
          document.querySelector('surtitre-captions')?.shadowRoot?.querySelectorAll('[part=line]') ?? [];
        return [...rows].filter((row) => {
          const { left, right } = row.getBoundingClientRect();
          return left < 0 || right > innerWidth || row.scrollWidth > row.clientWidth;
        }).length;
      });
      expect(cutOff).toBe(0);
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([]);
    });
  },
);

/** The events of one turn, each word at its offset. */
function speak(utterance: number, speaker: Speaker, startMs = 0) {
  let length = 0;
  const opened: CaptionEvent = {
    type: 'opened',
    utterance,
    speaker,
    language: 'fr',
    source: 'machine',
    startMs,
  };
  const say = (word: string): CaptionEvent => {
    const offset = length;
    const text = offset === 0 ? word : ` ${word}`;
    length += text.length;
    return { type: 'appended', utterance, offset, text, startMs, endMs: startMs + 100 };
  };
  const closed = (): CaptionEvent => ({ type: 'closed', utterance, length, endMs: Date.now() });
  return { opened, say, closed };
}
