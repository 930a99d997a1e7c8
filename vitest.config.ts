import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { timeLimit } from './test/time-limit.js';

/** Files that take minutes, the longest first: begun last, one of them would run alone while the other processors wait. */
const LONGEST = [
  'recipes/beep-run',
  'native/sanitizers',
  'recipes/beep-permuted',
  'cli/bundles',
  'extract/extract',
  'extract/slurm',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const at = LONGEST.findIndex((name) => moduleId.endsWith(`${name}.test.ts`));
      return at < 0 ? LONGEST.length : at;
    };
    return (await super.sort(files)).sort((a, b) => place(a) - place(b));
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: timeLimit(60_000),
    hookTimeout: timeLimit(60_000),
    // One process per test file: native state, workers and environment variables of one cannot reach another.
    pool: 'forks',
    // Vitest's own default leaves one processor idle: half of a machine with two.
    maxWorkers: availableParallelism(),
    sequence: { sequencer: LongestFirst },
  },
});
