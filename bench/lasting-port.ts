import { createServer } from 'node:net';

/** Below those that the system gives out by itself: nobody's outgoing connection takes one meanwhile. */
const LASTING_PORTS = { min: 15_000, max: 30_000 };

/** A free loopback port for a program that cannot choose one itself, or that comes back to its own. */
export async function lastingPort(): Promise<number> {
  for (;;) {
    const { min, max } = LASTING_PORTS;
    const port = min + Math.floor(Math.random() * (max - min));
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => resolve(true));
    });
    if (!isFree) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
}
