/** Serves the built meeting page: `/`, `/r/<room>` and `/captioner/<room>` are one page, assets are cached for good by their hash. */
import { access } from 'node:fs/promises';
import { resolve } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { HttpServer } from './http-server.ts';
import { problemOf, sendProblem } from './problem-document.ts';

const PAGES = {
  '/': 'index.html',
  '/r/:roomId': 'index.html',
  '/captioner/:roomId': 'index.html',
  '/status': 'status/index.html',
  '/status/': 'status/index.html',
  '/privacy': 'privacy/index.html',
  '/privacy/': 'privacy/index.html',
};

/** Files are looked up when they are asked for: the page may be built anew, or for the first time, meanwhile. */
export async function addClientFiles(http: HttpServer, folder: string): Promise<void> {
  const root = resolve(folder);
  const index = resolve(root, 'index.html');
  const isBuilt = (): Promise<boolean> =>
    access(index).then(
      () => true,
      () => false,
    );
  if (!(await isBuilt())) http.log.warn({ folder }, 'the meeting page is not built: run npm run build');
  await http.register(fastifyStatic, {
    root,
    index: false,
    dotfiles: 'ignore',
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
  for (const [url, page] of Object.entries(PAGES)) {
    http.get(url, { schema: { hide: true } }, async (_request, reply) => {
      if (await isBuilt()) return reply.sendFile(page);
      return sendProblem(reply, problemOf(503, 'The meeting page is not built. Run npm run build.'));
    });
  }
}
