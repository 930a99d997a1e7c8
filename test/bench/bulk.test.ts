import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { namesIn } from '../../bench/bulk/corpus.js';
import { featuresOf, runExtraction, shardSizes } from '../../bench/bulk/extraction.js';
import { memoryGoals, onDisk, overDecoder, overLimit, overPeers, scaling } from '../../bench/bulk/goals.js';
import { bulkOptions } from '../../bench/bulk/options.js';
import { transcode } from '../../bench/bulk/plain.js';
import { writeSpec, writeTask } from '../../bench/bulk/task.js';
import { planOf } from '../../bench/cases/features.js';
import { W3 } from '../../bench/cases/workloads.js';
import { readAudio } from '../../src/audio/index.js';
import { PeerProcess } from '../../src/bench/index.js';
import { temporaryFolder } from '../corpus/wav.js';
import { builtBulkProgram } from './bulk-program.js';
import { CLIPS, corpus } from './small-corpus.js';

describe('an extraction', () => {
  it('is the command line itself: every recording, sizes of its shards, what they hold', async () => {
    const folder = await temporaryFolder();
    const [specPath, clips] = [join(folder, 'spec.json'), corpus(join(folder, 'clips'))];
    writeSpec(specPath, W3);
    const e = { corpus: clips, specPath, out: folder, workers: 2, recordings: CLIPS };
    const { out, wallSec, peakBytes } = await runExtraction(e);
    expect(wallSec).toBeGreaterThan(0.05);
    if (existsSync('/proc/self/status')) expect(peakBytes).toBeGreaterThan(30e6);
    const [first] = namesIn(clips);
    const expected = planOf(W3).process(await readAudio(join(clips, first!))).data;
    expect(featuresOf(out, first!)).toEqual(expected);
    expect(shardSizes(out).reduce((sum, n) => sum + n, 0)).toBeGreaterThan(CLIPS * expected.byteLength * 0.5);
    expect(() => featuresOf(out, 'nobody.wav')).toThrow('no features of nobody.wav');
    await expect(runExtraction({ ...e, recordings: 12 })).rejects.toThrow('has 11 recordings, of 12');
    const limited = await runExtraction({ ...e, recordings: 3, limited: true });
    expect(shardSizes(limited.out).length).toBe(1);
  });
});

describe('the plain C++ program', async () => {
  const { program, missing } = await builtBulkProgram();

  describe.skipIf(missing !== null)(missing ?? 'built here', () => {
    let task = '';
    const shards = [70_001, 300_000, 0x1234];
    const started: PeerProcess[] = [];
    beforeAll(() => {
      const folder = mkdtempSync(join(tmpdir(), 'cochlea-bulk-task-'));
      task = folder;
      const clips = corpus(join(folder, 'clips'));
      for (const name of ['out', 'disk']) mkdirSync(join(folder, name));
      const files = namesIn(clips).map((name) => join(clips, name));
      const places = { out: join(folder, 'out'), disk: join(folder, 'disk') };
      writeTask(folder, { case: 'W3-wav', workload: W3, format: 'wav', audioSec: 20, files, shards, ...places });
      writeTask(join(folder, 'coded'), {
        case: 'c',
        workload: W3,
        format: 'flac',
        audioSec: 20,
        files,
        shards,
        ...places,
      });
    });
    afterAll(async () => {
      await Promise.all(started.map((each) => each.close()));
      rmSync(task, { recursive: true });
    });
    const start = async (folder = task) => {
      const args = ['serve', join(folder, 'task.txt')];
      const peer = await PeerProcess.start({ name: 'C++', program, args, folder });
      started.push(peer);
      return peer;
    };

    it('writes files of the shards’ sizes and leaves none', async () => {
      const { contestants } = await start();
      const io = contestants.filter(({ checksItself }) => checksItself);
      expect(io.map(({ name }) => name)).toEqual(
        [1, 2].flatMap((n) =>
          ['plain C++ I/O', 'plain C++ I/O on disk', 'fsynced writes on disk'].map(
            (name) => `${name}, ${n === 1 ? '1 thread' : '2 threads'}`,
          ),
        ),
      );
      for (const { result, round, work } of io) {
        expect(work).toBe(20);
        expect(Array.from(await result())).toEqual(shards);
        const { samples, wallSec } = await round(1, 'wall');
        expect(samples).toEqual([wallSec]);
      }
      for (const folder of ['out', 'disk']) expect(readdirSync(join(task, folder))).toEqual([]);
    });

    it('computes our features of the first recording, and counts the sound that it hears', async () => {
      const { contestants } = await start();
      const dsp = contestants.filter(({ checksItself }) => !checksItself);
      expect(dsp.map(({ name, work }) => [name, work])).toEqual([
        ['DSP alone, 1 thread', 20],
        ['DSP alone, 2 threads', 20],
      ]);
      const first = readFileSync(join(task, 'files.txt'), 'utf8').split('\n')[0]!;
      const expected = planOf(W3).process(await readAudio(first)).data;
      for (const { result } of dsp) expect(await result()).toEqual(expected);
    });

    it('decodes as many seconds as there are', async () => {
      const { contestants } = await start(join(task, 'coded'));
      const decoders = contestants.filter(({ checksItself }) => checksItself);
      expect(decoders.map(({ name }) => name)).toEqual(['libsndfile alone, 1 thread', 'libsndfile alone, 2 threads']);
      expect(contestants.slice(2).map(({ name }) => name)).toEqual(['DSP alone, 1 thread', 'DSP alone, 2 threads']);
      for (const { result } of decoders) expect(Array.from(await result())).toEqual([20]);
      writeFileSync(join(task, 'coded', 'files.txt'), readFileSync(join(task, 'files.txt'), 'utf8').split('\n')[0]!);
      const { contestants: fewer } = await start(join(task, 'coded'));
      await expect(fewer[0]!.result()).rejects.toThrow(/decodes .* s, of 20/);
    });

    it('encodes MP3 that is as long', async () => {
      const [from, to] = [readFileSync(join(task, 'files.txt'), 'utf8').split('\n')[0]!, join(task, 'mp3', 'a.mp3')];
      await transcode([[from, to]], program);
      expect(statSync(to).size).toBeGreaterThan(1000);
      const [wav, mp3] = [await readAudio(from), await readAudio(to)];
      expect(Math.abs(mp3.nSamples - wav.nSamples)).toBeLessThan(0.1 * wav.sampleRate);
      await expect(transcode([[join(task, 'none.wav'), to]], program)).rejects.toThrow(
        'encode-mp3 ended with exit code 1',
      );
    });
  });
});

describe('goals', () => {
  const figures = (values: Readonly<Record<string, number>>) => (name: string) => {
    const value = values[name];
    return value === undefined ? undefined : { value, medianSec: 1 / value };
  };

  it('are of time against computing and plain reading and writing', () => {
    const values = { 'cochlea, 1 worker': 80, 'DSP alone, 1 thread': 200, 'plain C++ I/O, 1 thread': 200 };
    const [one, two] = overLimit();
    const { of, atMost } = one!;
    // 1 / 80 s over 1 / 200 s + 1 / 200 s.
    expect([of(figures(values)), atMost]).toEqual([1.25, 1.25]);
    expect(two!.of(figures(values))).toBeUndefined();
  });

  it('are of two workers, peers, decoders and disks', () => {
    const values = {
      ...{ 'cochlea, 1 worker': 50, 'cochlea, 2 workers': 95, 'cochlea on disk, 2 workers': 72 },
      ...{ 'librosa + joblib': 10, 'torchaudio in a DataLoader': 19, 'libsndfile alone, 1 thread': 100 },
      ...{ 'DSP alone, 1 thread': 100, 'fsynced writes on disk, 2 threads': 80 },
    };
    const found = [scaling(), ...overPeers(), ...overDecoder(), onDisk()].map(({ of, atLeast, atMost }) => [
      of(figures(values)),
      atLeast ?? atMost,
    ]);
    expect(found).toEqual([
      [1.9, 1.8],
      [9.5, 8],
      [5, 1],
      [undefined, 1],
      [0.5, 0.9],
      [undefined, 0.9],
      [1, 1.25],
      [undefined, 1.25],
      [0.9, 0.9],
    ]);
  });

  it('are of peak memory, and of its growth', () => {
    const peaks = new Map([
      ['1 h', 200e6],
      ['10 h', 210e6],
    ]);
    const goals = memoryGoals('1 h', '10 h', peaks);
    expect(goals.map(({ of, atMost }) => [of(figures({})), atMost])).toEqual([
      [200, 600],
      [210, 600],
      [1.05, 1.1],
    ]);
    expect(memoryGoals('1 h', '10 h', new Map())[2]!.of(figures({}))).toBeUndefined();
  });
});

describe('the command line', () => {
  it('has defaults, shorter ones with --quick', () => {
    expect(bulkOptions(['bulk'])).toMatchObject({
      hours: 10,
      codedHours: 10,
      memoryHours: 10,
      peerHours: 1,
      rounds: 3,
    });
    expect(bulkOptions(['--quick'])).toMatchObject({ hours: 0.1, codedHours: 0.1, memoryHours: 0.1, rounds: 1 });
    expect(bulkOptions(['--only', 'disk,W3-mp3', '--memory-hours', '100'])).toMatchObject({
      only: ['disk', 'W3-mp3'],
      memoryHours: 100,
    });
    expect(() => bulkOptions(['--only', 'W9'])).toThrow('--only must be one of W1-wav');
    expect(() => bulkOptions(['--hours', 'ten'])).toThrow('--hours must be a positive number, got ten');
    expect(() => bulkOptions(['--rounds', '1.5'])).toThrow('--rounds must be a whole number from 1, got 1.5');
    expect(() => bulkOptions(['--fast'])).toThrow(TypeError);
  });
});
