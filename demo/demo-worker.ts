/** The demo speakers' process: a LiveKit worker that comes into a room when the gateway asks for a demo there. */
import { dispose } from '@livekit/rtc-node';
import { WorkerSocket } from '../agents/livekit/worker-socket.ts';
import { createLog } from '../runtime/log.ts';
import { Shutdown } from '../runtime/shutdown.ts';
import { type DemoWorkerConfig, readConfig } from './demo-worker-config.ts';
import { SampleConversation } from './sample-conversation.ts';

const STOP_WITHIN_MS = 900;

main();

function main(): void {
  let config: DemoWorkerConfig;
  try {
    config = readConfig(process.env);
  } catch (error) {
    console.error((error as Error).message);
    process.exit(1);
  }
  if (!process.argv.includes('--check-config')) serve(config);
}

function serve(config: DemoWorkerConfig): void {
  const log = createLog('demo', config.logLevel);
  const shutdown = new Shutdown(log, STOP_WITHIN_MS);
  const conversations = new Map<
    string,
    { room: string; conversation: SampleConversation; over: Promise<void> }
  >();
  let toldReady = false;

  const worker = new WorkerSocket({
    url: config.livekitUrl,
    apiKey: config.livekitApiKey,
    apiSecret: config.livekitApiSecret,
    agentName: config.demoAgentName,
    version: '1',
    permissions: { hidden: true },
    maxJobs: config.maxRooms,
    log,
    // The job's own participant stays away: the speakers join as ordinary participants of their own.
    onOffer: ({ room }) =>
      [...conversations.values()].some((running) => running.room === room)
        ? { answer: 'terminate' }
        : { answer: 'take', participant: { identity: `${config.demoAgentName}-${room}` } },
    onAssigned: ({ id, room }) => {
      const conversation = new SampleConversation({
        room,
        livekitUrl: config.livekitUrl,
        apiKey: config.livekitApiKey,
        apiSecret: config.livekitApiSecret,
      });
      log.info({ job: id }, 'conversation begins');
      const over = conversation.run().then(
        () => finish(id, 'success'),
        (error: unknown) => {
          log.error({ job: id, err: error }, 'conversation failed');
          finish(id, 'failed');
        },
      );
      conversations.set(id, { room, conversation, over });
    },
    onTerminated: (id) => conversations.get(id)?.conversation.end(),
    onStateChanged: (state) => {
      if (state !== 'registered' || toldReady) return;
      toldReady = true;
      process.send?.({ ready: true });
    },
  });
  const finish = (id: string, outcome: 'success' | 'failed') => {
    conversations.delete(id);
    worker.finish(id, outcome);
    log.info({ job: id, outcome }, 'conversation over');
  };

  shutdown.add('rtc', () => dispose());
  shutdown.add('worker', () => worker.close());
  shutdown.add('conversations', async () => {
    worker.drain();
    for (const { conversation } of conversations.values()) conversation.end();
    await Promise.all([...conversations.values()].map(({ over }) => over));
  });
  shutdown.exitOnSignals();
  worker.connect();
}
