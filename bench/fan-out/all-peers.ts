import type { Peer } from './peer.ts';
import { nats } from './peers/nats.ts';
import { nchan } from './peers/nchan.ts';
import { rawUws, socketIo, wsJson } from './peers/node-servers.ts';
import { surtitre } from './peers/surtitre.ts';

/** Those that are on this machine; who is missing is told. */
export function allPeers(): readonly Peer[] {
  const found = { nats: nats(), nchan: nchan() };
  if (found.nats === null) console.error('NATS is left out: nats-server is not on this machine.');
  if (found.nchan === null)
    console.error('nchan is left out: nginx with its nchan module is not on this machine.');
  return [surtitre, rawUws, wsJson, socketIo, found.nats, found.nchan].filter((peer) => peer !== null);
}
