/** What readers get: latency from the microphone to the screen, stage by stage, losses, and the objectives. */
import {
  type Dashboard,
  DashboardBuilder,
  DatasourceVariableBuilder,
  RowBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { errorRatioRecord, OBJECTIVES } from '../service-objectives.ts';
import { curve, figure } from './caption-panels.ts';

const STAGES_P95 =
  'histogram_quantile(0.95, sum by (le, stage) (rate(caption_stage_duration_seconds_bucket[$__rate_interval])))';
const glassToGlass = (quantile: number): string =>
  `histogram_quantile(${quantile}, sum by (le) (rate(caption_glass_to_glass_seconds_bucket[$__rate_interval])))`;

export function captionsDashboard(): Dashboard {
  return new DashboardBuilder('Surtitre · captions')
    .uid('surtitre-captions')
    .tags(['surtitre'])
    .refresh('10s')
    .time({ from: 'now-1h', to: 'now' })
    .withVariable(new DatasourceVariableBuilder('datasource').type('prometheus'))
    .withRow(new RowBuilder('Now'))
    .withPanel(
      figure({
        title: 'Microphone to screen, p95',
        description: 'As viewers sample it. The promise is 600 ms.',
        unit: 's',
        queries: [{ expression: 'caption:glass_to_glass_seconds:p95_5m', legend: 'p95' }],
      }),
    )
    .withPanel(
      figure({
        title: 'Readers',
        description: 'Open captions sockets on all gateways.',
        unit: 'short',
        queries: [{ expression: 'sum(caption_ws_connections{socket="captions"})', legend: 'readers' }],
      }),
    )
    .withPanel(
      figure({
        title: 'Rooms',
        description: 'Whose captions are held.',
        unit: 'short',
        queries: [{ expression: 'sum(caption_rooms)', legend: 'rooms' }],
      }),
    )
    .withPanel(
      figure({
        title: 'Agents',
        description: 'Connected to a gateway.',
        unit: 'short',
        queries: [{ expression: 'sum(caption_agents)', legend: 'agents' }],
      }),
    )
    .withPanel(
      figure({
        title: 'Slots taken',
        description: 'Speakers that are being captioned, of those that could be.',
        unit: 'percentunit',
        queries: [{ expression: 'sum(caption_slots_used) / sum(caption_slots)', legend: 'taken' }],
      }),
    )
    .withPanel(
      figure({
        title: 'Frames lost, 1 h',
        description: 'Words that will not come. Anything but 0 is worth a look.',
        unit: 'short',
        queries: [{ expression: 'sum(increase(caption_seq_gaps_total[1h]))', legend: 'frames' }],
      }),
    )
    .withRow(new RowBuilder('Latency'))
    .withPanel(
      curve({
        title: 'From the microphone to the screen',
        description: 'Sampled by viewers. Half of all words within 350 ms, 95 % within 600 ms.',
        unit: 's',
        queries: [0.5, 0.95, 0.99].map((quantile) => ({
          expression: glassToGlass(quantile),
          legend: `p${quantile * 100}`,
        })),
      }),
    )
    .withPanel(
      curve({
        title: 'Stages, p95',
        description:
          'Which part of the path is late. Everything but model and transport should be milliseconds.',
        unit: 's',
        queries: [{ expression: STAGES_P95, legend: '{{stage}}' }],
      }),
    )
    .withPanel(
      curve({
        title: 'From the wish to the first sign of an agent, p95',
        description: 'pressed: somebody asked for captions; lost: an agent vanished; left: it was sent away.',
        unit: 's',
        queries: [
          {
            expression:
              'histogram_quantile(0.95, sum by (le, why) (rate(caption_agent_wait_seconds_bucket[$__rate_interval])))',
            legend: '{{why}}',
          },
        ],
      }),
    )
    .withPanel(
      curve({
        title: 'Viewers’ samples',
        description: 'Too few believed ones and the latency above means little.',
        unit: 'ops',
        queries: [
          {
            expression: 'sum by (result) (rate(caption_viewer_samples_total[$__rate_interval]))',
            legend: '{{result}}',
          },
        ],
      }),
    )
    .withRow(new RowBuilder('Losses'))
    .withPanel(
      curve({
        title: 'Frames from agents',
        description:
          'taken is the work; duplicate after a reconnect is normal; superseded and over are late ones.',
        unit: 'ops',
        queries: [
          {
            expression: 'sum by (result) (rate(caption_frames_total[$__rate_interval]))',
            legend: '{{result}}',
          },
        ],
      }),
    )
    .withPanel(
      curve({
        title: 'Returning readers',
        description: 'incomplete: told of a gap, because what they missed is no longer held.',
        unit: 'ops',
        queries: [
          {
            expression: 'sum by (result) (rate(caption_recoveries_total[$__rate_interval]))',
            legend: '{{result}}',
          },
        ],
      }),
    )
    .withPanel(
      curve({
        title: 'Audio that nobody heard, seconds per second',
        description: 'overload: the model skipped it; stall: an agent stood still.',
        unit: 's',
        queries: [
          {
            expression: 'sum by (why) (rate(caption_audio_lost_seconds_total[$__rate_interval]))',
            legend: '{{why}}',
          },
        ],
      }),
    )
    .withPanel(
      curve({
        title: 'Error ratio of each promise, 1 h',
        description: OBJECTIVES.map(
          ({ name, promise, target }) => `${name} (${target * 100} %): ${promise}`,
        ).join(' '),
        unit: 'percentunit',
        queries: OBJECTIVES.map((objective) => ({
          expression: errorRatioRecord(objective, '1h'),
          legend: objective.name,
        })),
      }),
    )
    .build();
}
