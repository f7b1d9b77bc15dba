/** Alerts on what is wrong now, beside those on the objectives' budgets. docs/runbook.md has an entry for each. */
export interface SymptomAlert {
  readonly name: string;
  readonly expression: string;
  readonly holdsFor: string;
  readonly severity: 'page' | 'ticket';
  readonly summary: string;
}

export const SYMPTOM_ALERTS: readonly SymptomAlert[] = [
  {
    name: 'CaptionGatewayDown',
    expression: 'up{job="surtitre-gateway"} == 0 or absent(up{job="surtitre-gateway"})',
    holdsFor: '1m',
    severity: 'page',
    summary: 'A gateway does not answer its scrapes.',
  },
  {
    name: 'CaptionAgentDown',
    expression: 'up{job="surtitre-agent"} == 0 or absent(up{job="surtitre-agent"})',
    holdsFor: '2m',
    severity: 'page',
    summary: 'A captioning agent does not answer its scrapes.',
  },
  {
    name: 'CaptionNoAgents',
    expression: 'sum(caption_agents) == 0 and sum(caption_ws_connections{socket="captions"}) > 0',
    holdsFor: '1m',
    severity: 'page',
    summary: 'People read captions and no agent is connected to any gateway.',
  },
  {
    name: 'CaptionSlotsNearlyTaken',
    expression: 'sum(caption_slots_used) / sum(caption_slots) > 0.85',
    holdsFor: '5m',
    severity: 'page',
    summary: 'More than 85 % of all speaker slots are taken.',
  },
  {
    name: 'CaptionMicrophonesRefused',
    expression: 'sum(increase(caption_microphones_refused_total[10m])) > 0',
    holdsFor: '0m',
    severity: 'page',
    summary: 'Somebody speaks and is not captioned, because every slot of the agent was taken.',
  },
  {
    name: 'CaptionAudioUnheard',
    expression: 'sum by (why) (rate(caption_audio_lost_seconds_total[5m])) > 0.01',
    holdsFor: '5m',
    severity: 'ticket',
    summary: 'Audio is skipped or dropped: words are missing.',
  },
  {
    name: 'CaptionModelFallsBehind',
    expression: 'max(caption_agent_busy_ratio) > 0.95',
    holdsFor: '10m',
    severity: 'ticket',
    summary: 'The model of an agent has been busy without a pause for ten minutes.',
  },
  {
    name: 'CaptionAgentUplinkDown',
    expression: 'min(caption_agent_uplink_open) == 0',
    holdsFor: '1m',
    severity: 'page',
    summary: 'An agent has no connection to a gateway: its captions wait in its memory.',
  },
  {
    name: 'CaptionAgentsNotFetched',
    expression:
      'sum(rate(caption_dispatches_total{result="failed"}[10m])) > 0.5 * sum(rate(caption_dispatches_total[10m]))',
    holdsFor: '5m',
    severity: 'page',
    summary: 'LiveKit refuses, or does not answer, most requests for agents.',
  },
  {
    name: 'CaptionBusDown',
    expression: 'min(caption_bus_up) == 0',
    holdsFor: '30s',
    severity: 'page',
    summary: 'A gateway cannot reach Redis: the captions of its agents wait.',
  },
  {
    name: 'CaptionBusSlow',
    expression: 'histogram_quantile(0.99, sum by (le) (rate(caption_bus_call_seconds_bucket[5m]))) > 0.05',
    holdsFor: '5m',
    severity: 'ticket',
    summary: 'Round trips to Redis take more than 50 ms: captions are that much later.',
  },
  {
    name: 'CaptionBusForgets',
    expression: 'sum(increase(caption_bus_epoch_changes_total[10m])) > 0',
    holdsFor: '0m',
    severity: 'ticket',
    summary: 'Redis lost rooms that the gateways gave back to it.',
  },
  {
    name: 'CaptionSlowViewers',
    expression:
      'sum(rate(caption_ws_slow_closes_total[10m])) / (sum(caption_ws_connections{socket="captions"}) + 1) > 0.001',
    holdsFor: '10m',
    severity: 'ticket',
    summary: 'Many readers are closed because they read too slowly.',
  },
  {
    name: 'CaptionStepsMerged',
    expression: 'max by (instance) (caption_fanout_merge_seconds) > 0',
    holdsFor: '10m',
    severity: 'ticket',
    summary: 'A gateway has told steps together for ten minutes, for want of processor time.',
  },
  {
    name: 'CaptionEventLoopLag',
    expression: 'max by (instance) (nodejs_eventloop_lag_p99_seconds{job="surtitre-gateway"}) > 0.1',
    holdsFor: '5m',
    severity: 'page',
    summary: 'A gateway has more to do than its core can.',
  },
  {
    name: 'CaptionRefusalsSurge',
    expression: 'sum by (reason) (rate(caption_auth_failures_total[5m])) > 10',
    holdsFor: '5m',
    severity: 'ticket',
    summary: 'More than ten refused tokens, origins or addresses a second.',
  },
  {
    name: 'CaptionGatewayStuckDraining',
    expression: 'max by (instance) (caption_draining) == 1',
    holdsFor: '5m',
    severity: 'ticket',
    summary: 'A gateway has been moving its viewers away for five minutes.',
  },
];
