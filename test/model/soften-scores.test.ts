import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { ModelError } from '../../src/errors.js';
import { softened, softenScores, toneCnn } from '../../src/model/index.js';

const BY = { temperature: 2, shift: 2 };

describe('softenScores', () => {
  test('every score becomes what softened says, ranks stay', () => {
    const model = toneCnn({ bins: 120, filters: [4], denseUnits: 8, scoreBias: -2, seed: 3 });
    const x = tf.randomNormal([64, 120, 1], 0, 3, 'float32', 5);
    const scores = () => [...(model.predict(x) as tf.Tensor).dataSync()];
    const before = scores();
    softenScores(model, BY);
    const after = scores();
    expect(new Set(before).size).toBeGreaterThan(32);
    for (const [i, p] of before.entries()) expect(after[i]).toBeCloseTo(softened(p, BY), 5);
    const ranks = (values: number[]) => values.map((_, i) => i).sort((a, b) => values[a]! - values[b]!);
    expect(ranks(after)).toEqual(ranks(before));
    model.dispose();
    x.dispose();
  });

  test('an even score with temperature 1 is shifted by log-odds, temperature 2 halves them', () => {
    expect(softened(0.5, { temperature: 1, shift: Math.log(3) })).toBeCloseTo(0.75, 12);
    expect(softened(0.9, { temperature: 2, shift: 0 })).toBeCloseTo(0.75, 12);
  });

  test('a model that ends in anything but one sigmoid unit is refused by layer', () => {
    const model = tf.sequential({ layers: [tf.layers.dense({ name: 'out', units: 2, inputShape: [3] })] });
    expect(() => softenScores(model, BY)).toThrow(ModelError);
    expect(() => softenScores(model, BY)).toThrow(/one sigmoid unit.*got Dense "out"/);
    model.dispose();
  });
});
