import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadTf } from '../../src/model/index.js';
import { type BatchPlace, type GeneratedBatch, generatedData, train } from '../../src/training/index.js';
import { memoryModel, weightsOf } from './models.js';
import { random } from './window-table.js';

const LENGTH = 5;
let out: string;
beforeEach(async () => {
  out = await mkdtemp(join(tmpdir(), 'cochlea-generated-'));
  await loadTf().setBackend('cpu');
});
afterEach(() => rm(out, { recursive: true }));

/** Zeros and ones; the label is the first of them. */
function sequences({ epoch, step, batchSize, seed }: BatchPlace): GeneratedBatch {
  const next = random(1 + 1000 * seed + 100 * epoch + step);
  const x = Float32Array.from({ length: batchSize * LENGTH }, () => Math.round(next()));
  const y = Float32Array.from({ length: batchSize }, (_, i) => x[i * LENGTH]!);
  return { x, xShape: [batchSize, LENGTH, 1], y, yShape: [batchSize, 1] };
}

const OPTIONS = { loss: 'binaryCrossentropy', batchSize: 16, engine: 'native', seed: 2 } as const;

describe('generated data', () => {
  it('ask for every batch once, the last of an epoch with what is left', async () => {
    const asked: BatchPlace[] = [];
    const make = (place: BatchPlace) => {
      asked.push(place);
      return sequences(place);
    };
    await train(memoryModel(LENGTH), generatedData({ size: 40, make }), { ...OPTIONS, epochs: 2 });
    const trained = asked.filter(({ batchSize }) => batchSize > 1);
    expect(trained).toEqual(
      [0, 1].flatMap((epoch) => [16, 16, 8].map((batchSize, step) => ({ batchSize, epoch, step, seed: 2 }))),
    );
  });

  it('teach what they show', async () => {
    const data = generatedData({ size: 640, make: sequences });
    const optimizer = { name: 'adam', learningRate: 0.02 } as const;
    const run = await train(memoryModel(LENGTH), data, { ...OPTIONS, epochs: 5, optimizer, validation: data });
    expect(run.history.at(-1)!.valLoss).toBeLessThan(0.1);
  });

  it('go on in the middle of an epoch', async () => {
    const asked = { ...OPTIONS, epochs: 2 };
    const whole = await train(memoryModel(LENGTH), generatedData({ size: 64, make: sequences }), asked);
    const abort = new AbortController();
    const make = (place: BatchPlace) => {
      if (place.epoch === 1 && place.step === 2) abort.abort();
      return sequences(place);
    };
    const cut = train(memoryModel(LENGTH), generatedData({ size: 64, make }), { ...asked, out, signal: abort.signal });
    await expect(cut).rejects.toMatchObject({ code: 'ERR_TASK_ABORTED' });
    const again = await train(memoryModel(LENGTH), generatedData({ size: 64, make: sequences }), { ...asked, out });
    expect(again.resumed).toBe(true);
    expect(weightsOf(again.model)).toEqual(weightsOf(whole.model));
  });

  it.each<[string, (place: BatchPlace) => GeneratedBatch, RegExp]>([
    [
      'too few windows',
      (place) => sequences({ ...place, batchSize: 1 + place.batchSize }),
      /x of the batch at epoch 0, step 0 must be 1 windows, .*got "10 of shape \[2, 5, 1\]"/,
    ],
    [
      'fewer numbers than the shape says',
      (place) => ({ ...sequences(place), y: new Float32Array(0) }),
      /y of the batch.*got "0 of shape \[1, 1\]"/,
    ],
  ])('are refused with %s', async (_name, make, message) => {
    const run = train(memoryModel(LENGTH), generatedData({ size: 64, make }), { ...OPTIONS, epochs: 1 });
    await expect(run).rejects.toThrow(message);
  });

  it('refuse what they cannot do', async () => {
    const data = generatedData({ size: 64, make: sequences });
    const run = train(memoryModel(LENGTH), data, { ...OPTIONS, epochs: 1, balance: 'index' });
    await expect(run).rejects.toThrow(/balance must be "none" for generated data/);
    expect(() => generatedData({ size: 0, make: sequences })).toThrow(/size must be a positive whole number, got 0/);
  });
});
