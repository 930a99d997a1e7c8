/** Parts of a plan on a real Slurm of one node, by the job files that we show. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { arrayIndex, partIndex } from '../../src/extract/array-index.js';
import { cochlea, MAIN } from '../cli/cli.js';
import { smallCorpus, smallSpec } from '../corpus/wav.js';
import { ROOT } from '../docs/markdown.js';
import { faults, faultsMissing } from './faults.js';
import { type Ended, SlurmCluster } from './slurm/cluster.js';

const run = promisify(execFile);
const JOBS = join(ROOT, 'examples', 'many-machines');
/** As in the job files. */
const PARTS = 8;
/** One recording or two in each shard. */
const SHARD_MB = '0.006';

// At once more elements than this machine has processors: they ask for four each.
const cluster = await SlurmCluster.start({ cpus: 16 }).catch((error: Error) => error);
const missing = cluster instanceof Error ? ` (skipped: ${cluster.message})` : '';
const noFaults = await faultsMissing();
const folder = await mkdtemp(join(tmpdir(), 'cochlea-slurm-test-'));
const corpus = join(folder, 'corpus');
const specFile = join(folder, 'spec.json');
/** What one machine makes of the same corpus. */
const undisturbed = new Map<string, string>();

function slurm(): SlurmCluster {
  if (cluster instanceof Error) throw cluster;
  return cluster;
}

/** `PATH` with the program as it is built. */
const path = `${join(folder, 'bin')}:${process.env.PATH}`;

beforeAll(async () => {
  if (cluster instanceof Error) return;
  await smallCorpus(corpus, 24);
  await writeFile(specFile, JSON.stringify(smallSpec()));
  await run('mkdir', [join(folder, 'bin')]);
  const program = `#!/bin/sh\nexec "${process.execPath}" "${MAIN}" "$@"\n`;
  await writeFile(join(folder, 'bin', 'cochlea'), program);
  await chmod(join(folder, 'bin', 'cochlea'), 0o755);
  const single = join(folder, 'single');
  const labels = ['--labels', 'parent-folder', '--shard-mb', SHARD_MB, '--quiet'];
  expect(await cochlea(['extract', corpus, '-o', single, '--spec', specFile, ...labels])).toMatchObject({ code: 0 });
  for (const [name, sum] of await results(single)) undisturbed.set(name, sum);
  expect([...undisturbed.keys()].filter((name) => name.endsWith('.arrow')).length).toBeGreaterThan(PARTS);
});

afterAll(async () => {
  if (!(cluster instanceof Error)) await cluster.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Checksums of what a folder holds for those who read it: shards, manifest, errors. */
async function results(features: string): Promise<Map<string, string>> {
  const names = (await readdir(features))
    .filter((name) => /\.arrow$|^manifest\.json$|^errors\.jsonl$/.test(name))
    .sort();
  const sums = names.map(async (name) => {
    const content = await readFile(join(features, name));
    return [name, createHash('sha256').update(content).digest('hex')] as const;
  });
  return new Map(await Promise.all(sums));
}

async function planned(name: string, nParts: number): Promise<string> {
  const features = join(folder, name);
  const asked = ['--shards', String(nParts), '--labels', 'parent-folder', '--shard-mb', SHARD_MB, '--quiet'];
  expect(await cochlea(['plan', corpus, '-o', features, '--spec', specFile, ...asked])).toMatchObject({ code: 0 });
  return features;
}

/** The first recording that a part has to read. */
async function recordingOf(features: string, part: number): Promise<string> {
  const lines = (await readFile(join(features, 'plan.jsonl'), 'utf8')).trim().split('\n').slice(1);
  const shards: { part: number; inputs: { path: string }[] }[] = lines.map((line) => JSON.parse(line));
  return shards.find((shard) => shard.part === part)!.inputs[0]!.path;
}

const parts = (features: string, array: string, env: Readonly<Record<string, string>> = {}): Promise<number> =>
  slurm().submit({
    script: [join(JOBS, 'slurm-part.sh'), features],
    array,
    cwd: folder,
    env: { ...env, PATH: path },
  });

const merge = (features: string, args: readonly string[] = []): Promise<number> =>
  slurm().submit({ script: [join(JOBS, 'slurm-merge.sh'), features], args, cwd: folder, env: { PATH: path } });

const completed = (...elements: (number | null)[]): Ended[] =>
  elements.map((element) => ({ element, state: 'COMPLETED', exitCode: 0 }));

describe.skipIf(missing !== '')(`an array of Slurm${missing}`, () => {
  it('computes a plan of eight parts, and merges what one machine makes', { timeout: 120_000 }, async () => {
    const features = join(folder, 'array');
    const env = { ...process.env, ...slurm().env };
    const asked = [join(JOBS, 'slurm.sh'), corpus, features, specFile, '--shard-mb', SHARD_MB];
    const { stdout } = await run('sh', asked, {
      cwd: folder,
      env: { ...env, PATH: `${join(folder, 'bin')}:${env.PATH}` },
    });
    const merging = Number(stdout.trim().split('\n').at(-1));
    expect(merging).toBeGreaterThan(1);
    expect(await slurm().ended(merging, 100_000)).toEqual(completed(null));
    expect(await slurm().elements(1)).toEqual(completed(...Array(PARTS).keys()));
    expect(await results(features)).toEqual(undisturbed);
  });

  it.skipIf(noFaults !== '')(
    `loses an element, does not merge, and merges once that one was retried alone${noFaults}`,
    { timeout: 120_000 },
    async () => {
      const features = await planned('killed', 4);
      const { env, counts } = await faults({ hang: { file: await recordingOf(features, 2) } });
      const job = await parts(features, '0-3', env);
      const early = await merge(features, [`--dependency=afterok:${job}`, '--kill-on-invalid-dep=yes']);
      await expect.poll(() => counts().hang, { timeout: 60_000 }).toBe(1);
      await slurm().kill(job, 2);
      const ended = await slurm().ended(job, 100_000);
      expect(ended.filter(({ element }) => element !== 2)).toEqual(completed(0, 1, 3));
      expect(ended.find(({ element }) => element === 2)?.state).not.toBe('COMPLETED');
      expect(await slurm().ended(early)).toMatchObject([{ state: 'CANCELLED' }]);
      const refused = await cochlea(['merge', features]);
      expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('got "none of part 2" [ERR_SHARD]') });

      const retried = await parts(features, '2');
      const merging = await merge(features, [`--dependency=afterok:${retried}`]);
      expect(await slurm().ended(retried)).toEqual(completed(2));
      expect(await slurm().ended(merging)).toEqual(completed(null));
      expect(await results(features)).toEqual(undisturbed);

      // Once more than needed.
      expect(await slurm().ended(await parts(features, '1-2'))).toEqual(completed(1, 2));
      expect(await results(features)).toEqual(undisturbed);
    },
  );

  it('refuses an element that the plan has no part for', { timeout: 120_000 }, async () => {
    const features = await planned('from-one', PARTS);
    const job = await parts(features, '8');
    expect(await slurm().ended(job)).toEqual([{ element: 8, state: 'FAILED', exitCode: 2 }]);
    const said = await readFile(join(folder, `cochlea-part-${job}_8.log`), 'utf8');
    expect(said).toContain('SLURM_ARRAY_TASK_ID must be a whole number from 0 to 7');
    expect(said).toContain('--array=0-7');
  });

  it.each([
    ['3', 1],
    ['3,5,6%1', 3],
    ['1-7:2', 4],
  ])('gives those of --array=%s their number', async (array, count) => {
    const script = join(folder, 'variables.sh');
    const name = '"variables-$SLURM_ARRAY_JOB_ID-$SLURM_ARRAY_TASK_ID"';
    await writeFile(script, `#!/bin/sh\nenv | grep ^SLURM_ARRAY_ > ${name}\n`);
    const job = await slurm().submit({ script: [script], array, cwd: folder });
    const ended = await slurm().ended(job);
    expect(ended.length).toBe(count);
    for (const { element } of ended) {
      const text = await readFile(join(folder, `variables-${job}-${element}`), 'utf8');
      const lines = text.trim().split('\n');
      const env: Record<string, string> = Object.fromEntries(lines.map((line) => line.split('=', 2)));
      expect(arrayIndex(env)).toEqual({ index: element, from: 'slurm', count });
      expect(partIndex('auto', PARTS, env)).toBe(element);
      // By its place in the array the first of these would be part 0.
      expect(Number(env.SLURM_ARRAY_TASK_MIN)).toBeGreaterThan(0);
    }
  });
});
