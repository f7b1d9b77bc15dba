/** Builds the pages beside the meeting: `/status` for operators, `/privacy` for everybody. */
import { resolve } from 'node:path';
import { defineConfig } from 'vite';

export default defineConfig({
  root: 'client-overlay',
  publicDir: false,
  build: {
    outDir: resolve('dist/client'),
    // The meeting page is built into the same folder.
    emptyOutDir: false,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: { status: 'client-overlay/status/index.html', privacy: 'client-overlay/privacy/index.html' },
    },
  },
});
