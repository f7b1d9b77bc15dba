/** Builds `<surtitre-captions>` into one script for pages that have no build of their own. */
import { defineConfig, type Plugin } from 'vite';

/** Style sheets are strings in TypeScript: what only serves their reader is left out of the build. */
function shortStyles(): Plugin {
  return {
    name: 'short-styles',
    enforce: 'pre',
    transform(code, id) {
      if (!id.endsWith('-style.ts')) return null;
      const short = (css: string) =>
        css
          .replace(/\/\*.*?\*\//gs, '')
          .replace(/\s*\n\s*/g, ' ')
          .replace(/ ?([{};,]) /g, '$1');
      return { code: code.replace(/= `\n.*?\n`;/gs, short), map: null };
    },
  };
}

export default defineConfig({
  publicDir: false,
  plugins: [shortStyles()],
  build: {
    outDir: 'dist/client',
    // The meeting page is built into the same folder.
    emptyOutDir: false,
    target: 'es2023',
    sourcemap: true,
    // msgpackr does not say so of itself: its half that writes does nothing unless it is called.
    rolldownOptions: { treeshake: { moduleSideEffects: [{ test: /msgpackr/, sideEffects: false }] } },
    lib: {
      entry: 'client-overlay/overlay/embed.ts',
      formats: ['iife'],
      name: 'Surtitre',
      fileName: () => 'surtitre-captions.js',
    },
  },
});
