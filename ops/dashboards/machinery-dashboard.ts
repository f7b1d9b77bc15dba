/** What carries it: sockets and fan-out of the gateways, slots and model of the agents, refusals, processes. */
import {
  type Dashboard,
  DashboardBuilder,
  DatasourceVariableBuilder,
  RowBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { curve } from './caption-panels.ts';

export function machineryDashboard(): Dashboard {
  return new DashboardBuilder('Surtitre · machinery')
    .uid('surtitre-machinery')
    .tags(['surtitre'])
    .refresh('10s')
    .time({ from: 'now-1h', to: 'now' })
    .withVariable(new DatasourceVariableBuilder('datasource').type('prometheus'))
    .withRow(new RowBuilder('Gateways'))
    .withPanel(
      curve({
        title: 'Sockets',
        description: 'captions: readers; uplink: agents.',
        unit: 'short',
        queries: [
          {
            expression: 'sum by (socket, instance) (caption_ws_connections)',
            legend: '{{socket}} {{instance}}',
          },
        ],
      }),
    )
    .withPanel(
      curve({
        title: 'Sockets opened and closed',
        description: 'A storm of 1012 is a restart, of 4408 slow readers, of 1006 a network.',
        unit: 'ops',
        queries: [
          {
            expression: 'sum by (socket) (rate(caption_ws_accepts_total[$__rate_interval]))',
            legend: '{{socket}} opened',
          },
          {
            expression: 'sum by (socket, code) (rate(caption_ws_closes_total[$__rate_interval]))',
            legend: '{{socket}} {{code}}',
          },
        ],
      }),
    )
    .withPanel(
      curve({
        title: 'Deliveries',
        description: 'Messages handed to readers’ sockets.',
        unit: 'ops',
        queries: [
          {
            expression: 'sum by (instance) (rate(caption_ws_deliveries_total[$__rate_interval]))',
            legend: '{{instance}}',
          },
        ],
      }),
    )
    .withPanel(
      curve({
        title: 'Bytes to readers',
        description: 'Payload, without WebSocket, TLS and IP.',
        unit: 'Bps',
        queries: [
          {
            expression: 'sum by (instance) (rate(caption_ws_bytes_total[$__rate_interval]))',
            legend: '{{instance}}',
          },
        ],
      }),
    )
    .withPanel(
      curve({
        title: 'Slow readers',
        description: 'Closed as too slow, and what waits for those who are not closed yet.',
        unit: 'short',
        queries: [
          {
            expression: 'sum(rate(caption_ws_slow_closes_total[$__rate_interval]))',
            legend: 'closed a second',
          },
          { expression: 'sum(caption_ws_buffered_bytes)', legend: 'bytes waiting' },
        ],
      }),
    )
    .withPanel(
      curve({
        title: 'Steps told together',
        description:
          'How long steps of a room wait for each other, and how many are told with a later one. Above 0 the gateway lacks processor time.',
        unit: 'short',
        queries: [
          {
            expression: 'max by (instance) (caption_fanout_merge_seconds)',
            legend: 'seconds waited, {{instance}}',
          },
          {
            expression: 'sum by (instance) (rate(caption_fanout_steps_merged_total[$__rate_interval]))',
            legend: 'steps a second, {{instance}}',
          },
        ],
      }),
    )
    .withPanel(
      curve({
        title: 'Refusals',
        description: 'Tokens, origins, addresses, by reason.',
        unit: 'ops',
        queries: [
          {
            expression: 'sum by (reason) (rate(caption_auth_failures_total[$__rate_interval]))',
            legend: '{{reason}}',
          },
        ],
      }),
    )
    .withPanel(
      curve({
        title: 'Agents asked for',
        description: 'failed: LiveKit refused or did not answer.',
        unit: 'ops',
        queries: [
          {
            expression: 'sum by (result) (rate(caption_dispatches_total[$__rate_interval]))',
            legend: '{{result}}',
          },
        ],
      }),
    )
    .withPanel(
      curve({
        title: 'Draining',
        description: '1 while a gateway moves its readers away.',
        unit: 'short',
        queries: [{ expression: 'max by (instance) (caption_draining)', legend: '{{instance}}' }],
      }),
    )
    .withRow(new RowBuilder('Caption bus (only with Redis)'))
    .withPanel(
      curve({
        title: 'Redis reached',
        description:
          '1 while a gateway has it. At 0 agents hold their captions and readers see “interrupted”.',
        unit: 'short',
        queries: [{ expression: 'min by (instance) (caption_bus_up)', legend: '{{instance}}' }],
      }),
    )
    .withPanel(
      curve({
        title: 'Redis, round trip',
        description: 'One for each frame of an agent. It is part of every word’s way to the screen.',
        unit: 's',
        queries: [0.5, 0.99].map((quantile) => ({
          expression: `histogram_quantile(${quantile}, sum by (le) (rate(caption_bus_call_seconds_bucket[$__rate_interval])))`,
          legend: `p${quantile * 100}`,
        })),
      }),
    )
    .withPanel(
      curve({
        title: 'Rooms read from Redis, Redis found again, rooms written anew',
        description:
          'A storm of readers reads each room once a gateway, at most. Written anew: Redis had lost or forgotten a room.',
        unit: 'ops',
        queries: [
          { expression: 'sum(rate(caption_bus_reads_total[$__rate_interval]))', legend: 'rooms read' },
          { expression: 'sum(rate(caption_bus_reconnects_total[$__rate_interval]))', legend: 'found again' },
          {
            expression: 'sum(rate(caption_bus_epoch_changes_total[$__rate_interval]))',
            legend: 'rooms written anew',
          },
        ],
      }),
    )
    .withPanel(
      curve({
        title: 'Dropped',
        description:
          'outbox: what a host or captioner did and no room left for it while Redis was away. uplink: frames that an agent had to give up.',
        unit: 'ops',
        queries: [
          {
            expression: 'sum by (where) (rate(caption_seq_gaps_total[$__rate_interval]))',
            legend: '{{where}}',
          },
        ],
      }),
    )
    .withRow(new RowBuilder('Agents'))
    .withPanel(
      curve({
        title: 'Slots',
        description: 'Speakers in speech, and how many an agent can carry.',
        unit: 'short',
        queries: [
          { expression: 'sum by (instance) (caption_agent_slots_used)', legend: '{{instance}} taken' },
          { expression: 'sum by (instance) (caption_agent_slots)', legend: '{{instance}}' },
        ],
      }),
    )
    .withPanel(
      curve({
        title: 'Model thread, busy',
        description: 'At 1 the model falls behind and captions come later.',
        unit: 'percentunit',
        queries: [{ expression: 'max by (instance) (caption_agent_busy_ratio)', legend: '{{instance}}' }],
      }),
    )
    .withPanel(
      curve({
        title: 'One model step',
        description: 'Encode and decode, all speakers in one batch.',
        unit: 's',
        queries: [0.5, 0.95].map((quantile) => ({
          expression: `histogram_quantile(${quantile}, sum by (le) (rate(caption_agent_step_seconds_bucket[$__rate_interval])))`,
          legend: `p${quantile * 100}`,
        })),
      }),
    )
    .withPanel(
      curve({
        title: 'Steps that ended late, audio not heard',
        description:
          'Seconds of audio a second that were skipped under overload or dropped by a process that stood still.',
        unit: 'short',
        queries: [
          {
            expression: 'sum(rate(caption_agent_missed_deadlines_total[$__rate_interval]))',
            legend: 'late steps',
          },
          {
            expression: 'sum(rate(caption_agent_skipped_audio_seconds_total[$__rate_interval]))',
            legend: 'skipped',
          },
          {
            expression: 'sum(rate(caption_agent_audio_dropped_seconds_total[$__rate_interval]))',
            legend: 'dropped',
          },
        ],
      }),
    )
    .withPanel(
      curve({
        title: 'Rooms and microphones',
        description: 'Of all agents.',
        unit: 'short',
        queries: [
          { expression: 'sum(caption_agent_rooms)', legend: 'rooms' },
          { expression: 'sum(caption_agent_microphones)', legend: 'microphones' },
        ],
      }),
    )
    .withPanel(
      curve({
        title: 'Uplinks',
        description: 'Held: history for a gateway that restarts. Lost: captions that no gateway ever had.',
        unit: 'bytes',
        queries: [
          { expression: 'sum by (instance) (caption_agent_uplink_held_bytes)', legend: '{{instance}} held' },
          {
            expression: 'sum(rate(caption_agent_uplink_frames_lost_total[$__rate_interval]))',
            legend: 'frames lost a second',
          },
        ],
      }),
    )
    .withRow(new RowBuilder('Processes'))
    .withPanel(
      curve({
        title: 'Event loop, p99 of its lag',
        description: 'Above 100 ms a gateway has more to do than its core can.',
        unit: 's',
        queries: [{ expression: 'nodejs_eventloop_lag_p99_seconds', legend: '{{job}} {{instance}}' }],
      }),
    )
    .withPanel(
      curve({
        title: 'CPU',
        description: 'Cores.',
        unit: 'short',
        queries: [
          { expression: 'rate(process_cpu_seconds_total[$__rate_interval])', legend: '{{job}} {{instance}}' },
        ],
      }),
    )
    .withPanel(
      curve({
        title: 'Memory',
        description: 'Resident.',
        unit: 'bytes',
        queries: [{ expression: 'process_resident_memory_bytes', legend: '{{job}} {{instance}}' }],
      }),
    )
    .build();
}
