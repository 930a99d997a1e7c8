import { beforeAll, describe, expect, it } from 'vitest';
import { loadTf } from '../../src/model/index.js';
import { LearningRate } from '../../src/training/learning-rate.js';
import { OPTIMIZER_NAMES, type OptimizerOptions, optimizerConfig, Updater } from '../../src/training/optimizers.js';
import { learningRateAt } from '../../src/training/schedules.js';

const tf = loadTf();
const DECAY = { schedule: 'cosineDecay', initial: 0.8, decaySteps: 4, alpha: 0.25 } as const;

beforeAll(async () => {
  await tf.setBackend('cpu');
});

/** Where a weight of 1 goes under a gradient of `gradient` at each step. */
function path(options: OptimizerOptions, gradients: readonly (readonly number[])[]): number[][] {
  const name = `weight-${path.made++}`;
  const weight = tf.variable(tf.ones([gradients[0]!.length]), true, name);
  const config = optimizerConfig(options);
  const updater = new Updater(config);
  const rate = new LearningRate(config.learningRate ?? 0);
  const places = gradients.map((gradient) => {
    const tensor = tf.tensor1d([...gradient]);
    updater.apply({ [name]: tensor }, rate.next());
    tensor.dispose();
    return [...weight.dataSync()];
  });
  updater.dispose();
  weight.dispose();
  return places;
}
path.made = 0;

describe('cosine decay', () => {
  it('follows Keras’s formula and stays at its end', () => {
    // (1 + cos(πk/4)) / 2 for k = 0 … 4 is 1, .853553, .5, .146447, 0; then 0.8 · (.75 · that + .25).
    const rates = [0, 1, 2, 3, 4, 5, 100].map((step) => learningRateAt(step, DECAY));
    for (const [step, rate] of [0.8, 0.712132, 0.5, 0.287868, 0.2, 0.2, 0.2].entries())
      expect(rates[step]).toBeCloseTo(rate, 6);
    expect(learningRateAt(7, 0.3)).toBe(0.3);
  });

  it('moves plain SGD by the rate of each step', () => {
    const places = path({ name: 'sgd', learningRate: DECAY }, [[1], [1], [1], [1], [1]]).map(([x]) => x!);
    const moved = places.map((x, i) => (i === 0 ? 1 : places[i - 1]!) - x);
    for (const [step, rate] of [0.8, 0.712132, 0.5, 0.287868, 0.2].entries()) expect(moved[step]).toBeCloseTo(rate, 5);
  });

  it.each(OPTIMIZER_NAMES)('reaches the rule of %s', (name) => {
    const gradients = Array.from({ length: 4 }, () => [0.3]);
    const decayed = path({ name, learningRate: { ...DECAY, alpha: 0 } }, gradients).map(([x]) => x!);
    const constant = path({ name, learningRate: 0.8 }, gradients).map(([x]) => x!);
    expect(decayed[0]).toBeCloseTo(constant[0]!, 6); // the first step has the initial rate
    expect(1 - decayed[3]!).toBeLessThan(0.9 * (1 - constant[3]!));
    expect(decayed[3]).toBeLessThan(decayed[0]!);
  });

  it('moves momentum SGD too', () => {
    const gradients = [[1], [1]];
    const [, second] = path(
      { name: 'sgd', momentum: 0.5, learningRate: { ...DECAY, decaySteps: 1, alpha: 0.5 } },
      gradients,
    );
    // Rates .8 and .4, velocities 1 and 1.5: 1 − .8 − .6.
    expect(second![0]).toBeCloseTo(-0.4, 5);
  });

  it.each([
    [{ ...DECAY, initial: 0 }, 'optimizer.learningRate.initial must be a positive number, got 0'],
    [{ ...DECAY, decaySteps: -1 }, 'optimizer.learningRate.decaySteps must be a positive number, got -1'],
    [{ ...DECAY, alpha: 1 }, 'optimizer.learningRate.alpha must be in [0, 1), got 1'],
  ])('refuses %o', (learningRate, message) => {
    expect(() => optimizerConfig({ name: 'adam', learningRate })).toThrow(message);
  });
});

describe('globalClipNorm', () => {
  it('scales gradients down to the norm they may have together, and leaves smaller ones alone', () => {
    // ‖(3, 4)‖ = 5 → (.6, .8) at a limit of 1; ‖(.3, .4)‖ = .5 stays.
    const [first, second] = path({ name: 'sgd', learningRate: 1, globalClipNorm: 1 }, [
      [3, 4],
      [0.3, 0.4],
    ]);
    expect(first![0]).toBeCloseTo(1 - 0.6, 6);
    expect(first![1]).toBeCloseTo(1 - 0.8, 6);
    expect(second![0]).toBeCloseTo(1 - 0.6 - 0.3, 6);
    expect(second![1]).toBeCloseTo(1 - 0.8 - 0.4, 6);
  });

  it('takes the norm over all weights together', () => {
    const a = tf.variable(tf.ones([1]), true, 'clip-a');
    const b = tf.variable(tf.ones([1]), true, 'clip-b');
    const updater = new Updater(optimizerConfig({ name: 'sgd', learningRate: 1, globalClipNorm: 1 }));
    updater.apply({ 'clip-a': tf.tensor1d([3]), 'clip-b': tf.tensor1d([4]) }, 1);
    expect(a.dataSync()[0]).toBeCloseTo(0.4, 6);
    expect(b.dataSync()[0]).toBeCloseTo(0.2, 6);
    updater.dispose();
    tf.dispose([a, b]);
  });

  it('keeps no tensor of a step', () => {
    const left = (steps: number) => {
      const before = tf.memory().numTensors;
      path(
        { name: 'adam', learningRate: DECAY, globalClipNorm: 1 },
        Array.from({ length: steps }, () => [2]),
      );
      return tf.memory().numTensors - before;
    };
    // tfjs's Adam itself keeps one number when it is disposed.
    expect(left(1)).toBeLessThanOrEqual(1);
    expect(left(20)).toBe(left(1));
  });

  it('refuses a limit that is not positive', () => {
    expect(() => optimizerConfig({ name: 'adam', globalClipNorm: 0 })).toThrow(
      'optimizer.globalClipNorm must be a positive number, got 0',
    );
  });
});
