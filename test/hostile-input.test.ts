/**
 * Whoever reaches the two ports without wishing us well: what they are refused, how soon, and that those who read
 * captions beside them lose nothing.
 */
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLOSE_CODES } from '../protocol/close-codes.ts';
import { CAPTIONS_AUDIENCE, TOKEN_SUBPROTOCOL_PREFIX, VIEWER_SUBPROTOCOL } from '../protocol/connection.ts';
import { packFromViewer } from '../protocol/viewer-message.ts';
import { CaptionViewer } from './support/caption-viewer.ts';
import { inOneHour, OPERATOR_TOKEN, startTestGateway, type TestGateway } from './support/start-gateway.ts';
import { appendedText, live, openedUtterance, UplinkAgent } from './support/uplink-agent.ts';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway({
    env: { SURTITRE_METRICS_PORT: '0', SURTITRE_REQUESTS_PER_MINUTE: '100000' },
  });
});
afterAll(() => gateway.close());

const token = (room: string): string =>
  gateway.sign({ aud: CAPTIONS_AUDIENCE, sub: 'p-1', room, exp: inOneHour() });

/** Everything that the other end says until it hangs up. */
async function answerTo(port: number, speak: (socket: Socket) => void): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let answer = '';
  socket.on('data', (bytes) => {
    answer += bytes.toString('latin1');
  });
  socket.on('error', () => {}); // a reset is an answer too
  socket.once('connect', () => speak(socket));
  await new Promise((resolve) => socket.once('close', resolve));
  return answer;
}

function upgradeRequest(bearer: string): string {
  return [
    'GET /captions HTTP/1.1',
    'Host: 127.0.0.1',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    `Sec-WebSocket-Protocol: ${VIEWER_SUBPROTOCOL}, ${TOKEN_SUBPROTOCOL_PREFIX}${bearer}`,
    '',
    '',
  ].join('\r\n');
}

describe('a thousand bad tokens a second', () => {
  const VIEWERS = 20;
  const FRAMES = 60;
  const FRAME_EVERY_MS = 50;
  const BAD_PER_FRAME = 50;

  it('are all refused, and good viewers get every frame once', { timeout: 60_000 }, async () => {
    const good = await Promise.all(
      Array.from({ length: VIEWERS }, () => CaptionViewer.join(gateway.socketUrl, token('crowd'))),
    );
    const agent = await UplinkAgent.connect(gateway.socketUrl, gateway.uplinkToken());
    const before = await gateway.metric('caption_auth_failures_total{reason="invalid"}');
    const forged = `${token('crowd').split('.').slice(0, 2).join('.')}.${'A'.repeat(43)}`;
    const attempts: Promise<string>[] = [];
    for (let number = 1; number <= FRAMES; number += 1) {
      const text = number === 1 ? 'a' : ' a';
      const offset = number === 1 ? 0 : number * 2 - 3;
      const opening = number === 1 ? [live(1), openedUtterance(1)] : [];
      agent.frame('crowd', number, [...opening, appendedText(1, offset, text)]);
      for (let attempt = 0; attempt < BAD_PER_FRAME; attempt += 1) {
        attempts.push(answerTo(gateway.socketPort, (socket) => void socket.write(upgradeRequest(forged))));
      }
      await new Promise((resolve) => setTimeout(resolve, FRAME_EVERY_MS));
    }
    const answers = await Promise.all(attempts);
    expect(answers.every((answer) => answer.startsWith('HTTP/1.1 401 '))).toBe(true);
    expect(await gateway.metric('caption_auth_failures_total{reason="invalid"}')).toBe(
      before + FRAMES * BAD_PER_FRAME,
    );
    await agent.acked('crowd', FRAMES);
    for (const viewer of good) {
      const heard = () => viewer.events.filter(({ type }) => type === 'appended').length;
      await viewer.inbox.until(() => heard() === FRAMES);
      const frames = viewer.inbox.all.flatMap((message) => (message.type === 'frame' ? [message.seq] : []));
      expect(frames).toEqual(frames.map((_, index) => viewer.welcome.seq + 1 + index));
      await viewer.close();
    }
    await agent.die();
  });
});

describe('a viewer that never stops talking', () => {
  const flood = async (send: (viewer: CaptionViewer) => void): Promise<number> => {
    const viewer = await CaptionViewer.join(gateway.socketUrl, token('flood'));
    for (let count = 0; count < 1_000; count += 1) send(viewer);
    return viewer.inbox.closed;
  };

  it('is closed, whether it sends samples or pings', async () => {
    const sample = packFromViewer({ type: 'painted', audioMs: Date.now(), publishedUs: 1, heldUs: 1 });
    expect(await flood(({ socket }) => socket.send(sample))).toBe(CLOSE_CODES.tooMany.code);
    expect(await flood(({ socket }) => socket.ping())).toBe(CLOSE_CODES.tooMany.code);
  });

  it('cannot sample before it has joined', async () => {
    const viewer = await CaptionViewer.open(gateway.socketUrl, token('flood'));
    viewer.socket.send(packFromViewer({ type: 'painted', audioMs: 0, publishedUs: 0, heldUs: 0 }));
    expect(await viewer.inbox.closed).toBe(CLOSE_CODES.malformed.code);
  });

  it('may tell what it saw, which is believed if it can be', async () => {
    const result = (name: string) => gateway.metric(`caption_viewer_samples_total{result="${name}"}`);
    const before = [await result('believed'), await result('implausible')] as const;
    const viewer = await CaptionViewer.join(gateway.socketUrl, token('sample'));
    const say = (audioMs: number) =>
      viewer.socket.send(packFromViewer({ type: 'painted', audioMs, publishedUs: 100_000, heldUs: 8_000 }));
    say(Date.now() - 300);
    say(Date.now() + 3_600_000);
    await expect.poll(() => result('implausible')).toBe(before[1] + 1);
    expect(await result('believed')).toBeGreaterThan(before[0]);
    await viewer.close();
  });
});

describe('whoever speaks slowly on purpose', () => {
  it('is cut off by the HTTP port, others are served meanwhile', { timeout: 30_000 }, async () => {
    const slow = answerTo(gateway.httpPort, (socket) => {
      socket.write('GET / HTTP/1.1\r\nHost: x\r\n');
      const drip = setInterval(() => socket.write('X-Drip: drop\r\n'), 500);
      socket.once('close', () => clearInterval(drip));
    });
    expect((await fetch(`${gateway.httpUrl}/healthz`)).status).toBe(200);
    expect(await slow).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('is cut off by the socket port', { timeout: 60_000 }, async () => {
    const request = upgradeRequest(token('slow'));
    const slow = answerTo(gateway.socketPort, (socket) => {
      socket.write(request.slice(0, -4));
    });
    const viewer = await CaptionViewer.join(gateway.socketUrl, token('slow'));
    expect(await slow).not.toContain('101 Switching');
    await viewer.close();
  });
});

describe('requests out of all proportion', () => {
  it('with headers of a megabyte are refused', async () => {
    const big = 'x'.repeat(1_000_000);
    const http = await answerTo(gateway.httpPort, (socket) => {
      socket.write(`GET / HTTP/1.1\r\nHost: x\r\nX-Big: ${big}\r\n\r\n`);
    });
    expect(http).toMatch(/^HTTP\/1\.1 431 /);
    const socket = await answerTo(gateway.socketPort, (raw) => {
      raw.write(`GET /captions HTTP/1.1\r\nHost: x\r\nX-Big: ${big}\r\n\r\n`);
    });
    expect(socket).not.toContain('101 Switching');
  });

  it('that are not HTTP are refused by both ports', async () => {
    const bytes = Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x0d, 0x0a]);
    for (const port of [gateway.httpPort, gateway.socketPort]) {
      const answer = await answerTo(port, (socket) => socket.end(bytes));
      expect(answer).not.toMatch(/ 200 | 101 /);
    }
  });

  it('joins that come too often from one address are slowed down, as is anything else', async () => {
    const strict = await startTestGateway({ env: { SURTITRE_JOINS_PER_MINUTE: '2' } });
    const { roomId } = (await (await fetch(`${strict.httpUrl}/api/rooms`, { method: 'POST' })).json()) as {
      roomId: string;
    };
    const join = async () => {
      const headers = { 'content-type': 'application/json' };
      const init = { method: 'POST', headers, body: '{"name":"Ana"}' };
      return (await fetch(`${strict.httpUrl}/api/rooms/${roomId}/join`, init)).status;
    };
    // No LiveKit answers here: 502 is what a join that was let through gets.
    expect([await join(), await join(), await join()]).toEqual([502, 502, 429]);
    await strict.close();
  });
});

describe('what is for operators', () => {
  const get = (path: string, bearer?: string) =>
    fetch(gateway.httpUrl + path, {
      headers: bearer === undefined ? {} : { authorization: `Bearer ${bearer}` },
    });

  it('is not told to anybody else on the public port', async () => {
    for (const path of ['/metrics', '/api/operator/status']) {
      expect((await get(path)).status).toBe(401);
      expect((await get(path, 'x')).status).toBe(401);
      expect((await get(`${path}?token=${OPERATOR_TOKEN}`)).status).toBe(401);
      expect((await get(path, token('r'))).status).toBe(401);
      expect((await get(path, OPERATOR_TOKEN)).status).toBe(200);
    }
  });

  it('is not there at all where no token was set', async () => {
    const closed = await startTestGateway({ env: { SURTITRE_OPERATOR_TOKEN: '' } });
    for (const path of ['/metrics', '/api/operator/status']) {
      const headers = { authorization: 'Bearer ' };
      expect((await fetch(closed.httpUrl + path, { headers })).status).toBe(404);
    }
    await closed.close();
  });

  it('is on a port of its own for a scraper, and nothing else is there', async () => {
    const url = `http://127.0.0.1:${gateway.metricsPort}`;
    const scrape = await fetch(`${url}/metrics`);
    expect(scrape.headers.get('content-type')).toContain('application/openmetrics-text');
    const text = await scrape.text();
    expect(text).toMatch(/^caption_ws_accepts_total\{socket="captions"\} \d+$/m);
    expect(text.endsWith('# EOF\n')).toBe(true);
    expect((await fetch(`${url}/api/deployment`)).status).toBe(404);
  });
});
