import { createServer } from 'node:net';

/** Below those that the system gives out by itself, so that a server that restarts finds its port free. */
const LASTING_PORTS = { min: 15_000, max: 30_000 };

/** A free port that stays free while nobody asks for this very one. */
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
