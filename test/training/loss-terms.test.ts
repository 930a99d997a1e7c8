/** Losses that are sums of terms, also between the outputs of two layers. */
import { beforeAll, describe, expect, it } from 'vitest';
import { loadTf } from '../../src/model/index.js';
import { type EngineName, type LossTerm, type TrainOptions, train } from '../../src/training/index.js';
import { maxAbsDifference, weightsOf } from './models.js';
import { TFJS_ENGINE } from './tested-engines.js';
import { random, WindowTable } from './window-table.js';

const tf = loadTf();
const { layers: L } = tf;
const LENGTH = 6;
const UNITS = 5;

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const init = (seed: number) => tf.initializers.glorotNormal({ seed });

/** An LSTM whose context vector is squeezed and made anew: `context` → `bottleneck` → `decoded`. */
function contextAutoencoder() {
  const input = tf.input({ shape: [LENGTH, 1], name: 'sequence' });
  const lstm = L.lstm({ name: 'context', units: UNITS, kernelInitializer: init(1), recurrentInitializer: init(2) });
  const context = lstm.apply(input) as typeof input;
  const squeeze = L.dense({ name: 'bottleneck', units: 2, activation: 'relu', kernelInitializer: init(3) });
  const narrow = squeeze.apply(context) as typeof input;
  const decode = L.dense({ name: 'decoded', units: UNITS, activation: 'tanh', kernelInitializer: init(4) });
  return tf.model({ inputs: input, outputs: decode.apply(narrow) as typeof input });
}

function table(nTargets: number): WindowTable {
  const next = random(3);
  const rows = Array.from({ length: 64 }, () => Array.from({ length: LENGTH }, () => 2 * next() - 1));
  return new WindowTable(
    rows,
    rows.map((row) => row.slice(0, nTargets)),
    [LENGTH, 1],
  );
}

const OPTIONS = { batchSize: 16, steps: 12, optimizer: { name: 'adam', learningRate: 0.01 } } as const;

async function trained(loss: TrainOptions['loss'], engine: EngineName, data = table(1), options = {}) {
  const model = contextAutoencoder();
  const start = weightsOf(model);
  const run = await train(model, data, { ...OPTIONS, loss, engine, ...options });
  return { run, start, end: weightsOf(model) };
}

const between = { of: 'decoded', target: 'context', loss: 'meanSquaredError' } as const;

describe.each<[string, readonly LossTerm[], number]>([
  ['a target that learns too', [between], 1],
  ['a target that stays', [{ ...between, stopGradient: 'target' }], 1],
  ['the model as what learns nothing', [{ ...between, stopGradient: 'of' }], 1],
  ['another loss, of a target that stays', [{ ...between, loss: 'meanAbsoluteError', stopGradient: 'target' }], 1],
  [
    'the data and a layer',
    [
      { ...between, weight: 0.3, stopGradient: 'target' },
      { loss: 'meanSquaredError', weight: 2 },
    ],
    UNITS,
  ],
  ['data that a layer in the middle answers', [{ of: 'bottleneck', loss: 'meanAbsoluteError' }, between], 2],
  [
    'two pairs of layers',
    [between, { of: 'context', target: 'decoded', loss: 'meanSquaredError', stopGradient: 'target' }],
    1,
  ],
])('terms with %s', (_name, terms, nTargets) => {
  it(`train native and ${TFJS_ENGINE} alike`, async () => {
    const [native, cpu] = [
      await trained(terms, 'native', table(nTargets), { validation: table(nTargets) }),
      await trained(terms, TFJS_ENGINE, table(nTargets), { validation: table(nTargets) }),
    ];
    expect(maxAbsDifference(cpu.end.flat(), cpu.start.flat())).toBeGreaterThan(0.01);
    expect(maxAbsDifference(native.end.flat(), cpu.end.flat())).toBeLessThan(1e-5);
    for (const [i, { loss, valLoss }] of native.run.history.entries()) {
      expect(loss).toBeCloseTo(cpu.run.history[i]!.loss, 5);
      expect(valLoss!).toBeCloseTo(cpu.run.history[i]!.valLoss!, 5);
    }
  });
});

it('a target that stays gives its layer no gradient', async () => {
  const { start, end } = await trained([{ ...between, stopGradient: 'target' }], 'native');
  const { end: both } = await trained([between], 'native');
  expect(end).not.toEqual(start);
  expect(end).not.toEqual(both);
  const { start: before, end: after } = await trained([{ ...between, stopGradient: 'of' }], 'native');
  // Only the context learns to resemble what is made of it.
  expect(after.slice(3)).toEqual(before.slice(3));
  expect(after.slice(0, 3)).not.toEqual(before.slice(0, 3));
});

it('one term is what its name is', async () => {
  const data = table(UNITS);
  const plain = await trained('meanSquaredError', 'native', data);
  const term = await trained([{ loss: 'meanSquaredError' }], 'native', data);
  const named = await trained([{ of: 'decoded', loss: 'meanSquaredError' }], 'native', data);
  expect(term.end).toEqual(plain.end);
  expect(named.end).toEqual(plain.end);
});

describe('refuses', () => {
  it.each<[string, readonly LossTerm[], RegExp]>([
    ['no term', [], /loss must be one term or more/],
    [
      'two targets of the data',
      [{ loss: 'meanSquaredError' }, { loss: 'meanAbsoluteError' }],
      /of several without target, each of another layer/,
    ],
    [
      'a layer that is not there',
      [{ ...between, of: 'decoder' }],
      /layer must be sequence \| context \| bottleneck \| decoded, got "decoder"/,
    ],
    ['a target that is not there', [{ ...between, target: 'encoder' }], /layer must be sequence \| .*, got "encoder"/],
    [
      'classes between layers',
      [{ ...between, loss: 'sparseCategoricalCrossentropy' }],
      /loss between two layers must be one of values/,
    ],
    [
      'a loss that both sides cannot learn from',
      [{ ...between, loss: 'meanAbsoluteError' }],
      /both learn must be meanSquaredError/,
    ],
    ['a weight of 0', [{ ...between, weight: 0 }], /weight of a term of the loss must be a positive number, got 0/],
    [
      'a stop for the data',
      [{ loss: 'meanSquaredError', stopGradient: 'target' }],
      /stopGradient must be "of" or absent/,
    ],
    ['an option that does not exist', [{ ...between, factor: 2 } as never], /factor/],
    [
      'layers of other sizes',
      [{ ...between, of: 'bottleneck' }],
      /output of layer "bottleneck" must be of the shape of layer "context", \[5\], got "\[2\]"/,
    ],
  ])('%s', async (_name, terms, message) => {
    for (const engine of ['native', TFJS_ENGINE] as const)
      await expect(trained(terms, engine)).rejects.toThrow(message);
  });

  it('weights of windows that no term would use', async () => {
    const data = table(1);
    data.weights = Array.from({ length: 64 }, () => 1);
    await expect(trained([between], 'native', data)).rejects.toThrow(/weights of windows must be absent/);
  });

  it('class weights and a target without the data in the loss', async () => {
    await expect(trained([between], 'native', table(1), { classWeight: { 1: 2 } })).rejects.toThrow(/classWeight/);
    await expect(trained([between], 'native', table(1), { target: 'input' })).rejects.toThrow(
      /target must be left out/,
    );
  });
});
