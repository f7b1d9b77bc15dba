/** Points 3, 4 and 13–17 of docs/accessibility.md: what a person makes of the captions, in a real Chromium. */
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { legibility, PRESET_NAMES, PRESETS } from '../../client-overlay/overlay/caption-colours.ts';
import { DEFAULT_PREFERENCES } from '../../client-overlay/overlay/caption-preferences.ts';
import { contrastRatio } from '../../client-overlay/overlay/contrast.ts';
import { MARIE, noChromium, overlayForEachTest, PAUL, skipNote, turn } from '../support/overlay-fixture.ts';
import { ScriptedGateway } from '../support/scripted-gateway.ts';

const overlay = overlayForEachTest();
const TEXT = 'Le premier point porte sur les sous-titres en direct.';

test('point 13: speaker colours and every preset ≥4.5:1; unreadable custom pairs warned', () => {
  for (const name of PRESET_NAMES) {
    const { text, background, speakers } = PRESETS[name];
    for (const colour of [text, ...speakers])
      expect(contrastRatio(colour, background)).toBeGreaterThanOrEqual(4.5);
    expect(legibility({ ...DEFAULT_PREFERENCES, preset: name }).problem).toBe('none');
  }
  const alike = { ...DEFAULT_PREFERENCES, textColour: '#ff0000', backgroundColour: '#ff0000' };
  expect(legibility(alike).problem).toBe('colours');
});

describe.skipIf(noChromium !== null)(`in Chromium${skipNote}`, () => {
  const settings = () => overlay.captions.getByRole('dialog', { name: 'Caption settings' });
  const openSettings = async () => {
    await overlay.captions.getByRole('button', { name: 'Caption settings' }).click();
  };

  test('point 3 (the overlay’s part): preference survives reload and next room, and travels as a file', async () => {
    await overlay.switchOn({ controls: '', remember: '' });
    await openSettings();
    await settings().getByLabel('Font').selectOption('serif');
    await settings().getByLabel('Edge of letters').selectOption('outline');
    const chosen = await preferences(overlay.page);
    expect(chosen).toMatchObject({ font: 'serif', edge: 'outline' });
    const [download] = await Promise.all([
      overlay.page.waitForEvent('download'),
      settings().getByRole('button', { name: 'Export settings' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('surtitre-captions.json');
    const file = await readFile(await download.path());

    await overlay.page.reload();
    const nextRoom = await ScriptedGateway.start();
    try {
      await overlay.page.evaluate((url) => {
        document.querySelector('surtitre-captions')?.setAttribute('src', url);
      }, nextRoom.url);
      await overlay.switchOn({ controls: '', remember: '' });
      expect(await preferences(overlay.page)).toEqual(chosen);
    } finally {
      await nextRoom.close();
    }

    await openSettings();
    await settings().getByRole('button', { name: 'Reset' }).click();
    expect(await preferences(overlay.page)).toEqual(DEFAULT_PREFERENCES);
    const input = settings().locator('input[type=file]');
    await input.setInputFiles({
      name: 'other.json',
      mimeType: 'application/json',
      buffer: Buffer.from('{}'),
    });
    await settings().getByText('This file holds no caption settings.').waitFor();
    expect(await preferences(overlay.page)).toEqual(DEFAULT_PREFERENCES);
    await input.setInputFiles({ name: 'mine.json', mimeType: 'application/json', buffer: file });
    await settings().getByText('Settings imported.').waitFor();
    expect(await preferences(overlay.page)).toEqual(chosen);
  });

  test('point 4: one viewer’s toggle changes nothing for another', async () => {
    const other = await overlay.newPage();
    await overlay.switchOn();
    await overlay.switchOn({}, other);
    await overlay.connected(2);
    await overlay.connected(2, other);
    await overlay.page.evaluate(() => document.querySelector('surtitre-captions')?.removeAttribute('active'));
    overlay.gateway.publish(...turn(1, MARIE, TEXT, Date.now()));
    await overlay.seen('en direct', other);
    expect(await overlay.screen()).toEqual([]);
    await other.close();
  });

  test('point 13 (on screen): unreadable custom pairs are warned of where they are chosen', async () => {
    await overlay.switchOn({ controls: '' });
    await openSettings();
    await settings().getByText('readable').waitFor();
    await settings().getByLabel('Text colour').fill('#222222');
    await settings().getByText('too alike to be read').waitFor();
    await settings().getByLabel('Light on dark').check();
    await settings().getByText('readable').waitFor();
    await settings().getByRole('slider', { name: 'Background opacity' }).fill('0');
    await settings().getByText('make the background more opaque').waitFor();
  });

  test('point 14: size 50–300 %, font, colour, background, opacity, edge; live preview; reset; ≤2 actions from captions', async () => {
    await overlay.switchOn({ controls: '' });
    await overlay.connected();
    overlay.gateway.publish(...turn(1, MARIE, TEXT, Date.now()));
    await overlay.seen('en direct');
    const before = await looks(overlay.page);
    await openSettings(); // one action; each of the following is the second
    const slider = (name: string) => settings().getByRole('slider', { name });
    const size = slider('Text size');
    expect([await size.getAttribute('min'), await size.getAttribute('max')]).toEqual(['50', '300']);
    await size.fill('200');
    await settings().getByLabel('Font').selectOption('mono');
    await settings().getByLabel('Text colour').fill('#ffff00');
    await settings().getByLabel('Background colour').fill('#000080');
    await slider('Background opacity').fill('100');
    await settings().getByLabel('Edge of letters').selectOption('none');
    await overlay.painted();
    for (const look of await looks(overlay.page)) {
      expect(look).toMatchObject({
        color: 'rgb(255, 255, 0)',
        backgroundColor: 'rgb(0, 0, 128)',
        textShadow: 'none',
        fontFamily: expect.stringContaining('monospace'),
      });
    }
    const [line, sample] = await looks(overlay.page);
    expect(line?.sizePx).toBeCloseTo(2 * (before[0]?.sizePx ?? 0), 1);
    expect(sample?.sizePx).toBeCloseTo(2 * (before[1]?.sizePx ?? 0), 1);
    await settings().getByRole('button', { name: 'Reset' }).click();
    await overlay.painted();
    expect(await looks(overlay.page)).toEqual(before);
  });

  test('point 15: move/resize by drag and keyboard/buttons; stays on screen after window resize', async () => {
    await overlay.switchOn({ controls: '' });
    await overlay.connected();
    overlay.gateway.publish(...turn(1, MARIE, TEXT, Date.now()));
    await overlay.seen('en direct');
    await openSettings();
    await settings().getByRole('button', { name: 'Move captions' }).click();
    const bar = overlay.captions.getByRole('toolbar', { name: 'Move captions' });
    const start = await frame(overlay.page);

    await bar.getByRole('button', { name: 'Up' }).click();
    const up = await frame(overlay.page);
    expect(up.top).toBeLessThan(start.top);
    for (let press = 0; press < 3; press += 1) await overlay.page.keyboard.press('ArrowLeft');
    const left = await frame(overlay.page);
    expect([left.left < up.left, left.top]).toEqual([true, up.top]);
    await overlay.page.keyboard.press('Shift+ArrowRight');
    expect((await frame(overlay.page)).width).toBeGreaterThan(left.width);
    await bar.getByRole('button', { name: 'Narrower' }).click();
    const before = await frame(overlay.page);

    const { page } = overlay;
    await page.mouse.move(before.left + before.width / 2, before.top + before.height / 2);
    await page.mouse.down();
    await page.mouse.move(before.left + before.width / 2 + 60, before.top + before.height / 2 - 150, {
      steps: 4,
    });
    await page.mouse.up();
    const dragged = await frame(page);
    expect(Math.abs(dragged.left - before.left - 60)).toBeLessThan(8);
    expect(Math.abs(dragged.top - before.top + 150)).toBeLessThan(8);
    await page.mouse.move(dragged.left + dragged.width - 4, dragged.top + dragged.height - 4);
    await page.mouse.down();
    await page.mouse.move(dragged.left + dragged.width + 76, dragged.top + dragged.height - 4, { steps: 4 });
    await page.mouse.up();
    expect((await frame(page)).width).toBeGreaterThan(dragged.width + 100);

    await page.keyboard.press('Escape');
    expect(await bar.isVisible()).toBe(false);
    for (const [width, height] of [
      [800, 400],
      [390, 640],
      [320, 480],
      [1280, 720],
    ] as const) {
      await page.setViewportSize({ width, height });
      const { left: x, top, right, bottom } = await frame(page);
      expect([x >= 0, top >= 0, right <= width, bottom <= height]).toEqual([true, true, true, true]);
    }
    await openSettings();
    await settings().getByRole('button', { name: 'Move captions' }).click();
    await bar.getByRole('button', { name: 'Put back' }).click();
    expect(await preferences(page)).toMatchObject({ placement: 'overlay', x: 50, y: 100 });
  });

  test('point 15: never covers focus, controls or shared slides (docked mode)', async () => {
    const { page } = overlay;
    await page.evaluate(() => {
      const slides = document.createElement('section');
      slides.id = 'slides';
      slides.style.height = '300px';
      document.querySelector('surtitre-captions')?.before(slides);
    });
    await overlay.switchOn({ placement: 'docked' });
    await overlay.connected();
    overlay.gateway.publish(...turn(1, MARIE, TEXT, Date.now()), ...turn(2, PAUL, TEXT, Date.now() + 1));
    await overlay.page.waitForFunction(() =>
      window.watch.lines.some(({ speaker }) => speaker.startsWith('Paul')),
    );
    const [slides, rows] = await page.evaluate(() => {
      const rect = (element: Element | null | undefined) =>
        element?.getBoundingClientRect().toJSON() as DOMRect;
      const root = document.querySelector('surtitre-captions')?.shadowRoot;
      const top = Math.min(...[...(root?.querySelectorAll('.row') ?? [])].map((row) => rect(row).top));
      return [rect(document.querySelector('#slides')), top];
    });
    expect(rows).toBeGreaterThanOrEqual(slides.bottom);

    await page.evaluate(() => {
      const captions = document.querySelector('surtitre-captions');
      captions?.setAttribute('placement', 'overlay');
    });
    const covers = () =>
      page.evaluate(() => {
        const focused = document.querySelector('main > button')?.getBoundingClientRect();
        const shown = document.querySelector('surtitre-captions')?.shadowRoot?.querySelector('.frame');
        const captions = shown?.getBoundingClientRect();
        return !!focused && !!captions && focused.top < captions.bottom && focused.bottom > captions.top;
      });
    expect(await covers()).toBe(true);
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Behind the captions');
    expect(await covers()).toBe(false);
    await page.keyboard.press('Shift+Tab');
    expect(await covers()).toBe(true);
  });

  test('point 16: overlay passes clicks through; its own controls ≥24 px', async () => {
    await overlay.switchOn({ controls: '' });
    await overlay.connected();
    overlay.gateway.publish(...turn(1, MARIE, `${TEXT} ${TEXT} ${TEXT}`, Date.now()));
    await overlay.seen('en direct');
    await overlay.page.getByRole('button', { name: 'Behind the captions' }).click();
    expect((await overlay.watched()).clicks).toBe(1);
    await overlay.page.evaluate(() => {
      const captions = document.querySelector('surtitre-captions');
      captions?.pinSpeaker('marie');
      captions?.togglePin(1);
    });
    const tooSmall = () =>
      overlay.page.evaluate(() => {
        const root = document.querySelector('surtitre-captions')?.shadowRoot;
        // A label is part of what its control can be clicked on.
        const targets = [...(root?.querySelectorAll('button, select, input, label:has(input)') ?? [])].filter(
          (target) => !target.closest('label') || target.localName === 'label',
        );
        return targets
          .map((target) => ({ rect: target.getBoundingClientRect(), target }))
          .filter(({ rect }) => rect.width > 0 && (rect.width < 24 || rect.height < 24))
          .map(({ target }) => target.outerHTML);
      });
    expect(await tooSmall()).toEqual([]);
    for (const name of ['Caption settings', 'Transcript']) {
      await overlay.captions.getByRole('button', { name, exact: true }).click();
      expect(await tooSmall()).toEqual([]);
    }
  });

  test.each([
    ['Document Picture-in-Picture', true],
    ['an ordinary window', false],
  ])('point 17: pop-out (%s) keeps styles and stream; closing returns captions', async (_name, hasPip) => {
    const { page } = overlay;
    if (!hasPip) {
      await page.evaluate(() =>
        Object.defineProperty(window, 'documentPictureInPicture', { value: undefined }),
      );
    }
    await overlay.switchOn({ controls: '', preset: 'yellow-on-black', size: '150' });
    await overlay.connected();
    overlay.gateway.publish(...turn(1, MARIE, 'Avant la fenêtre.', Date.now()));
    await overlay.seen('Avant');
    await openSettings();
    const [popped] = await Promise.all([
      page.context().waitForEvent('page'),
      settings().getByRole('button', { name: 'In a window' }).click(),
    ]);
    overlay.gateway.publish(...turn(2, PAUL, 'Dans la fenêtre.', Date.now()));
    await popped.waitForFunction(() =>
      document.querySelector('surtitre-captions')?.shadowRoot?.textContent?.includes('Dans la fenêtre.'),
    );
    expect(await overlay.screen(popped)).toEqual([
      'Marie Curie:',
      'Avant la fenêtre.',
      'Paul Langevin:',
      'Dans la fenêtre.',
    ]);
    expect(await overlay.screen()).toEqual([]);
    const colour = () =>
      popped.evaluate(() => {
        const stage = document.querySelector('surtitre-captions')?.shadowRoot?.querySelector('.stage');
        return stage ? getComputedStyle(stage).color : '';
      });
    expect(await colour()).toBe('rgb(255, 255, 0)');
    await page.evaluate(() =>
      document.querySelector('surtitre-captions')?.setAttribute('preset', 'dark-on-light'),
    );
    expect(await colour()).toBe('rgb(16, 20, 24)');
    await overlay.captions.getByRole('button', { name: 'Bring them back' }).click();
    await page.waitForFunction(() =>
      document.querySelector('surtitre-captions')?.shadowRoot?.querySelector('[part=line]'),
    );
    expect(await overlay.screen()).toEqual([
      'Marie Curie:',
      'Avant la fenêtre.',
      'Paul Langevin:',
      'Dans la fenêtre.',
    ]);
    expect(popped.isClosed()).toBe(true);
  });
});

function preferences(page: Page) {
  return page.evaluate(() => document.querySelector('surtitre-captions')?.preferences);
}

/** Of the line on screen and of the sample in the settings. */
function looks(page: Page) {
  return page.evaluate(() => {
    const root = document.querySelector('surtitre-captions')?.shadowRoot;
    return ['[part=line]', '.sample'].map((selector) => {
      const element = root?.querySelector(selector);
      if (!element) throw new Error(`no ${selector}`);
      const { color, backgroundColor, textShadow, fontFamily, fontSize } = getComputedStyle(element);
      return { color, backgroundColor, textShadow, fontFamily, sizePx: Number.parseFloat(fontSize) };
    });
  });
}

function frame(page: Page): Promise<DOMRect> {
  return page.evaluate(() => {
    const shown = document.querySelector('surtitre-captions')?.shadowRoot?.querySelector('.frame');
    return shown?.getBoundingClientRect().toJSON() as DOMRect;
  });
}
