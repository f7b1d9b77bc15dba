import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: { include: ['test/screenshots/screenshots.ts'], hookTimeout: 120_000, sequence: { shuffle: false } },
});
