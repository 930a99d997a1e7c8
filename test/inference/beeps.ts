/** A small chain that hears beeps, and sound for it: a tone is where the band's level is high. */
import { defineSpec, type Spec, type SpecInput, specOfModel } from '../../src/spec/index.js';
import { meanModel } from './models.js';

export const SAMPLE_RATE = 16_000;
/** Bins of 40 Hz from 3.6 to 4.4 kHz. */
export const N_BINS = 21;

export const specInput: SpecInput = {
  task: 'sequence',
  audio: { sampleRate: SAMPLE_RATE },
  features: {
    kind: 'stft',
    nFft: 400,
    hopLength: 80,
    window: 'blackman',
    center: false,
    power: 2,
    scale: 'db',
    fMin: 3600,
    fMax: 4400,
  },
  stages: [
    { windowing: { size: 1 }, normalize: { kind: 'standard', mean: [-10], std: [20] }, model: 'tone.onnx' },
    { binarize: 0.5 },
    { decimate: 20 },
    { windowing: { size: 10 }, model: 'sequence.onnx' },
  ],
  aggregate: 'max',
  labels: ['none', 'beep'],
  positive: 'beep',
  decision: { threshold: 0.35, onset: 'active', mergeGapMs: 200, minDurationMs: 100 },
};

export const spec = defineSpec(specInput);

/** A tone is where the band's mean level is high; a sequence where four of ten values are tones. */
export const modelsFor = (bundle: Spec) => ({
  'tone.onnx': meanModel({
    ...{ input: [N_BINS, 1], sigmoid: true, gain: 4, offset: -1.3 },
    ...{ spec: specOfModel(bundle, 'tone.onnx'), bundle },
  }),
  'sequence.onnx': meanModel({ input: [10, 1], spec: bundle, bundle }),
});

/** Half a second of 4 kHz at each time, in quiet noise. */
export function beeps(durationSec: number, at: readonly number[]): Float32Array {
  let seed = 11;
  const samples = new Float32Array(durationSec * SAMPLE_RATE);
  for (let i = 0; i < samples.length; i++) {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    samples[i] = (seed / 2147483648 - 0.5) * 2e-3;
  }
  for (const sec of at) {
    const first = Math.round(sec * SAMPLE_RATE);
    for (let i = 0; i < SAMPLE_RATE / 2; i++)
      samples[first + i]! += 0.3 * Math.sin((2 * Math.PI * 4000 * i) / SAMPLE_RATE);
  }
  return samples;
}
