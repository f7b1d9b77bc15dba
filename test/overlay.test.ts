/** What a person sees of the captions, in a real Chromium, over a real WebSocket, with the script that ships. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { describe, expect, test, vi } from 'vitest';
import type { SurtitreCaptions } from '../client-overlay/overlay/surtitre-captions.ts';
import type { CaptionEvent } from '../protocol/caption-event.ts';
import { CLOSE_CODES } from '../protocol/close-codes.ts';
import { MARIE, noChromium, overlayForEachTest, PAUL, skipNote, speak } from './support/overlay-fixture.ts';

const MAX_SCRIPT_BYTES = 35 * 1024;
const TALK =
  `Le premier point porte sur les sous-titres en direct de nos réunions que chacun doit pouvoir lire sans
effort et sans que rien ne bouge sous ses yeux pendant la lecture même quand plusieurs personnes parlent`.split(
    /\s+/,
  );

const overlay = overlayForEachTest();

test(`the one-file build is at most ${MAX_SCRIPT_BYTES} bytes compressed`, async () => {
  const script = await readFile(join(overlay.scriptFolder, 'surtitre-captions.js'));
  expect(gzipSync(script, { level: 9 }).length).toBeLessThanOrEqual(MAX_SCRIPT_BYTES);
});

describe.skipIf(noChromium !== null)(`in Chromium${skipNote}`, () => {
  test('pressing CC brings a caption box with “starting” within 300 ms, before any connection', async () => {
    overlay.gateway.cut({ refuse: true });
    const waitedMs = await overlay.page.evaluate(async (url) => {
      const captions = document.querySelector('surtitre-captions') as SurtitreCaptions;
      captions.tokenProvider = () => new Promise(() => {});
      const pressedAt = performance.now();
      captions.src = url;
      captions.active = true;
      const line = captions.shadowRoot?.querySelector('[role=status]');
      while (line?.textContent !== 'Captions are starting…') await new Promise(requestAnimationFrame);
      return performance.now() - pressedAt;
    }, overlay.gateway.url);
    expect(waitedMs).toBeLessThan(300);
  });

  test('a gateway that cannot be reached is told in words within five seconds', async () => {
    overlay.gateway.cut({ refuse: true });
    await overlay.switchOn({ lang: 'fr' });
    await vi.waitFor(
      async () =>
        expect(await overlay.status()).toBe('Les sous-titres sont injoignables. Nouvel essai en cours…'),
      {
        timeout: 5_000,
      },
    );
  });

  test('words are painted in the frame after they come, with speaker, language and shape', async () => {
    await overlay.switchOn();
    await overlay.connected();
    const talk = speak(1, MARIE);
    overlay.gateway.publish({ type: 'status', state: 'live', sinceMs: 1 }, talk.opened);
    for (const word of TALK.slice(0, 6)) overlay.gateway.publish(talk.say(word));
    await overlay.seen(TALK[5] ?? '');
    expect(await overlay.screen()).toEqual(['Marie Curie:', TALK.slice(0, 6).join(' ')]);
    const { words } = await overlay.watched();
    expect(words).toHaveLength(6);
    const waitsMs = words.map(({ receivedAt, shownAt }) => shownAt - receivedAt).sort((a, b) => a - b);
    expect(waitsMs[3]).toBeLessThan(100); // the median: a busy machine may delay a frame or two
    const line = overlay.page.locator('surtitre-captions [part=line]');
    expect(await line.getAttribute('lang')).toBe('fr');
    expect(await overlay.page.locator('surtitre-captions .shape').textContent()).toBe('●');
    expect(await overlay.status()).toBe('');
  });

  test('under repeats, losses, broken connections and a new epoch no painted word changes or comes twice', async () => {
    await overlay.switchOn();
    await overlay.connected();
    const [marie, paul] = [speak(1, MARIE), speak(2, PAUL, 500)];
    const sent: CaptionEvent[] = [marie.opened, paul.opened];
    let joins = 1;
    overlay.gateway.publish(...sent);
    for (const [index, word] of TALK.entries()) {
      const event = (index % 2 ? paul : marie).say(word);
      sent.push(event);
      if (index === 7) overlay.gateway.keep(event);
      else overlay.gateway.publish(event);
      if (index % 5 === 0) overlay.gateway.repeat(...sent.slice(-4));
      if (index === 11) overlay.gateway.cut();
      if (index === 18) overlay.gateway.hangUp(CLOSE_CODES.tooSlow.code);
      if (index === 25) overlay.gateway.restart();
      // What index 7 lost is noticed by the next frame.
      if ([8, 11, 18, 25].includes(index)) await overlay.connected(++joins);
      await overlay.page.waitForTimeout(30); // the pace of the talk, not a wait for anything
    }
    overlay.gateway.heartbeat();
    overlay.gateway.publish(marie.closed(), paul.closed());
    const spoken = [
      TALK.filter((_, at) => at % 2 === 0).join(' '),
      TALK.filter((_, at) => at % 2 === 1).join(' '),
    ];
    await vi.waitFor(async () => expect(await overlay.transcript()).toEqual(spoken), { timeout: 8_000 });
    const { changed, lines, shift } = await overlay.watched();
    expect(changed).toEqual([]);
    expect(shift).toBe(0);
    for (const [index, name] of [MARIE.name, PAUL.name].entries()) {
      const painted = lines.filter((line) => line.speaker === name).map((line) => line.text);
      expect(painted.join(' ')).toBe(spoken[index]);
      expect(painted.every((line) => line.length <= 42)).toBe(true);
    }
  });

  test('a lost connection is told within a second, and what was said meanwhile comes in order and once', async () => {
    await overlay.switchOn();
    await overlay.connected();
    const nowMs = Date.now();
    const [marie, paul] = [speak(1, MARIE, nowMs), speak(2, PAUL, nowMs + 2_000)];
    overlay.gateway.publish({ type: 'status', state: 'live', sinceMs: 1 }, marie.opened, marie.say('Avant'));
    await overlay.seen('Avant');
    overlay.gateway.cut({ refuse: true });
    await overlay.page.waitForFunction(
      (message) => document.querySelector('surtitre-captions')?.status.message === message,
      'Connection to the captions lost. Reconnecting…',
      { timeout: 1_500 },
    );
    overlay.gateway.keep(marie.say('pendant'), marie.closed(), paul.opened, paul.say('encore'));
    overlay.gateway.open();
    await overlay.connected(2);
    overlay.gateway.publish(paul.say('après'));
    await overlay.seen('encore après');
    expect(await overlay.screen()).toEqual([
      'Marie Curie:',
      'Avant pendant',
      'Paul Langevin:',
      'encore après',
    ]);
    expect(await overlay.status()).toBe('');
    expect((await overlay.watched()).changed).toEqual([]);
  });

  test('a gap is marked in words where it happened', async () => {
    await overlay.switchOn({ lang: 'fr' });
    await overlay.connected();
    const [before, after] = [speak(1, MARIE), speak(2, MARIE, 9_000)];
    overlay.gateway.publish(before.opened, before.say('Avant'));
    overlay.gateway.publish({
      type: 'gap',
      identity: null,
      fromMs: 4_000,
      toMs: 8_000,
      reason: 'agent-lost',
    });
    overlay.gateway.publish(after.opened, after.say('Après'));
    await overlay.seen('Après');
    expect(await overlay.screen()).toEqual([
      'Marie Curie:',
      'Avant',
      'Sous-titres interrompus ici · 4 s manquantes',
      'Marie Curie:',
      'Après',
    ]);
    expect((await overlay.watched()).gaps).toMatchObject([{ fromMs: 4_000, toMs: 8_000 }]);
  });

  test('two who speak at once keep their rows, and rolling up shifts nothing', async () => {
    await overlay.switchOn();
    await overlay.connected();
    const [marie, paul] = [speak(1, MARIE), speak(2, PAUL, 300)];
    overlay.gateway.publish(marie.opened, paul.opened);
    for (const [index, word] of TALK.entries()) {
      overlay.gateway.publish((index % 3 ? marie : paul).say(word));
      await overlay.page.evaluate(
        () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
      );
      const names = (await overlay.screen()).filter((row) => row.endsWith(':'));
      if (index > 1) expect(names).toEqual(['Marie Curie:', 'Paul Langevin:']);
    }
    const { changed, shift } = await overlay.watched();
    expect(changed).toEqual([]);
    expect(shift).toBe(0);
  });

  test('rows roll into place, but jump when they move more than three times a second', async () => {
    await overlay.switchOn();
    await overlay.connected();
    const said = (talk: ReturnType<typeof speak>) => [talk.opened, talk.say('Bonjour')];
    const turns = [0, 1, 2, 3].map((index) => said(speak(index + 1, index % 2 ? PAUL : MARIE, index)));
    const moving = await overlay.page.evaluate(async (turns) => {
      const captions = document.querySelector('surtitre-captions') as SurtitreCaptions;
      const moving: number[] = [];
      for (const [index, atMs] of [0, 1_000, 1_300, 2_000].entries()) {
        performance.now = () => 1e6 + atMs;
        const painted = new Promise((resolve) =>
          captions.addEventListener('captions-word', resolve, { once: true }),
        );
        captions.feed(turns[index] ?? []);
        await painted;
        const rows = [...(captions.shadowRoot?.querySelectorAll('.row') ?? [])];
        moving.push(rows.filter((row) => row.getAnimations().length > 0).length);
        await Promise.allSettled(rows.flatMap((row) => row.getAnimations()).map(({ finished }) => finished));
      }
      return moving;
    }, turns);
    expect(moving).toEqual([0, 4, 0, 6]);
  });

  test('clicks go through to what lies behind', async () => {
    await overlay.switchOn();
    await overlay.connected();
    const talk = speak(1, MARIE);
    overlay.gateway.publish(talk.opened, ...TALK.map(talk.say));
    await overlay.seen(TALK.at(-1) ?? '');
    await overlay.page.getByRole('button', { name: 'Behind the captions' }).click();
    expect((await overlay.watched()).clicks).toBe(1);
  });

  test('finished utterances are read out only where that is wanted', async () => {
    await overlay.switchOn();
    await overlay.connected();
    const [first, second] = [speak(1, MARIE), speak(2, PAUL)];
    overlay.gateway.publish(first.opened, first.say('Bonjour.'), first.closed());
    await overlay.seen('Bonjour.');
    const log = overlay.page.locator('surtitre-captions [role=log]');
    expect(await log.count()).toBe(0);
    await overlay.page.evaluate(() =>
      document.querySelector('surtitre-captions')?.setAttribute('announce', ''),
    );
    overlay.gateway.publish(second.opened, second.say('Merci.'));
    await overlay.seen('Merci.');
    expect(await log.textContent()).toBe('');
    overlay.gateway.publish(second.closed());
    await vi.waitFor(async () => expect(await log.textContent()).toBe('Paul Langevin: Merci.'));
  });

  test('asks the page for a token when the gateway calls the old one expired', async () => {
    await overlay.switchOn();
    await overlay.connected();
    await overlay.page.evaluate(() => {
      const captions = document.querySelector('surtitre-captions') as SurtitreCaptions;
      captions.tokenProvider = (refused) => (refused ? 'd.e.f' : 'a.b.c');
    });
    overlay.gateway.hangUp(CLOSE_CODES.tokenExpired.code);
    await overlay.connected(2);
    expect(await overlay.page.evaluate(() => document.querySelector('surtitre-captions')?.token)).toBe(
      'd.e.f',
    );
  });

  test('settings are two actions away, show at once, survive a reload and can be reset', async () => {
    await overlay.switchOn({ controls: '', remember: '' });
    const captions = overlay.page.locator('surtitre-captions');
    const look = () =>
      overlay.page.evaluate(() => {
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
    await overlay.page.reload();
    await overlay.switchOn({ controls: '', remember: '' });
    expect(await look()).toEqual({ color: 'rgb(255, 255, 0)', sizePx: 2 * before.sizePx });
    await captions.getByRole('button', { name: 'Caption settings' }).click();
    await captions.getByRole('button', { name: 'Reset' }).click();
    expect(await look()).toEqual(before);
  });

  test('takes over what the page set before the script was there', async () => {
    await overlay.page.goto(new URL('/late', overlay.site.url).href);
    const taken = await overlay.page.evaluate(() => {
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
    await overlay.page.setViewportSize({ width: look.width ?? 1280, height: 720 });
    await overlay.page.emulateMedia(look.media ?? {});
    if (look.style) await overlay.page.evaluate((css) => addReaderStyle(css), look.style);
    await overlay.switchOn(look.attributes);
    await overlay.connected();
    const talk = speak(1, MARIE);
    overlay.gateway.publish(talk.opened, ...TALK.map(talk.say));
    await overlay.seen(TALK.at(-1) ?? '');
    if (look.settings) await overlay.page.locator('surtitre-captions [part=settings-button]').click();
    expect(await overlay.cutOff()).toEqual([]);
    expect(await overlay.violations()).toEqual([]);
  });
});
