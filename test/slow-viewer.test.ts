/** Viewers that cannot keep up, and viewers that are sent away: none of them loses a word in silence. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CLOSE_CODES } from '../protocol/close-codes.ts';
import { CAPTIONS_AUDIENCE } from '../protocol/connection.ts';
import { CaptionViewer } from './support/caption-viewer.ts';
import { inOneHour, startTestGateway, type TestGateway } from './support/start-gateway.ts';
import { appendedText, live, openedUtterance, UplinkAgent } from './support/uplink-agent.ts';

/** Per batch; a few batches a second fill the kernel’s buffers in seconds, the gateway’s own bound never. */
const PIECES = 50;
const PIECE = 'x'.repeat(8_000);
const BATCH_INTERVAL_MS = 100;

let gateway: TestGateway;
let agent: UplinkAgent;

beforeAll(async () => {
  gateway = await startTestGateway({ env: { SURTITRE_HISTORY_CHARACTERS: '50000000' } });
  agent = await UplinkAgent.connect(gateway.socketUrl, gateway.uplinkToken());
});
afterAll(async () => {
  await agent.die();
  await gateway.close();
});

const token = (room = 'room'): string =>
  gateway.sign({ aud: CAPTIONS_AUDIENCE, sub: 'p-1', room, exp: inOneHour() });

interface StalledViewer {
  readonly viewer: CaptionViewer;
  /** How many utterances there were in the room when it was noticed. */
  readonly spoken: number;
}

/** A viewer that stops reading while captions go on, until the gateway has noticed. */
async function stalledViewer(room: string, at: TestGateway, by: UplinkAgent): Promise<StalledViewer> {
  const viewer = await CaptionViewer.join(at.socketUrl, token(room));
  by.frame(room, 1, [live(1)]);
  await viewer.untilState('live');
  const before = await at.metric('caption_ws_slow_closes_total');
  viewer.socket.pause();
  let spoken = 0;
  while ((await at.metric('caption_ws_slow_closes_total')) === before) {
    for (let piece = 0; piece < PIECES; piece += 1) {
      spoken += 1;
      by.frame(room, spoken + 1, [
        openedUtterance(spoken),
        appendedText(spoken, 0, PIECE),
        { type: 'closed', utterance: spoken, length: PIECE.length, endMs: 100 },
      ]);
    }
    await by.acked(room, spoken + 1);
    await new Promise((resolve) => setTimeout(resolve, BATCH_INTERVAL_MS));
  }
  return { viewer, spoken };
}

function utterancesOf(viewer: CaptionViewer): Set<number> {
  const known = new Set<number>();
  for (const event of viewer.events) {
    if (event.type === 'closed' || event.type === 'restored') known.add(event.utterance);
  }
  return known;
}

it('a viewer that reads too slowly gets what was written, then a code that tells it to come back', async () => {
  const { viewer, spoken } = await stalledViewer('slow', gateway, agent);
  viewer.socket.resume();
  expect(await viewer.inbox.closed).toBe(CLOSE_CODES.tooSlow.code);
  const returned = await CaptionViewer.join(gateway.socketUrl, token('slow'), viewer.position);
  expect(returned.welcome.recovered).toBe(true);
  expect(new Set([...utterancesOf(viewer), ...utterancesOf(returned)]).size).toBe(spoken);
});

it('a viewer whose connection broke while it lagged gets the rest on its return', async () => {
  const { viewer, spoken } = await stalledViewer('broken', gateway, agent);
  const { position } = viewer;
  expect(utterancesOf(viewer).size).toBeLessThan(spoken);
  viewer.socket.terminate();
  const returned = await CaptionViewer.join(gateway.socketUrl, token('broken'), position);
  expect(returned.welcome.recovered).toBe(true);
  expect(new Set([...utterancesOf(viewer), ...utterancesOf(returned)]).size).toBe(spoken);
});

it('a viewer that lagged behind the history is told that something is gone', async () => {
  const forgetful = await startTestGateway({ env: { SURTITRE_HISTORY_CHARACTERS: '100000' } });
  const other = await UplinkAgent.connect(forgetful.socketUrl, forgetful.uplinkToken());
  const { viewer } = await stalledViewer('gone', forgetful, other);
  const { position } = viewer;
  viewer.socket.terminate();
  const returned = await CaptionViewer.join(forgetful.socketUrl, token('gone'), position);
  expect(returned.welcome.recovered).toBe(false);
  await other.die();
  await forgetful.close();
});

it('viewers are asked to move, then closed with a code that lets them return', async () => {
  const second = await startTestGateway({ env: { SURTITRE_DRAIN_MS: '200' } });
  const viewer = await CaptionViewer.join(second.socketUrl, token());
  const closing = second.close();
  await viewer.inbox.until((all) => all.some(({ type }) => type === 'move'));
  const move = viewer.inbox.all.find((message) => message.type === 'move');
  expect(move?.type === 'move' && move.delayMs).toBeLessThan(200);
  await expect(CaptionViewer.open(second.socketUrl, token())).rejects.toThrow('503');
  expect(await viewer.inbox.closed).toBe(CLOSE_CODES.goingAway.code);
  await closing;
});

it('a gateway from which all viewers have moved ends at once, however much time it had', async () => {
  const drainMs = 3_600_000;
  const second = await startTestGateway({ env: { SURTITRE_DRAIN_MS: String(drainMs) } });
  const viewers = await Promise.all(
    Array.from({ length: 20 }, () => CaptionViewer.join(second.socketUrl, token())),
  );
  const closing = second.close();
  const delays = await Promise.all(
    viewers.map(async ({ inbox }) => {
      await inbox.until((all) => all.some(({ type }) => type === 'move'));
      const move = inbox.all.find((message) => message.type === 'move');
      return move?.type === 'move' ? move.delayMs : Number.NaN;
    }),
  );
  // One in each twentieth of the time: nobody meets a crowd at the next gateway.
  const slots = delays.map((delayMs) => Math.floor((delayMs / drainMs) * viewers.length));
  expect(slots.sort((a, b) => a - b)).toEqual(viewers.map((_, index) => index));
  for (const viewer of viewers) await viewer.close();
  await closing;
});
