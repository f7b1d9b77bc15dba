/**
 * What the service promises its readers, and how each promise is counted. Recording rules, burn-rate alerts and
 * the dashboards all derive from this table; docs/runbook.md says what to do about each.
 */
export interface ServiceObjective {
  /** Part of rule and alert names. */
  readonly name: string;
  readonly promise: string;
  /** Share of events that must be good, over 28 days. */
  readonly target: number;
  /** Events a second, over a window such as 5m. Bad ones divided by all give the error ratio. */
  readonly bad: (window: string) => string;
  readonly all: (window: string) => string;
}

const rate = (series: string, window: string): string => `sum(rate(${series}[${window}]))`;

export const OBJECTIVES: readonly ServiceObjective[] = [
  {
    name: 'Latency',
    promise: 'Words are on screen within 600 ms of being captured.',
    target: 0.95,
    bad: (window) =>
      `(${rate('caption_glass_to_glass_seconds_count', window)} - ${rate('caption_glass_to_glass_seconds_bucket{le="0.6"}', window)})`,
    all: (window) => rate('caption_glass_to_glass_seconds_count', window),
  },
  {
    name: 'Completeness',
    promise: 'No frame of captions is lost between the agent and the reader.',
    target: 0.999,
    bad: (window) => rate('caption_seq_gaps_total', window),
    all: (window) => rate('caption_frames_total{result="taken"}', window),
  },
  {
    name: 'Recovery',
    promise: 'A reader whose connection broke gets back all that was missed.',
    target: 0.999,
    bad: (window) => rate('caption_recoveries_total{result="incomplete"}', window),
    all: (window) => rate('caption_recoveries_total{result=~"recovered|incomplete"}', window),
  },
  {
    name: 'Start',
    promise: 'Captions that are asked for have an agent within 5 s.',
    target: 0.99,
    bad: (window) =>
      `(${rate('caption_agent_wait_seconds_count', window)} - ${rate('caption_agent_wait_seconds_bucket{le="5"}', window)})`,
    all: (window) => rate('caption_agent_wait_seconds_count', window),
  },
];

/** How fast the budget of 28 days may burn before somebody is told (SRE Workbook, chapter 5). */
export interface BurnRate {
  readonly factor: number;
  readonly longWindow: string;
  /** Also burning now: the alert ends soon after the cause does. */
  readonly shortWindow: string;
  readonly holdsFor: string;
  readonly severity: 'page' | 'ticket';
}

export const BURN_RATES: readonly BurnRate[] = [
  { factor: 14.4, longWindow: '1h', shortWindow: '5m', holdsFor: '2m', severity: 'page' },
  { factor: 6, longWindow: '6h', shortWindow: '30m', holdsFor: '15m', severity: 'page' },
  { factor: 1, longWindow: '3d', shortWindow: '6h', holdsFor: '1h', severity: 'ticket' },
];

export const WINDOWS = [
  ...new Set(BURN_RATES.flatMap(({ longWindow, shortWindow }) => [shortWindow, longWindow])),
];

export const errorRatioRecord = ({ name }: ServiceObjective, window: string): string =>
  `caption:${name.toLowerCase()}_error_ratio:rate${window}`;

/** `CaptionLatencyBudgetBurnsFast` … one name for each objective and speed. */
export function burnAlertName({ name }: ServiceObjective, { factor }: BurnRate): string {
  const speed = factor >= 14 ? 'Fast' : factor > 1 ? 'Steadily' : 'Slowly';
  return `Caption${name}BudgetBurns${speed}`;
}
