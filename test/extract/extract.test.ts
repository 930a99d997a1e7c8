import { createHash, randomUUID } from 'node:crypto';
import { copyFile, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tableFromIPC } from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import { writeAudio } from '../../src/audio/index.js';
import { FeatureDataset } from '../../src/dataset/index.js';
import { AudioFormatError, DatasetError, ParameterError, PoolError } from '../../src/errors.js';
import { extract } from '../../src/extract/index.js';
import { createPlan } from '../../src/features/index.js';
import type { Manifest } from '../../src/shards/index.js';
import type { Progress } from '../../src/types.js';
import { put, smallCorpus, smallSpec, temporaryFolder, toneWav, wav } from '../corpus/wav.js';
import { featuresOf } from './features-of.js';

const SHARD_BYTES = 8000;

async function shardHashes(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.arrow')).sort();
  const hashes = await Promise.all(
    names.map(async (name) => [
      name,
      createHash('sha256')
        .update(await readFile(join(folder, name)))
        .digest('hex'),
    ]),
  );
  return Object.fromEntries(hashes);
}

const filesOf = ({ shards }: Manifest) => shards.flatMap(({ files }) => files);

async function manifestOf(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'));
}

describe('extract', () => {
  it('writes shards that describe themselves and hold what the plan computes', async () => {
    const folder = await temporaryFolder();
    const corpus = await smallCorpus(join(folder, 'in'));
    const out = join(folder, 'out');
    const spec = smallSpec();
    const report = await extract(corpus, { spec, out, labels: 'parent-folder', workers: 1, shardBytes: SHARD_BYTES });
    expect(report).toMatchObject({ recordings: 8, errors: [], dryRun: false, specHash: spec.hash });
    expect(report.audioSec).toBeCloseTo((8 * 1600 + 160 * 28) / 8000, 9);
    const manifest = await manifestOf(out);
    expect(manifest).toMatchObject({ complete: true, specHash: spec.hash, featureHash: report.featureHash });
    expect(manifest.shards.length).toBeGreaterThan(2);
    expect(await shardHashes(out)).toEqual(
      Object.fromEntries(filesOf(manifest).map((file) => [file.file, file.sha256])),
    );

    const plan = createPlan(spec.features);
    const ids: string[] = [];
    for (const { file } of filesOf(manifest)) {
      const table = tableFromIPC(await readFile(join(out, file)));
      expect(table.schema.metadata.get('cochlea.spec_hash')).toBe(spec.hash);
      expect(table.schema.metadata.get('cochlea.feature_hash')).toBe(report.featureHash);
      for (const row of table) {
        const { id, path, sample_rate, label, features, labels } = row.toJSON();
        ids.push(id);
        expect(path).toBe(id);
        expect(sample_rate).toBe(8000);
        expect(label).toBe(id.split('/')[0]);
        expect(labels.length).toBe(0);
        const expected = await featuresOf(join(corpus, path), spec.audio, plan);
        const rows: Float32Array[] = [...features].map((frame: { toArray(): Float32Array }) => frame.toArray());
        expect(rows.length).toBe(expected.nFrames);
        expect(rows.flatMap((frame) => [...frame])).toEqual([...expected.features]);
      }
    }
    expect(ids).toEqual([...ids].sort());
    expect(ids.length).toBe(8);
  });

  it('makes the same bytes with any number of workers', async () => {
    const folder = await temporaryFolder();
    const corpus = await smallCorpus(join(folder, 'in'), 12);
    const hashes = [];
    for (const workers of [1, 2, 3]) {
      const out = join(folder, `out-${workers}`);
      const report = await extract(corpus, { spec: smallSpec(), out, workers, shardBytes: SHARD_BYTES });
      expect(report.shards.total).toBeGreaterThan(3);
      hashes.push(await shardHashes(out));
    }
    expect(hashes[1]).toEqual(hashes[0]);
    expect(hashes[2]).toEqual(hashes[0]);
  });

  it('folds a leading decimation into the hop: the same frames, fewer of them', async () => {
    const folder = await temporaryFolder();
    const corpus = await smallCorpus(join(folder, 'in'), 2);
    const stage = { windowing: { size: 1, stride: 1 } };
    const all = smallSpec({ stages: [stage] });
    const every4th = smallSpec({ stages: [stage, { decimate: 4 }] });
    await extract(corpus, { spec: all, out: join(folder, 'all'), workers: 1 });
    await extract(corpus, { spec: every4th, out: join(folder, 'some'), workers: 1 });
    const dense = await FeatureDataset.open(join(folder, 'all'));
    const sparse = await FeatureDataset.open(join(folder, 'some'));
    for (const { id } of dense.items()) {
      const [a, b] = [await dense.get(id), await sparse.get(id)];
      expect(b.nFrames).toBe(Math.ceil(a.nFrames / 4));
      for (let t = 0; t < b.nFrames; t++) {
        expect(b.features.data.subarray(t * 16, (t + 1) * 16)).toEqual(a.features.data.subarray(t * 64, t * 64 + 16));
      }
    }
  });

  it('resamples, and mixes channels, as the spec says', async () => {
    const folder = await temporaryFolder();
    const samples = Float32Array.from({ length: 16_000 }, (_, i) => 0.3 * Math.sin((2 * Math.PI * 440 * i) / 16_000));
    await writeAudio(join(folder, 'in.wav'), { samples, sampleRate: 16_000 });
    const report = await extract(join(folder, 'in.wav'), { spec: smallSpec(), out: join(folder, 'out'), workers: 1 });
    expect(report.frames).toBe(1 + Math.floor((8000 - 256) / 80));
    const table = tableFromIPC(await readFile(join(folder, 'out', 'shard-00000.arrow')));
    expect(table.get(0)?.toJSON()).toMatchObject({ sample_rate: 16_000, duration_sec: 1 });
  });

  it('tells how far it is', async () => {
    const folder = await temporaryFolder();
    const corpus = await smallCorpus(join(folder, 'in'));
    const seen: Progress[] = [];
    const onProgress = (progress: Progress): void => void seen.push(progress);
    await extract(corpus, {
      spec: smallSpec(),
      out: join(folder, 'out'),
      workers: 1,
      shardBytes: SHARD_BYTES,
      onProgress,
    });
    // In between as time passes: this run may be over before any has.
    expect(seen[0]).toMatchObject({ stage: 'extract', done: 0, total: 8 });
    const done = seen.map((progress) => progress.done);
    expect(done).toEqual(done.toSorted((a, b) => a - b));
    expect(seen.at(-1)).toMatchObject({ stage: 'extract', done: 8, total: 8, metrics: { failed: 0 } });
    expect(seen.at(-1)?.metrics?.audioHours).toBeCloseTo(17_280 / 8000 / 3600, 12);
    expect(seen.at(-1)?.metrics?.timesRealTime).toBeGreaterThan(0);
  });
});

describe('resume', () => {
  it('keeps shards that are whole and makes the others again, with the same bytes', async () => {
    const folder = await temporaryFolder();
    const corpus = await smallCorpus(join(folder, 'in'), 12);
    const o = { spec: smallSpec(), out: join(folder, 'out'), workers: 2, shardBytes: SHARD_BYTES };
    const first = await extract(corpus, o);
    const hashes = await shardHashes(o.out);
    const again = await extract(corpus, o);
    expect(again.shards).toEqual({ total: first.shards.total, reused: first.shards.total });
    expect(again).toMatchObject({ recordings: 12, frames: first.frames, audioSec: first.audioSec });

    await rm(join(o.out, 'shard-00001.arrow'));
    const damaged = join(o.out, 'shard-00002.arrow');
    const bytes = await readFile(damaged);
    bytes[bytes.length >> 1]! ^= 1;
    await writeFile(damaged, bytes);
    await writeFile(join(o.out, `shard-00003.arrow.${randomUUID()}.tmp`), 'half');
    await writeFile(join(o.out, `manifest.json.${randomUUID()}.tmp`), 'half');
    const third = await extract(corpus, o);
    expect(third.shards).toEqual({ total: first.shards.total, reused: first.shards.total - 2 });
    expect(await shardHashes(o.out)).toEqual(hashes);
    expect((await readdir(o.out)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('makes a shard again when a recording or its label has changed', async () => {
    const folder = await temporaryFolder();
    const corpus = await smallCorpus(join(folder, 'in'), 4);
    const o = { spec: smallSpec(), out: join(folder, 'out'), workers: 1, shardBytes: 1 };
    await extract(corpus, o);
    await put(join(corpus, 'loud/clip-01.wav'), toneWav(3200, { seed: 9 }));
    expect((await extract(corpus, o)).shards).toEqual({ total: 4, reused: 3 });
    expect((await extract(corpus, { ...o, labels: 'parent-folder' })).shards).toEqual({ total: 4, reused: 0 });
    expect((await extract(corpus, { ...o, labels: 'parent-folder', resume: false })).shards.reused).toBe(0);
  });

  it('drops shards that a smaller corpus no longer has', async () => {
    const folder = await temporaryFolder();
    const corpus = await smallCorpus(join(folder, 'in'), 4);
    const o = { spec: smallSpec(), out: join(folder, 'out'), workers: 1, shardBytes: 1 };
    await extract(corpus, o);
    await extract(corpus, { ...o, limit: 2 });
    expect(Object.keys(await shardHashes(o.out))).toEqual(['shard-00000.arrow', 'shard-00001.arrow']);
    expect((await FeatureDataset.open(o.out)).nItems).toBe(2);
  });

  it('refuses a folder with features of another spec, and takes one that differs later in the chain', async () => {
    const folder = await temporaryFolder();
    const corpus = await smallCorpus(join(folder, 'in'), 2);
    const o = { out: join(folder, 'out'), workers: 1 };
    await extract(corpus, { ...o, spec: smallSpec() });
    const other = smallSpec({ features: { kind: 'logMel', nFft: 256, hopLength: 100, nMels: 16, topDb: null } });
    const error = await extract(corpus, { ...o, spec: other }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(DatasetError);
    expect(error).toMatchObject({ code: 'ERR_RESUME' });
    const later = smallSpec({ stages: [{ windowing: { size: 7 } }] });
    expect((await extract(corpus, { ...o, spec: later })).shards.reused).toBe(1);
    expect((await FeatureDataset.open(o.out)).windowing.size).toBe(7);
  });

  it('goes on after an abort, and until then says that the folder is not complete', async () => {
    const folder = await temporaryFolder();
    // Each takes long enough for somebody to notice.
    const corpus = join(folder, 'in');
    const first = await put(join(corpus, '00.wav'), toneWav(8000 * 240));
    for (let i = 1; i < 12; i++) await copyFile(first, join(corpus, `${String(i).padStart(2, '0')}.wav`));
    const spec = smallSpec({ features: { kind: 'logMel', nFft: 2048, hopLength: 80, nMels: 8, topDb: null } });
    const o = { spec, out: join(folder, 'out'), workers: 1, shardBytes: 1 };
    const controller = new AbortController();
    const onProgress = ({ done }: Progress): void => {
      if (done >= 4) controller.abort();
    };
    const error = await extract(corpus, { ...o, signal: controller.signal, onProgress }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(PoolError);
    expect(error).toMatchObject({ code: 'ERR_TASK_ABORTED' });
    await expect(FeatureDataset.open(o.out)).rejects.toMatchObject({ code: 'ERR_SHARD' });
    expect((await readdir(o.out)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    const { shards } = await extract(corpus, o);
    expect(shards.total).toBe(12);
    expect(shards.reused).toBeGreaterThan(0);
    expect(shards.reused).toBeLessThan(12);
    expect((await FeatureDataset.open(o.out)).nItems).toBe(12);
  });
});

describe('bad recordings', () => {
  const silence = new Uint8Array(3200);
  const notANumber = new Uint8Array(new Float32Array(1600).fill(Number.NaN).buffer);
  const BAD: Readonly<Record<string, { content: Uint8Array | string; code: string }>> = {
    'empty.wav': { content: '', code: 'ERR_AUDIO_EMPTY' },
    'nan.wav': { content: wav(notANumber, { format: 3, bits: 32 }), code: 'ERR_AUDIO_NOT_FINITE' },
    'no-rate.wav': { content: wav(silence, { sampleRate: 0 }), code: '' },
    'no-samples.wav': { content: wav(new Uint8Array(0)), code: 'ERR_AUDIO_EMPTY' },
    'short.wav': { content: toneWav(100), code: 'ERR_TOO_SHORT' },
    'text.wav': { content: 'this is no recording at all, only its name says so', code: 'ERR_AUDIO_FORMAT' },
    'truncated.wav': { content: wav(silence, { dataBytes: 64_000 }), code: 'ERR_WAV_TRUNCATED' },
  };

  async function mixedCorpus(folder: string): Promise<string> {
    const corpus = await smallCorpus(join(folder, 'in'), 4);
    for (const [name, { content }] of Object.entries(BAD)) await put(join(corpus, 'bad', name), content);
    return corpus;
  }

  it('are named with their reason, and the rest goes on', async () => {
    const folder = await temporaryFolder();
    const corpus = await mixedCorpus(folder);
    const out = join(folder, 'out');
    const report = await extract(corpus, { spec: smallSpec(), out, workers: 2, shardBytes: SHARD_BYTES });
    expect(report.recordings).toBe(4);
    const lines = (await readFile(join(out, 'errors.jsonl'), 'utf8')).trimEnd().split('\n');
    const errors: { path: string; code: string; message: string }[] = lines.map((line) => JSON.parse(line));
    expect(errors).toEqual(report.errors);
    expect(errors.map(({ path }) => path)).toEqual(Object.keys(BAD).map((name) => join(corpus, 'bad', name)));
    for (const { path, code, message } of errors) {
      const expected = Object.entries(BAD).find(([name]) => path.endsWith(`/${name}`))?.[1].code;
      if (expected) expect([path, code]).toEqual([path, expected]);
      else expect(['ERR_SAMPLE_RATE', 'ERR_WAV_HEADER']).toContain(code);
      expect(message.length).toBeGreaterThan(10);
    }
    expect((await FeatureDataset.open(out)).nItems).toBe(4);
    // A resumed run still knows what failed.
    expect((await extract(corpus, { spec: smallSpec(), out, workers: 2, shardBytes: SHARD_BYTES })).errors).toEqual(
      errors,
    );
  });

  it('a missing one in a list is an error of its own', async () => {
    const folder = await temporaryFolder();
    const corpus = await smallCorpus(join(folder, 'in'), 2);
    const list = [join(corpus, 'quiet/clip-00.wav'), join(corpus, 'gone.wav'), join(corpus, 'loud/clip-01.wav')];
    const report = await extract(list, { spec: smallSpec(), out: join(folder, 'out'), workers: 1 });
    expect(report.recordings).toBe(2);
    expect(report.errors).toMatchObject([{ path: list[1], code: 'ERR_AUDIO_READ' }]);
  });

  it('end the run when strict', async () => {
    const folder = await temporaryFolder();
    const corpus = await mixedCorpus(folder);
    const run = extract(corpus, { spec: smallSpec(), out: join(folder, 'out'), workers: 1, strict: true });
    const error = await run.catch((e: unknown) => e);
    expect(error).toBeInstanceOf(AudioFormatError);
    expect(error).toMatchObject({ details: { path: join(corpus, 'bad', 'empty.wav') } });
  });

  it('end the run when there are more than may be', async () => {
    const folder = await temporaryFolder();
    const corpus = await mixedCorpus(folder);
    const o = { spec: smallSpec(), out: join(folder, 'out'), workers: 1 };
    await expect(extract(corpus, { ...o, maxErrors: 3 })).rejects.toMatchObject({ code: 'ERR_TOO_MANY_ERRORS' });
    expect((await extract(corpus, { ...o, maxErrors: Object.keys(BAD).length })).recordings).toBe(4);
    // What an earlier run left out counts as well.
    await expect(extract(corpus, { ...o, maxErrors: 3 })).rejects.toMatchObject({ code: 'ERR_TOO_MANY_ERRORS' });
    await expect(extract(corpus, { ...o, strict: true })).rejects.toBeInstanceOf(AudioFormatError);
  });
});

describe('options', () => {
  it('limit takes the first recordings, dryRun writes nothing and tells the size', async () => {
    const folder = await temporaryFolder();
    const corpus = await smallCorpus(join(folder, 'in'), 6);
    const o = { spec: smallSpec(), out: join(folder, 'out'), workers: 1, limit: 3 };
    const dry = await extract(corpus, { ...o, dryRun: true });
    await expect(stat(o.out)).rejects.toThrow('ENOENT');
    const wet = await extract(corpus, o);
    expect(dry).toMatchObject({ dryRun: true, recordings: 3, frames: wet.frames, audioSec: wet.audioSec });
    expect(dry.bytes).toBe(wet.frames * 16 * 4);
    expect(wet.bytes).toBeGreaterThan(dry.bytes);
  });

  it('say what was expected', async () => {
    const folder = await temporaryFolder();
    const corpus = await smallCorpus(join(folder, 'in'), 1);
    const o = { spec: smallSpec(), out: join(folder, 'out') };
    for (const wrong of [{ limit: 0 }, { maxErrors: -1 }, { shardBytes: 1.5 }, { workers: 0 }]) {
      const error = await extract(corpus, { ...o, ...wrong }).catch((e: unknown) => e);
      expect(error).toBeInstanceOf(ParameterError);
      expect(String(error)).toMatch(/must be a (positive )?whole number/);
    }
    const file = await put(join(folder, 'file'), 'no folder');
    await expect(extract(corpus, { ...o, out: join(file, 'out') })).rejects.toMatchObject({ code: 'ERR_WRITE' });
    await expect(extract(corpus, { ...o, signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'ERR_TASK_ABORTED',
    });
  });
});
