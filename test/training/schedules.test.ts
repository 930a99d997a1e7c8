import { describe, expect, it } from 'vitest';
import { optimizerConfig } from '../../src/training/optimizers.js';
import { learningRateAt } from '../../src/training/schedules.js';

const DECAY = { schedule: 'exponentialDecay', initial: 0.8, decaySteps: 4, decayRate: 0.25 } as const;

describe('exponential decay', () => {
  it('follows Keras’s formula: a quarter every four steps, so half every two', () => {
    const rates = [0, 1, 2, 4, 8, 12].map((step) => learningRateAt(step, DECAY));
    for (const [i, rate] of [0.8, 0.565685, 0.4, 0.2, 0.05, 0.0125].entries()) expect(rates[i]).toBeCloseTo(rate, 6);
  });

  it('falls in stairs where asked', () => {
    const rates = [0, 3, 4, 7, 8].map((step) => learningRateAt(step, { ...DECAY, staircase: true }));
    for (const [i, rate] of [0.8, 0.8, 0.2, 0.2, 0.05].entries()) expect(rates[i]).toBeCloseTo(rate, 12);
  });

  it.each([
    [{ ...DECAY, initial: 0 }, 'optimizer.learningRate.initial must be a positive number, got 0'],
    [{ ...DECAY, decaySteps: Number.NaN }, 'optimizer.learningRate.decaySteps must be a positive number, got NaN'],
    [{ ...DECAY, decayRate: 1 }, 'optimizer.learningRate.decayRate must be in (0, 1), got 1'],
    [{ ...DECAY, decayRate: 0 }, 'optimizer.learningRate.decayRate must be in (0, 1), got 0'],
    [
      // Wrong on purpose, as from JavaScript.
      JSON.parse(`{ "schedule": "linearDecay" }`),
      'optimizer.learningRate.schedule must be cosineDecay | exponentialDecay, got "linearDecay"',
    ],
  ])('refuses %o', (learningRate, message) => {
    expect(() => optimizerConfig({ name: 'adam', learningRate })).toThrow(message);
  });
});
