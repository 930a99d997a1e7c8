import { describe, expect, it } from 'vitest';
import { defineSpec, modelNames, ownModel, type SpecInput, specOfModel } from '../../src/spec/index.js';

const DECISION = { threshold: 0.4, chosenBy: 'f1, validation' };
const CHAIN: SpecInput = {
  task: 'sequence',
  audio: { sampleRate: 16_000 },
  features: { kind: 'stft', nFft: 400, hopLength: 80, power: 2, center: false },
  stages: [
    { windowing: { size: 1 }, model: 'a.onnx', labels: ['none', 'tone'], positive: 'tone', decision: DECISION },
    { decimate: 4 },
    { windowing: { size: 5 }, model: 'b.onnx' },
    { binarize: 0.5 },
    { windowing: { size: 3 }, model: 'c.onnx' },
    { decimate: 2 },
  ],
  aggregate: 'max',
  labels: ['other', 'alarm'],
  positive: 'alarm',
  decision: { threshold: 0.9 },
};
const chain = defineSpec(CHAIN);
const withStages = (stages: SpecInput['stages']) => defineSpec({ ...CHAIN, stages });

describe('specOfModel', () => {
  it('is the chain up to the stage of a model, with what the stage says for it', () => {
    const { labels, positive, decision, ...bare } = chain.stages[0] as Record<string, unknown>;
    expect(specOfModel(chain, 'a.onnx').toJSON()).toEqual({
      ...chain.toJSON(),
      task: 'detect',
      aggregate: 'none',
      stages: [bare],
      ...{ labels, positive, decision },
    });
    const second = specOfModel(chain, 'b.onnx');
    expect(second).toMatchObject({ stages: chain.stages.slice(0, 3), labels: [], positive: null, decision: null });
    expect([modelNames(second), ownModel(second)]).toEqual([['a.onnx', 'b.onnx'], 'b.onnx']);
  });

  it('is all of it for the last model', () => {
    expect(specOfModel(chain, 'c.onnx')).toBe(chain);
  });

  it('is the same in the chain and in a part of it', () => {
    const part = specOfModel(chain, 'b.onnx');
    expect(specOfModel(part, 'a.onnx').hash).toBe(specOfModel(chain, 'a.onnx').hash);
    expect(specOfModel(part, 'b.onnx')).toBe(part);
  });

  it('reaches to the last use of a model that is used twice', () => {
    const twice = withStages([
      { windowing: { size: 1 }, model: 'a.onnx' },
      { windowing: { size: 1 }, model: 'a.onnx' },
      { windowing: { size: 1 }, model: 'b.onnx' },
      { windowing: { size: 1 }, model: 'c.onnx' },
      { windowing: { size: 1 }, model: 'b.onnx' },
      { windowing: { size: 1 }, model: 'c.onnx' },
    ]);
    expect(specOfModel(twice, 'a.onnx').stages).toHaveLength(2);
    expect(specOfModel(twice, 'b.onnx').stages).toHaveLength(5);
    expect(specOfModel(twice, 'c.onnx')).toBe(twice);
  });

  it('refuses a model that is not there', () => {
    expect(() => specOfModel(chain, 'd.onnx')).toThrow('model must be a.onnx, b.onnx, c.onnx, got "d.onnx"');
    expect(ownModel(withStages([{ windowing: { size: 1 } }]))).toBeNull();
  });
});

describe('what a stage says for its model alone', () => {
  it('counts in the hash, but for where it comes from', () => {
    const changed = (decision: object) =>
      withStages([
        { ...CHAIN.stages![0]!, decision: { ...DECISION, ...decision } } as never,
        ...CHAIN.stages!.slice(1),
      ]);
    expect(changed({ threshold: 0.5 }).hash).not.toBe(chain.hash);
    expect(changed({ chosenBy: 'hand' }).hash).toBe(chain.hash);
    expect(Object.isFrozen((changed({}).stages[0] as { decision: object }).decision)).toBe(true);
  });

  it.each([
    ['of the last model', [{ windowing: { size: 1 }, model: 'a.onnx', decision: DECISION }], 'stages[0].decision'],
    ['of no model', [{ windowing: { size: 1 }, labels: ['x'] }], 'stages[0].labels'],
    [
      'of a model whose last use comes later',
      [
        { windowing: { size: 1 }, model: 'a.onnx', decision: DECISION },
        { windowing: { size: 1 }, model: 'a.onnx' },
        { windowing: { size: 1 }, model: 'b.onnx' },
      ],
      'stages[0].decision',
    ],
  ])('is refused where it is %s', (_, stages, path) => {
    expect(() => withStages(stages)).toThrow(`${path} must be left out but in the last stage of a model that is not`);
  });

  it('is checked as the same in the spec itself', () => {
    const [first] = CHAIN.stages!;
    const second = { windowing: { size: 1 }, model: 'b.onnx' };
    expect(() => withStages([{ ...first!, positive: 'beep' } as never, second])).toThrow(
      'stages[0].positive must be one of its labels (none, tone), got "beep"',
    );
    expect(() => withStages([{ ...first!, decision: { treshold: 1 } } as never, second])).toThrow(
      /stages\[0\]\.decision/,
    );
  });
});
