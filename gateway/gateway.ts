/** Joins the gateway's parts: sockets, hub, dispatcher, HTTP. Whoever starts it closes it. */
import { isIPv6 } from 'node:net';
import { VIEWER_PATH } from '../protocol/connection.ts';
import type { Logger } from '../runtime/log.ts';
import type { CaptionBus } from './bus/caption-bus.ts';
import { MemoryBus } from './bus/memory-bus.ts';
import { RedisBus } from './bus/redis-bus.ts';
import { addCaptionerRoutes } from './captioner/captioner-routes.ts';
import { Captioners } from './captioner/captioners.ts';
import type { GatewayConfig } from './config.ts';
import { livekitUnreachable, portTaken } from './errors.ts';
import { AgentLoads } from './fanout/agent-loads.ts';
import { AgentSockets } from './fanout/agent-socket.ts';
import { CaptionHub } from './fanout/caption-hub.ts';
import { ClientAddresses } from './fanout/client-address.ts';
import { MergeWindow } from './fanout/merge-window.ts';
import { SocketServer } from './fanout/socket-server.ts';
import { ViewerSockets } from './fanout/viewer-socket.ts';
import { addClientFiles } from './http/client-files.ts';
import { addHealthRoutes } from './http/health-routes.ts';
import { createHttpServer } from './http/http-server.ts';
import { startMetricsServer } from './http/metrics-server.ts';
import { addOperatorRoutes } from './http/operator-routes.ts';
import { GatewayMetrics } from './metrics.ts';
import { AccessTokens } from './rooms/access-tokens.ts';
import { CaptionDispatcher } from './rooms/caption-dispatcher.ts';
import { addCaptionsRoutes } from './rooms/captions-routes.ts';
import { EndedRooms } from './rooms/ended-rooms.ts';
import { addHostRoutes } from './rooms/host-routes.ts';
import { LivekitRooms } from './rooms/livekit-rooms.ts';
import { addRecordingRoutes } from './rooms/recording-routes.ts';
import { Recordings } from './rooms/recordings.ts';
import { RemovedPeople } from './rooms/removed-people.ts';
import { CAPTIONING_TIMES, type CaptioningTimes } from './rooms/room-captioning.ts';
import { RoomDoor } from './rooms/room-door.ts';
import { RoomIds } from './rooms/room-id.ts';
import { RoomMetadataWriter } from './rooms/room-metadata.ts';
import { addRoomRoutes } from './rooms/room-routes.ts';
import { WaitingRooms } from './rooms/waiting-room.ts';
import { addWebhookRoute } from './rooms/webhook-route.ts';

/** Even without a history, a room must outlive a short absence of its gateways. */
const MIN_KEPT_S = 60;

import type { UtteranceTraces } from './tracing/utterance-traces.ts';

/** Of one room; age and characters come from the configuration. */
const MAX_UTTERANCES = 10_000;

export interface Gateway {
  readonly httpPort: number;
  readonly socketPort: number;
  /** Where `/metrics` is without a token; null: nowhere. */
  readonly metricsPort: number | null;
  /** Moves the viewers away, then closes everything. */
  close(): Promise<void>;
}

export interface GatewayOptions {
  readonly config: GatewayConfig;
  readonly log: Logger;
  /** Holds the built meeting page. */
  readonly clientFolder: string;
  readonly times?: CaptioningTimes;
}

export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { config, log, times = CAPTIONING_TIMES } = options;
  let state: 'starting' | 'ready' | 'draining' = 'starting';
  let probe: Promise<string | null> | null = null;
  const metrics = new GatewayMetrics();
  const tokens = new AccessTokens(config.livekitApiKey, config.livekitApiSecret);
  const ids = new RoomIds(config.livekitApiSecret);
  const livekitServer = {
    url: config.livekitUrl,
    apiKey: config.livekitApiKey,
    apiSecret: config.livekitApiSecret,
  };
  const livekit = new LivekitRooms(livekitServer);
  const recordings = new Recordings(livekitServer, config.recordingFile);
  const waitingRooms = new WaitingRooms(livekit, tokens);
  const door = new RoomDoor(ids, tokens);
  const removedPeople = new RemovedPeople();
  const endedRooms = new EndedRooms({ held: () => hub.roomsWithCaptions(), onGone: eraseRoom });
  const roomMetadata = new RoomMetadataWriter(livekit);
  const addresses = new ClientAddresses({
    trustedProxies: config.trustedProxies,
    maxPerAddress: config.maxConnectionsPerAddress,
  });
  const sockets = await SocketServer.create();
  const bus = await openBus();
  const { app } = sockets;
  const origins = new Set(config.allowedOrigins);

  const viewers = new ViewerSockets({
    app,
    tokens,
    addresses,
    metrics,
    historyCharacters: config.historyCharacters,
    isOver: (room, issuedAtS) => endedRooms.isOver(room, issuedAtS),
    isRemoved: (room, identity) => removedPeople.has(room, identity),
    isAllowedOrigin: (origin) => origins.has(origin),
    isDraining: () => state === 'draining',
    onViewerCount: tellViewers,
  });
  const traces = await tracesFor(config);
  const mergeWindow = new MergeWindow({
    maxMs: config.mergeMaxMs,
    onChange: (ms) => metrics.mergeWindow.set(ms / 1000),
  });
  const hub = new CaptionHub({
    traces,
    bus,
    log,
    limits: {
      maxAgeMs: config.historyS * 1000,
      maxUtterances: MAX_UTTERANCES,
      maxCharacters: config.historyCharacters,
    },
    publish: (room, message) => viewers.publish(room, message),
    viewersOf: (room) => viewers.countIn(room),
    metrics,
    mergeMs: () => mergeWindow.ms,
    onViewersElsewhere: tellViewers,
    onBusLost: () => agents.closeAll(),
    onOffRecord: (room, isOff) => {
      if (isOff) captioners.endRoom(room);
      dispatcher.setOffRecord(room, isOff);
    },
    onWiped: (room) => agents.eraseRoom(room),
    onErased: forgetRoom,
  });
  const dispatcher = new CaptionDispatcher({
    livekit,
    roomMetadata,
    ids,
    defaultMode: config.captionMode,
    agentName: config.agentName,
    times,
    metrics,
    log,
    setState: (room, captionState) => hub.setState(room, captionState),
    onListed: (open, askedAtMs) => endedRooms.handleListed(open, askedAtMs),
    setOffRecord: (room, offRecord, isHostsWord) => {
      // What the room's metadata says may be older than what the other gateways have told this one.
      if (isHostsWord || offRecord || !bus.isShared) hub.setOffRecord(room, offRecord);
    },
    isServed: (room) => hub.isServed(room),
    // Of agents that are connected to other gateways nothing is known here.
    hasAgents: () => bus.isShared || hub.connectedAgents > 0,
    leads: (room) => hub.leads(room),
  });
  hub.watchAgents(dispatcher);
  const captioners = new Captioners({
    captions: hub,
    onWriting: (room, writing) => dispatcher.setCaptioner(room, writing),
  });
  const loads = new AgentLoads();
  const agents = new AgentSockets({ app, tokens, metrics, loads, log });
  viewers.serve(hub);
  agents.serve(hub);
  metrics.watch({ rooms: () => hub.roomCount, agents: () => hub.connectedAgents, slots: () => loads.use });
  if (bus.isShared) metrics.watchBus(() => bus.isReachable);

  const socketPort = await sockets.listen(config.socketHost, config.socketPort);
  const captionsUrl = captionsAddress(config, socketPort);
  const http = await createHttpServer({ config, log, connectTo: [captionsUrl, config.livekitPublicUrl] });
  addHealthRoutes(http, { whyNotReady });
  addOperatorRoutes(http, { metrics, operatorToken: config.operatorToken });
  addRoomRoutes(http, {
    config,
    ids,
    door,
    tokens,
    livekit,
    waitingRooms,
    recordings,
    captionsUrl,
    onJoin: (room, settings) => dispatcher.handleJoin(room, settings),
  });
  addCaptionsRoutes(http, {
    config,
    door,
    livekit,
    roomMetadata,
    onMode: (room, mode) => {
      if (mode === 'off') captioners.endRoom(room);
      dispatcher.setMode(room, mode);
    },
    onOffRecord: (room, offRecord) => {
      if (offRecord) captioners.endRoom(room);
      dispatcher.setOffRecord(room, offRecord);
    },
    onErase: (room) => hub.eraseCaptions(room),
  });
  addHostRoutes(http, {
    door,
    livekit,
    waitingRooms,
    roomMetadata,
    onRemoved: (room, identity) => {
      removedPeople.add(room, identity);
      viewers.closeParticipant(room, identity);
    },
  });
  addRecordingRoutes(http, { door, recordings });
  addCaptionerRoutes(http, {
    config,
    door,
    tokens,
    livekit,
    captioners,
    captionsUrl,
    isOff: (room) => dispatcher.isOff(room),
  });
  await addWebhookRoute(http, { config, metrics, onRoomFinished: eraseRoom });
  http.get('/api/openapi.json', { schema: { hide: true } }, () => http.swagger());
  await addClientFiles(http, options.clientFolder);
  const httpAddress = await http.listen({ host: config.httpHost, port: config.httpPort }).catch(() => {
    sockets.close();
    throw portTaken('HTTP server', `${config.httpHost}:${config.httpPort}`, 'SURTITRE_HTTP_PORT');
  });
  const { metricsHost, metricsPort } = config;
  const scrapes =
    metricsPort === undefined ? null : await startMetricsServer(metricsHost, metricsPort, metrics);
  const httpPort = Number(new URL(httpAddress).port);
  if (origins.size === 0) for (const host of ownHosts(config)) origins.add(`http://${host}:${httpPort}`);
  dispatcher.start();
  mergeWindow.watch();
  state = 'ready';

  return { httpPort, socketPort, metricsPort: scrapes?.port ?? null, close };

  async function whyNotReady(): Promise<string | null> {
    if (state !== 'ready') return `The gateway is ${state}.`;
    // Whoever asks meanwhile gets the same answer: LiveKit is asked once at a time, however many ask here.
    probe ??= livekit
      .list(['readiness-probe'])
      .then(
        () => null,
        (error: unknown) => livekitUnreachable(config.livekitUrl, error).message,
      )
      .finally(() => {
        probe = null;
      });
    return probe;
  }

  /** The meeting is over: its captions are gone, on every gateway and for whoever still watches. */
  function eraseRoom(room: string): void {
    forgetRoom(room);
    hub.erase(room);
  }

  function forgetRoom(room: string): void {
    endedRooms.handleFinished(room);
    captioners.endRoom(room);
    dispatcher.handleRoomFinished(room);
    viewers.closeRoom(room);
  }

  /** A room is watched as long as it is anywhere. */
  function tellViewers(room: string): void {
    dispatcher.setViewers(room, viewers.countIn(room) + hub.viewersElsewhere(room));
  }

  async function openBus(): Promise<CaptionBus> {
    if (config.redisUrl === undefined) return new MemoryBus();
    return RedisBus.open({
      url: config.redisUrl,
      keepS: Math.max(config.historyS, MIN_KEPT_S),
      log,
      onRead: () => metrics.busReads.inc(),
      onReconnected: () => metrics.busReconnects.inc(),
      onRewritten: () => metrics.busEpochChanges.inc(),
      onCalled: (seconds) => metrics.busCalls.observe(seconds),
    });
  }

  async function close(): Promise<void> {
    state = 'draining';
    metrics.draining.set(1);
    dispatcher.close();
    await viewers.moveAll(config.drainMs);
    viewers.closeAll();
    agents.closeAll();
    captioners.close();
    sockets.stopListening();
    mergeWindow.close();
    hub.close();
    await bus.close();
    await http.close();
    scrapes?.close();
    await traces?.close();
    sockets.close();
  }
}

/** The library is loaded only where it is wanted. */
async function tracesFor({ traceEndpoint, traceRatio }: GatewayConfig): Promise<UtteranceTraces | undefined> {
  if (traceEndpoint === undefined) return undefined;
  const tracing = await import('./tracing/utterance-traces.ts');
  return new tracing.UtteranceTraces({ endpoint: traceEndpoint, ratio: traceRatio });
}

/** Browsers reach this machine under either name. */
function ownHosts({ httpHost }: GatewayConfig): string[] {
  const isLocal = ['127.0.0.1', 'localhost', '0.0.0.0', '::'].includes(httpHost);
  return isLocal ? ['127.0.0.1', 'localhost'] : [inAddress(httpHost)];
}

function captionsAddress(config: GatewayConfig, socketPort: number): string {
  const listensOnAll = config.socketHost === '0.0.0.0' || config.socketHost === '::';
  const host = listensOnAll ? '127.0.0.1' : inAddress(config.socketHost);
  const url = new URL(config.captionsPublicUrl ?? `ws://${host}:${socketPort}`);
  if (url.pathname === '/') url.pathname = VIEWER_PATH;
  return url.href;
}

function inAddress(host: string): string {
  return isIPv6(host) ? `[${host}]` : host;
}
