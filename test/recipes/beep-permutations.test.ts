import { describe, expect, test } from 'vitest';
import { FeatureDataset } from '../../src/dataset/index.js';
import { permutationFigures } from '../../src/recipes/beep-sequence/permutations.js';
import { shuffledTargets } from '../../src/recipes/beep-sequence/shuffle-targets.js';

describe('permutationFigures', () => {
  test('are mean, standard error and the part of permutations that reach the true figure', () => {
    // Deviations −.25, 0, 0, .25: variance .125 / 3, of the mean a quarter of that.
    const figures = permutationFigures([0.25, 0.5, 0.5, 0.75], 0.75);
    expect(figures).toMatchObject({ mean: 0.5, unpermuted: 0.75, pValue: 2 / 5 });
    expect(figures.standardError).toBeCloseTo(Math.sqrt(0.125 / 3 / 4), 12);
    expect(permutationFigures([0.25, 0.5], 0.9).pValue).toBe(1 / 3);
  });
});

describe('shuffledTargets', () => {
  const item = (id: string, targets: readonly number[]) => {
    return {
      id,
      group: id.slice(0, 5),
      features: new Float32Array(targets.length),
      targets: Float32Array.from(targets),
    };
  };
  const numbers = Array.from({ length: 40 }, (_, i) => i);
  const items = [
    item('train1', numbers.slice(0, 20)),
    item('other1', [100, 101, Number.NaN]),
    item('train2', [Number.NaN, ...numbers.slice(20), Number.NaN]),
  ];
  const shuffled = async (seed: number) => {
    const data = await FeatureDataset.from(items, { windowing: { size: 1, stride: 1 } });
    return [...shuffledTargets(seed)(data, ({ group }) => group === 'train').items()].map(({ targets }) => [
      ...targets!,
    ]);
  };

  test('deals the targets of training out anew, over all its recordings, each once', async () => {
    const [first, other, second] = await shuffled(1);
    expect(other).toEqual([100, 101, Number.NaN]);
    // Windows without a target stay without.
    expect(second!.map(Number.isNaN)).toEqual([true, ...numbers.slice(20).map(() => false), true]);
    const dealt = [...first!, ...second!.slice(1, -1)];
    expect([...dealt].sort((a, b) => a - b)).toEqual(numbers);
    expect(dealt.filter((target, i) => target === i).length).toBeLessThan(10);
    // Across recordings too.
    expect(first!.some((target) => target >= 20)).toBe(true);
  });

  test('follows from the seed', async () => {
    const [a, again, b] = await Promise.all([shuffled(1), shuffled(1), shuffled(2)]);
    expect(again).toEqual(a);
    expect(b).not.toEqual(a);
  });
});
