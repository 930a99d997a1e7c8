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
import { BROKEN_KINDS, breakSome } from '../../bench/bulk/broken.js';
import { type CorpusPlan, clipLengths, clipOf, renderClip } from '../../bench/bulk/clips.js';
import { namesIn } from '../../bench/bulk/corpus.js';
import { featuresOf, runExtraction, shardSizes } from '../../bench/bulk/extraction.js';
import { memoryGoals, onDisk, overDecoder, overPeers, scaling, timeOverLimit } from '../../bench/bulk/goals.js';
import { makeOptions } from '../../bench/bulk/make.js';
import { bulkOptions } from '../../bench/bulk/options.js';
import { transcode } from '../../bench/bulk/plain.js';
import { writeSpec, writeTask } from '../../bench/bulk/task.js';
import { writeClips } from '../../bench/bulk/write-part.js';
import { planOf } from '../../bench/cases/features.js';
import { W3 } from '../../bench/cases/workloads.js';
import { testSignal } from '../../bench/signal.js';
import { readAudio, toFloat } from '../../src/audio/index.js';
import { PeerProcess } from '../../src/bench/index.js';
import { temporaryFolder } from '../corpus/wav.js';
import { builtBulkProgram } from './bulk-program.js';

const samples = Int16Array.from(testSignal(7), (x) => x * 30_000);
const recordings = {
  samples,
  parts: [
    { label: 'bells', first: 0 },
    { label: 'voices', first: 50_000 },
  ],
};
/** 20 s: nine clips of 2 s, and one of 1.5 s and of 0.5 s among them. */
const PLAN: CorpusPlan = {
  ...{ hours: 20 / 3600, format: 'wav', clipSec: 2, seed: 7 },
  long: [
    { sec: 1.5, count: 1 },
    { sec: 0.5, count: 1 },
  ],
};
const CLIPS = 11;

/** A corpus as `processes` of them make it. */
function corpus(folder: string, plan = PLAN, processes = 1): string {
  for (let index = 0; index < processes; index += 1) writeClips({ folder, plan, index, of: processes }, recordings);
  return folder;
}

describe('a corpus made of recordings', () => {
  it('has the hours asked for, and the same bytes however many processes make it', async () => {
    const one = corpus(join(await temporaryFolder(), 'one'));
    const two = corpus(join(await temporaryFolder(), 'two'), PLAN, 2);
    const names = namesIn(one);
    expect(names.length).toBe(CLIPS);
    expect(namesIn(two)).toEqual(names);
    for (const name of names) expect(readFileSync(join(two, name))).toEqual(readFileSync(join(one, name)));
    const lengths = await Promise.all(names.map(async (name) => (await readAudio(join(one, name))).nSamples));
    expect(lengths.reduce((sum, n) => sum + n, 0)).toBe(20 * 16_000);
    expect(lengths.toSorted((a, b) => a - b).slice(0, 3)).toEqual([8000, 24_000, 32_000]);
  });

  it('has the package a clip begins in for a label, and no two clips alike', () => {
    const clips = Array.from({ length: 40 }, (_, i) => clipOf(i, 0.01, 1, recordings));
    for (const { name, first } of clips) expect(name.split('/')[0]).toBe(first < 50_000 ? 'bells' : 'voices');
    expect(new Set(clips.map(({ name }) => name.split('/')[0])).size).toBe(2);
    const silence = { ...recordings, samples: new Int16Array(16_000) };
    const silent = clips.map((clip) => renderClip({ ...clip, offset: 3 }, silence).join());
    expect(new Set(silent).size).toBe(40);
    expect(clipOf(3, 0.01, 2, recordings).first).not.toBe(clipOf(3, 0.01, 1, recordings).first);
  });

  it('goes on from the beginning where the recordings end', () => {
    const clip = { ...clipOf(0, 0.01, 1, recordings), first: samples.length - 40, gain: 1, offset: 0, length: 100 };
    expect(Array.from(renderClip(clip, recordings).subarray(40))).toEqual(Array.from(samples.subarray(0, 60)));
  });

  it('is as long with long clips as without, and has one clip at least', () => {
    const sum = (plan: CorpusPlan) => clipLengths(plan).reduce((total, sec) => total + sec, 0);
    expect(sum({ ...PLAN, hours: 1, long: [{ sec: 600, count: 2 }] })).toBe(3600);
    expect(clipLengths({ ...PLAN, hours: 1e-6, long: [] })).toEqual([2]);
  });

  it('is the same sound as FLAC', async () => {
    const wav = corpus(await temporaryFolder());
    const flac = corpus(await temporaryFolder(), { ...PLAN, format: 'flac' });
    const [name] = namesIn(flac);
    const sound = toFloat(await readAudio(join(flac, name!)), 0);
    expect(sound).toEqual(toFloat(await readAudio(join(wav, name!.replace('.flac', '.wav'))), 0));
    expect(sound.some((x) => Math.abs(x) > 0.01)).toBe(true);
  });
});

describe('broken files', () => {
  it('are of every kind, listed, and the only ones that cannot be read', async () => {
    const folder = corpus(await temporaryFolder());
    const broken = breakSome(folder, namesIn(folder), 0.01, 1);
    expect(broken.map(({ kind }) => kind).toSorted()).toEqual([...BROKEN_KINDS].toSorted());
    const read = namesIn(folder).map(async (name) => ({ name, ok: await isReadable(join(folder, name)) }));
    const failed = (await Promise.all(read)).filter(({ ok }) => !ok).map(({ name }) => name);
    expect(failed).toEqual(broken.map(({ path }) => path));
  });

  it('take turns of kinds where they are many, the same ones for the same seed', async () => {
    const plan: CorpusPlan = { ...PLAN, clipSec: 0.1, hours: 4 / 3600, long: [] };
    const folders = await Promise.all([0, 1].map(async () => corpus(await temporaryFolder(), plan)));
    const [a, b] = folders.map((folder) => breakSome(folder, namesIn(folder), 0.5, 3));
    expect(a!.length).toBe(20);
    expect(b).toEqual(a);
    for (const kind of BROKEN_KINDS) expect(a!.filter((each) => each.kind === kind).length).toBeGreaterThanOrEqual(2);
    expect(() => breakSome(folders[0]!, ['one.wav'], 0.5, 1)).toThrow('files must be 8 or more to break some, got 1');
  });

  async function isReadable(path: string): Promise<boolean> {
    return readAudio(path).then(
      () => true,
      () => false,
    );
  }
});

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
      expect(contestants.map(({ name }) => name)).toEqual([
        'libsndfile alone, 1 thread',
        'libsndfile alone, 2 threads',
      ]);
      for (const { result } of contestants) expect(Array.from(await result())).toEqual([20]);
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
    const { of, atMost } = timeOverLimit(1);
    // 1 / 80 s over 1 / 200 s + 1 / 200 s.
    expect([of(figures(values)), atMost]).toEqual([1.25, 1.25]);
    expect(timeOverLimit(2).of(figures(values))).toBeUndefined();
  });

  it('are of two workers, peers, decoders and disks', () => {
    const values = {
      ...{ 'cochlea, 1 worker': 50, 'cochlea, 2 workers': 95, 'cochlea on disk, 2 workers': 72 },
      ...{ 'librosa + joblib': 10, 'torchaudio in a DataLoader': 19, 'libsndfile alone, 1 thread': 100 },
      'fsynced writes on disk, 2 threads': 80,
    };
    const found = [scaling(), ...overPeers(), ...overDecoder(), onDisk()].map(({ of, atLeast }) => [
      of(figures(values)),
      atLeast,
    ]);
    expect(found).toEqual([
      [1.9, 1.8],
      [9.5, 8],
      [5, 1],
      [undefined, 1],
      [0.5, 0.9],
      [undefined, 0.9],
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

describe('the command lines', () => {
  it('of the benches have defaults, shorter ones with --quick', () => {
    expect(bulkOptions(['bulk'])).toMatchObject({ hours: 10, codedHours: 2, memoryHours: 10, peerHours: 1, rounds: 3 });
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

  it('of the corpus maker say what they do not know', () => {
    expect(makeOptions(['clips', '--long', '600:3', '--broken', '0.01', '--format', 'flac'])).toMatchObject({
      ...{ folder: 'clips', hours: 1, clipSec: 10, format: 'flac', broken: 0.01, seed: 1 },
      long: [{ sec: 600, count: 3 }],
    });
    expect(() => makeOptions([])).toThrow('folder must be given');
    expect(() => makeOptions(['clips', '--format', 'ogg'])).toThrow('--format must be one of wav, flac, mp3, got ogg');
    expect(() => makeOptions(['clips', '--broken', '1'])).toThrow('--broken must be a share from 0 to below 1, got 1');
    expect(() => makeOptions(['clips', '--long', '600'])).toThrow('--long must be a positive number, got ');
  });
});
