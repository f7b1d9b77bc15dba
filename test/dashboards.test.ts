/** Dashboards, rules and runbook: current, parseable, about metrics that exist, and no panel empty in a live scrape. */
import { readFileSync } from 'node:fs';
import { parser } from '@prometheus-io/lezer-promql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { HealthServer } from '../agents/health-server.ts';
import { AgentMetrics } from '../agents/metrics.ts';
import { findRedisServer, RedisServer } from '../bench/faults/redis-server.ts';
import { generatedFiles } from '../ops/generated-files.ts';
import { CAPTIONS_AUDIENCE } from '../protocol/connection.ts';
import { packFromViewer } from '../protocol/viewer-message.ts';
import { CaptionViewer } from './support/caption-viewer.ts';
import { LoudnessEngine } from './support/loudness-engine.ts';
import {
  prometheusLack,
  promtool,
  type RunningPrometheus,
  startPrometheus,
} from './support/prometheus-server.ts';
import { inOneHour, OPERATOR_TOKEN, startTestGateway, type TestGateway } from './support/start-gateway.ts';
import { appendedText, live, openedUtterance, UplinkAgent } from './support/uplink-agent.ts';

interface Panel {
  readonly title: string;
  readonly type: string;
  readonly targets?: readonly { readonly expr: string }[];
  readonly panels?: readonly Panel[];
}
interface Rule {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly annotations?: { readonly runbook_url: string; readonly summary: string };
}

const DASHBOARDS = ['ops/grafana/captions.json', 'ops/grafana/machinery.json'];
const RULES = ['ops/prometheus/recording-rules.yml', 'ops/prometheus/alerting-rules.yml'];

const panels: readonly Panel[] = DASHBOARDS.flatMap((path) => {
  const { panels: top } = JSON.parse(readFileSync(path, 'utf8')) as { panels: readonly Panel[] };
  return top.flatMap((panel) => [panel, ...(panel.panels ?? [])]).filter(({ type }) => type !== 'row');
});
const rules: readonly Rule[] = RULES.flatMap((path) => {
  const { groups } = parse(readFileSync(path, 'utf8')) as { groups: readonly { rules: readonly Rule[] }[] };
  return groups.flatMap((group) => group.rules);
});

/** What a person at Grafana would choose. */
const asQuery = (expression: string): string => expression.replaceAll('$__rate_interval', '1m');
const queries = panels.flatMap(({ title, targets }) =>
  (targets ?? []).map(({ expr }) => [title, asQuery(expr)] as const),
);

describe('the generated files', () => {
  it('are those that npm run dashboards would write', () => {
    for (const [path, content] of generatedFiles()) expect(readFileSync(path, 'utf8'), path).toBe(content);
  });

  it('hold only well-formed PromQL', () => {
    const expressions = [...queries.map(([, query]) => query), ...rules.map(({ expr }) => expr)];
    expect(expressions.length).toBeGreaterThan(60);
    for (const expression of expressions) {
      const faults: number[] = [];
      parser.parse(expression).iterate({
        enter: ({ type, from }) => {
          if (type.isError) faults.push(from);
        },
      });
      expect(faults, expression).toEqual([]);
    }
  });

  it('have a title, a unit-bearing query and a description in every panel', () => {
    for (const panel of panels) {
      expect(panel.title).not.toBe('');
      expect(panel.targets?.length, panel.title).toBeGreaterThan(0);
      expect((panel as { description?: string }).description, panel.title).toBeTruthy();
    }
  });
});

describe('the runbook', () => {
  const runbook = readFileSync('docs/runbook.md', 'utf8');
  const alerts = rules.flatMap(({ alert, annotations }) => (alert ? [{ alert, annotations }] : []));

  it('has one entry for each alert: what it means, what to look at, what to do', () => {
    const entries = runbook.split(/^### /m).slice(1);
    expect(entries.map((entry) => entry.split('\n')[0]).sort()).toEqual(
      alerts.map(({ alert }) => alert).sort(),
    );
    for (const entry of entries) {
      expect(entry).toMatch(/\n\*\*Means\*\* \S.*\n(.*\n)*\*\*Look at\*\* \S.*\n(.*\n)*\*\*Do\*\* \S/);
    }
  });

  it('is where each alert points', () => {
    for (const { alert, annotations } of alerts) {
      expect(annotations?.runbook_url).toBe(`docs/runbook.md#${alert.toLowerCase()}`);
      expect(annotations?.summary).toBeTruthy();
    }
  });
});

const lack = prometheusLack();
const redisLack = findRedisServer().reason;
describe.skipIf(lack !== null)(`with Prometheus${lack === null ? '' : ` (skipped: ${lack})`}`, () => {
  let redis: RedisServer | null = null;
  let gateway: TestGateway;
  let health: HealthServer;
  let prometheus: RunningPrometheus;
  let traffic: NodeJS.Timeout;

  beforeAll(async () => {
    redis = redisLack === null ? await RedisServer.start() : null;
    gateway = await startTestGateway(redis === null ? {} : { env: { REDIS_URL: redis.url } });
    const metrics = new AgentMetrics();
    metrics.observe({
      engine: new LoudnessEngine(),
      rooms: () => 1,
      microphones: () => 1,
      uplinkOpen: () => true,
      uplinkHeldBytes: () => 0,
      uplinkBufferedBytes: () => 0,
      registered: () => true,
    });
    const { registry } = metrics;
    health = await HealthServer.listen({ host: '127.0.0.1', port: 0, registry, missing: () => [] });
    const token = gateway.sign({ aud: CAPTIONS_AUDIENCE, sub: 'p-1', room: 'room', exp: inOneHour() });
    const viewer = await CaptionViewer.join(gateway.socketUrl, token);
    const agent = await UplinkAgent.connect(gateway.socketUrl, gateway.uplinkToken());
    agent.frame('room', 1, [live(1), openedUtterance(1)]);
    let number = 1;
    traffic = setInterval(() => {
      number += 1;
      const audioMs = Date.now() - 200;
      const times = { audioMs, readUs: 60_000, gatheredUs: 61_000, steppedUs: 190_000, sentUs: 191_000 };
      const text = number === 2 ? 'a' : ' a';
      const offset = number === 2 ? 0 : (number - 2) * 2 - 1;
      const frame = { ...times, receivedUs: 0, publishedUs: 0 };
      agent.frame('room', number, [appendedText(1, offset, text)], frame);
      const load = { slotsUsed: 1, slots: 8, microphones: 3, skippedAudioMs: 0, droppedAudioMs: 0 };
      agent.send({ type: 'load', ...load, microphonesRefused: 0 });
      const sample = { type: 'painted', audioMs, publishedUs: 192_000, heldUs: 8_000 } as const;
      viewer.socket.send(packFromViewer(sample));
      metrics.handleOutput({
        events: [],
        audioMs,
        readMs: audioMs,
        gatheredMs: audioMs,
        steppedMs: audioMs + 9,
      });
      // Whoever looks in and leaves, and whoever is refused.
      void CaptionViewer.open(gateway.socketUrl, token).then((passer) => passer.close());
      void fetch(`${gateway.httpUrl}/metrics`);
    }, 250);
    prometheus = await startPrometheus({
      targets: {
        'surtitre-gateway': `127.0.0.1:${gateway.httpPort}`,
        'surtitre-agent': `127.0.0.1:${health.port}`,
      },
      bearerTokens: { 'surtitre-gateway': OPERATOR_TOKEN },
      ruleFiles: RULES,
    });
  });
  afterAll(async () => {
    clearInterval(traffic);
    await prometheus?.close();
    await health?.close();
    await gateway?.close();
    await redis?.close();
  });

  /** Which need an event that this test does not bring about; their metric must be declared all the same. */
  const RARE = new Set(['From the wish to the first sign of an agent, p95']);

  const [ofTheBus, others] = [true, false].map((isOfTheBus) =>
    queries.filter(([, query]) => query.includes('caption_bus_') === isOfTheBus),
  ) as [typeof queries, typeof queries];
  const skipped = redisLack === null ? '' : ` (skipped: ${redisLack})`;

  it.skipIf(redisLack !== null).each(ofTheBus)(
    `the panel “%s” shows something of a gateway with Redis${skipped}: %s`,
    { timeout: 30_000 },
    (_title, query) => expect.poll(() => prometheus.query(query), { timeout: 25_000 }).not.toEqual([]),
  );

  it.each(others)('the panel “%s” shows something: %s', { timeout: 30_000 }, async (title, query) => {
    if (RARE.has(title)) {
      const headers = { authorization: `Bearer ${OPERATOR_TOKEN}` };
      const scrape = await (await fetch(`${gateway.httpUrl}/metrics`, { headers })).text();
      const [metric = ''] = query.match(/caption_\w+?(?=_bucket)/) ?? [];
      expect(scrape).toContain(`# TYPE ${metric} histogram`);
      return;
    }
    await expect.poll(() => prometheus.query(query), { timeout: 25_000 }).not.toEqual([]);
  });

  it('nothing fires while all is well', async () => {
    expect(await prometheus.query('ALERTS{alertstate="firing"}')).toEqual([]);
  });

  it('the rules pass promtool’s own tests', { timeout: 120_000 }, async () => {
    const { stdout } = await promtool(['test', 'rules', 'ops/prometheus/alerting-rules.test.yml']);
    expect(stdout).toContain('SUCCESS');
  });
});
