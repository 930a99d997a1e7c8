import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, truncate, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readAudio, readLabels } from '../../src/audio/index.js';
import { compareWithExpected } from '../../src/recipes/beep-sequence/corpus/checksums.js';
import { EXPECTED } from '../../src/recipes/beep-sequence/corpus/expected.js';
import { EXPECTED_FROM_NPM } from '../../src/recipes/beep-sequence/corpus/expected-from-npm.js';
import { type CorpusReport, makeCorpus } from '../../src/recipes/beep-sequence/corpus/index.js';
import { planCorpus } from '../../src/recipes/beep-sequence/corpus/plan.js';

const O = { size: 'tiny', workers: 1 } as const;

let root: string;
let out: string;
let report: CorpusReport;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'cochlea-corpus-'));
  out = join(root, 'a');
  report = await makeCorpus(out, O);
});
afterAll(() => rm(root, { recursive: true }));

const sumsOf = (folder: string) => readFile(join(folder, 'checksums.sha256'), 'utf8');

describe('makeCorpus, tiny', () => {
  test('makes its files without the network and says that backgrounds are synthetic', async () => {
    expect(report).toMatchObject({ made: 10, kept: 0, backgrounds: 'synthetic', checksums: { state: 'unknown' } });
    const index = JSON.parse(await readFile(join(out, 'corpus.json'), 'utf8'));
    expect(index.backgrounds).toBe('synthetic');
    expect(index.files).toHaveLength(10);
    expect(
      index.files.every((file: { clips: string[] }) => file.clips.every((clip) => clip.startsWith('synthetic/'))),
    ).toBe(true);
  });

  test('writes 16 kHz mono WAV with labels that match its records', async () => {
    for (const file of report.files) {
      const pcm = await readAudio(join(out, `${file.name}.wav`));
      expect(pcm).toMatchObject({
        format: 's16',
        channels: 1,
        sampleRate: 16_000,
        nSamples: file.durationSec * 16_000,
      });
      const labels = await readLabels(join(out, `${file.name}.txt`));
      const whole = labels.filter(({ label }) => label !== 'tone').map(({ label }) => label.replace('hard:', ''));
      expect(whole).toEqual(file.events.map((event) => event.kind));
    }
  });

  test('lists the checksum of every file', async () => {
    const lines = (await sumsOf(out)).trimEnd().split('\n');
    expect(lines).toHaveLength(20);
    for (const line of lines) {
      const [sum, name] = line.split('  ');
      expect(
        createHash('sha256')
          .update(await readFile(join(out, name!)))
          .digest('hex'),
      ).toBe(sum);
    }
  });

  test('two runs make the same bytes, whatever parts are made; another seed makes others', async () => {
    const again = await makeCorpus(join(root, 'b'), { ...O, parts: ['test'] });
    const test = report.files.filter((file) => file.part === 'test');
    expect(again.files).toEqual(test);
    const other = await makeCorpus(join(root, 'c'), { ...O, parts: ['test'], seed: 2 });
    for (const [i, file] of other.files.entries()) expect(file.sha256.wav).not.toBe(test[i]!.sha256.wav);
  });

  test('two threads make the bytes that one makes', async () => {
    const pooled = await makeCorpus(join(root, 'pooled'), { ...O, workers: 2 });
    expect(pooled.files).toEqual(report.files);
  });

  test('parts share no background', () => {
    const partOf = new Map<string, string>();
    for (const { clips, part } of report.files) {
      for (const clip of clips) {
        expect(partOf.get(clip) ?? part).toBe(part);
        partOf.set(clip, part);
      }
    }
    expect(partOf.size).toBeGreaterThan(4);
  });

  test('keeps whole files and makes damaged or missing ones again', async () => {
    const sums = await sumsOf(out);
    await truncate(join(out, `${report.files[0]!.name}.wav`), 1000);
    await unlink(join(out, `${report.files[1]!.name}.txt`));
    await truncate(join(out, `${report.files[2]!.name}.json`), 50);
    const untouched = await stat(join(out, `${report.files[3]!.name}.wav`));
    expect(await makeCorpus(out, O)).toMatchObject({ made: 3, kept: 7 });
    expect(await sumsOf(out)).toBe(sums);
    expect((await stat(join(out, `${report.files[3]!.name}.wav`))).mtimeMs).toBe(untouched.mtimeMs);
  });

  test('stops at its signal', async () => {
    const abort = new AbortController();
    const making = makeCorpus(join(root, 'd'), { ...O, signal: abort.signal, onProgress: () => abort.abort() });
    await expect(making).rejects.toMatchObject({ code: 'ERR_TASK_ABORTED' });
  });

  test('refuses options by name', async () => {
    const wrong = [{ size: 'huge' }, { seed: 1.5 }, { parts: ['exam'] }, { source: 'pip' }];
    for (const o of wrong) {
      await expect(makeCorpus(out, { ...O, ...o } as never)).rejects.toMatchObject({ code: 'ERR_OPTION' });
    }
  });
});

describe('expected checksums', () => {
  const expected = EXPECTED[0]!;

  test('cover the default corpus, equal only when every file is', () => {
    const files = Object.entries(expected.files).map(([name, digest]) => ({
      ...report.files[0]!,
      name,
      sha256: { wav: digest.slice(0, 16), txt: digest.slice(16) },
    }));
    expect(Object.keys(expected.files)).toEqual(planCorpus(expected.seed, 'full').map(({ name }) => name));
    expect(compareWithExpected({ ...expected, files })).toEqual({ state: 'equal', files: files.length });
    const changed = [{ ...files[0]!, sha256: { wav: '0'.repeat(64), txt: '0'.repeat(64) } }, ...files.slice(1)];
    expect(compareWithExpected({ ...expected, files: changed })).toMatchObject({
      state: 'different',
      differing: [files[0]!.name],
    });
    expect(compareWithExpected({ ...expected, seed: 1, files })).toEqual({ state: 'unknown' });
  });

  test("cover the default corpus of npm's recordings, which is held against no other", () => {
    const fromNpm = EXPECTED_FROM_NPM[0]!;
    expect(Object.keys(fromNpm.files)).toEqual(planCorpus(fromNpm.seed, 'small').map(({ name }) => name));
    const files = Object.entries(fromNpm.files).map(([name, digest]) => ({
      ...report.files[0]!,
      name,
      sha256: { wav: digest.slice(0, 16), txt: digest.slice(16) },
    }));
    expect(compareWithExpected({ ...fromNpm, files }, 'npm')).toEqual({ state: 'equal', files: 28 });
    expect(compareWithExpected({ ...fromNpm, files: files.map((file) => ({ ...file, name: 'x' })) }, 'npm').state).toBe(
      'different',
    );
    expect(compareWithExpected({ ...fromNpm, files }, 'apt')).toEqual({ state: 'unknown' });
    expect(compareWithExpected({ ...fromNpm, files }, null)).toEqual({ state: 'unknown' });
  });
});
