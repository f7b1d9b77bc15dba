/**
 * From what was measured to a whole administration: writes the sums of docs/capacity.md anew, with the newest figures
 * in bench/results. Assumptions are the constants below; change them to yours.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { readCommandLine } from './command-line.ts';
import { newestResult } from './newest-result.ts';
import * as parameter from './parameters.ts';

const DOCUMENT = 'docs/capacity.md';
const BEGIN = '<!-- bench/capacity.ts begins -->';
const END = '<!-- bench/capacity.ts ends -->';

const { users: USERS, write } = readCommandLine({
  program: 'capacity',
  about: `The sums of docs/capacity.md, from the newest figures in bench/results. A second at most.`,
  parameters: {
    users: parameter.count('people of the administration', 200_000),
    write: parameter.flag('also put them into docs/capacity.md'),
  },
});

// --- assumed ---

const IN_MEETINGS_AT_PEAK = 0.1;
const PEOPLE_PER_ROOM = 6;
const OPEN_MICROPHONES_PER_ROOM = 3;
/** Two talk at once for a tenth of the time, and nobody is silent for long. */
const SPEAKERS_PER_ROOM = 1.1;
const WORDS_PER_MINUTE = 160;
const SCENARIOS = [
  { name: 'usual peak', captionedRooms: 0.3, readers: 0.4 },
  { name: 'everybody reads', captionedRooms: 1, readers: 1 },
] as const;
/** WebSocket 2, TLS record 22, TCP and IP 52. */
const BYTES_AROUND_A_MESSAGE = 76;
/** Of an idle connection, in the kernel; not in a process's own figure. */
const KERNEL_KIB_PER_CONNECTION = 4;
const CONNECTIONS_PER_GATEWAY = 6_000;
const STREAMS_PER_L40S = 64;
const STREAMS_PER_H100 = 400;
const OPUS_KBIT_PER_S = 40;

// --- measured ---

interface CostResult {
  readonly workloads: readonly {
    readonly updatesPerStep: number;
    readonly peers: readonly {
      readonly name: string;
      readonly cpuUsPerDelivery: { readonly median: number };
      readonly bytesPerDelivery: number;
    }[];
  }[];
}
const cost = newestResult<CostResult>('fan-out-cost')
  ?.workloads.find(({ updatesPerStep }) => updatesPerStep === 1)
  ?.peers.find(({ name }) => name === 'surtitre');
/** Without a measurement: more than raw uWebSockets.js took in any of those that the gateway was planned with. */
const delivery = { cpuUs: cost?.cpuUsPerDelivery.median ?? 10, bytes: cost?.bytesPerDelivery ?? 110 };
const connectionKib = measured(
  newestResult<{ peers: readonly { name: string; kibPerConnection: number }[] }>('fan-out-memory'),
  ({ peers }) => peers.find(({ name }) => name === 'surtitre')?.kibPerConnection,
);
const bus = measured(
  newestResult<{ redisCpuUsPerFrame: number; bytesOutPerFrame: number; kibPerRoom: number }>('bus-load'),
  (result) => result,
);
/** Processor seconds for a second of speech. */
const whisperCores = measured(newestResult<{ cpuFactor: number }>('speech-quality'), (one) => one.cpuFactor);
const stepStreamsPerCore = measured(
  newestResult<{ results: readonly { limit: { streams: number } }[] }>('speech-streams-8-bit'),
  ({ results }) => results[0]?.limit.streams,
);
/** Received and decoded, whether anybody speaks into it or not (docs/agent.md). */
const CPU_MS_PER_MICROPHONE = 8;
const MIB_PER_MICROPHONE = 0.7;
const MIB_PER_ROOM = 9;

// --- the sums ---

type Plan = ReturnType<typeof planFor>;

function planFor({ captionedRooms, readers: readersShare }: (typeof SCENARIOS)[number]) {
  const people = USERS * IN_MEETINGS_AT_PEAK;
  const rooms = (people / PEOPLE_PER_ROOM) * captionedRooms;
  const readers = rooms * PEOPLE_PER_ROOM * readersShare;
  const speakers = rooms * SPEAKERS_PER_ROOM;
  const frames = (speakers * WORDS_PER_MINUTE) / 60;
  const deliveries = (frames * readers) / rooms;
  const microphones = rooms * OPEN_MICROPHONES_PER_ROOM;
  return { people, rooms, readers, speakers, frames, deliveries, microphones };
}

type Row = readonly [what: string, sum: string, of: (plan: Plan) => string];

const percent = (share: number): string => `${round(share * 100)} %`;
const PLAN: readonly Row[] = [
  [
    'people in meetings',
    `${count(USERS)} users × ${percent(IN_MEETINGS_AT_PEAK)}`,
    ({ people }) => count(people),
  ],
  [
    'captioned rooms',
    `people ÷ ${PEOPLE_PER_ROOM} × ${SCENARIOS.map(({ captionedRooms }) => percent(captionedRooms)).join(' or ')}`,
    ({ rooms }) => count(rooms),
  ],
  [
    'readers',
    `captioned rooms × ${PEOPLE_PER_ROOM} × ${SCENARIOS.map(({ readers }) => percent(readers)).join(' or ')}`,
    ({ readers }) => count(readers),
  ],
  ['speakers at once', `captioned rooms × ${SPEAKERS_PER_ROOM}`, ({ speakers }) => count(speakers)],
  [
    'open microphones',
    `captioned rooms × ${OPEN_MICROPHONES_PER_ROOM}`,
    ({ microphones }) => count(microphones),
  ],
  [
    'frames a second',
    `speakers × ${WORDS_PER_MINUTE} words ÷ 60, a frame each`,
    ({ frames }) => count(frames),
  ],
  ['deliveries a second', 'frames × readers of a room', ({ deliveries }) => count(deliveries)],
];
const GATEWAYS: readonly Row[] = [
  [
    'cores',
    `deliveries × ${delivery.cpuUs} µs`,
    ({ deliveries }) => round((deliveries * delivery.cpuUs) / 1e6),
  ],
  [
    'memory',
    `readers × (${connectionKib} + ${KERNEL_KIB_PER_CONNECTION} KiB)`,
    ({ readers }) => `${round((readers * (connectionKib + KERNEL_KIB_PER_CONNECTION)) / 1_024)} MiB`,
  ],
  [
    'to the readers',
    `deliveries × (${delivery.bytes} + ${BYTES_AROUND_A_MESSAGE} B)`,
    ({ deliveries }) => `${round((deliveries * (delivery.bytes + BYTES_AROUND_A_MESSAGE) * 8) / 1e6)} Mbit/s`,
  ],
  [
    'gateways',
    `readers ÷ ${count(CONNECTIONS_PER_GATEWAY)}, one more for a loss; at least 3`,
    (plan) => count(gatewaysOf(plan)),
  ],
];
const REDIS: readonly Row[] = [
  [
    'of its core',
    `frames × ${bus.redisCpuUsPerFrame} µs`,
    ({ frames }) => percent((frames * bus.redisCpuUsPerFrame) / 1e6),
  ],
  [
    'memory',
    `captioned rooms × ${bus.kibPerRoom} KiB for an hour of talk`,
    ({ rooms }) => `${round((rooms * bus.kibPerRoom) / 1_048_576)} GiB`,
  ],
  [
    'out of it',
    `frames × ${bus.bytesOutPerFrame} B, two gateways following a room`,
    ({ frames }) => `${round((frames * bus.bytesOutPerFrame * 8) / 1e6)} Mbit/s`,
  ],
];
const AGENTS: readonly Row[] = [
  [
    'cores to receive',
    `microphones × ${CPU_MS_PER_MICROPHONE} ms a second`,
    ({ microphones }) => count((microphones * CPU_MS_PER_MICROPHONE) / 1_000),
  ],
  [
    'memory beside models',
    `microphones × ${MIB_PER_MICROPHONE} MiB + rooms × ${MIB_PER_ROOM} MiB`,
    ({ microphones, rooms }) =>
      `${round((microphones * MIB_PER_MICROPHONE + rooms * MIB_PER_ROOM) / 1_024)} GiB`,
  ],
  [
    'audio in',
    `microphones × ${OPUS_KBIT_PER_S} kbit/s`,
    ({ microphones }) => `${round((microphones * OPUS_KBIT_PER_S) / 1_000)} Mbit/s`,
  ],
  [
    '*either* cores for Whisper base',
    `speakers × ${round(whisperCores)} × 2`,
    ({ speakers }) => count(speakers * whisperCores * 2),
  ],
  [
    '*or* cores for a step model of 15 M',
    `speakers ÷ ${stepStreamsPerCore} × 2`,
    ({ speakers }) => count((speakers / stepStreamsPerCore) * 2),
  ],
  [
    '*or* GPUs for Kyutai 1B, L40S',
    `speakers ÷ ${STREAMS_PER_L40S}, one more`,
    ({ speakers }) => count(speakers / STREAMS_PER_L40S + 1),
  ],
  [
    '*or* the same, H100',
    `speakers ÷ ${STREAMS_PER_H100} (Kyutai's claim), one more`,
    ({ speakers }) => count(speakers / STREAMS_PER_H100 + 1),
  ],
];

const plans = SCENARIOS.map(planFor);
const text = [
  table('At the peak', PLAN),
  table('Gateways', GATEWAYS),
  table('Redis', REDIS),
  table('Agents', AGENTS),
].join('\n\n');
console.log(text);
if (cost === undefined) console.error('fan-out-cost: nothing measured yet, 10 µs and 110 B are assumed');
if (write) {
  const document = readFileSync(DOCUMENT, 'utf8');
  const [head, rest = ''] = document.split(BEGIN);
  writeFileSync(DOCUMENT, `${head}${BEGIN}\n${text}\n${END}${rest.split(END)[1] ?? ''}`);
}

function gatewaysOf({ readers }: Plan): number {
  return Math.max(3, Math.ceil(readers / CONNECTIONS_PER_GATEWAY) + 1);
}

function table(title: string, rows: readonly Row[]): string {
  const head = `| ${title} | sum | ${SCENARIOS.map(({ name }) => name).join(' | ')} |\n|---|---|${'---|'.repeat(SCENARIOS.length)}`;
  const lines = rows.map(([what, sum, of]) => `| ${what} | ${sum} | ${plans.map(of).join(' | ')} |`);
  return [head, ...lines].join('\n');
}

function measured<Result, Figure>(
  result: Result | null,
  pick: (result: Result) => Figure | undefined,
): Figure {
  const figure = result === null ? undefined : pick(result);
  if (figure === undefined) throw new Error('a figure is missing in bench/results');
  return figure;
}

/** Whole ones, upwards: of what is bought nobody gets a part. */
function count(value: number): string {
  return Math.ceil(Number(value.toPrecision(9))).toLocaleString('en');
}

function round(value: number): string {
  return Number(value.toPrecision(2)).toLocaleString('en');
}
