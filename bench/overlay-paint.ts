/**
 * From the arrival of a word in the browser to its paint: `<surtitre-captions>` as it ships, in Chromium slowed down
 * to a quarter, on a page with 150 participants of whom five speak at once.
 */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { chromium } from 'playwright-core';
import { type WebSocket, WebSocketServer } from 'ws';
import type { CaptionEvent, Speaker } from '../protocol/caption-event.ts';
import { packToViewer } from '../protocol/viewer-message.ts';
import { readCommandLine } from './command-line.ts';
import { frameStages, TRACE_CATEGORIES } from './frame-stages.ts';
import { machine } from './machine.ts';
import { amount, chromiumPath, flag, resultFile } from './parameters.ts';
import { percentile } from './percentile.ts';
import { writeResult } from './result-file.ts';

const values = readCommandLine({
  program: 'overlay-paint',
  about: `How long words take from their arrival in the browser to the screen, with 150 participants of whom 5 speak.
Needs the pages built (npm run build) and Chromium. As long as --seconds, and a few more.`,
  parameters: {
    seconds: amount('of speech', 60),
    slowdown: amount('times that the processor is slowed down', 4),
    stages: flag('also where the time of a frame goes, from a trace, which itself makes every frame longer'),
    results: resultFile,
    chromium: chromiumPath,
  },
});

const PARTICIPANTS = 150;
const SPEAKING = 5;
/** Of the model: what was heard meanwhile arrives together. */
const STEP_MS = 80;
/** 180 words a minute each. */
const WORDS_PER_STEP = (SPEAKING * 3 * STEP_MS) / 1_000;
const WORDS = 'le premier point porte sur les sous-titres en direct que chacun doit pouvoir lire'.split(' ');
const { seconds, slowdown } = values;

const before = machine();
const script = await readFile('dist/client/surtitre-captions.js');
const people: Speaker[] = Array.from({ length: PARTICIPANTS }, (_, index) => ({
  identity: `p${index}`,
  name: `Participant ${index + 1}`,
  trackSid: `TR_${index}`,
}));

/** Runs in the page: what is around the captions moves as in a meeting, and every painted word is noted. */
const PAGE_SCRIPT = `
  const grid = document.querySelector('main');
  for (let index = 0; index < ${PARTICIPANTS}; index += 1) {
    const tile = document.createElement('div');
    tile.textContent = 'Participant ' + (index + 1);
    grid.append(tile);
  }
  setInterval(() => {
    for (let index = 0; index < ${SPEAKING}; index += 1) grid.children[index].classList.toggle('speaking', Math.random() < 0.5);
  }, 100);
  window.samples = [];
  window.shift = 0;
  new PerformanceObserver((list) => { for (const entry of list.getEntries()) window.shift += entry.value; })
    .observe({ type: 'layout-shift', buffered: true });
  let words = [];
  const channel = new MessageChannel();
  // Posted within an animation frame, it arrives once that frame has been laid out and painted.
  channel.port1.onmessage = () => {
    const paintedAt = performance.now();
    for (const { receivedAt, shownAt, endMs } of words.splice(0)) {
      const sentAt = endMs - performance.timeOrigin;
      window.samples.push([shownAt - receivedAt, paintedAt - receivedAt, paintedAt - sentAt]);
    }
  };
  document.querySelector('surtitre-captions').addEventListener('captions-word', ({ detail }) => {
    if (words.push(detail) === 1) channel.port2.postMessage(0);
  });
`;
const PAGE = `<!doctype html><html lang="fr"><meta charset="utf-8"><title>Bench</title><link rel="icon" href="data:,">
<style>body { margin: 0 } main { position: relative; display: grid; grid-template-columns: repeat(15, 1fr); gap: 4px; height: 100vh }
main div { background: #345; color: #fff; border-radius: 8px; border: 3px solid transparent } main .speaking { border-color: #7fdbff }</style>
<body><main></main><surtitre-captions controls></surtitre-captions>
<script src="/surtitre-captions.js"></script><script src="/page.js"></script>`;

const files: Record<string, [string, string | Buffer]> = {
  '/': ['text/html', PAGE],
  '/page.js': ['text/javascript', PAGE_SCRIPT],
  '/surtitre-captions.js': ['text/javascript', script],
};
const server = createServer((request, response) => {
  const [type, body] = files[request.url ?? ''] ?? ['text/plain', ''];
  response.setHeader('content-type', `${type}; charset=utf-8`).end(body);
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address() as AddressInfo;
const sockets = new WebSocketServer({ server });
const joined = new Promise<WebSocket>((resolve) => {
  sockets.once('connection', (peer) => peer.once('message', () => resolve(peer)));
});

const browser = await chromium.launch({ executablePath: values.chromium });
const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
await page.goto(`http://127.0.0.1:${port}/`);
const devtools = await page.context().newCDPSession(page);
await devtools.send('Emulation.setCPUThrottlingRate', { rate: slowdown });
// As text: this folder is not compiled for pages.
await page.evaluate(`
  const captions = document.querySelector('surtitre-captions');
  captions.token = 'a.b.c';
  captions.src = 'ws://127.0.0.1:${port}/captions';
  captions.active = true;
`);
const peer = await joined;

let seq = 1;
const send = (events: readonly CaptionEvent[]) =>
  peer.send(packToViewer({ type: 'frame', epoch: 1, seq: ++seq, times: null, events }));
const startMs = Date.now();
const history = people.map((speaker, index): CaptionEvent => {
  const turn = { utterance: index + 1, speaker, language: 'fr', source: 'machine', revision: 0 } as const;
  const at = startMs - 60_000;
  return { type: 'restored', ...turn, startMs: at, endMs: at + 500, text: 'Bonjour.', wordTimes: [0, 500] };
});
peer.send(
  packToViewer({ type: 'welcome', epoch: 1, seq, serverMs: startMs, recovered: true, events: history }),
);

interface Talk {
  readonly utterance: number;
  length: number;
  words: number;
}
const WORDS_IN_TURN = 30;
let utterances = PARTICIPANTS;
if (values.stages) await browser.startTracing(page, { categories: TRACE_CATEGORIES });
const talks: (Talk | null)[] = Array.from({ length: SPEAKING }, () => null);
let sent = 0;
let due = 0;
const ends = performance.now() + seconds * 1_000;
await new Promise<void>((resolve) => {
  const timer = setInterval(() => {
    if (performance.now() > ends) {
      clearInterval(timer);
      resolve();
      return;
    }
    const events: CaptionEvent[] = [];
    // With fractions, so that the clock of the page can be compared: it is the same machine's.
    const nowMs = performance.timeOrigin + performance.now();
    for (due += WORDS_PER_STEP; due >= 1; due -= 1) {
      const speaking = sent % SPEAKING;
      let talk = talks[speaking] ?? null;
      if (!talk || talk.words === WORDS_IN_TURN) {
        if (talk)
          events.push({ type: 'closed', utterance: talk.utterance, length: talk.length, endMs: nowMs });
        talk = { utterance: ++utterances, length: 0, words: 0 };
        talks[speaking] = talk;
        const speaker = people[speaking] as Speaker;
        const turn = { utterance: talk.utterance, speaker, language: 'fr', source: 'machine' } as const;
        events.push({ type: 'opened', ...turn, startMs: nowMs });
      }
      const word = `${talk.words === 0 ? '' : ' '}${WORDS[sent % WORDS.length]}`;
      const piece = { utterance: talk.utterance, offset: talk.length, text: word };
      events.push({ type: 'appended', ...piece, startMs: nowMs, endMs: nowMs });
      talk.length += word.length;
      talk.words += 1;
      sent += 1;
    }
    send(events);
  }, STEP_MS);
});
await page.waitForTimeout(500); // what was sent last is painted
const stages = values.stages ? frameStages(await browser.stopTracing()) : null;
const samples = (await page.evaluate('window.samples')) as [number, number, number][];
const layoutShift = (await page.evaluate('window.shift')) as number;
const version = browser.version();
await browser.close();
sockets.close();
server.close();

const column = (index: 0 | 1 | 2) => samples.map((sample) => sample[index]).sort((a, b) => a - b);
const spread = (index: 0 | 1 | 2) => {
  const sorted = column(index);
  const at = (share: number) => Math.round(percentile(sorted, share) * 10) / 10;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: Math.round((sorted.at(-1) ?? 0) * 10) / 10 };
};
const summary = {
  date: new Date().toISOString(),
  machine: before,
  chromium: version,
  command: `node dist/bench/overlay-paint.js ${process.argv.slice(2).join(' ')}`.trim(),
  participants: PARTICIPANTS,
  speaking: SPEAKING,
  slowdown,
  seconds,
  words: { sent, painted: samples.length },
  scriptBytesGzip: gzipSync(script, { level: 9 }).length,
  layoutShift,
  unit: 'ms',
  arrivalToFrame: spread(0),
  arrivalToPaint: spread(1),
  sentToPaint: spread(2),
  ...(stages && { stages }),
  target: { arrivalToPaint: { p50: 25, p95: 100 } },
};
console.log(JSON.stringify(summary, null, 2));
if (values.results) writeResult(summary, values.results);
