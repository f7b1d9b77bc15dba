/** Serves the built meeting page: `/` and `/r/<room>` are one page, assets are cached for good by their hash. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { HttpServer } from './http-server.ts';
import { problemOf, sendProblem } from './problem-document.ts';

export async function addClientFiles(http: HttpServer, folder: string): Promise<void> {
  if (!existsSync(join(folder, 'index.html'))) {
    http.log.warn({ folder }, 'the meeting page is not built: run npm run build');
    for (const url of ['/', '/r/:roomId']) {
      http.get(url, { schema: { hide: true } }, (_request, reply) =>
        sendProblem(reply, problemOf(503, 'The meeting page is not built. Run npm run build, then restart.')),
      );
    }
    return;
  }
  await http.register(fastifyStatic, {
    root: folder,
    wildcard: false,
    index: false,
    cacheControl: false,
    setHeaders: (response, path) => {
      const isHashed = path.includes('/assets/');
      response.header('Cache-Control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache');
      if (path.endsWith('.html')) return;
      // Other sites may load the overlay from here; there is nothing private in any of these files.
      response.header('Access-Control-Allow-Origin', '*');
      response.header('Cross-Origin-Resource-Policy', 'cross-origin');
    },
  });
  for (const url of ['/', '/r/:roomId']) {
    http.get(url, { schema: { hide: true } }, (_request, reply) => reply.sendFile('index.html'));
  }
}
