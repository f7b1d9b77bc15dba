import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['**/*.test.ts', '**/*.test.tsx'],
    exclude: ['node_modules/**', 'dist/**', '.surtitre/**', 'test/long/**'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // Two cores carry the SFU, the model and Chromium at once: more workers only make them wait for each other.
    maxWorkers: 2,
  },
});
