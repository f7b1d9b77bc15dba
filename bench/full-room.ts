/**
 * The meeting page in a full room: so many real LiveKit participants, each with a microphone and a small camera, five
 * of whom make a sound. What the page shows and really receives, and what it costs the browser and the media server,
 * for a while on the first page of tiles; then how long the next page takes to have its pictures.
 */
import { readFileSync } from 'node:fs';
import { type CDPSession, chromium, type Page } from 'playwright-core';
import { MeetingService } from '../demo/meeting-service.ts';
import { readLaunchConfig } from '../launch/config.ts';
import { FREE_PORTS } from '../launch/free-ports.ts';
import { obtainLivekit } from '../launch/obtain-livekit.ts';
import { terminalProgress } from '../launch/progress.ts';
import { startStack } from '../launch/stack.ts';
import { readCommandLine } from './command-line.ts';
import { Crowd } from './crowd/crowd.ts';
import { arrivingMedia, keepConnections } from './crowd/page-media.ts';
import { machine } from './machine.ts';
import { amount, chromiumPath, count, resultFile } from './parameters.ts';
import { leaveResult } from './result-file.ts';
import { rounded } from './statistics.ts';

const values = readCommandLine({
  program: 'full-room',
  about: `The meeting page among so many real participants, itself one of them: what it shows, receives and costs. Needs
the pages built (npm run build), Chromium, and Go for the others. About two minutes.`,
  parameters: {
    people: count('in the room', 150),
    seconds: amount('for which costs are counted', 20),
    results: resultFile,
    chromium: chromiumPath,
  },
});

const SPEAKING = 5;
/** Linux counts processor time in hundredths of a second. */
const TICKS_PER_S = 100;
/** Of a look at what arrives: every picture comes twice a second. */
const LOOK_MS = 2_000;
const SETTLED_WITHIN_MS = 30_000;
const { people, seconds } = values;

const progress = terminalProgress();
const before = machine();
const env = { ...process.env, ...FREE_PORTS, SURTITRE_DEMO_AGENT_NAME: '' };
await obtainLivekit((label, work) => progress.step(label, work));
const stack = await startStack({ config: readLaunchConfig(env), progress, env });
const browser = await chromium.launch({
  executablePath: values.chromium,
  args: ['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream', '--mute-audio'],
});
let crowd: Crowd | null = null;
try {
  const { roomId } = await new MeetingService(stack.url).createRoom('en');
  const context = await browser.newContext({ locale: 'en', viewport: { width: 1440, height: 810 } });
  await context.addInitScript(keepConnections);
  await context.addInitScript(() =>
    localStorage.setItem('surtitre.preferences', '{"cameraOn":false,"microphoneOn":false}'),
  );
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  await page.goto(`${stack.url}/r/${roomId}`);
  await page.getByLabel('Your name').fill('Ana');
  await page.getByRole('button', { name: 'Join the meeting' }).click();
  await page.getByRole('region', { name: 'Meeting controls' }).waitFor();
  const gatheringSince = performance.now();
  crowd = await Crowd.gather({
    livekit: { url: stack.livekitUrl, apiKey: stack.apiKey, apiSecret: stack.apiSecret },
    room: roomId,
    people: people - 1,
    speaking: SPEAKING,
    onJoined: (joined) => {
      if ((joined + 1) % 10 === 0) process.stderr.write(`${joined + 1} of ${people} are in the room\n`);
    },
  });
  const gatheredS = (performance.now() - gatheringSince) / 1_000;
  await page.getByRole('button', { name: `People: ${people}` }).waitFor();
  await picturesShown(page);

  const settledMs = await settled(page);

  const devtools = await browser.newBrowserCDPSession();
  const tab = await context.newCDPSession(page);
  await tab.send('Performance.enable');
  const start = await readCosts(devtools, tab);
  const received = await arrivingMedia(page, seconds * 1_000);
  const end = await readCosts(devtools, tab);
  const overS = (end.atMs - start.atMs) / 1_000;
  const share = (name: 'browserS' | 'mainThreadS' | 'mediaServerS') =>
    rounded((end[name] - start[name]) / overS);

  const shown = await page.locator('.tile').count();
  const pages = (await page.getByText(/^Page 1 of \d+$/).textContent())?.split(' ').at(-1) ?? '1';
  const audioElements = await page.evaluate(() => document.querySelectorAll('audio').length);
  const turnedAt = performance.now();
  await page.getByRole('button', { name: 'Next page' }).click();
  await picturesShown(page);
  const nextPageMs = Math.round(performance.now() - turnedAt);
  const nextSettledMs = await settled(page);
  const receivedOnNext = await arrivingMedia(page, LOOK_MS);

  leaveResult(
    {
      date: new Date().toISOString(),
      machine: before,
      chromium: browser.version(),
      command: `node dist/bench/full-room.js ${process.argv.slice(2).join(' ')}`.trim(),
      people,
      speaking: SPEAKING,
      gatheredS: Math.round(gatheredS),
      page: {
        tiles: shown,
        pages: Number(pages),
        audioElements,
        settledMs,
        received,
        nextPageMs,
        nextSettledMs,
        receivedOnNext,
      },
      cost: {
        overS: rounded(overS),
        unit: 'share of one core; MiB',
        browser: share('browserS'),
        mainThread: share('mainThreadS'),
        mediaServer: share('mediaServerS'),
        heapMiB: end.heapMiB,
        browserMiB: end.browserMiB,
        mediaServerMiB: sum(family(stack.livekit?.pid).map(memoryMiB)),
        crowdMiB: crowd.memoryMiB,
      },
    },
    values.results,
  );
} finally {
  await browser.close();
  await crowd?.disperse();
  await stack.stop();
}

/**
 * Until the page is sent as many pictures as it shows and no others; milliseconds, to about a look. Null: it never was
 * in {@link SETTLED_WITHIN_MS}.
 */
async function settled(page: Page): Promise<number | null> {
  const since = performance.now();
  while (performance.now() - since < SETTLED_WITHIN_MS) {
    const lookedAt = performance.now();
    const { pictures } = await arrivingMedia(page, LOOK_MS);
    if (pictures === (await page.locator('.tile video').count())) return Math.round(lookedAt - since);
  }
  return null;
}

/** Every tile that is shown has a picture that plays, but the page's own. */
async function picturesShown(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const others = [...document.querySelectorAll('.tile')].filter(
      (tile) => !tile.textContent?.includes('(you)'),
    );
    return others.length > 0 && others.every((tile) => (tile.querySelector('video')?.videoWidth ?? 0) > 0);
  });
}

async function readCosts(devtools: CDPSession, tab: CDPSession) {
  const { processInfo } = await devtools.send('SystemInfo.getProcessInfo');
  const { metrics } = await tab.send('Performance.getMetrics');
  const metric = (wanted: string) => metrics.find(({ name }) => name === wanted)?.value ?? Number.NaN;
  return {
    atMs: performance.now(),
    browserS: sum(processInfo.map(({ cpuTime }) => cpuTime)),
    browserMiB: sum(processInfo.map(({ id }) => memoryMiB(id))),
    mainThreadS: metric('TaskDuration'),
    heapMiB: Math.round(metric('JSHeapUsedSize') / 2 ** 20),
    mediaServerS: sum(family(stack.livekit?.pid).map(processorS)),
  };
}

/** The media server runs below the process that watches it. */
function family(pid: number | undefined): number[] {
  if (pid === undefined) return [];
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return [pid, ...(children === '' ? [] : children.split(' ').flatMap((child) => family(Number(child))))];
}

function processorS(pid: number): number {
  // After the name, which may hold spaces: state is the first, user and system time the 12th and 13th.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S;
}

/** Resident. */
function memoryMiB(pid: number): number {
  const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
  return Math.round((pages * 4_096) / 2 ** 20);
}

function sum(all: readonly number[]): number {
  return all.reduce((total, each) => total + each, 0);
}
