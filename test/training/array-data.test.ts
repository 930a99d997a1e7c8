import { beforeEach, describe, expect, it } from 'vitest';
import { inputNames, loadTf, outputNames } from '../../src/model/index.js';
import { arrayData, type TrainingBatch, train, type Values } from '../../src/training/index.js';
import { memoryModel, weightsOf } from './models.js';
import { random } from './window-table.js';

const LENGTH = 5;
const N = 40;
beforeEach(() => loadTf().setBackend('cpu'));

function zerosAndOnes(n: number): { inputs: Values; targets: Values } {
  const next = random(7);
  const data = Float32Array.from({ length: n * LENGTH }, () => Math.round(next()));
  const first = Float32Array.from({ length: n }, (_, i) => data[i * LENGTH]!);
  return { inputs: { data, shape: [n, LENGTH, 1] }, targets: { data: first, shape: [n, 1] } };
}

async function all(batches: AsyncIterable<TrainingBatch>): Promise<TrainingBatch[]> {
  const found: TrainingBatch[] = [];
  for await (const batch of batches) found.push(batch);
  return found;
}

const OPTIONS = { loss: 'binaryCrossentropy', batchSize: 16, engine: 'native', seed: 2 } as const;

describe('arrayData', () => {
  it('gives every window once an epoch, with its answer and weight, in an order of the seed', async () => {
    const data = Float32Array.from({ length: 3 * N }, (_, i) => i);
    const ofWindow = Float32Array.from({ length: N }, (_, i) => i);
    const made = arrayData({
      inputs: { data, shape: [N, 3] },
      targets: { data: ofWindow, shape: [N, 1] },
      weights: ofWindow.map((i) => i / 10),
    });
    const found = await all(made.batches({ batchSize: 16, shuffle: true, seed: 1 }));
    const ids = found.flatMap((batch) => [...batch.ids]);
    expect(ids).not.toEqual(Array.from({ length: N }, (_, i) => i));
    expect([...ids].sort((a, b) => a - b)).toEqual(Array.from({ length: N }, (_, i) => i));
    for (const batch of found) {
      if (!('x' in batch)) throw new Error('expected a batch without names');
      expect(batch.xShape).toEqual([batch.ids.length, 3]);
      expect([...batch.x]).toEqual([...batch.ids].flatMap((id) => [3 * id, 3 * id + 1, 3 * id + 2]));
      expect([...batch.y]).toEqual([...batch.ids]);
      expect([...(batch.weights ?? [])]).toEqual([...batch.ids].map((id) => Math.fround(Math.fround(id) / 10)));
    }
    expect(await all(made.batches({ batchSize: 16, shuffle: true, seed: 1 }))).toEqual(found);
  });

  it('leaves out windows without an answer, and draws classes alike', async () => {
    const { inputs } = zerosAndOnes(N);
    const data = Float32Array.from({ length: N }, (_, i) => (i < 4 ? 1 : i < 30 ? 0 : Number.NaN));
    const made = arrayData({ inputs, targets: { data, shape: [N, 1] } });
    const plain = await all(made.batches({ batchSize: N }));
    expect([...plain[0]!.ids]).toEqual(Array.from({ length: 30 }, (_, i) => i));
    const balanced = await all(made.batches({ batchSize: N, balance: 'index' }));
    const ids = balanced.flatMap((batch) => [...batch.ids]);
    expect(ids.filter((id) => id < 4)).toHaveLength(ids.length / 2);
  });

  it('teaches what it shows, and trains as the same windows by name', async () => {
    const { inputs, targets } = zerosAndOnes(640);
    const optimizer = { name: 'adam', learningRate: 0.02 } as const;
    const one = memoryModel(LENGTH);
    const data = arrayData({ inputs, targets });
    const run = await train(one, data, { ...OPTIONS, epochs: 5, optimizer, validation: data });
    expect(run.history.at(-1)!.valLoss).toBeLessThan(0.1);
    expect(await run.predict(data)).toHaveLength(640);

    const other = memoryModel(LENGTH);
    const named = arrayData({
      inputs: { [inputNames(other)[0]!]: inputs },
      targets: { [outputNames(other)[0]!]: targets },
    });
    await train(other, named, { ...OPTIONS, epochs: 5, optimizer, validation: named });
    expect(weightsOf(other)).toEqual(weightsOf(one));
  });

  it('needs no answers where a model learns its input', async () => {
    const tf = loadTf();
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 3, inputShape: [3] })] });
    const x = arrayData({ inputs: { data: Float32Array.from({ length: 60 }, (_, i) => Math.sin(i)), shape: [20, 3] } });
    const optimizer = { name: 'adam', learningRate: 0.05 } as const;
    const run = await train(model, x, {
      target: 'input',
      loss: 'meanSquaredError',
      epochs: 60,
      optimizer,
      engine: 'native',
    });
    expect(run.history.at(-1)!.loss).toBeLessThan(run.history[0]!.loss / 2);
  });

  const x: Values = { data: new Float32Array(6), shape: [2, 3] };
  it.each([
    [
      { inputs: { data: new Float32Array(5), shape: [2, 3] } },
      'ERR_SHAPE',
      /inputs must be 2 windows.*got "5 of shape/,
    ],
    [{ inputs: { data: new Float32Array(0), shape: [0, 3] } }, 'ERR_SHAPE', /inputs must be some windows/],
    [{ inputs: x, targets: { data: new Float32Array(3), shape: [3, 1] } }, 'ERR_SHAPE', /targets must be 2 windows/],
    [{ inputs: { a: x }, targets: { b: { data: new Float32Array(3), shape: [3] } } }, 'ERR_SHAPE', /targets "b"/],
    [
      { inputs: x, weights: new Float32Array(3) },
      'ERR_SHAPE',
      /weights must be one number for each of 2 windows, got 3/,
    ],
    [{ inputs: x, targets: { y: x } }, 'ERR_OPTION', /targets must be one array, as inputs is, got "names"/],
    [{ inputs: { x }, targets: x }, 'ERR_OPTION', /targets must be by name, as inputs are, got "one array"/],
  ])('says what is wrong (%#)', (given, code, message) => {
    expect(() => arrayData(given)).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }));
  });
});
