/**
 * kill -9 before every operation that changes the disk: what goes on after it ends as if nothing had been. All of them with
 * COCHLEA_TEST_BULK=1, else some, spread over the run.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { env } from 'node:process';
import { describe, expect, it } from 'vitest';
import { cochlea, MAIN } from '../cli/cli.js';
import { smallCorpus, smallSpec, temporaryFolder } from '../corpus/wav.js';
import { timeLimit } from '../time-limit.js';
import { faults, faultsMissing } from './faults.js';

const missing = await faultsMissing();
const ALL = env.COCHLEA_TEST_BULK === '1';
const SAMPLE = 4;
const LIMIT_MS = timeLimit(ALL ? 1_800_000 : 120_000);

/** Runs to its end, or to where it is killed with all of its processes. */
function killed(args: readonly string[], variables: Readonly<Record<string, string>>): Promise<NodeJS.Signals | null> {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { ...env, ...variables },
    stdio: 'ignore',
    detached: true,
  });
  return new Promise((resolve) => child.once('close', (_, signal) => resolve(signal)));
}

/** Checksums by name; receipts hold times of change. */
async function contents(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(folder)).filter((name) => !/^shard-\d+\.json$/.test(name)).sort();
  const sums = names.map(async (name) => {
    const sum = createHash('sha256').update(await readFile(join(folder, name)));
    return [name, sum.digest('hex')] as const;
  });
  return Object.fromEntries(await Promise.all(sums));
}

describe.skipIf(missing !== '')(`an extraction killed before any operation on the disk${missing}`, () => {
  it('goes on to what an undisturbed one makes', { timeout: LIMIT_MS }, async () => {
    const folder = await temporaryFolder();
    const corpus = await smallCorpus(join(folder, 'in'), 4);
    await writeFile(join(folder, 'spec.json'), JSON.stringify(smallSpec()));
    const options = ['--spec', join(folder, 'spec.json'), '--workers', '1', '--shard-mb', '0.008', '--quiet'];
    const argsTo = (out: string) => ['extract', corpus, '-o', join(folder, out), ...options];

    const counting = await faults({ kill: { below: folder, atOperation: 0 } });
    expect(await killed(argsTo('undisturbed'), counting.env)).toBeNull();
    const undisturbed = await contents(join(folder, 'undisturbed'));
    expect(Object.keys(undisturbed).filter((name) => name.endsWith('.arrow')).length).toBeGreaterThan(1);
    const { operations } = counting.counts();
    expect(operations).toBeGreaterThan(20);

    const every = Array.from({ length: operations }, (_, i) => i + 1);
    const step = operations / SAMPLE;
    const points = ALL
      ? every
      : every.filter((n) => Math.floor(n / step) > Math.floor((n - 1) / step)).slice(0, SAMPLE);
    for (const atOperation of points) {
      const out = `killed-${atOperation}`;
      const cut = await faults({ kill: { below: folder, atOperation, group: true } });
      expect(await killed(argsTo(out), cut.env), out).toBe('SIGKILL');
      expect(cut.counts().kill, out).toBe(1);
      expect(await cochlea(argsTo(out)), out).toMatchObject({ code: 0, stderr: '' });
      expect(await contents(join(folder, out)), out).toEqual(undisturbed);
    }
    expect(points.length).toBe(ALL ? operations : SAMPLE);
  });
});
