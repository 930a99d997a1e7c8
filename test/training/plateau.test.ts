import { describe, expect, it } from 'vitest';
import type { LayersModel } from '../../src/model/index.js';
import type { EpochRecord, ReduceLROnPlateau } from '../../src/training/index.js';
import { train } from '../../src/training/index.js';
import { Plateau } from '../../src/training/plateau.js';
import { weightsOf, xorModel } from './models.js';
import { TFJS_ENGINE } from './tested-engines.js';
import { xorTable } from './window-table.js';

/** How far apart the weights of two models are. */
function moved(a: LayersModel, b: LayersModel): number {
  const other = weightsOf(b).flat();
  return Math.hypot(
    ...weightsOf(a)
      .flatMap((values) => [...values])
      .map((x, i) => x - other[i]!),
  );
}

/** The rates after each of these validation losses, from a rate of 1. */
function rates(o: Omit<ReduceLROnPlateau, 'kind'>, losses: readonly number[]): number[] {
  const plateau = new Plateau(o);
  let rate = 1;
  return losses.map((valLoss, i) => {
    const record: EpochRecord = { epoch: i + 1, steps: 1, loss: 0, valLoss, learningRate: rate, seconds: 0 };
    rate = plateau.next(record, rate);
    return rate;
  });
}

describe('reduceLROnPlateau', () => {
  it('waits, lowers the rate, and waits anew', () => {
    // Worse twice, better once (the count starts again), then worse for good.
    expect(rates({ patience: 2, factor: 0.5 }, [1, 2, 0.9, 1, 1, 1, 1])).toEqual([1, 1, 1, 1, 0.5, 0.5, 0.25]);
    expect(rates({ patience: 1, factor: 0.5 }, [1, 1, 1])).toEqual([1, 0.5, 0.25]);
  });

  it('takes less than minDelta for nothing, measured from the best', () => {
    expect(rates({ patience: 2, factor: 0.5, minDelta: 0.25 }, [1, 0.875, 0.75])).toEqual([1, 1, 0.5]);
    expect(rates({ patience: 2, factor: 0.5, minDelta: 0.25 }, [1, 0.875, 0.625])).toEqual([1, 1, 1]);
  });

  it('does not count the epochs of a cooldown', () => {
    // Keras counts a cooldown down before it asks whether one is on, so a cooldown of 1 leaves no epoch out.
    expect(rates({ patience: 1, factor: 0.5, cooldown: 1 }, [1, 1, 1, 1])).toEqual([1, 0.5, 0.25, 0.125]);
    expect(rates({ patience: 1, factor: 0.5, cooldown: 3 }, [1, 1, 1, 1, 1, 1])).toEqual([
      1, 0.5, 0.5, 0.5, 0.25, 0.25,
    ]);
  });

  it('has a floor', () => {
    expect(rates({ patience: 1, factor: 0.5, minLearningRate: 0.4 }, [1, 1, 1, 1])).toEqual([1, 0.5, 0.4, 0.4]);
  });

  it('has Keras’s defaults: a tenth after ten epochs', () => {
    const after = rates(
      {},
      Array.from({ length: 12 }, () => 1),
    );
    expect(after.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => 1));
    expect(after[10]).toBeCloseTo(0.1, 12);
  });

  it('watches accuracy as what should grow', () => {
    const plateau = new Plateau({ monitor: 'valAccuracy', patience: 1, factor: 0.5 });
    const seen = [0.5, 0.75, 0.75].map((valAccuracy, i) =>
      plateau.next({ epoch: i + 1, steps: 1, loss: 1, valAccuracy, learningRate: 1, seconds: 0 }, 1),
    );
    expect(seen).toEqual([1, 1, 0.5]);
  });
});

describe('training with a rate that falls', () => {
  const options = { loss: 'binaryCrossentropy', batchSize: 16, engine: TFJS_ENGINE, seed: 3 } as const;
  // No loss is better by 1000, so the rate falls after every second epoch.
  const falling = { kind: 'reduceLROnPlateau', patience: 1, factor: 0.25, minDelta: 1000 } as const;

  it('moves the weights by the lower rate, from the next epoch on', async () => {
    const optimizer = { name: 'sgd', learningRate: 0.5 } as const;
    const run = await train(xorModel(), xorTable(32, 1), { ...options, optimizer, epochs: 4, callbacks: [falling] });
    expect(run.history.map(({ learningRate }) => learningRate)).toEqual([0.5, 0.5, 0.125, 0.03125]);
    // The same by hand: each epoch's rate for both of its steps, on the same batches.
    const steady = await train(xorModel(), xorTable(32, 1), { ...options, optimizer, epochs: 2 });
    const two = await train(xorModel(), xorTable(32, 1), { ...options, optimizer, epochs: 2, callbacks: [falling] });
    expect(weightsOf(two.model)).toEqual(weightsOf(steady.model));
    const four = await train(xorModel(), xorTable(32, 1), { ...options, optimizer, epochs: 4 });
    expect(moved(two.model, run.model)).toBeLessThan(0.5 * moved(two.model, four.model));
    expect(moved(two.model, run.model)).toBeGreaterThan(0);
  });

  it('records the rate of a schedule', async () => {
    const learningRate = { schedule: 'exponentialDecay', initial: 0.5, decaySteps: 2, decayRate: 0.5 } as const;
    const { history } = await train(xorModel(), xorTable(32, 1), {
      ...options,
      optimizer: { name: 'sgd', learningRate },
      epochs: 3,
    });
    // Two steps an epoch: the last ones are 1, 3 and 5.
    for (const [i, rate] of [0.353553, 0.176777, 0.088388].entries()) {
      expect(history[i]!.learningRate).toBeCloseTo(rate, 6);
    }
  });

  it.each([
    [{ ...falling, factor: 1 }, 'factor must be in (0, 1), got 1'],
    [{ ...falling, patience: 0 }, 'patience must be a positive whole number, got 0'],
    [{ ...falling, minDelta: -1 }, 'minDelta must be a number from 0 on, got -1'],
    [{ ...falling, cooldown: 0.5 }, 'cooldown must be a whole number from 0 on, got 0.5'],
    [{ ...falling, minLearningRate: -1 }, 'minLearningRate must be a number from 0 on, got -1'],
    [{ ...falling, monitor: 'valLoss' as const }, 'monitor must be loss | accuracy without a validation part'],
  ])('refuses %o', async (callback, message) => {
    const run = train(xorModel(), xorTable(8, 1), { ...options, epochs: 1, callbacks: [callback] });
    await expect(run).rejects.toThrow(message);
  });

  it('refuses a schedule beside it', async () => {
    const learningRate = { schedule: 'cosineDecay', initial: 0.5, decaySteps: 2 } as const;
    const optimizer = { name: 'sgd', learningRate } as const;
    const run = train(xorModel(), xorTable(8, 1), { ...options, optimizer, epochs: 1, callbacks: [falling] });
    await expect(run).rejects.toThrow(
      'optimizer.learningRate must be a number with reduceLROnPlateau, got "a schedule"',
    );
  });
});
