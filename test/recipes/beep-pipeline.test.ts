import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readAudio, writeAudio } from '../../src/audio/index.js';
import { FeatureDataset } from '../../src/dataset/index.js';
import { extract } from '../../src/extract/index.js';
import { createPlan } from '../../src/features/index.js';
import { Detector, ModelSession, runStages, type Scores } from '../../src/inference/index.js';
import { sequenceLstm, toneCnn } from '../../src/model/index.js';
import type { Part } from '../../src/recipes/beep-sequence/corpus/index.js';
import { HEARD, parityRows } from '../../src/recipes/beep-sequence/parity.js';
import {
  pipelineSpec,
  SEQUENCE_MODEL,
  spectraSpec,
  TONE_MODEL,
} from '../../src/recipes/beep-sequence/pipeline-spec.js';
import type { BeepCorpus, CorpusRecording } from '../../src/recipes/beep-sequence/recordings.js';
import { sequenceData } from '../../src/recipes/beep-sequence/sequence.js';
import { sequenceTargets } from '../../src/recipes/beep-sequence/targets.js';
import { type ToneTrack, toneTracks, toneValues, withValuesLost } from '../../src/recipes/beep-sequence/tone-values.js';
import { effectiveFeatures, frameWidth, type Normalize } from '../../src/spec/index.js';
import { saveBundle } from '../../src/training/index.js';
import type { Interval } from '../../src/types.js';

const RATE = 16_000;
const NORMALIZE: Normalize = { kind: 'standard', mean: [-45], std: [15] };
const SPEC = pipelineSpec({ normalize: NORMALIZE, toneThreshold: 0.4, threshold: 0.9, chosenBy: 'f1, validation' });

function recording(name: string, part: Part, o: Partial<CorpusRecording> = {}): CorpusRecording {
  return {
    name,
    part,
    path: `/${name}.wav`,
    labels: [],
    durationSec: 60,
    snrDb: 10,
    profiles: [],
    events: [],
    clips: [],
    sha256: { wav: '', txt: '' },
    planHash: '',
    ...o,
  };
}

describe('the spec', () => {
  test('is the chain from sound to alerts', () => {
    expect(SPEC.toJSON()).toMatchObject({
      task: 'sequence',
      audio: { sampleRate: 16_000, channel: 0, normalize: 'none' },
      features: {
        kind: 'stft',
        nFft: 2400,
        winLength: 2400,
        hopLength: 80,
        window: 'blackman',
        windowSymmetry: 'symmetric',
        center: false,
        power: 2,
        scale: 'db',
        fMin: 3000,
        fMax: 5000,
      },
      stages: [
        {
          ...{ windowing: { size: 1, stride: 1, tail: 'drop' }, normalize: NORMALIZE, model: 'tone.onnx' },
          ...{ labels: ['background', 'tone'], positive: 'tone', decision: { threshold: 0.4, onset: 'window' } },
        },
        { decimate: 20 },
        { windowing: { size: 40, stride: 1, tail: 'drop' }, model: 'sequence.onnx' },
      ],
      labels: ['other', 'sequence'],
      positive: 'sequence',
      decision: { threshold: 0.9, chosenBy: 'f1, validation', onset: 'active', activeThreshold: 0.4, mergeGapMs: 500 },
    });
    // 3 to 5 kHz in bins of 6.67 Hz, both ends included.
    expect(frameWidth(SPEC.features)).toBe(301);
  });

  test('is computed at a 20th of its frames, the spectra for training at four times as many', () => {
    const effective = effectiveFeatures(SPEC);
    expect(effective).toMatchObject({ decimation: 20, dropped: 1 });
    expect(effective.features.hopLength).toBe(1600);
    expect(effective.stages).toHaveLength(2);
    expect(effectiveFeatures(spectraSpec()).features).toEqual({ ...effective.features, hopLength: 400 });
    expect(effectiveFeatures(spectraSpec()).stages).toHaveLength(1);
  });
});

describe('from sound to tone values', () => {
  let root: string;
  let path: string;
  let toneOnnx: Uint8Array;
  let scored: Scores;

  /** Half a minute's quarter: beeps at 4 kHz with a hum and noise that xorshift gives. */
  async function writeRecording(to: string): Promise<void> {
    let state = 12_345;
    const noise = () => {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      return state / 2 ** 31;
    };
    const samples = Float32Array.from({ length: 7.51 * RATE }, (_, i) => {
      const sec = i / RATE;
      const beeping = sec > 1.3 && sec < 5 && sec % 1 < 0.5;
      const hum = 0.1 * Math.sin(2 * Math.PI * 440 * sec);
      return 0.05 * noise() + hum + (beeping ? 0.3 * Math.sin(2 * Math.PI * 3990 * sec) : 0);
    });
    await writeAudio(to, { samples, sampleRate: RATE });
  }

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'cochlea-beep-pipeline-'));
    path = join(root, 'kitchen.wav');
    await writeRecording(path);
    const tone = toneCnn({ bins: frameWidth(SPEC.features), filters: [8, 16], seed: 3 });
    await saveBundle(join(root, 'bundle'), {
      spec: SPEC,
      models: { [TONE_MODEL]: tone, [SEQUENCE_MODEL]: sequenceLstm({ seed: 3 }) },
    });
    toneOnnx = await readFile(join(root, 'bundle', TONE_MODEL));
    await using detector = await Detector.load(join(root, 'bundle'));
    scored = await detector.scores(path);
  });
  afterAll(() => rm(root, { recursive: true }));

  test('every 20th of the 5 ms predictions is what the detector computes at a hop of 100 ms', async () => {
    const spectra = createPlan(SPEC.features).process(await readAudio(path));
    expect(spectra.nFrames).toBe(1 + Math.floor((7.51 * RATE - 2400) / 80));
    const session = await ModelSession.load(toneOnnx, TONE_MODEL);
    const timing = { startSec: 0, stepSec: 0.005, spanSec: 0.15 };
    const input = { data: spectra.data, width: spectra.shape[1]!, n: spectra.nFrames, ...timing };
    const sequences = await runStages(input, SPEC.stages.slice(0, 2), new Map([[TONE_MODEL, session]]));
    await session.release();
    const [every, kept] = [sequences[0]!, sequences[1]!];
    const [pushedDown] = scored.sequences;
    expect(every.n).toBe(spectra.nFrames);
    expect(kept).toMatchObject({ n: pushedDown!.n, startSec: 0, spanSec: 0.15 });
    expect(kept.stepSec).toBeCloseTo(pushedDown!.stepSec, 12);
    expect(pushedDown!.n).toBe(Math.ceil(spectra.nFrames / 20));
    // Tone values that do not differ would be equal whatever was kept.
    expect(new Set(every.data).size).toBeGreaterThan(every.n / 2);
    for (let i = 0; i < kept.n; i++) {
      expect(kept.data[i]).toBe(every.data[20 * i]);
      // The runtime sums batches of other sizes in another order.
      expect(Math.abs(pushedDown!.data[i]! - kept.data[i]!)).toBeLessThan(1e-6);
    }
  });

  test("the tone model's file alone gives every 5 ms prediction, of which every 20th is the chain's", async () => {
    await using alone = await Detector.load(join(root, 'bundle', TONE_MODEL));
    expect(alone.spec).toMatchObject({ positive: 'tone', decision: { threshold: 0.4 } });
    const { scores, stepSec } = await alone.scores(path);
    expect(stepSec).toBeCloseTo(0.005, 12);
    const [values] = scored.sequences;
    expect(scores).toHaveLength(1 + Math.floor((7.51 * RATE - 2400) / 80));
    for (let i = 0; i < values!.n; i++) expect(Math.abs(scores[20 * i]! - values!.data[i]!)).toBeLessThan(1e-6);
    await using chain = await Detector.load(join(root, 'bundle', SEQUENCE_MODEL));
    const { scores: ofChain } = await chain.scores(path);
    expect(ofChain).toHaveLength(scored.scores.length);
    for (let i = 0; i < ofChain.length; i++) expect(Math.abs(ofChain[i]! - scored.scores[i]!)).toBeLessThan(1e-6);
  });

  test("spectra for training, in their phase 0, are the detector's, bit for bit, and so are the values", async () => {
    const out = join(root, 'spectra');
    await extract([path], { spec: spectraSpec(), out, workers: 1, strict: true });
    const spectra = await FeatureDataset.open(out);
    const [info] = [...spectra.items()];
    const { features } = await spectra.get(info!.id);
    const width = spectra.width;
    const detectors = createPlan(effectiveFeatures(SPEC).features).process(await readAudio(path));
    expect(info!.nFrames).toBe(1 + Math.floor((7.51 * RATE - 2400) / 400));
    expect(Math.ceil(info!.nFrames / 4)).toBe(detectors.nFrames);
    for (let i = 0; i < detectors.nFrames; i++) {
      const mine = features.data.subarray(4 * i * width, (4 * i + 1) * width);
      expect(mine).toEqual(detectors.data.subarray(i * width, (i + 1) * width));
    }

    const kitchen = recording('kitchen', 'test', { path });
    const corpus: BeepCorpus = {
      folder: root,
      backgrounds: 'none',
      size: 'tiny',
      source: null,
      packages: [],
      recordings: [kitchen],
      checksums: null,
    };
    const [track] = await toneTracks(spectra, corpus, spectraSpec(NORMALIZE), toneOnnx, {});
    expect(track!.recording).toBe(kitchen);
    expect(track!.scores).toHaveLength(info!.nFrames);
    const [values] = scored.sequences;
    const phase0 = toneValues(track!);
    expect(phase0).toHaveLength(values!.n);
    for (let i = 0; i < values!.n; i++) expect(Math.abs(phase0[i]! - values!.data[i]!)).toBeLessThan(1e-6);
  });

  test('a phase takes every fourth value from its own on', () => {
    const track: ToneTrack = {
      recording: recording('a', 'train'),
      scores: Float32Array.from({ length: 10 }, (_, i) => i),
    };
    expect([0, 1, 2, 3].map((phase) => [...toneValues(track, phase)])).toEqual([
      [0, 4, 8],
      [1, 5, 9],
      [2, 6],
      [3, 7],
    ]);
    expect(toneValues({ ...track, scores: new Float32Array(2) }, 3)).toHaveLength(0);
  });
});

describe('sequenceData', () => {
  const SEQUENCE: Interval = { startSec: 6, endSec: 9.6, label: 'sequence' };
  /** Scores of one recording: its own number and the spectrum's, so that every value says where it comes from. */
  const track = (number: number, part: Part, nSpectra: number): ToneTrack => ({
    recording: recording(`${part}/${number}`, part, { labels: [{ ...SEQUENCE, startSec: 6 + 0.01 * number }] }),
    scores: Float32Array.from({ length: nSpectra }, (_, i) => 1000 * number + i),
  });
  const TRACKS = [
    track(0, 'train', 480),
    track(1, 'train', 401),
    track(2, 'validation', 400),
    track(3, 'validation', 480),
    track(4, 'test', 440),
    track(5, 'test', 480),
  ];
  const nWindows = (nSpectra: number, phase: number) => Math.ceil((nSpectra - phase) / 4) - 39;
  const PURGE = 20;

  async function windowsOf(data: FeatureDataset) {
    const windows: { values: number[]; target: number; number: number }[] = [];
    for await (const batch of data.batches({ batchSize: 64, shuffle: false })) {
      for (let i = 0; i < batch.ids.length; i++) {
        windows.push({
          values: [...batch.x.subarray(40 * i, 40 * (i + 1))],
          target: batch.y[i]!,
          number: batch.ids[i]!,
        });
      }
    }
    return windows;
  }

  test('sees training at all four phases, validation at two, the test at the one of the detector', async () => {
    const data = await sequenceData(TRACKS);
    const ids = (part: FeatureDataset) => [...part.items()].map(({ id }) => id);
    expect(ids(data.train)).toEqual([0, 1].flatMap((n) => [0, 1, 2, 3].map((phase) => `train/${n}@${phase}`)));
    expect(ids(data.validation)).toEqual([2, 3].flatMap((n) => [0, 2].map((phase) => `validation/${n}@${phase}`)));
    expect(ids(data.test)).toEqual(['test/4@0', 'test/5@0']);
  });

  test('cuts where the parts meet and drops 20 windows on either side', async () => {
    const { train, validation, test } = await sequenceData(TRACKS);
    const total = (nSpectra: readonly number[], phases: readonly number[]) =>
      nSpectra.flatMap((n) => phases.map((phase) => nWindows(n, phase))).reduce((sum, n) => sum + n, 0);
    expect(train.size).toBe(total([480, 401], [0, 1, 2, 3]) - PURGE);
    expect(validation.size).toBe(total([400, 480], [0, 2]) - 2 * PURGE);
    expect(test.size).toBe(total([440, 480], [0]) - PURGE);
    expect(test.locate(0)).toMatchObject({ item: { id: 'test/4@0' }, window: PURGE });
    expect(train.locate(train.size - 1)).toMatchObject({ window: nWindows(401, 3) - PURGE - 1 });
  });

  test('a window holds 40 values of one recording at one phase, 100 ms apart, with the target of its time', async () => {
    const parts = await sequenceData(TRACKS);
    let windows = 0;
    let valuesLost = 0;
    for (const part of [parts.train, parts.validation, parts.test]) {
      for (const { values, target, number } of await windowsOf(part)) {
        const { item, window } = part.locate(number);
        const [, recordingNumber, phase] = /(\d)@(\d)$/.exec(item.id)!.map(Number);
        const first = 1000 * recordingNumber! + phase! + 4 * window;
        for (const [i, value] of values.entries()) {
          const heard = first + 4 * i;
          const lost = part === parts.train && value === Math.fround(0.1 * heard);
          if (!lost) expect(value).toBe(heard);
          valuesLost += Number(lost);
        }
        expect(target).toBe(sequenceTargets(item.nFrames, item.labels!, phase! * 0.025)[window]);
        windows += 1;
      }
    }
    // All but the unscored ones: two or more on either side of a sequence.
    const { train, validation, test } = parts;
    const unscored = [train, validation, test].flatMap((part) => [...part.targets()]).filter(Number.isNaN).length;
    expect(unscored).toBeGreaterThan(20);
    expect(windows).toBe(train.size + validation.size + test.size - unscored);
    expect(valuesLost / (40 * train.size)).toBeGreaterThan(0.005);
    expect(valuesLost / (40 * train.size)).toBeLessThan(0.02);
  });

  test('of the training tracks one value in a hundred is lost, the same ones every time and others at each phase', () => {
    const values = new Float32Array(100_000).fill(0.5);
    const lost = withValuesLost(values, 'train/0@0');
    const share = lost.filter((value) => value !== 0.5).length / lost.length;
    expect(share).toBeGreaterThan(0.009);
    expect(share).toBeLessThan(0.011);
    expect(new Set(lost)).toEqual(new Set([0.5, Math.fround(0.05)]));
    expect(withValuesLost(values, 'train/0@0')).toEqual(lost);
    expect(withValuesLost(values, 'train/0@1')).not.toEqual(lost);
  });

  test('parts have no value in common, whatever order the recordings come in', async () => {
    const ordered = await sequenceData(TRACKS);
    const seen = new Map<number, string>();
    for (const part of ['train', 'validation', 'test'] as const) {
      for (const { values } of await windowsOf(ordered[part])) {
        for (const value of values) expect(seen.get(value) ?? part).toBe(part);
        for (const value of values) seen.set(value, part);
      }
    }
    expect(new Set(seen.values())).toEqual(new Set(['train', 'validation', 'test']));

    const mixed = await sequenceData([TRACKS[4]!, TRACKS[0]!, TRACKS[2]!, TRACKS[1]!, TRACKS[5]!, TRACKS[3]!]);
    for (const part of ['train', 'validation', 'test'] as const) {
      expect(await windowsOf(mixed[part])).toEqual(await windowsOf(ordered[part]));
    }
  });
});

describe('parityRows', () => {
  /** Twelve recordings of two minutes; which values are ones depends on the value's number in the whole. */
  const isOne = (value: number) => (value * value) % 11 < 4;
  const VALUES = 1200;
  const tracks = Array.from({ length: 12 }, (_, r): ToneTrack => {
    const scores = Float32Array.from({ length: 4 * VALUES }, (_, i) =>
      i % 4 === 0 ? HEARD + (isOne(r * VALUES + i / 4) ? 0.01 : -0.01) : 1,
    );
    return { recording: recording(`test/${r}`, 'test'), scores };
  });

  test("13 779 values make the seed's 2760 rows, 2100 for training and 660 for the test, none purged", async () => {
    const { train, test } = await parityRows(tracks);
    expect([train.size, test.size]).toEqual([2100, 660]);
    let row = 0;
    for (const part of [train, test]) {
      for await (const { x, y, ids } of part.batches({ batchSize: 100, shuffle: false })) {
        for (let i = 0; i < ids.length; i++, row++) {
          const values = x.subarray(40 * i, 40 * (i + 1));
          const expected = Array.from({ length: 40 }, (_, k) => (5 * row + k < 13_779 && isOne(5 * row + k) ? 1 : 0));
          expect([...values]).toEqual(expected);
          expect(y[i]).toBe(expected.filter((value) => value === 1).length >= 19 ? 1 : 0);
        }
      }
    }
    expect(row).toBe(2760);
  });

  test('a small corpus gives what it has, cut in the same proportion', async () => {
    const { train, test } = await parityRows(tracks.slice(0, 1));
    expect([train.size, test.size]).toEqual([183, 57]);
  });
});
