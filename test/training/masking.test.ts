/** Steps that do not count, and states to begin with: native runs end where runs of an engine of tfjs do. */
import { beforeAll, describe, expect, it } from 'vitest';
import { type Layer, type LayersModel, loadTf, modelToGraph, type SymbolicTensor } from '../../src/model/index.js';
import { type BatchPlace, generatedData, train } from '../../src/training/index.js';
import { maxAbsDifference, weightsOf } from './models.js';
import { TFJS_ENGINE } from './tested-engines.js';
import { random } from './window-table.js';

const tf = loadTf();
const { layers: L } = tf;
const [STEPS, WIDTH] = [6, 2];
const MASKED = -1;

beforeAll(async () => {
  await tf.setBackend('cpu');
});

/** Sequences whose steps are now and then left out: at the end, in the middle, at the beginning. */
function batchOf({ batchSize: n, step, epoch }: BatchPlace) {
  const next = random(3 + step + 100 * epoch);
  const x = Float32Array.from({ length: n * STEPS * WIDTH }, () => 2 * next() - 1);
  for (let row = 0; row < n * STEPS; row++) {
    if (next() < 0.4) x.fill(MASKED, row * WIDTH, (row + 1) * WIDTH);
  }
  // One of its numbers is that value: such a step counts.
  x[0] = MASKED;
  const y = Float32Array.from({ length: n }, () => next());
  return { x, xShape: [n, STEPS, WIDTH], y, yShape: [n, 1] };
}

/** Initial weights that follow from a number, whatever the model. */
function seeded(model: LayersModel): LayersModel {
  const next = random(11);
  const weights = model.getWeights().map(({ shape, size }) =>
    tf.tensor(
      Float32Array.from({ length: size }, () => next() - 0.5),
      shape,
    ),
  );
  model.setWeights(weights);
  return model;
}

function chain(make: () => Layer[]): () => LayersModel {
  return () => {
    const input = tf.input({ shape: [STEPS, WIDTH], name: 'x' });
    const output = make().reduce((x, layer) => layer.apply(x) as SymbolicTensor, input);
    return seeded(tf.model({ inputs: input, outputs: output }));
  };
}

const mask = () => L.masking({ maskValue: MASKED, name: 'mask' });
const score = () => L.dense({ units: 1, activation: 'sigmoid' });

async function expectSameEnd(build: () => LayersModel): Promise<void> {
  const ends: number[][] = [];
  for (const engine of [TFJS_ENGINE, 'native'] as const) {
    const data = generatedData({ size: 48, make: batchOf });
    const { model } = await train(build(), data, { loss: 'meanSquaredError', steps: 10, batchSize: 16, engine });
    ends.push(weightsOf(model).flat());
  }
  expect(maxAbsDifference(ends[0]!, weightsOf(build()).flat())).toBeGreaterThan(0.005);
  expect(maxAbsDifference(ends[0]!, ends[1]!)).toBeLessThan(1e-5);
}

describe('a mask', () => {
  it.each<[string, () => LayersModel]>([
    ['before an LSTM', chain(() => [mask(), L.lstm({ units: 4 }), score()])],
    ['before a GRU backwards', chain(() => [mask(), L.gru({ units: 4, goBackwards: true }), score()])],
    [
      'through layers that keep it',
      chain(() => [
        mask(),
        L.dense({ units: 3, activation: 'tanh' }),
        L.dropout({ rate: 0 }),
        L.lstm({ units: 4, returnSequences: true }),
        L.timeDistributed({ layer: L.dense({ units: 3 }) }),
        L.gru({ units: 3, returnSequences: true }),
        L.lstm({ units: 2 }),
        score(),
      ]),
    ],
    [
      'before a layer in both directions',
      chain(() => [mask(), L.bidirectional({ layer: L.lstm({ units: 3 }), mergeMode: 'concat' }), score()]),
    ],
    [
      'before both directions, step by step',
      chain(() => [
        mask(),
        L.bidirectional({ layer: L.gru({ units: 3, returnSequences: true }), mergeMode: 'sum' }),
        L.lstm({ units: 2 }),
        score(),
      ]),
    ],
  ])('%s', async (_name, build) => {
    await expectSameEnd(build);
  });

  it('goes into a model inside the model and out of it', async () => {
    await expectSameEnd(() => {
      const inner = tf.sequential({
        name: 'inner',
        layers: [L.lstm({ units: 3, returnSequences: true, inputShape: [STEPS, WIDTH] })],
      });
      const input = tf.input({ shape: [STEPS, WIDTH] });
      const output = [mask(), inner, L.gru({ units: 2 }), score()].reduce(
        (x, layer) => layer.apply(x) as SymbolicTensor,
        input,
      );
      return seeded(tf.model({ inputs: input, outputs: output }));
    });
  });

  it('is a value of the graph, which recurrent layers read', () => {
    const graph = modelToGraph(chain(() => [mask(), L.lstm({ units: 4, returnSequences: true, name: 'read' })])());
    expect(graph.nodes.map(({ name, op, inputs, output }) => [name, op, inputs, output.shape])).toEqual([
      ['mask/mask', 'Mask', ['x'], [null, STEPS]],
      ['mask', 'Masking', ['x', 'mask/mask'], [null, STEPS, WIDTH]],
      ['read', 'Recurrent', ['mask', 'mask/mask'], [null, STEPS, 4]],
    ]);
  });

  it('is refused by name where tfjs refuses it', () => {
    expect(() => modelToGraph(chain(() => [mask(), L.flatten({ name: 'flat' })])())).toThrow(
      /input of layer "flat" \(Flatten\) must be without a mask/,
    );
  });
});

describe('states to begin with', () => {
  it.each(['lstm', 'gru'] as const)('of an %s, and what made them', async (kind) => {
    await expectSameEnd(() => {
      const input = tf.input({ shape: [STEPS, WIDTH], name: 'x' });
      const read = L.gru({ units: 3 }).apply(input) as SymbolicTensor;
      const states = Array.from(
        { length: kind === 'lstm' ? 2 : 1 },
        () => L.dense({ units: 4, activation: 'tanh' }).apply(read) as SymbolicTensor,
      );
      const masked = mask().apply(input) as SymbolicTensor;
      const layer = L[kind]({ units: 4 });
      const last = layer.apply(masked, { initialState: states }) as SymbolicTensor;
      return seeded(tf.model({ inputs: input, outputs: score().apply(last) as SymbolicTensor }));
    });
  });
});
