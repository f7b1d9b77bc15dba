import { Histogram, Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { StageHistogram } from './stage-histogram.ts';

const about = { name: 'stage_seconds', help: 'Time in a stage.', buckets: [0.001, 0.5, 1] };
/** On a bound, between two, beyond the last. */
const SECONDS = [0.001, 0.25, 0.5, 0.500001, 7];

function openMetrics() {
  const registry = new Registry<typeof Registry.OPENMETRICS_CONTENT_TYPE>();
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  return registry;
}

it('is read like a histogram of the library, byte for byte', async () => {
  const [theirs, ours] = [openMetrics(), openMetrics()];
  const labelled = new Histogram({ ...about, labelNames: ['stage'], registers: [theirs] });
  const stages = new StageHistogram({ ...about, registers: [ours] });
  for (const name of ['queue', 'model']) {
    const stage = stages.stage(name);
    for (const seconds of SECONDS) {
      labelled.observe({ stage: name }, seconds);
      stage.observe(seconds);
    }
  }
  stages.stage('never seen');
  expect(await ours.metrics()).toBe(await theirs.metrics());
  expect(await ours.getMetricsAsJSON()).toMatchObject([{ name: about.name, type: 'histogram' }]);
});

it('shows the newest example of each bucket', async () => {
  const registry = openMetrics();
  const stage = new StageHistogram({ ...about, registers: [registry] }).stage('model');
  stage.observe(0.4, { trace_id: 'older' });
  stage.observe(0.3, { trace_id: 'newer' });
  stage.observe(0.2);
  stage.observe(9, { trace_id: 'beyond' });
  const lines = (await registry.metrics()).split('\n').filter((line) => line.includes('trace_id'));
  expect(lines.map((line) => line.replace(/[\d.]+$/, 'WHEN'))).toEqual([
    'stage_seconds_bucket{le="0.5",stage="model"} 3 # {trace_id="newer"} 0.3 WHEN',
    'stage_seconds_bucket{le="+Inf",stage="model"} 4 # {trace_id="beyond"} 9 WHEN',
  ]);
});
