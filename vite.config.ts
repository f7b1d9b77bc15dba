import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** The meeting page: everything self-hosted under hashed names, nothing inlined, so that a strict CSP holds. */
export default defineConfig({
  root: 'client-overlay/meeting',
  plugins: [react()],
  build: {
    outDir: '../../dist/client',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The room's code (LiveKit) is one chunk that loads while the visitor is still in the lobby.
    chunkSizeWarningLimit: 1_200,
  },
  server: {
    host: '127.0.0.1',
    proxy: { '/api': process.env.SURTITRE_DEV_GATEWAY ?? 'http://127.0.0.1:8080' },
  },
});
