/** The operators' status page and the page on privacy, in a real browser, over a gateway with traffic. */
import type { Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keepTalking } from './support/caption-traffic.ts';
import { findChromium, launchChromium, type RunningChromium } from './support/chromium.ts';
import {
  accessibilityViolations,
  type BuiltClient,
  buildClient,
  openPage,
  type WatchedPage,
} from './support/meeting-page.ts';
import { OPERATOR_TOKEN, startTestGateway, type TestGateway } from './support/start-gateway.ts';

const lack = findChromium().reason;

/** Readings come every two seconds, on a busy machine later. */
const SOON = { timeout: 15_000 };

describe.skipIf(lack !== null)(`the status page${lack === null ? '' : ` (skipped: ${lack})`}`, () => {
  let client: BuiltClient;
  let gateway: TestGateway;
  let browser: RunningChromium;
  let traffic: NodeJS.Timeout;
  let watched: WatchedPage;
  let page: Page;

  beforeAll(async () => {
    client = await buildClient();
    await build({ configFile: 'vite.pages.config.ts', logLevel: 'error', build: { outDir: client.folder } });
    gateway = await startTestGateway({ clientFolder: client.folder });
    browser = await launchChromium({ language: 'en' });
    traffic = await keepTalking(gateway);
  }, 120_000);
  afterAll(async () => {
    clearInterval(traffic);
    await browser?.close();
    await gateway?.close();
    await client?.remove();
  });

  const figure = (name: string) => page.locator('.figure', { hasText: name }).locator('dd').first();

  it('asks for the operator’s token and refuses another one in words', async () => {
    watched = await openPage(browser.context, `${gateway.httpUrl}/status`);
    ({ page } = watched);
    await page.getByLabel('Operator’s token').fill('wrong');
    await page.getByRole('button', { name: 'Show the status' }).click();
    await page.getByText('This is not the token of this deployment.').waitFor();
    expect(await accessibilityViolations(page)).toEqual([]);
  });

  it('shows latency by stage, load and losses of this gateway', async () => {
    await page.getByLabel('Operator’s token').fill(OPERATOR_TOKEN);
    await page.getByRole('button', { name: 'Show the status' }).click();
    await expect.poll(() => figure('95% of all words in').textContent(), SOON).toMatch(/^\d+.ms$/);
    expect(await figure('Readers').textContent()).toBe('1');
    expect(await figure('Captioned meetings').textContent()).toBe('1');
    expect(await figure('Voices being captioned').textContent()).toBe('3 of 8');
    const model = page.getByRole('row', { name: 'Recognition' });
    await expect.poll(() => model.getByRole('cell').first().textContent(), SOON).toMatch(/^1\d\d.ms$/);
    const lost = page.getByRole('row', { name: 'Seconds of sound not heard' });
    await expect.poll(() => lost.getByRole('cell').last().textContent(), SOON).not.toBe('0');
    await page.getByRole('img', { name: /Curve of the last ten minutes\. At present: median \d/ }).waitFor();
  });

  it('speaks French too, keeps the figures, and has no violation of accessibility, light or dark', async () => {
    await page.getByRole('button', { name: 'Français' }).click();
    await page.getByRole('heading', { name: 'Du micro à l’écran' }).waitFor();
    expect(await figure('Lecteurs').textContent()).toBe('1');
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await accessibilityViolations(page)).toEqual([]);
      if (process.env.SURTITRE_SCREENSHOTS) {
        await page.screenshot({
          path: `${process.env.SURTITRE_SCREENSHOTS}/status-${colorScheme}.png`,
          fullPage: true,
        });
      }
    }
  });

  it('fits a phone without scrolling sideways', async () => {
    await page.setViewportSize({ width: 390, height: 800 });
    // The charts follow the window a frame later.
    await expect
      .poll(() => page.evaluate(() => document.documentElement.scrollWidth), SOON)
      .toBeLessThanOrEqual(390);
    await page.setViewportSize({ width: 1280, height: 720 });
  });

  it('says that the gateway does not answer, and goes on when it does', async () => {
    await page.context().setOffline(true);
    await page.getByText('La passerelle ne répond pas').waitFor();
    await page.context().setOffline(false);
    await expect.poll(() => page.getByText('La passerelle ne répond pas').count(), SOON).toBe(0);
  });

  it('takes the token from behind the #, where no log sees it, and forgets it on request', async () => {
    const other = await openPage(browser.context, `${gateway.httpUrl}/status#${OPERATOR_TOKEN}`);
    await other.page.getByRole('button', { name: 'Sign out' }).waitFor();
    expect(other.page.url()).toBe(`${gateway.httpUrl}/status`);
    await other.page.getByRole('button', { name: 'Sign out' }).click();
    await other.page.reload();
    await other.page.getByLabel('Operator’s token').waitFor();
    expect(other.complaints).toEqual([]);
  });

  it('complained only about what was refused to it', () => {
    const own = watched.complaints.filter((text) => !/401|ERR_INTERNET_DISCONNECTED/.test(text));
    expect(own).toEqual([]);
  });

  it('has a neighbour that says what is processed where, in both languages', async () => {
    const privacy = await openPage(browser.context, `${gateway.httpUrl}/privacy`);
    for (const [lang, heading] of [
      ['fr', 'Ce qui est traité, et où'],
      ['en', 'What is processed, and where'],
    ] as const) {
      await privacy.page.getByRole('heading', { name: heading }).waitFor();
      expect(await privacy.page.locator(`article:lang(${lang}) tbody tr`).count()).toBe(7);
    }
    expect(await accessibilityViolations(privacy.page)).toEqual([]);
    if (process.env.SURTITRE_SCREENSHOTS) {
      await privacy.page.screenshot({
        path: `${process.env.SURTITRE_SCREENSHOTS}/privacy.png`,
        fullPage: true,
      });
    }
    expect(privacy.complaints).toEqual([]);
  });
});
