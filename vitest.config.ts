import { defineConfig } from 'vitest/config';

const long = process.env.SURTITRE_LONG_TESTS === 'true';

export default defineConfig({
  test: {
    include: long ? ['test/long/**/*.test.ts'] : ['**/*.test.ts', '**/*.test.tsx'],
    exclude: ['node_modules/**', 'dist/**', '.surtitre/**', ...(long ? [] : ['test/long/**'])],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // Two cores carry the SFU, the model and Chromium at once: more workers only make them wait for each other.
    maxWorkers: 2,
  },
});
