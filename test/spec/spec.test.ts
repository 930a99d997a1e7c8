import { describe, expect, it } from 'vitest';
import { ParameterError } from '../../src/errors.js';
import { defineSpec, effectiveFeatures, featureHash, parseSpec, type SpecInput } from '../../src/spec/index.js';

const ENGINE = { numericVersion: 1, device: 'cpu' };

/** The main job's chain: 4 kHz tone CNN, every 20th value, sequence model. */
const CHAIN: SpecInput = {
  task: 'detect',
  audio: { sampleRate: 16_000 },
  features: {
    kind: 'stft',
    nFft: 2400,
    hopLength: 80,
    window: 'blackman',
    windowSymmetry: 'symmetric',
    center: false,
    power: 2,
    scale: 'db',
    fMin: 2000,
    fMax: 6000,
  },
  stages: [
    { windowing: { size: 1 }, normalize: { kind: 'standard', mean: [-40], std: [12] }, model: 'tone.onnx' },
    { binarize: 0.5 },
    { decimate: 20 },
    { windowing: { size: 40, stride: 1 }, model: 'sequence.onnx' },
  ],
  labels: ['background', 'beep-sequence'],
  positive: 'beep-sequence',
  decision: { threshold: 0.5, chosenBy: 'f1 on validation', onset: 'active', mergeGapMs: 1000 },
};

function thrownBy(run: () => unknown): ParameterError {
  try {
    run();
  } catch (error) {
    if (error instanceof ParameterError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

const without = (field: string) => Object.fromEntries(Object.entries(CHAIN).filter(([key]) => key !== field));

describe('defineSpec', () => {
  it('fills in every default', () => {
    const spec = defineSpec({ task: 'classify', audio: { sampleRate: 16_000 }, features: { kind: 'logMel' } });
    expect(spec.toJSON()).toEqual({
      cochlea: 1,
      task: 'classify',
      audio: { sampleRate: 16_000, channel: 0, normalize: 'none' },
      features: {
        kind: 'logMel',
        preset: 'librosa',
        sampleRate: 16_000,
        nFft: 2048,
        winLength: 2048,
        hopLength: 512,
        window: 'hann',
        windowSymmetry: 'periodic',
        center: true,
        padMode: 'constant',
        power: 2,
        nMels: 128,
        fMin: 0,
        fMax: 8000,
        melScale: 'slaney',
        melNorm: 'slaney',
        ref: 1,
        amin: 1e-10,
        topDb: 80,
      },
      stages: [],
      aggregate: 'none',
      labels: [],
      positive: null,
      decision: null,
    });
    expect(defineSpec(CHAIN).stages[0]).toEqual({
      windowing: { size: 1, stride: 1, tail: 'drop', padValue: 0 },
      normalize: { kind: 'standard', mean: [-40], std: [12] },
      model: 'tone.onnx',
    });
    expect(defineSpec(CHAIN).decision).toEqual({
      threshold: 0.5,
      chosenBy: 'f1 on validation',
      minDurationMs: 0,
      mergeGapMs: 1000,
      onset: 'active',
      activeThreshold: 0.5,
    });
  });

  it('is frozen all the way down', () => {
    const spec = defineSpec(CHAIN);
    expect(() => Reflect.set(spec.features, 'nFft', 1)).not.toThrow();
    expect(spec.features.nFft).toBe(2400);
    expect(Object.isFrozen(spec)).toBe(true);
    expect(Object.isFrozen(spec.labels)).toBe(true);
    expect(spec.stages.every((stage) => Object.isFrozen(stage))).toBe(true);
  });

  it('does not freeze or change what it was given', () => {
    const input = structuredClone(CHAIN);
    defineSpec(input);
    expect(input).toEqual(CHAIN);
    expect(Object.isFrozen(input.stages)).toBe(false);
  });

  it('takes itself back with one part changed', () => {
    const spec = defineSpec(CHAIN);
    const decision = { ...spec.decision!, threshold: 0.9 };
    const changed = defineSpec({ ...spec.toJSON(), decision });
    expect(changed.toJSON()).toEqual({ ...spec.toJSON(), decision });
    const stages = spec.stages.filter((stage) => 'windowing' in stage);
    expect(defineSpec({ ...spec, stages, decision: null }).stages).toEqual(stages);
  });

  it('keeps its meaning through JSON and through structured cloning', () => {
    const spec = defineSpec(CHAIN);
    expect(parseSpec(JSON.stringify(spec)).hash).toBe(spec.hash);
    expect(parseSpec(structuredClone(spec.toJSON())).toJSON()).toEqual(spec.toJSON());
    expect(parseSpec({ ...spec }).hash).toBe(spec.hash);
    expect(parseSpec(spec)).toBe(spec);
  });
});

describe('hashes', () => {
  const spec = defineSpec(CHAIN);

  it('do not depend on the order of fields, nor on notes', () => {
    const reversed = Object.fromEntries(Object.entries(spec.toJSON()).reverse());
    expect(parseSpec(reversed).hash).toBe(spec.hash);
    expect(spec.hash).toMatch(/^[0-9a-f]{16}$/);
    const decision = { ...CHAIN.decision!, chosenBy: 'guess' };
    expect(defineSpec({ ...CHAIN, decision }).hash).toBe(spec.hash);
  });

  it('change with every part that changes meaning', () => {
    const changed: SpecInput[] = [
      { ...CHAIN, task: 'sequence' },
      { ...CHAIN, audio: { sampleRate: 16_000, channel: 1 } },
      { ...CHAIN, audio: { sampleRate: 16_000, normalize: 'peak' } },
      { ...CHAIN, features: { ...CHAIN.features, hopLength: 160 } },
      { ...CHAIN, stages: CHAIN.stages!.slice(1) },
      { ...CHAIN, aggregate: 'max' },
      { ...CHAIN, labels: ['beep-sequence'] },
      { ...CHAIN, decision: { ...CHAIN.decision!, threshold: 0.6 } },
    ];
    const hashes = new Set([spec, ...changed.map((input) => defineSpec(input))].map((each) => each.hash));
    expect(hashes.size).toBe(changed.length + 1);
  });

  it('of features ignore what comes after them, and follow the engine', () => {
    const trained = defineSpec({ ...CHAIN, decision: null, positive: null });
    expect(featureHash(trained, ENGINE)).toBe(featureHash(spec, ENGINE));
    expect(featureHash(spec, { ...ENGINE, numericVersion: 2 })).not.toBe(featureHash(spec, ENGINE));
    expect(featureHash(spec, { ...ENGINE, device: 'cuda' })).not.toBe(featureHash(spec, ENGINE));
    const louder = defineSpec({ ...CHAIN, audio: { sampleRate: 16_000, normalize: 'peak' } });
    expect(featureHash(louder, ENGINE)).not.toBe(featureHash(spec, ENGINE));
  });

  it('of features are the same for a decimation and for the hop it amounts to', () => {
    const features = { ...CHAIN.features, hopLength: 1600 };
    const stages = CHAIN.stages!.filter((stage) => !('decimate' in stage));
    expect(featureHash(defineSpec({ ...CHAIN, features, stages }), ENGINE)).toBe(featureHash(spec, ENGINE));
  });
});

describe('effectiveFeatures', () => {
  it('folds a decimation that only frame-by-frame stages precede', () => {
    const spec = defineSpec(CHAIN);
    const { features, stages, dropped, decimation } = effectiveFeatures(spec);
    expect(features).toEqual({ ...spec.features, hopLength: 1600 });
    expect(stages).toEqual([spec.stages[0], spec.stages[1], spec.stages[3]]);
    expect({ dropped, decimation }).toEqual({ dropped: 1, decimation: 20 });
  });

  it('folds several, up to the first stage that sees more than one frame', () => {
    const stages = [{ decimate: 2 }, { binarize: 1 }, { decimate: 5 }, { windowing: { size: 2 } }, { decimate: 3 }];
    const found = effectiveFeatures(defineSpec({ ...CHAIN, stages }));
    expect(found.features.hopLength).toBe(800);
    expect(found.dropped).toBe(2);
    expect(found.stages).toEqual([
      { binarize: 1 },
      expect.objectContaining({ windowing: expect.anything() }),
      { decimate: 3 },
    ]);
  });

  it('leaves alone a chain whose first windows overlap or skip frames', () => {
    for (const windowing of [{ size: 2 }, { size: 1, stride: 2 }]) {
      const spec = defineSpec({ ...CHAIN, stages: [{ windowing }, { decimate: 20 }] });
      expect(effectiveFeatures(spec)).toEqual({
        features: spec.features,
        stages: spec.stages,
        dropped: 0,
        decimation: 1,
      });
    }
  });

  it('leaves alone features that depend on the whole clip', () => {
    for (const whole of [{ topDb: 80 }, { ref: 'max' as const }]) {
      const spec = defineSpec({ ...CHAIN, features: { kind: 'logMel', topDb: null, ...whole } });
      expect(effectiveFeatures(spec).dropped).toBe(0);
    }
    expect(
      effectiveFeatures(defineSpec({ ...CHAIN, features: { kind: 'logMel', topDb: null }, stages: [{ decimate: 2 }] }))
        .dropped,
    ).toBe(1);
  });
});

describe('a wrong spec', () => {
  const windowing = { size: 1, stride: 1 };
  const standard = (mean: number[], std: number[]) => [{ windowing, normalize: { kind: 'standard', mean, std } }];
  const cases: [name: string, json: unknown, message: string, path: string][] = [
    ['not JSON', '{', 'spec must be JSON', 'spec'],
    ['not an object', 7, 'spec must be an object, got 7', 'spec'],
    ['another version', { ...CHAIN, cochlea: 2 }, 'cochlea must be 1, the version of the schema, got 2', 'cochlea'],
    ['no task', without('task'), 'task must be "classify" or "detect"', 'task'],
    ['no audio', without('audio'), 'audio must be an object with a sampleRate, got undefined', 'audio'],
    ['no features', without('features'), 'features must be an object of feature options, got undefined', 'features'],
    ['a misspelt field', { ...CHAIN, decison: 1 }, 'spec must be without unknown fields, got "decison"', 'spec'],
    [
      'a rate of 0',
      { ...CHAIN, audio: { sampleRate: 0 } },
      'audio.sampleRate must be a positive number, got 0',
      'audio.sampleRate',
    ],
    [
      'a rate in words',
      { ...CHAIN, audio: { sampleRate: '16k' } },
      'audio.sampleRate must be a positive number, got "16k"',
      'audio.sampleRate',
    ],
    [
      'a channel below 0',
      { ...CHAIN, audio: { sampleRate: 1, channel: -1 } },
      'audio.channel must be a channel number >= 0, "mean" or "all", got -1',
      'audio.channel',
    ],
    [
      'an unknown normalisation',
      { ...CHAIN, audio: { sampleRate: 1, normalize: 'rms' } },
      'audio.normalize must be "none" or "peak", got "rms"',
      'audio.normalize',
    ],
    [
      'a feature option out of range',
      { ...CHAIN, features: { kind: 'logMel', nFft: 7.5 } },
      'features.nFft must be a whole number from 1 to 2^23, got 7.5',
      'features.nFft',
    ],
    [
      'a misspelt feature option',
      { ...CHAIN, features: { kind: 'logMel', nfft: 512 } },
      'got "features.nfft"',
      'features.nfft',
    ],
    [
      'another rate in the features',
      { ...CHAIN, features: { kind: 'logMel', sampleRate: 8000 } },
      'features.sampleRate must be 16000, the rate of the audio, got 8000',
      'features.sampleRate',
    ],
    [
      'a stage that does nothing',
      { ...CHAIN, stages: [{}] },
      'stages[0] must be an object with windowing, binarize or decimate, got {}',
      'stages[0]',
    ],
    [
      'a decimation of half',
      { ...CHAIN, stages: [{ decimate: 0.5 }] },
      'stages[0].decimate must be a positive whole number, got 0.5',
      'stages[0].decimate',
    ],
    [
      'a window of no size',
      { ...CHAIN, stages: [{ windowing: { size: 0 } }] },
      'stages[0].windowing.size must be a positive whole number, got 0',
      'stages[0].windowing.size',
    ],
    [
      'an unknown tail',
      { ...CHAIN, stages: [{ windowing: { size: 1, tail: 'wrap' } }] },
      'stages[0].windowing.tail must be "drop" or "pad" or "partial", got "wrap"',
      'stages[0].windowing.tail',
    ],
    [
      'a stage with two jobs',
      { ...CHAIN, stages: [{ windowing, decimate: 2 }] },
      'stages[0] must be without unknown fields, got "decimate"',
      'stages[0]',
    ],
    [
      'an unknown normalize kind',
      { ...CHAIN, stages: [{ windowing, normalize: { kind: 'minmax' } }] },
      'stages[0].normalize',
      'stages[0].normalize.kind',
    ],
    [
      'a spread of 0',
      { ...CHAIN, stages: standard([0], [0]) },
      'stages[0].normalize.std must be an array of positive numbers, got [0]',
      'stages[0].normalize.std',
    ],
    [
      'no mean',
      { ...CHAIN, stages: standard([], []) },
      'stages[0].normalize.mean must be an array of at least one number, got []',
      'stages[0].normalize.mean',
    ],
    [
      'mean and std of two lengths',
      { ...CHAIN, stages: standard([1, 2], [1]) },
      'stages[0].normalize.std must be as long as mean (2), got 1',
      'stages[0].normalize.std',
    ],
    [
      'a mean of the wrong width',
      { ...CHAIN, stages: standard([1, 2], [1, 2]) },
      'stages[0].normalize.mean must be 1 number or as many as a frame has (601), got 2',
      'stages[0].normalize.mean',
    ],
    [
      'a positive that is no label',
      { ...CHAIN, positive: 'dog' },
      'positive must be one of the labels (background, beep-sequence), got "dog"',
      'positive',
    ],
    [
      'a decision without a threshold',
      { ...CHAIN, decision: {} },
      'decision.threshold must be a finite number, got undefined',
      'decision.threshold',
    ],
    [
      'a threshold that is not a number',
      { ...CHAIN, decision: { threshold: Number.NaN } },
      'decision.threshold must be a finite number, got NaN',
      'decision.threshold',
    ],
    [
      'an unknown onset',
      { ...CHAIN, decision: { threshold: 1, onset: 'first' } },
      'decision.onset must be "window" or "active", got "first"',
      'decision.onset',
    ],
  ];

  it.each(cases)('%s is named by its path', (_name, json, message, path) => {
    const error = thrownBy(() => parseSpec(json));
    expect(error.code).toBe('ERR_SPEC');
    expect(error.message).toContain(message);
    expect(error.details.path).toBe(path);
  });
});
