/** The meeting page built afresh, and what every test of it does. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { BrowserContext, Page } from 'playwright-core';
import { build } from 'vite';

export interface BuiltClient {
  readonly folder: string;
  remove(): Promise<void>;
}

export async function buildClient(): Promise<BuiltClient> {
  const folder = await mkdtemp(join(tmpdir(), 'surtitre-client-'));
  await build({ configFile: 'vite.config.ts', logLevel: 'error', build: { outDir: folder } });
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** Less than a test's own, so that the step that failed is named. */
const STEP_TIMEOUT_MS = 12_000;

export interface WatchedPage {
  readonly page: Page;
  /** Errors and warnings that the page wrote to its console, and exceptions that nobody caught. */
  readonly complaints: string[];
}

export async function openPage(context: BrowserContext, url: string): Promise<WatchedPage> {
  const page = await context.newPage();
  page.setDefaultTimeout(STEP_TIMEOUT_MS);
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(url);
  return { page, complaints };
}

/** For who comes next in this browser: encoding a test pattern takes a core that others need. */
export function withoutCamera(context: BrowserContext): Promise<void> {
  return preferring(context, '{"cameraOn":false}');
}

/** Who only listens. */
export function withoutDevices(context: BrowserContext): Promise<void> {
  return preferring(context, '{"cameraOn":false,"microphoneOn":false}');
}

async function preferring(context: BrowserContext, preferences: string): Promise<void> {
  await context.addInitScript((preferred) => {
    const key = 'surtitre.preferences';
    if (localStorage.getItem(key) === null) localStorage.setItem(key, preferred);
  }, preferences);
}

/** From the lobby into the room. */
export async function joinAs(page: Page, name: string): Promise<void> {
  await page.getByLabel('Your name').fill(name);
  await page.getByRole('button', { name: 'Join the meeting' }).click();
  await page.getByRole('region', { name: 'Meeting controls' }).waitFor();
}

/** One line per violation: rule and first element. */
export async function accessibilityViolations(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`);
}
