/**
 * What meetings cost the Redis that several gateways share: an hour of speech in each room, as fast as it goes, through
 * two nodes. The agents are at one, a viewer of each room at the other.
 */
import { RedisBus } from '../gateway/bus/redis-bus.ts';
import type { CaptionEvent } from '../protocol/caption-event.ts';
import { createLog } from '../runtime/log.ts';
import { readCommandLine } from './command-line.ts';
import { HubNode } from './faults/hub-node.ts';
import { RedisServer } from './faults/redis-server.ts';
import { machine } from './machine.ts';
import { amount, count, resultFile } from './parameters.ts';
import { leaveResult } from './result-file.ts';
import { rounded } from './statistics.ts';

/** A frame for each: the dearest way to say them. */
const WORDS_PER_MINUTE = 160;
const WORDS_PER_TURN = 20;

const values = readCommandLine({
  program: 'bus-load',
  about: `What meetings cost the Redis that several gateways share: processor time, scripts, bytes and memory, as speech
goes as fast as it can through two nodes. Needs redis-server. About half a minute.`,
  parameters: {
    rooms: count('rooms, in which people speak all the time', 20),
    minutes: amount('of speech in each', 60),
    results: resultFile,
  },
});
const { rooms, minutes } = values;
const words = minutes * WORDS_PER_MINUTE;
const before = machine();
const redis = await RedisServer.start();
const [agentsNode, viewersNode] = [await startNode(), await startNode()];
const viewers = await Promise.all(
  Array.from({ length: rooms }, (_, room) => viewersNode.join(`room-${room}`)),
);
const idle = await stateOfRedis();
const began = performance.now();
await Promise.all(Array.from({ length: rooms }, (_, room) => speak(`room-${room}`)));
const wallS = (performance.now() - began) / 1_000;
const frames = rooms * words;
// What the last frames caused is over when every viewer has them.
await Promise.all(viewers.map((viewer) => viewer.until(({ lines }) => lines.newestMs >= words)));
const after = await stateOfRedis();
const text = viewers[0]?.text.length ?? 0;
await Promise.all([agentsNode.close(), viewersNode.close()]);
await redis.close();

leaveResult(
  {
    date: new Date().toISOString(),
    machine: before,
    redis: after.version,
    command: `node dist/bench/bus-load.js ${process.argv.slice(2).join(' ')}`.trim(),
    load: { rooms, minutes, wordsPerMinute: WORDS_PER_MINUTE, nodes: 2 },
    framesPerSecond: rounded(frames / wallS),
    redisCpuUsPerFrame: rounded(((after.cpuS - idle.cpuS) * 1e6) / frames),
    scriptsPerFrame: rounded((after.scripts - idle.scripts) / frames),
    bytesInPerFrame: rounded((after.bytesIn - idle.bytesIn) / frames),
    bytesOutPerFrame: rounded((after.bytesOut - idle.bytesOut) / frames),
    kibPerRoom: rounded((after.bytesHeld - idle.bytesHeld) / rooms / 1_024),
    charactersPerRoom: text,
  },
  values.results,
);

async function startNode(): Promise<HubNode> {
  return new HubNode(
    await RedisBus.open({ url: redis.url, keepS: 3_600, log: createLog('bench', 'silent') }),
  );
}

/** Each word when the one before it is in the log: as in a meeting, no two of a room share a call. */
async function speak(room: string): Promise<void> {
  const { session } = await agentsNode.hub.openSession(`session-${room}`, 'bench', [room]);
  let length = 0;
  for (let word = 0; word < words; word += 1) {
    const isFirst = word % WORDS_PER_TURN === 0;
    const utterance = Math.floor(word / WORDS_PER_TURN) + 1;
    const events: CaptionEvent[] = [];
    if (isFirst) {
      if (word > 0) events.push({ type: 'closed', utterance: utterance - 1, length, endMs: word });
      const speaker = { identity: `p-${utterance % 8}`, name: 'Ana Martin', trackSid: `TR_${utterance % 8}` };
      events.push({ type: 'opened', utterance, speaker, language: 'fr', source: 'machine', startMs: word });
      length = 0;
    }
    const said = isFirst ? 'parole' : ' parole';
    events.push({ type: 'appended', utterance, offset: length, text: said, startMs: word, endMs: word + 1 });
    length += said.length;
    const times = {
      audioMs: Date.now(),
      readUs: 60_000,
      gatheredUs: 61_000,
      steppedUs: 290_000,
      sentUs: 300_000,
      receivedUs: 0,
      publishedUs: 0,
    };
    await agentsNode.hub.takeFrame(
      session,
      { type: 'frame', room, number: word + 1, times, events },
      Date.now(),
    );
  }
}

async function stateOfRedis() {
  const info = String(await redis.command('INFO', 'everything'));
  const figure = (name: string) => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(info)?.[1]);
  return {
    version: /^redis_version:(\S+)/m.exec(info)?.[1] ?? 'unknown',
    cpuS: figure('used_cpu_user') + figure('used_cpu_sys'),
    scripts: await redis.calls('evalsha'),
    bytesIn: figure('total_net_input_bytes'),
    bytesOut: figure('total_net_output_bytes'),
    bytesHeld: figure('used_memory'),
  };
}
