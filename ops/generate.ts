/** `npm run dashboards`: writes the generated files anew. */
import { writeFileSync } from 'node:fs';
import { generatedFiles } from './generated-files.ts';

if (process.argv.includes('--help')) {
  console.log(`npm run dashboards

Writes Grafana's dashboards (ops/grafana) and Prometheus' rules (ops/prometheus) anew from ops/*.ts. Import the
dashboards into Grafana, or provision the folder; name the rules in Prometheus' rule_files.`);
} else {
  for (const [path, content] of generatedFiles()) {
    writeFileSync(path, content);
    console.log(path);
  }
}
