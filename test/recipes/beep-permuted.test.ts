/**
 * "With permuted training labels … AUC is .5 ± .1: nothing leaks", for the sequence model: `beep-run.test.ts` permutes the
 * labels of recordings, after which tone values carry nothing, so it cannot see a leak that only the sequence model has.
 * Here tone values are true, and every training window gets the label of another one.
 *
 * One model that learnt nothing has no meaningful AUC: the positives are near-twins, so they rank together, anywhere from
 * first to last. Its expectation is .5, though, since the output layer's initial weights are symmetric. Hence the mean
 * over many permutations, each with another model. A leak would lift every one of them.
 */
import { describe, expect, test } from 'vitest';
import type { FeatureDataset } from '../../src/dataset/index.js';
import { evaluate } from '../../src/evaluation/index.js';
import { sequenceLstm } from '../../src/model/index.js';
import { drawEvent, type EventKind, isBeepEvent, placeEvents } from '../../src/recipes/beep-sequence/corpus/events.js';
import type { Part } from '../../src/recipes/beep-sequence/corpus/index.js';
import { runsOf } from '../../src/recipes/beep-sequence/corpus/patterns.js';
import { randomFor } from '../../src/recipes/beep-sequence/corpus/random.js';
import { scoreSequences, sequenceData } from '../../src/recipes/beep-sequence/sequence.js';
import { toneCoverage } from '../../src/recipes/beep-sequence/targets.js';
import type { ToneTrack } from '../../src/recipes/beep-sequence/tone-values.js';
import { train } from '../../src/training/index.js';
import type { Interval } from '../../src/types.js';
import { timeLimit } from '../time-limit.js';

const FILE_SEC = 60;
const KINDS: readonly EventKind[] = [
  'sequence',
  'sequence',
  'sequence',
  'missing-pair',
  'three-groups',
  'slow',
  'fast',
];
/** Standard error of the mean about .06: single AUCs spread by some .3. */
const PERMUTATIONS = 24;
/** Enough for a model to learn from labels that are true. */
const STEPS = 24;
const CONTROLS = 4;

/** A recording's labels, and the tone values of a tone model that is always right. */
function track(part: Part, number: number): ToneTrack {
  const random = randomFor(number, `permuted/${part}`);
  const events = KINDS.map((kind) => drawEvent(kind, random));
  const labels = placeEvents(events, FILE_SEC, random).flatMap((event): Interval[] => {
    if (!isBeepEvent(event)) return [];
    const { kind, startSec } = event;
    const runs = runsOf(event.pattern.beeps).map((run) => ({
      startSec: startSec + run.startSec,
      endSec: startSec + run.endSec,
      label: 'tone',
    }));
    const whole = { startSec, endSec: startSec + event.pattern.durationSec };
    return [...runs, { ...whole, label: kind === 'sequence' ? kind : `hard:${kind}` }];
  });
  const name = `${part}/${number}`;
  const recording = {
    ...{ name, part, path: name, labels, durationSec: FILE_SEC, snrDb: null, profiles: [], events: [], clips: [] },
    ...{ sha256: { wav: '', txt: '' }, planHash: '' },
  };
  return { recording, scores: toneCoverage(1 + Math.floor((FILE_SEC - 0.15) / 0.025), labels) };
}

const tracks = [
  ...[0, 1, 2, 3].map((number) => track('train', number)),
  track('validation', 0),
  ...[0, 1, 2].map((number) => track('test', number)),
];

/** Every window that has a target gets another one's. */
function permuted(data: FeatureDataset, seed: number): FeatureDataset {
  const scored = [...data.items()].flatMap(({ targets }) => [...(targets ?? [])].filter((y) => !Number.isNaN(y)));
  const shuffled = randomFor(seed, 'permuted-windows').shuffled(scored);
  let next = 0;
  return data.map((item) => ({
    ...item,
    targets: Float32Array.from(item.targets ?? [], (y) => (Number.isNaN(y) ? y : shuffled[next++]!)),
  }));
}

async function testAuc(training: FeatureDataset, test: FeatureDataset, seed: number): Promise<number> {
  const run = await train(sequenceLstm({ seed }), training, {
    loss: 'binaryCrossentropy',
    optimizer: { name: 'adam', learningRate: 0.005, globalClipNorm: 1 },
    steps: STEPS,
    batchSize: 64,
    balance: 'index',
    engine: 'native',
    seed,
  });
  const { scores, truth } = await scoreSequences(run, test);
  return evaluate(scores, truth, { positive: 'sequence' }).rocAuc!;
}

/** Mean over models, each with its own seed and labels. */
async function meanAuc(
  models: number,
  labelsOf: (data: FeatureDataset, seed: number) => FeatureDataset,
): Promise<number> {
  const data = await sequenceData(tracks);
  let sum = 0;
  for (let seed = 0; seed < models; seed++) sum += await testAuc(labelsOf(data.train, seed), data.test, seed);
  return sum / models;
}

describe('sequence models of a few steps', () => {
  test('tell sequences by true labels: what a leak would look like', async () => {
    expect(await meanAuc(CONTROLS, (data) => data)).toBeGreaterThan(0.8);
  });

  test(
    'have an AUC of .5 ± .1 in the mean by permuted ones',
    async () => {
      const mean = await meanAuc(PERMUTATIONS, permuted);
      expect(Math.abs(mean - 0.5)).toBeLessThan(0.1);
    },
    timeLimit(60_000),
  );
});
