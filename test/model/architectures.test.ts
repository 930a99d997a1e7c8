import { afterEach, describe, expect, it, vi } from 'vitest';
import { graphWeights } from '../../src/graph/index.js';
import { loadTf, modelToGraph, seededDropout, sequenceLstm, toneCnn } from '../../src/model/index.js';

const tf = loadTf();

afterEach(() => vi.restoreAllMocks());

describe('sequenceLstm', () => {
  it('has the 19 721 parameters of seed 0 and its layers', () => {
    const model = sequenceLstm();
    expect(model.countParams()).toBe(19_721);
    expect(model.inputs[0]!.shape).toEqual([null, 40, 1]);
    expect(model.layers.map(({ name }) => name)).toEqual(['input', 'lstm1', 'dropout1', 'lstm2', 'dropout2', 'score']);
  });

  it('offers the hard sigmoid of Keras 1', () => {
    const nodes = modelToGraph(sequenceLstm({ recurrentActivation: 'hardSigmoid' })).nodes;
    const recurrent = nodes.flatMap((node) => (node.op === 'Recurrent' ? [node.cell.recurrentActivation] : []));
    expect(recurrent).toEqual(['hardSigmoid', 'hardSigmoid']);
  });

  it('starts from orthonormal recurrent kernels, forget bias 1, and says nothing', () => {
    const warn = vi.spyOn(console, 'warn');
    const weights = new Map(graphWeights(modelToGraph(sequenceLstm())).map((w) => [w.name, w]));
    const { data } = weights.get('lstm1/recurrentKernel')!;
    const rows = Array.from({ length: 40 }, (_, row) => data.subarray(row * 160, (row + 1) * 160));
    for (const a of [0, 7, 39]) {
      for (const b of [0, 7, 39]) {
        const product = rows[a]!.reduce((sum, value, i) => sum + value * rows[b]![i]!, 0);
        expect(product).toBeCloseTo(a === b ? 1 : 0, 5);
      }
    }
    const bias = weights.get('lstm2/bias')!.data;
    expect(bias.reduce((sum, value) => sum + value, 0)).toBe(40);
    expect([...bias.subarray(40, 80)]).toEqual(new Array(40).fill(1));
    expect(warn.mock.calls.flat().join(' ')).not.toMatch(/[Oo]rthogonal/);
  });
});

describe('toneCnn', () => {
  it('has named layers and one score', () => {
    const model = toneCnn({ bins: 601 });
    expect(model.layers.map(({ name }) => name)).toEqual([
      'input',
      'conv1',
      'pool1',
      'dropout1',
      'conv2',
      'pool2',
      'conv3',
      'pool3',
      'flatten',
      'dense1',
      'dropout2',
      'score',
    ]);
    expect(model.outputs[0]!.shape).toEqual([null, 1]);
    const kernels = model.getLayer('conv3').getWeights();
    expect(kernels[0]!.shape).toEqual([9, 16, 24]);
  });

  it('takes as many blocks as there is room for, four from 936 bins on', () => {
    const blocks = (bins: number) => toneCnn({ bins }).layers.filter(({ name }) => name.startsWith('conv')).length;
    expect([935, 936, 232, 231, 56, 55, 12].map(blocks)).toEqual([3, 4, 3, 2, 2, 1, 1]);
  });

  it.each([
    [
      { bins: 935, filters: [8, 16, 24, 32] },
      /bins must be at least 936 for 4 block\(s\) of kernelSize 9 and pool 4, got 935/,
    ],
    [{ bins: 11 }, /bins must be at least 12 for 1 block/],
    [{ bins: 601, filters: [] }, /filters must be at least one number/],
    [{ bins: 601, filters: [8, 0] }, /filters\[1\] must be a positive whole number, got 0/],
    [{ bins: 6.5 }, /bins must be a positive whole number/],
    [{ bins: 601, dropout: 1 }, /dropout must be in \[0, 1\), got 1/],
    [{ bins: 601, scoreBias: Number.NaN }, /scoreBias must be a finite number, got NaN/],
  ])('refuses %j', (options, message) => {
    expect(() => toneCnn(options)).toThrow(
      expect.objectContaining({ code: 'ERR_OPTION', message: expect.stringMatching(message) }),
    );
  });

  it('starts at the base rate where its log-odds are given', () => {
    const [plain, biased] = [{}, { scoreBias: -2.5 }].map((o) => {
      return toneCnn({ bins: 300, seed: 4, ...o })
        .getWeights()
        .map((weight) => [...weight.dataSync()]);
    });
    expect([plain!.at(-1), biased!.at(-1)]).toEqual([[0], [-2.5]]);
    expect(biased!.slice(0, -1)).toEqual(plain!.slice(0, -1));
  });

  it('starts from the same numbers for the same seed only', () => {
    expect(modelToGraph(toneCnn({ bins: 300, seed: 4 }))).toEqual(modelToGraph(toneCnn({ bins: 300, seed: 4 })));
    expect(modelToGraph(toneCnn({ bins: 300, seed: 4 }))).not.toEqual(modelToGraph(toneCnn({ bins: 300, seed: 5 })));
  });
});

describe('seededDropout', () => {
  const x = tf.ones([1000]);
  const masks = (seed: number) => {
    const layer = seededDropout({ name: 'd', rate: 0.25, seed });
    return [0, 1].map(() => tf.tidy(() => [...(layer.call(x, { training: true }) as typeof x).dataSync()]));
  };

  it('draws the same masks again, another at every step, and keeps the mean', () => {
    const [first, second] = masks(3);
    expect(masks(3)).toEqual([first, second]);
    expect(first).not.toEqual(second);
    expect(masks(4)[0]).not.toEqual(first);
    const kept = first!.filter((value) => value !== 0);
    expect(kept.length / 1000).toBeGreaterThan(0.7);
    expect(kept.length / 1000).toBeLessThan(0.8);
    for (const value of kept) expect(value).toBeCloseTo(1 / 0.75, 5);
  });

  it('is the identity outside training', () => {
    const layer = seededDropout({ name: 'd', rate: 0.25, seed: 1 });
    expect(layer.call(x, {})).toBe(x);
  });

  it('is read as dropout', () => {
    const dropped = modelToGraph(sequenceLstm({ dropout: 0.3 })).nodes.flatMap((n) =>
      n.op === 'Dropout' ? [n.rate] : [],
    );
    expect(dropped).toEqual([0.3, 0.3]);
  });
});
