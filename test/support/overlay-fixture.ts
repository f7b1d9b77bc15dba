/**
 * A browser page with the shipped `<surtitre-captions>` on it and a scripted gateway behind it, anew for each test:
 *
 *     const overlay = overlayForEachTest();
 *     test('…', async () => {
 *       await overlay.switchOn({ lang: 'fr' });
 *       overlay.gateway.publish(…);
 *
 * Every test also fails on a page error and on anything that the page writes to its console.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Locator, Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, afterEach, beforeAll, beforeEach, expect, vi } from 'vitest';
import type { SurtitreCaptions } from '../../client-overlay/overlay/surtitre-captions.ts';
import type { CaptionEvent, CaptionLanguage, CaptionSource, Speaker } from '../../protocol/caption-event.ts';
import { type ChromiumOptions, findChromium, launchChromium, type RunningChromium } from './chromium.ts';
import { type OverlayPage, type PaintWatch, serveOverlayPage } from './overlay-page.ts';
import { ScriptedGateway } from './scripted-gateway.ts';

declare global {
  interface Window {
    watch: PaintWatch & { clicks: number };
  }
  /** Of the page: as an extension or a user style sheet would. */
  function addReaderStyle(css: string): void;
}

/** Null, or why tests in a browser are skipped here. */
export const noChromium = findChromium().reason;
/** For the name of a `describe.skipIf(noChromium !== null)`. */
export const skipNote = noChromium === null ? '' : ` (skipped: ${noChromium})`;

export const MARIE: Speaker = { identity: 'marie', name: 'Marie Curie', trackSid: 'TR_marie' };
export const PAUL: Speaker = { identity: 'paul', name: 'Paul Langevin', trackSid: 'TR_paul' };

export class OverlayFixture {
  scriptFolder = '';
  #browser: RunningChromium | null = null;
  #site: OverlayPage | null = null;
  #gateway: ScriptedGateway | null = null;
  #page: Page | null = null;
  readonly #faults: string[] = [];

  get page(): Page {
    return present(this.#page);
  }

  get gateway(): ScriptedGateway {
    return present(this.#gateway);
  }

  get site(): OverlayPage {
    return present(this.#site);
  }

  get captions(): Locator {
    return this.page.locator('surtitre-captions');
  }

  async open(options: ChromiumOptions): Promise<void> {
    this.scriptFolder = await mkdtemp(join(tmpdir(), 'surtitre-overlay-'));
    await build({
      configFile: 'vite.overlay.config.ts',
      logLevel: 'warn',
      build: { outDir: this.scriptFolder },
    });
    if (noChromium !== null) return;
    this.#site = await serveOverlayPage(this.scriptFolder);
    this.#browser = await launchChromium(options);
  }

  async close(): Promise<void> {
    await this.#browser?.close();
    await this.#site?.close();
    await rm(this.scriptFolder, { recursive: true, force: true });
  }

  async openPage(): Promise<void> {
    if (!this.#browser) return;
    this.#gateway = await ScriptedGateway.start();
    this.#faults.length = 0;
    this.#page = await this.newPage();
  }

  /** Another page of the same browser: another viewer of the same person. */
  async newPage(): Promise<Page> {
    const page = await present(this.#browser).context.newPage();
    page.on('pageerror', (error) => this.#faults.push(error.message));
    page.on('console', (message) => {
      // A lost connection is reported by Chromium itself, and is what several tests are about.
      if (!message.text().includes('WebSocket connection to')) this.#faults.push(message.text());
    });
    await page.goto(this.site.url);
    return page;
  }

  async closePage(): Promise<void> {
    if (!this.#page) return;
    await this.page.evaluate(() => localStorage.clear());
    await this.page.close();
    await this.gateway.close();
    this.#page = null;
    expect(this.#faults).toEqual([]);
  }

  async switchOn(attributes: Record<string, string> = {}, page = this.page): Promise<void> {
    await page.evaluate(
      ({ url, attributes }) => {
        const captions = document.querySelector('surtitre-captions') as SurtitreCaptions;
        for (const [name, value] of Object.entries(attributes)) captions.setAttribute(name, value);
        captions.token = 'a.b.c';
        captions.src = url;
        captions.active = true;
      },
      { url: this.gateway.url, attributes },
    );
  }

  async connected(joins = 1, page = this.page): Promise<void> {
    await vi.waitFor(() => expect(this.gateway.joins.length).toBeGreaterThanOrEqual(joins), {
      timeout: 12_000,
    });
    await page.waitForFunction(
      () => document.querySelector('surtitre-captions')?.status.connection === 'open',
    );
  }

  /** Rows of the captions from top to bottom: `Name:`, lines, gaps. */
  screen(page = this.page): Promise<string[]> {
    return page.evaluate(() => {
      const root = document.querySelector('surtitre-captions')?.shadowRoot;
      const rows = root?.querySelectorAll<HTMLElement>('[part=name], [part=line], [part=gap]') ?? [];
      return [...rows].map((row) =>
        row.getAttribute('part') === 'name'
          ? `${row.lastElementChild?.textContent}:`
          : (row.textContent ?? ''),
      );
    });
  }

  watched(): Promise<PaintWatch & { clicks: number }> {
    return this.page.evaluate(() => window.watch);
  }

  status(): Promise<string | null | undefined> {
    return this.page.evaluate(
      () =>
        document.querySelector('surtitre-captions')?.shadowRoot?.querySelector('[part=status]')?.textContent,
    );
  }

  transcript(): Promise<string[] | undefined> {
    return this.page.evaluate(() =>
      document.querySelector('surtitre-captions')?.transcript.utterances.map(({ text }) => text),
    );
  }

  /** Resolves when a line with `text` has been painted. */
  async seen(text: string, page = this.page): Promise<void> {
    await page.waitForFunction(
      (wanted) => window.watch.lines.some((line) => line.text.includes(wanted)),
      text,
    );
  }

  /** Resolves after two animation frames. */
  async painted(): Promise<void> {
    await this.page.evaluate(
      () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
    );
  }

  /** What axe-core finds wrong with the captions: the rule and the elements. */
  async violations(without: readonly string[] = []): Promise<[string, string[]][]> {
    const { violations } = await new AxeBuilder({ page: this.page })
      .include('surtitre-captions')
      .disableRules([...without])
      .analyze();
    return violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)]);
  }

  /** Lines that are not entirely in sight once they have rolled in. */
  cutOff(): Promise<string[]> {
    return this.page.evaluate(async () => {
      const root = document.querySelector('surtitre-captions')?.shadowRoot;
      await Promise.allSettled((root?.getAnimations() ?? []).map(({ finished }) => finished));
      const rows = root?.querySelectorAll('[part=line]') ?? [];
      return [...rows].flatMap((row) => {
        const { left, right, bottom } = row.getBoundingClientRect();
        const isIn = left >= 0 && right <= innerWidth && bottom <= innerHeight;
        const places = `${left}–${right} × ${bottom}, ${row.scrollWidth} in ${row.clientWidth}`;
        return isIn && row.scrollWidth <= row.clientWidth ? [] : [`${row.textContent}: ${places}`];
      });
    });
  }
}

/** One browser for the file, one page for each test. */
export function overlayForEachTest(options: ChromiumOptions = { language: 'en' }): OverlayFixture {
  const overlay = new OverlayFixture();
  vi.setConfig({ testTimeout: 60_000 }); // a browser on a busy machine is slow, and no time is judged here
  beforeAll(() => overlay.open(options));
  afterAll(() => overlay.close());
  beforeEach(() => overlay.openPage());
  afterEach(() => overlay.closePage());
  return overlay;
}

export interface Turn {
  readonly opened: CaptionEvent;
  /** The next word. */
  say(word: string): CaptionEvent;
  closed(): CaptionEvent;
}

/** The events of one turn, each word at its offset; words come 300 ms apart from `startMs`. */
export function speak(
  utterance: number,
  speaker: Speaker,
  startMs = 0,
  how: { readonly language?: CaptionLanguage; readonly source?: CaptionSource } = {},
): Turn {
  const { language = 'fr', source = 'machine' } = how;
  let length = 0;
  let words = 0;
  return {
    opened: { type: 'opened', utterance, speaker, language, source, startMs },
    say: (word) => {
      const offset = length;
      const text = offset === 0 ? word : ` ${word}`;
      length += text.length;
      const wordMs = startMs + 300 * words++;
      return { type: 'appended', utterance, offset, text, startMs: wordMs, endMs: wordMs + 250 };
    },
    closed: () => ({ type: 'closed', utterance, length, endMs: startMs + 300 * words }),
  };
}

/** A whole turn at once. */
export function turn(
  utterance: number,
  speaker: Speaker,
  text: string,
  startMs = 0,
  how = {},
): CaptionEvent[] {
  const said = speak(utterance, speaker, startMs, how);
  return [said.opened, ...text.split(' ').map(said.say), said.closed()];
}

function present<T>(value: T | null): T {
  if (value === null) throw new Error('the fixture is not open');
  return value;
}
