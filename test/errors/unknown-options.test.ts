/** No public function takes an option that does not exist: it would do nothing, and say nothing. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openAudio, readAudio } from '../../src/audio/index.js';
import { writeBundle } from '../../src/bundle/index.js';
import { FeatureDataset } from '../../src/dataset/index.js';
import { ParameterError, refuseUnknown } from '../../src/errors.js';
import { chooseThreshold, evaluate, matchEvents } from '../../src/evaluation/index.js';
import { extract } from '../../src/extract/index.js';
import {
  amplitudeToDb,
  boundaryRegions,
  cmvn,
  deltas,
  frames,
  goertzel,
  istft,
  LogMel,
  logMel,
  melSpectrogram,
  mfcc,
  powerToDb,
  preemphasis,
  rms,
  slidingCmvn,
  spectralCentroid,
  spectralFlatness,
  spectralFlux,
  spectralRolloff,
  stft,
  windows,
  zeroCrossingRate,
} from '../../src/features/index.js';
import { checkModel, Detector } from '../../src/inference/index.js';
import { type LayersModel, loadTf } from '../../src/model/index.js';
import { exportOnnx, saveBundle, type TrainingRun, train } from '../../src/training/index.js';
import { beeps, modelsFor, SAMPLE_RATE, spec } from '../inference/beeps.js';
import { xorModel } from '../training/models.js';
import { xorTable } from '../training/window-table.js';

const recording = { samples: beeps(2, [0.5]), sampleRate: SAMPLE_RATE };
const matrix = { data: new Float32Array(40), shape: [20, 2] };
const FRAMES = { winLength: 40, hopLength: 20 } as const;
const scores = Float32Array.of(0.9, 0.2);
const truth = Uint8Array.of(1, 0);
const XOR = { loss: 'binaryCrossentropy', epochs: 1, engine: 'cpu' } as const;

let folder: string;
let plan: LogMel;
let data: FeatureDataset;
let detector: Detector;
let model: LayersModel;
let run: TrainingRun;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cochlea-options-'));
  plan = new LogMel({ sampleRate: SAMPLE_RATE, nFft: 512, topDb: null });
  const items = Array.from({ length: 8 }, (_, i) => ({ id: `r${i}`, group: `g${i}`, features: new Float32Array(8) }));
  data = await FeatureDataset.from(items, { windowing: { size: 4 } });
  await writeBundle(join(folder, 'beeps'), { spec, models: modelsFor(spec) });
  detector = await Detector.load(join(folder, 'beeps'));
  await loadTf().setBackend('cpu');
  model = xorModel();
  run = await train(model, xorTable(16, 1), XOR);
});
afterAll(async () => {
  await detector[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** Each call gets one option more than its types allow, as a caller in JavaScript may give it. */
const CALLS: readonly (readonly [string, string, (extra: object) => unknown])[] = [
  ['readAudio', 'rate', (extra) => readAudio('a.wav', extra)],
  ['openAudio', 'rate', (extra) => openAudio('a.wav', extra)],
  ['stft', 'hop', (extra) => stft(recording, extra)],
  ['melSpectrogram', 'hop', (extra) => melSpectrogram(recording, extra)],
  ['logMel', 'hop', (extra) => logMel(recording, extra)],
  ['mfcc', 'hop', (extra) => mfcc(recording, extra)],
  ['deltas', 'width', (extra) => deltas(matrix, extra)],
  ['cmvn', 'window', (extra) => cmvn(matrix, extra)],
  ['slidingCmvn', 'window', (extra) => slidingCmvn(matrix, extra)],
  ['powerToDb', 'power', (extra) => powerToDb(matrix, extra)],
  ['amplitudeToDb', 'power', (extra) => amplitudeToDb(matrix, extra)],
  ['preemphasis', 'coef', (extra) => preemphasis(recording, extra)],
  ['frames', 'center', (extra) => frames(recording, { ...FRAMES, ...extra })],
  ['rms', 'nFft', (extra) => rms(recording, extra)],
  ['zeroCrossingRate', 'threshold', (extra) => zeroCrossingRate(recording, extra)],
  ['goertzel', 'nFft', (extra) => goertzel(recording, { ...FRAMES, frequencyHz: 100, ...extra })],
  ['spectralCentroid', 'power', (extra) => spectralCentroid(recording, extra)],
  ['spectralRolloff', 'amin', (extra) => spectralRolloff(recording, extra)],
  ['spectralFlatness', 'rollPercent', (extra) => spectralFlatness(recording, extra)],
  ['spectralFlux', 'lag', (extra) => spectralFlux(recording, extra)],
  [
    'istft',
    'hop',
    (extra) => istft({ data: new Float32Array(6), shape: [1, 3, 2] }, { sampleRate: SAMPLE_RATE, ...extra }),
  ],
  ['boundaryRegions', 'labels', (extra) => boundaryRegions(matrix, [], extra)],
  ['a boundary', 'label', (extra) => boundaryRegions(matrix, [{ endSec: 0, startSec: 0, ...extra }])],
  ['plan.process', 'device', (extra) => plan.process(recording, extra)],
  ['plan.processBatch', 'device', (extra) => plan.processBatch([recording], extra)],
  ['plan.stream', 'out', (extra) => plan.stream(extra)],
  ['windows', 'hop', (extra) => windows(new Float32Array(8), { size: 4, ...extra })],
  [
    'normalize of windows',
    'variance',
    (extra) =>
      windows(new Float32Array(8), { size: 4, normalize: { kind: 'standard', mean: [0], std: [1], ...extra } }),
  ],
  [
    'normalize of kind none',
    'mean',
    (extra) => windows(new Float32Array(8), { size: 4, normalize: { kind: 'none', ...extra } }),
  ],
  ['extract', 'device', (extra) => extract(folder, { spec, out: join(folder, 'shards'), ...extra })],
  ['extract', 'shard', (extra) => extract(folder, { spec, out: join(folder, 'shards'), ...extra })],
  ['FeatureDataset.open', 'spec', (extra) => FeatureDataset.open(folder, extra)],
  ['FeatureDataset.open of data sets', 'spec', (extra) => FeatureDataset.open([data], extra)],
  ['FeatureDataset.from', 'window', (extra) => FeatureDataset.from([], extra)],
  ['FeatureDataset.from, whose items are in memory', 'cacheBytes', (extra) => FeatureDataset.from([], extra)],
  ['FeatureDataset.from a table', 'step', (extra) => FeatureDataset.from({ table: 'a.csv', ...extra })],
  [
    'windowing',
    'hop',
    (extra) => FeatureDataset.from([{ features: new Float32Array(8) }], { windowing: { size: 4, ...extra } }),
  ],
  ['withWindowing', 'hop', (extra) => data.withWindowing({ size: 4, ...extra })],
  ['split by time', 'seed', (extra) => data.split({ by: 'time', ratios: [0.5, 0.5], ...extra })],
  ['split by group', 'purge', (extra) => data.split({ by: 'group', ratios: [0.5, 0.5], ...extra })],
  ['split, stratified', 'cutoff', (extra) => data.split({ by: 'stratified', ratios: [0.5, 0.5], ...extra })],
  ['split by file list', 'ratios', (extra) => data.split({ by: 'file-list', files: { train: ['r0'] }, ...extra })],
  ['files of a split', 'vaildation', (extra) => data.split({ by: 'file-list', files: { train: ['r0'], ...extra } })],
  ['refuseLeaks', 'by', (extra) => FeatureDataset.refuseLeaks({ train: data, validation: data, test: data }, extra)],
  ['batches', 'size', (extra) => data.batches({ batchSize: 4, ...extra }).next()],
  ['stats', 'axis', (extra) => data.stats(extra)],
  ['Detector.load', 'device', (extra) => Detector.load(join(folder, 'beeps'), extra)],
  ['detector.detect', 'threshold', (extra) => detector.detect(recording, extra)],
  ['detector.scores', 'threshold', (extra) => detector.scores(recording, extra)],
  ['detector.stream', 'onProgress', (extra) => detector.stream(extra)],
  ['evaluate', 'collarMs', (extra) => evaluate(scores, truth, { positive: 'beep', ...extra })],
  ['matchEvents', 'positive', (extra) => matchEvents([], [], { collarMs: 100, ...extra })],
  ['chooseThreshold, f1', 'maxFpr', (extra) => chooseThreshold(scores, truth, { rule: 'f1', ...extra })],
  [
    'chooseThreshold, fpr',
    'quantile',
    (extra) => chooseThreshold(scores, truth, { rule: 'fpr', maxFpr: 0.1, ...extra }),
  ],
  [
    'chooseThreshold, alert-budget',
    'maxFpr',
    (extra) => chooseThreshold(scores, null, { rule: 'alert-budget', maxAlertsPerHour: 1, durationSec: 1, ...extra }),
  ],
  [
    'chooseThreshold, normal-quantile',
    'mergeGap',
    (extra) => chooseThreshold(scores, null, { rule: 'normal-quantile', quantile: 0.9, ...extra }),
  ],
  ['train', 'gpu', (extra) => train(model, xorTable(16, 1), { ...XOR, ...extra })],
  ['optimizer', 'decay', (extra) => train(model, xorTable(16, 1), { ...XOR, optimizer: { name: 'sgd', ...extra } })],
  [
    'learningRate',
    'warmup',
    (extra) =>
      train(model, xorTable(16, 1), {
        ...XOR,
        optimizer: {
          name: 'sgd',
          learningRate: { schedule: 'cosineDecay', initial: 0.1, decaySteps: 5, ...extra },
        },
      }),
  ],
  [
    'early stopping',
    'patince',
    (extra) => train(model, xorTable(16, 1), { ...XOR, callbacks: [{ kind: 'earlyStopping', ...extra }] }),
  ],
  [
    'a callback',
    'every',
    (extra) => train(model, xorTable(16, 1), { ...XOR, callbacks: [{ kind: 'epochEnd', run: () => {}, ...extra }] }),
  ],
  ['run.predict', 'threshold', (extra) => run.predict(xorTable(4, 2), extra)],
  ['run.evaluate', 'maxFpr', (extra) => run.evaluate(xorTable(4, 2), { positive: 'one', ...extra })],
  ['run.saveBundle', 'models', (extra) => run.saveBundle(join(folder, 'bundle'), { spec, ...extra })],
  ['checkModel', 'atol', (extra) => checkModel(new Uint8Array(), extra)],
  ['exportOnnx', 'optimise', (extra) => exportOnnx(model, extra)],
  ['saveBundle', 'precision', (extra) => saveBundle(join(folder, 'bundle'), { spec, models: {}, ...extra })],
];

describe('an option that does not exist', () => {
  it.each(CALLS)('is refused by %s: %s', async (_name, option, call) => {
    const error: unknown = await Promise.resolve({ [option]: 1 })
      .then(call)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ParameterError);
    expect(error).toMatchObject({ code: 'ERR_UNKNOWN_OPTION', message: expect.stringContaining(`${option}"`) });
  });

  it('leaves nothing behind', async () => {
    expect(await readdir(folder)).toEqual(['beeps']);
  });

  it('is named together with those that exist', () => {
    expect(() => refuseUnknown({ a: 1, c: 1 }, { a: true, b: true }, 'f')).toThrow(
      'an option of f must be one of a, b, got "c"',
    );
  });

  it('may have a name that every object has', () => {
    expect(() => refuseUnknown({ toString: 1 }, { a: true }, 'f')).toThrow('got "toString"');
  });

  it('counts as left out where it is undefined', () => {
    expect(() => refuseUnknown({ c: undefined }, { a: true }, 'f')).not.toThrow();
  });
});
