/** The kinds of panel that the dashboards consist of. */
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TimeseriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';

export interface PanelQuery {
  readonly expression: string;
  /** Of the series, e.g. `{{stage}}`. */
  readonly legend: string;
}

export interface PanelPlan {
  readonly title: string;
  /** What to look for, under the panel's i. */
  readonly description: string;
  readonly unit: string;
  readonly queries: readonly PanelQuery[];
  /** Of the 24 columns. */
  readonly columns?: number;
}

/** The data source is chosen at the top of the dashboard. */
const DATA_SOURCE = { type: 'prometheus', uid: '$datasource' };

export function curve(plan: PanelPlan): TimeseriesBuilder {
  const panel = new TimeseriesBuilder()
    .title(plan.title)
    .description(plan.description)
    .unit(plan.unit)
    .min(0)
    .datasource(DATA_SOURCE)
    .span(plan.columns ?? 12)
    .height(8);
  for (const query of plan.queries) panel.withTarget(target(query));
  return panel;
}

export function figure(plan: PanelPlan): StatBuilder {
  const panel = new StatBuilder()
    .title(plan.title)
    .description(plan.description)
    .unit(plan.unit)
    .datasource(DATA_SOURCE)
    .span(plan.columns ?? 4)
    .height(4);
  for (const query of plan.queries) panel.withTarget(target(query));
  return panel;
}

function target({ expression, legend }: PanelQuery): DataqueryBuilder {
  return new DataqueryBuilder().expr(expression).legendFormat(legend).datasource(DATA_SOURCE);
}
