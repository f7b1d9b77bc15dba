/** Builds `<surtitre-captions>` into one script for pages that have no build of their own. */
import { defineConfig } from 'vite';

export default defineConfig({
  publicDir: false,
  build: {
    outDir: 'dist/client',
    // The meeting page is built into the same folder.
    emptyOutDir: false,
    target: 'es2023',
    sourcemap: true,
    lib: {
      entry: 'client-overlay/overlay/embed.ts',
      formats: ['iife'],
      name: 'Surtitre',
      fileName: () => 'surtitre-captions.js',
    },
  },
});
