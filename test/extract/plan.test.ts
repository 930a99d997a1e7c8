import { copyFile, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DatasetError, ParameterError } from '../../src/errors.js';
import { type ExtractReport, extract, extractShard, mergeShards, planExtraction } from '../../src/extract/index.js';
import type { Manifest } from '../../src/shards/index.js';
import { cochlea, cochleaJson, workFolder } from '../cli/cli.js';
import { put, smallCorpus, smallSpec, temporaryFolder } from '../corpus/wav.js';

const manifestOf = async (folder: string): Promise<Manifest> =>
  JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'));
const checksums = async (folder: string) =>
  (await manifestOf(folder)).shards.flatMap(({ name, task, files }) => [name, task, files]);

describe('a plan for several machines', () => {
  it('makes in parts, in any order and more than once, what one run makes', async () => {
    const folder = await temporaryFolder();
    const corpus = await smallCorpus(join(folder, 'in'), 12);
    const o = { spec: smallSpec(), labels: 'parent-folder', shardBytes: 8000 } as const;
    const whole = await extract(corpus, { ...o, out: join(folder, 'whole'), workers: 2 });
    const out = join(folder, 'out');
    const report = await planExtraction(corpus, { ...o, out, shards: 3 });
    expect(report).toMatchObject({ parts: 3, shards: whole.shards.total, recordings: 12, specHash: o.spec.hash });
    const plan = join(out, 'plan.jsonl');
    for (const shard of [2, 0, 2, 1]) await extractShard(plan, { shard, workers: 1 });
    const merged = await mergeShards(out);
    expect(merged).toMatchObject({ recordings: 12, frames: whole.frames, audioSec: whole.audioSec, errors: [] });
    expect(await checksums(out)).toEqual(await checksums(join(folder, 'whole')));
    // The second time everything is there.
    const again = await extractShard(plan, { shard: 2, workers: 1 });
    expect(again.shards.reused).toBe(again.shards.total);
    expect(again.shards.total).toBeGreaterThan(1);
    const { stats } = await manifestOf(out);
    expect(stats).toEqual((await manifestOf(join(folder, 'whole'))).stats);
    expect(stats?.n).toBe(whole.frames);
  });

  it('is merged only when all parts are there, and says which are not', async () => {
    const folder = await temporaryFolder();
    const corpus = await smallCorpus(join(folder, 'in'), 12);
    await planExtraction(corpus, { spec: smallSpec(), out: join(folder, 'out'), shardBytes: 8000, shards: 4 });
    await extractShard(join(folder, 'out/plan.jsonl'), { shard: 1, workers: 1 });
    const error = await mergeShards(join(folder, 'out')).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(DatasetError);
    expect(error).toMatchObject({ code: 'ERR_SHARD', details: { parts: [0, 2, 3] } });
    expect((await manifestOf(join(folder, 'out'))).complete).toBe(false);
  });

  it('keeps the size of shards that a folder has, so that a corpus which grows keeps its shards', async () => {
    const folder = await temporaryFolder();
    const corpus = await smallCorpus(join(folder, 'in'), 12);
    const o = { spec: smallSpec(), out: join(folder, 'out'), workers: 1 };
    const { shards } = await extract(corpus, { ...o, shardBytes: 8000 });
    const [first] = (await readdir(corpus, { recursive: true })).filter((file) => file.endsWith('.wav')).sort();
    await copyFile(join(corpus, first!), join(corpus, 'zz.wav'));
    const grown = await extract(corpus, o);
    expect(shards.total).toBeGreaterThan(2);
    expect(grown.recordings).toBe(13);
    expect(grown.shards.reused).toBeGreaterThanOrEqual(shards.total - 1);
    expect(grown.shards.total - grown.shards.reused).toBe(1);
  });

  it('has no other parts than it says', async () => {
    const folder = await temporaryFolder();
    const corpus = await smallCorpus(join(folder, 'in'), 2);
    await planExtraction(corpus, { spec: smallSpec(), out: join(folder, 'out'), shards: 2 });
    await expect(extractShard(join(folder, 'out/plan.jsonl'), { shard: 2 })).rejects.toThrow(ParameterError);
    await expect(planExtraction(corpus, { spec: smallSpec(), out: 'x', shards: 0 })).rejects.toThrow(
      'shards must be a whole number from 1, got 0',
    );
  });

  it('is refused where it is no plan', async () => {
    const folder = await temporaryFolder();
    const corpus = await smallCorpus(join(folder, 'in'), 2);
    await planExtraction(corpus, { spec: smallSpec(), out: join(folder, 'out'), shards: 1 });
    const path = join(folder, 'out/plan.jsonl');
    const text = await readFile(path, 'utf8');
    for (const [wrong, said] of [
      ['', 'an empty file'],
      ['{"a":1}\n', 'another file'],
      ['no json', 'line 1'],
      [text.split('\n')[0]!, '0 shards where its header says 1'],
      [text.replace(/"version":"[^"]*"/, '"version":"0.0.1"'), 'one of this version'],
      [text.replace(/"featureHash":"[^"]*"/, '"featureHash":"0"'), 'one of this version'],
    ] as const) {
      await writeFile(path, wrong);
      const error = await extractShard(path, { shard: 0, workers: 1 }).catch((e: unknown) => e);
      expect(error).toMatchObject({ code: 'ERR_PLAN', message: expect.stringContaining(said) });
    }
    await rm(path);
    await expect(extractShard(path, { shard: 0 })).rejects.toMatchObject({ code: 'ERR_PLAN' });
  });

  it('goes from the command line', async () => {
    const cwd = await workFolder();
    await put(join(cwd, 'spec.json'), JSON.stringify(smallSpec()));
    await smallCorpus(join(cwd, 'corpus'), 12);
    await put(join(cwd, 'corpus/loud/broken.wav'), 'no recording');
    const planned = await cochlea(
      ['plan', 'corpus', '-o', 'features', '--spec', 'spec.json', '--shard-mb', '0.008', '--shards', '2'],
      { cwd },
    );
    expect(planned).toMatchObject({ code: 0, stdout: expect.stringMatching(/^13 recordings .* by 2 elements → /) });
    const part = (shard: string, env: Record<string, string> = {}) =>
      cochleaJson<ExtractReport>(['extract', 'features/plan.jsonl', '--shard', shard, '--workers', '1'], { cwd, env });
    const codes = [(await part('0')).code, (await part('auto', { JOB_COMPLETION_INDEX: '1' })).code];
    expect(codes.sort()).toEqual([0, 3]);
    const beyond = await cochlea(['extract', 'features/plan.jsonl', '--shard', '2'], { cwd });
    expect(beyond).toMatchObject({ code: 2, stderr: expect.stringContaining('[ERR_OPTION]') });
    const both = await cochlea(['extract', 'features/plan.jsonl', '--shard', '0', '--limit', '3'], { cwd });
    expect(both).toMatchObject({ code: 2, stderr: expect.stringContaining('--limit must be left out with --shard') });
    const merged = await cochlea(['merge', 'features'], { cwd });
    expect(merged).toMatchObject({ code: 3, stdout: expect.stringMatching(/^12 recordings, .*\n1 input unreadable/) });
    expect(await readdir(join(cwd, 'features'))).toContain('errors.jsonl');
  });
});
