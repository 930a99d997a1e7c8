/** The front-end inside a model against native features. */
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { createPlan } from '../../src/features/index.js';
import { frontEndToOnnx } from '../../src/onnx/index.js';
import { decodeModel } from '../../src/onnx/read.js';
import { type FeatureConfig, resolveFeatures } from '../../src/spec/index.js';
import { FRONT_END_CASES, type FrontEndCase } from './front-end-cases.js';
import { differences } from './front-end-tolerances.js';
import { sound, soundOverMean, toneInQuiet } from './sound.js';

const BATCH = 3;
const SECOND = 16_000;

function resolved({ options }: FrontEndCase): FeatureConfig {
  return resolveFeatures({ ...options });
}

async function sessionOf(config: FeatureConfig, opset?: number): Promise<ort.InferenceSession> {
  const bytes = frontEndToOnnx(config, opset === undefined ? {} : { opset });
  return ort.InferenceSession.create(bytes, { intraOpNumThreads: 1, logSeverityLevel: 3 });
}

async function featuresOf(session: ort.InferenceSession, recordings: readonly Float32Array[]) {
  const nSamples = recordings[0]!.length;
  const pcm = new Float32Array(recordings.length * nSamples);
  recordings.forEach((samples, i) => {
    pcm.set(samples, i * nSamples);
  });
  const { features } = await session.run({ pcm: new ort.Tensor('float32', pcm, [recordings.length, nSamples]) });
  return { shape: features!.dims, data: features!.data as Float32Array };
}

/** The same with all bins. */
function wholeOf(config: FeatureConfig): FeatureConfig {
  return config.kind === 'stft' ? { ...config, fMin: 0, fMax: config.sampleRate / 2 } : config;
}

async function expectNativeFeatures(
  session: ort.InferenceSession,
  config: FeatureConfig,
  nSamples: number,
  { batch = 1, make = sound } = {},
) {
  const plan = createPlan(config);
  const recordings = Array.from({ length: batch }, (_, i) => make(nSamples, i + 1));
  const found = await featuresOf(session, recordings);
  expect(plan.nFrames(nSamples)).toBeGreaterThan(0);
  recordings.forEach((samples, i) => {
    const native = plan.process({ samples, sampleRate: config.sampleRate });
    const width = native.data.length / native.nFrames;
    expect([...found.shape], `${nSamples} samples`).toEqual([batch, native.nFrames, width]);
    const item = found.data.subarray(i * native.data.length, (i + 1) * native.data.length);
    const whole = createPlan(wholeOf(config)).process({ samples, sampleRate: config.sampleRate }).data;
    for (const { what, largest, allowed } of differences(item, native.data, width, config, whole)) {
      expect(largest, `${what}, ${nSamples} samples, recording ${i}`).toBeLessThanOrEqual(allowed);
    }
  });
}

describe(`native features inside a model (${FRONT_END_CASES.length} configs)`, () => {
  it.each(FRONT_END_CASES)('$name', async (test) => {
    const config = resolved(test);
    const session = await sessionOf(config);
    for (const nSamples of test.lengths ?? []) await expectNativeFeatures(session, config, nSamples);
    await expectNativeFeatures(session, config, SECOND, { batch: BATCH });
    await expectNativeFeatures(session, config, SECOND, { make: toneInQuiet });
    await session.release();
  });

  it.each([13, 26])('in opset %i', async (opset) => {
    const odd = FRONT_END_CASES.filter((_, i) => i % 5 === 0);
    expect(odd.length).toBeGreaterThan(10);
    for (const test of odd) {
      const config = resolved(test);
      const session = await sessionOf(config, opset);
      await expectNativeFeatures(session, config, SECOND);
      await session.release();
    }
  });

  it('of silence are those of silence', async () => {
    for (const test of FRONT_END_CASES) {
      const config = resolved(test);
      const session = await sessionOf(config);
      const silence = new Float32Array(SECOND);
      const { data } = await featuresOf(session, [silence]);
      const native = createPlan(config).process({ samples: silence, sampleRate: config.sampleRate });
      const width = native.data.length / native.nFrames;
      for (const { what, largest, allowed } of differences(data, native.data, width, config)) {
        expect(largest, `${test.name}, ${what}`).toBeLessThanOrEqual(allowed);
      }
      await session.release();
    }
  });

  it('that remove the mean of frames do so before all else', async () => {
    const removing = FRONT_END_CASES.map(resolved).filter(({ removeDcOffset = false }) => removeDcOffset);
    expect(removing.length).toBeGreaterThan(10);
    for (const config of removing) {
      const session = await sessionOf(config);
      await expectNativeFeatures(session, config, SECOND, { make: soundOverMean });
      await session.release();
    }
  });

  it('of clips too short for a frame are none', async () => {
    const shortest = { librosa: 200, kaldi: 399, whisper: 200 };
    for (const [preset, nSamples] of Object.entries(shortest)) {
      const config = resolveFeatures({
        ...{ kind: 'logMel', sampleRate: 16_000, preset, nFft: preset === 'kaldi' ? 512 : 400 },
        ...(preset === 'librosa' && { padMode: 'reflect' }),
      });
      const session = await sessionOf(config);
      expect((await featuresOf(session, [sound(nSamples, 1)])).shape[1], preset).toBe(0);
      expect((await featuresOf(session, [sound(nSamples + 1, 1)])).shape[1], preset).toBe(1);
      await session.release();
    }
  });

  it('have no operator and no constant that nothing reads', () => {
    for (const test of FRONT_END_CASES) {
      const { graph } = decodeModel(frontEndToOnnx(resolved(test)));
      const read = new Set([...graph.nodes.flatMap(({ inputs }) => inputs), ...graph.outputs.map(({ name }) => name)]);
      const made = [...graph.nodes.flatMap(({ outputs }) => outputs), ...graph.constants.map(({ name }) => name)];
      expect(made.length).toBeGreaterThan(10);
      expect(
        made.filter((name) => !read.has(name)),
        test.name,
      ).toEqual([]);
    }
  });

  it('have the same bytes each time', () => {
    const config = resolveFeatures({ kind: 'mfcc', sampleRate: 16_000, preset: 'kaldi' });
    expect(Buffer.compare(frontEndToOnnx(config), frontEndToOnnx(config))).toBe(0);
  });

  it('refuse dither by name', () => {
    const config = resolveFeatures({ kind: 'mfcc', sampleRate: 16_000, preset: 'kaldi', dither: 1 });
    expect(() => frontEndToOnnx(config)).toThrow(
      expect.objectContaining({
        code: 'ERR_EXPORT',
        message: expect.stringMatching(/^dither must be 0 inside a model: .*, got 1$/),
        details: { option: 'dither' },
      }),
    );
  });

  it.each([12, 27])('refuse opset %i', (opset) => {
    const config = resolveFeatures({ kind: 'logMel', sampleRate: 16_000 });
    expect(() => frontEndToOnnx(config, { opset })).toThrow(`opset must be 13 to 26, got ${opset}`);
  });
});
