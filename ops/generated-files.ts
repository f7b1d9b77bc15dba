/** Everything under ops/ that is generated, by path: what `npm run dashboards` writes and a test compares. */
import { captionsDashboard } from './dashboards/captions-dashboard.ts';
import { machineryDashboard } from './dashboards/machinery-dashboard.ts';
import { alertingRules, recordingRules } from './prometheus-rules.ts';

export function generatedFiles(): ReadonlyMap<string, string> {
  return new Map([
    ['ops/grafana/captions.json', json(captionsDashboard())],
    ['ops/grafana/machinery.json', json(machineryDashboard())],
    ['ops/prometheus/recording-rules.yml', recordingRules()],
    ['ops/prometheus/alerting-rules.yml', alertingRules()],
  ]);
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
