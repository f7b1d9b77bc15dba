/**
 * How long a person waits for captions, in the meeting page as it ships, in Chromium, before the whole product: from
 * the press of CC to the first words about it and to “on”; from a human captioner's POST to its paint on another's
 * screen; and, once the agent is stopped, from the press to the failure in words. Each run is a new room.
 */
import { existsSync } from 'node:fs';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { MeetingService } from '../demo/meeting-service.ts';
import { readLaunchConfig } from '../launch/config.ts';
import { FREE_PORTS } from '../launch/free-ports.ts';
import { obtainLivekit } from '../launch/obtain-livekit.ts';
import { terminalProgress } from '../launch/progress.ts';
import { type Stack, startStack } from '../launch/stack.ts';
import type { CaptionerInvitation } from '../protocol/captioner-api.ts';
import { readCommandLine } from './command-line.ts';
import { machine } from './machine.ts';
import { chromiumPath, count, resultFile } from './parameters.ts';
import { percentile } from './percentile.ts';
import { leaveResult } from './result-file.ts';

declare global {
  /** Of the page that is measured; times are its `performance.now()`. */
  interface Window {
    pressedAt: number;
    /** When a text had first been painted. */
    seen: Record<string, number>;
  }
}

const values = readCommandLine({
  program: 'caption-waits',
  about: `How long a person waits: from the press of CC to what is said of it, and from a human captioner's POST to
another's screen. Needs the pages built (npm run build) and Chromium. Three to four minutes.`,
  parameters: {
    runs: count('new rooms', 20),
    results: resultFile,
    chromium: chromiumPath,
  },
});

/** Given up after this; a run without an answer is an error. */
const LONGEST_WAIT_MS = 30_000;
const LINES_IN_ROOM = 5;

/**
 * Runs in the page. A message that is posted within an animation frame arrives once that frame has been painted; the
 * press is the time that the browser gave to the event.
 */
const PAGE_SCRIPT = `
  window.pressedAt = NaN;
  window.seen = {};
  addEventListener('click', ({ timeStamp, target }) => {
    if (target.closest?.('button')?.ariaLabel === 'Captions off') window.pressedAt = timeStamp;
  }, true);
  const channel = new MessageChannel();
  const waiting = [];
  channel.port1.onmessage = () => {
    const paintedAt = performance.now();
    for (const key of waiting.splice(0)) window.seen[key] ??= paintedAt;
  };
  const look = () => {
    const root = document.querySelector('surtitre-captions[active]')?.shadowRoot;
    for (const line of root?.querySelectorAll('[part=status], [part=line]') ?? []) {
      const key = line.textContent;
      if (key && window.seen[key] === undefined && waiting.push(key) === 1) channel.port2.postMessage(0);
    }
    requestAnimationFrame(look);
  };
  look();
`;

const { runs } = values;
const progress = terminalProgress();
const before = machine();
const env = { ...process.env, ...FREE_PORTS, SURTITRE_DEMO_AGENT_NAME: '' };
if (!existsSync('dist/client/index.html')) throw new Error('The pages are not built: npm run build');
await obtainLivekit((label, work) => progress.step(label, work));
const stack = await startStack({ config: readLaunchConfig(env), progress, env });
const browser = await chromium.launch({
  executablePath: values.chromium,
  args: ['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream', '--mute-audio'],
});
const waits = {
  pressToStarting: [] as number[],
  pressToOn: [] as number[],
  postToScreen: [] as number[],
  pressToFailure: [] as number[],
};
try {
  const context = await browser.newContext({ locale: 'en', viewport: { width: 1280, height: 720 } });
  await context.addInitScript(PAGE_SCRIPT);
  // A test pattern that is encoded takes a core that others need; the microphone would have its beeps captioned.
  await context.addInitScript(
    `localStorage.setItem('surtitre.preferences', '{"cameraOn":false,"microphoneOn":false}')`,
  );
  for (let run = 1; run <= runs; run += 1) {
    await measureStart(context, stack);
    process.stderr.write(`run ${run} of ${runs}: starting after ${waits.pressToStarting.at(-1)} ms\n`);
  }
  await stack.agent.stop();
  for (let run = 1; run <= runs; run += 1) {
    await measureFailure(context, stack);
    process.stderr.write(`run ${run} of ${runs}: failure after ${waits.pressToFailure.at(-1)} ms\n`);
  }
} finally {
  await browser.close();
  await stack.stop();
}

const spread = (all: readonly number[]) => ({
  runs: all.length,
  p50: percentile(all, 0.5),
  p95: percentile(all, 0.95),
  max: Math.max(...all),
});
leaveResult(
  {
    date: new Date().toISOString(),
    machine: before,
    chromium: browser.version(),
    command: `node dist/bench/caption-waits.js ${process.argv.slice(2).join(' ')}`.trim(),
    unit: 'ms, to the end of the paint',
    ...Object.fromEntries(Object.entries(waits).map(([name, all]) => [name, spread(all)])),
    target: { pressToStarting: 300, postToScreen: 500, pressToFailure: 5_000 },
  },
  values.results,
);

async function measureStart(context: BrowserContext, { url }: Stack): Promise<void> {
  const { roomId, hostKey } = await new MeetingService(url).createRoom('en');
  const page = await enter(context, `${url}/r/${roomId}`);
  waits.pressToStarting.push(await sincePress(page, 'Captions are starting…'));
  waits.pressToOn.push(
    await sincePress(page, 'Captions are on. Text will appear here when somebody speaks.'),
  );
  const invitation = await post<CaptionerInvitation>(`${url}/api/rooms/${roomId}/captioners`, hostKey, {
    name: 'Chloé',
  });
  for (let sequence = 1; sequence <= LINES_IN_ROOM; sequence += 1) {
    const text = `This is what was said in line ${sequence}.`;
    const sentAt = performance.timeOrigin + performance.now();
    await post(url + invitation.feedPath, invitation.captionerToken, { sequence, text, language: 'en' });
    const { origin, at } = await painted(page, text);
    waits.postToScreen.push(Math.round(origin + at - sentAt));
  }
  await page.close();
}

async function measureFailure(context: BrowserContext, { url }: Stack): Promise<void> {
  const { roomId } = await new MeetingService(url).createRoom('en');
  const page = await enter(context, `${url}/r/${roomId}`);
  waits.pressToFailure.push(
    await sincePress(page, 'Captions are not available at the moment. Trying again…'),
  );
  await page.close();
}

/** Into the room, and the press of CC. */
async function enter(context: BrowserContext, address: string): Promise<Page> {
  const page = await context.newPage();
  page.setDefaultTimeout(LONGEST_WAIT_MS);
  await page.goto(address);
  await page.getByLabel('Your name').fill('Ana');
  await page.getByRole('button', { name: 'Join the meeting' }).click();
  await page.getByRole('region', { name: 'Meeting controls' }).waitFor();
  await page.getByRole('button', { name: 'Captions off' }).click();
  return page;
}

async function sincePress(page: Page, text: string): Promise<number> {
  const { at } = await painted(page, text);
  return Math.round(at - (await page.evaluate(() => window.pressedAt)));
}

interface Painted {
  /** The page's `performance.timeOrigin`. */
  readonly origin: number;
  readonly at: number;
}

async function painted(page: Page, text: string): Promise<Painted> {
  // Not as text: the page's policy lets no text become script.
  const found = await page.waitForFunction((key) => {
    const at = window.seen[key];
    return at === undefined ? null : { origin: performance.timeOrigin, at };
  }, text);
  return (await found.jsonValue()) as Painted;
}

async function post<Answer>(url: string, bearer: string, body: object): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${bearer}` },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return (await response.json()) as Answer;
}
