/** Builds `captions.html`, the transparent page with nothing but captions, and the feed for LiveKit's transcriptions. */
import { resolve } from 'node:path';
import { defineConfig } from 'vite';

const LIVEKIT_FEED = 'surtitre-livekit';

export default defineConfig({
  root: 'client-overlay/captions-page',
  publicDir: false,
  build: {
    outDir: resolve('dist/client'),
    // The meeting page is built into the same folder.
    emptyOutDir: false,
    target: 'es2023',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: {
        captions: 'client-overlay/captions-page/captions.html',
        [LIVEKIT_FEED]: 'client-overlay/overlay/livekit-transcriptions.ts',
      },
      preserveEntrySignatures: 'exports-only',
      // Other sites import the feed by its name.
      output: {
        entryFileNames: ({ name }) => (name === LIVEKIT_FEED ? '[name].js' : 'assets/[name]-[hash].js'),
      },
    },
  },
});
