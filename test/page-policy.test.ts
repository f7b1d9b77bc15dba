/** The pages under their Content-Security-Policy, in a real browser: they get by, and what was injected does not. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CreateRoomResponse } from '../protocol/room-api.ts';
import { findChromium, launchChromium, type RunningChromium } from './support/chromium.ts';
import { type BuiltClient, buildClient, openPage } from './support/meeting-page.ts';
import { postJson, startTestGateway, type TestGateway } from './support/start-gateway.ts';

const lack = findChromium().reason;

describe.skipIf(lack !== null)(`the pages’ policy${lack === null ? '' : ` (skipped: ${lack})`}`, () => {
  let client: BuiltClient;
  let gateway: TestGateway;
  let browser: RunningChromium;

  beforeAll(async () => {
    client = await buildClient();
    gateway = await startTestGateway({ clientFolder: client.folder });
    browser = await launchChromium();
    await browser.context.addInitScript(() => {
      const violations: string[] = [];
      Object.assign(window, { violations });
      document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sample }) => {
        violations.push(`${violatedDirective} ${blockedURI} ${sample}`);
      });
    });
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await gateway?.close();
    await client?.remove();
  });

  const violationsOf = (page: Page) =>
    page.evaluate(() => (window as unknown as { violations: string[] }).violations);

  it('allows what the start, the lobby and their dialogs do', async () => {
    const { roomId } = await postJson<CreateRoomResponse>(`${gateway.httpUrl}/api/rooms`, {});
    for (const path of ['/', `/r/${roomId}`]) {
      const { page } = await openPage(browser.context, gateway.httpUrl + path);
      await page.getByRole('button').first().waitFor();
      expect(await violationsOf(page)).toEqual([]);
      await page.close();
    }
  });

  it('lets neither injected scripts run nor injected styles apply', async () => {
    const { page } = await openPage(browser.context, gateway.httpUrl);
    const applied = await page.evaluate(() => {
      const script = document.createElement('script');
      script.textContent = 'window.injected = true';
      const style = document.createElement('style');
      style.textContent = 'body { outline: 3px solid red }';
      document.head.append(script, style);
      document.body.insertAdjacentHTML(
        'beforeend',
        '<b style="color: red" onclick="window.injected = true"></b>',
      );
      document.querySelector<HTMLElement>('b[style]')?.click();
      return [Reflect.get(window, 'injected'), getComputedStyle(document.body).outlineStyle];
    });
    expect(applied).toEqual([undefined, 'none']);
    expect((await violationsOf(page)).length).toBeGreaterThanOrEqual(3);
    await page.close();
  });
});
