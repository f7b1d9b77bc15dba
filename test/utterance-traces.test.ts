/** Traces of utterances as a collector gets them, over real HTTP; and what must not be in them. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { OPERATOR_TOKEN, startTestGateway } from './support/start-gateway.ts';
import { appendedText, live, openedUtterance, UplinkAgent } from './support/uplink-agent.ts';

interface OtlpSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
}
interface OtlpRequest {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[];
  }[];
}

const bodies: string[] = [];
let collector: Server;

beforeAll(async () => {
  collector = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    bodies.push(body);
    response.setHeader('content-type', 'application/json').end('{}');
  }).listen(0, '127.0.0.1');
  await once(collector, 'listening');
});
afterAll(() => void collector.close());

it('an utterance is one trace with the stages of its frames, without a word, a name or a room', async () => {
  const { port } = collector.address() as AddressInfo;
  const gateway = await startTestGateway({
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`, SURTITRE_TRACE_RATIO: '1' },
  });
  const agent = await UplinkAgent.connect(gateway.socketUrl, gateway.uplinkToken());
  const audioMs = Date.now() - 300;
  const times = { audioMs, readUs: 60_000, gatheredUs: 61_000, steppedUs: 190_000, sentUs: 191_000 };
  const room = 'secret-room';
  agent.frame(room, 1, [live(1), openedUtterance(1, audioMs)]);
  agent.frame(room, 2, [appendedText(1, 0, 'classified', audioMs)], {
    ...times,
    receivedUs: 0,
    publishedUs: 0,
  });
  agent.frame(room, 3, [{ type: 'closed', utterance: 1, length: 10, endMs: audioMs + 400 }]);
  await agent.acked(room, 3);
  const headers = { authorization: `Bearer ${OPERATOR_TOKEN}` };
  const scrape = await (await fetch(`${gateway.httpUrl}/metrics`, { headers })).text();
  await agent.die();
  await gateway.close();

  const spans = bodies
    .flatMap((body) => (JSON.parse(body) as OtlpRequest).resourceSpans)
    .flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans));
  const root = spans.find(({ name }) => name === 'utterance');
  const stages = spans.filter(({ name }) => name !== 'utterance');
  expect(stages.map(({ name }) => name)).toEqual(['rtp_pcm', 'queue', 'model', 'emit', 'bus', 'fanout']);
  expect(stages.every(({ parentSpanId }) => parentSpanId === root?.spanId)).toBe(true);
  const model = stages.find(({ name }) => name === 'model');
  const lasted = BigInt(model?.endTimeUnixNano ?? 0) - BigInt(model?.startTimeUnixNano ?? 0);
  expect(Number(lasted) / 1e6).toBeCloseTo(129, 0);
  expect(scrape).toContain(`{trace_id="${root?.traceId}"}`);
  for (const secret of ['classified', 'Ana', 'p-ana', room]) expect(bodies.join()).not.toContain(secret);
});
