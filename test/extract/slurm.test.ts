/** Arrays on a real Slurm of one node. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { arrayIndex, partIndex } from '../../src/extract/array-index.js';
import { SlurmCluster } from './slurm/cluster.js';

const cluster = await SlurmCluster.start().catch((error: Error) => error);
const missing = cluster instanceof Error ? ` (skipped: ${cluster.message})` : '';
const slurm = cluster instanceof Error ? null : cluster;
const folder = await mkdtemp(join(tmpdir(), 'cochlea-slurm-test-'));

afterAll(async () => {
  await slurm?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** The variables of an array job that each element of it saw, by its number. */
async function variablesOf(array: string): Promise<Map<number, Record<string, string>>> {
  const script = '#!/bin/sh\nenv | grep ^SLURM_ARRAY_ | sort > "variables-$SLURM_ARRAY_JOB_ID-$SLURM_ARRAY_TASK_ID"\n';
  const job = await slurm!.submit({ script, array, cwd: folder });
  const ended = await slurm!.ended(job);
  const seen = new Map<number, Record<string, string>>();
  for (const { element, state, exitCode } of ended) {
    expect({ state, exitCode }).toEqual({ state: 'COMPLETED', exitCode: 0 });
    const text = await readFile(join(folder, `variables-${job}-${element}`), 'utf8');
    const pairs = text
      .trim()
      .split('\n')
      .map((line) => line.split('=', 2));
    seen.set(element!, Object.fromEntries(pairs));
  }
  return seen;
}

describe.skipIf(missing !== '')(`Slurm's arrays${missing}`, () => {
  it('eight elements are the eight parts of a plan', async () => {
    const seen = await variablesOf('0-7');
    expect([...seen.keys()]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    for (const [element, env] of seen) {
      expect(arrayIndex(env)).toEqual({ index: element, from: 'slurm', count: 8 });
      expect(partIndex('auto', 8, env)).toBe(element);
    }
  });

  it.each([
    ['3', 1],
    ['3,5,6%1', 3],
    ['1-7:2', 4],
  ])('those of --array=%s keep their number', async (array, count) => {
    const seen = await variablesOf(array);
    expect(seen.size).toBe(count);
    for (const [element, env] of seen) {
      expect(arrayIndex(env)).toEqual({ index: element, from: 'slurm', count });
      expect(partIndex('auto', 8, env)).toBe(element);
      // By its place in the array the first of these would be part 0.
      expect(Number(env.SLURM_ARRAY_TASK_MIN)).toBeGreaterThan(0);
    }
  });
});
