/** Ports are looked at before anything starts, so that a taken one costs a sentence and not a crashed child. */
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { SurtitreError } from '../runtime/errors.ts';

export type Transport = 'tcp' | 'udp';

export interface PortWish {
  readonly host: string;
  /** 0 stands for any free one. */
  readonly port: number;
  readonly transport: Transport;
  /** The environment variable with which a person changes it. */
  readonly variable: string;
  /** What would listen there, for the sentence. */
  readonly purpose: string;
}

/** The port itself when it is free, a free one for 0. Another program can still be quicker: callers retry. */
export async function claimPort(wish: PortWish): Promise<number> {
  try {
    return await bindOnce(wish);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    const place = `port ${wish.port} on ${wish.host}`;
    if (code === 'EADDRINUSE') {
      throw new SurtitreError(
        'port-taken',
        `The ${wish.purpose} cannot use ${place}: another program listens there. ` +
          `Stop that program, or choose another port with ${wish.variable}.`,
        { cause },
      );
    }
    throw new SurtitreError(
      'port-unusable',
      `The ${wish.purpose} cannot use ${place} (${code ?? 'unknown reason'}). Choose another with ${wish.variable}.`,
      { cause },
    );
  }
}

function bindOnce({ host, port, transport }: PortWish): Promise<number> {
  return new Promise((resolve, reject) => {
    if (transport === 'udp') {
      const socket = createSocket('udp4');
      socket.once('error', reject);
      socket.bind({ port, address: host, exclusive: true }, () => {
        const bound = socket.address().port;
        socket.close(() => resolve(bound));
      });
      return;
    }
    const server = createServer();
    server.once('error', reject);
    server.listen({ port, host, exclusive: true }, () => {
      const address = server.address();
      const bound = address !== null && typeof address === 'object' ? address.port : port;
      server.close(() => resolve(bound));
    });
  });
}
