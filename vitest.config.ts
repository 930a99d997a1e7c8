import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // One process per test file: native state, workers and environment variables of one cannot reach another.
    pool: 'forks',
    // Vitest's own default leaves one processor idle: half of a machine with two.
    maxWorkers: availableParallelism(),
  },
});
