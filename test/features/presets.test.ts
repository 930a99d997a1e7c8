import { describe, expect, it } from 'vitest';
import { createPlan, logMel, mfcc, stft } from '../../src/features/index.js';
import { defineSpec, effectiveFeatures, PRESET_RULES, PRESETS, resolveFeatures } from '../../src/spec/index.js';
import { bits, firstOutside, noise, SAMPLE_RATE, signal } from './signals.js';

const specOf = (features: object) =>
  defineSpec({
    task: 'classify',
    audio: { sampleRate: SAMPLE_RATE },
    features: { kind: 'logMel', ...features },
    stages: [{ decimate: 3 }, { windowing: { size: 2 } }],
  });

describe('a preset', () => {
  it('is frozen', () => {
    for (const preset of PRESETS) expect(Object.isFrozen(PRESET_RULES[preset])).toBe(true);
  });

  it.each(PRESETS)('%s is spelt out in a config, which reads the same again', (preset) => {
    for (const kind of PRESET_RULES[preset].kinds) {
      const config = resolveFeatures({ kind, preset }, { sampleRate: SAMPLE_RATE });
      expect(resolveFeatures(config)).toEqual(config);
      const { shape } = createPlan(config).process(signal(noise(3000)));
      expect(shape[0]).toBeGreaterThan(0);
    }
  });

  it('changes the hash of a spec, unless it is librosa said aloud', () => {
    const hashes = PRESETS.map((preset) => specOf({ preset, topDb: undefined }).hash);
    expect(new Set(hashes).size).toBe(PRESETS.length);
    expect(specOf({}).hash).toBe(specOf({ preset: 'librosa' }).hash);
  });

  it.each([
    [{ preset: 'kaldi' }, 480, 1],
    [{ preset: 'htk' }, 480, 1],
    [{ preset: 'kaldi', snipEdges: false }, 160, 2],
    [{ preset: 'kaldi', dither: 1 }, 160, 2],
    [{ preset: 'python_speech_features' }, 160, 2],
    [{ preset: 'whisper', topDb: null }, 160, 2],
  ])('%o folds a decimation into the hop only where that gives the same frames', (features, hopLength, nStages) => {
    const effective = effectiveFeatures(specOf(features));
    expect(effective.features.hopLength).toBe(hopLength);
    expect(effective.stages.length).toBe(nStages);
  });
});

describe('Kaldi', () => {
  it('has no frame of a clip shorter than a window, or one for half a hop', () => {
    const short = signal(noise(399));
    expect(logMel(short, { preset: 'kaldi' }).shape).toEqual([0, 23]);
    expect(logMel(short, { preset: 'kaldi', snipEdges: false }).shape).toEqual([2, 23]);
    expect(logMel(signal(noise(79)), { preset: 'kaldi', snipEdges: false }).nFrames).toBe(0);
  });

  it('centres its frames', () => {
    const inside = logMel(signal(noise(800)), { preset: 'kaldi' });
    expect(inside.frameTimeSec(1) * SAMPLE_RATE).toBeCloseTo(160 + 200, 9);
    const shifted = logMel(signal(noise(800)), { preset: 'kaldi', snipEdges: false });
    expect(shifted.frameTimeSec(1) * SAMPLE_RATE).toBeCloseTo(160 + 80, 9);
  });

  it('is the same of 16-bit samples and of floats', () => {
    const samples = Int16Array.from(noise(2000), (value) => value * 30_000);
    const floats = Float32Array.from(samples, (value) => value / 32_768);
    const found = mfcc(signal(floats), { preset: 'kaldi' });
    expect(bits(found.data)).toEqual(bits(mfcc(signal(samples), { preset: 'kaldi' }).data));
  });

  it('has logarithms of power as a spectrum, the energy in place of bin 0', () => {
    const x = signal(noise(2000));
    const power = stft(x, { preset: 'kaldi', power: 2 }).data;
    const of = (options: object) => stft(x, { preset: 'kaldi', power: 2, scale: 'ln', ...options });
    const { data, shape } = of({});
    const isEnergy = (i: number) => i % 257 === 0;
    expect(shape).toEqual([11, 257]);
    const energies = logMel(x, { preset: 'kaldi', useEnergy: true }).data.filter((_, i) => i % 24 === 0);
    expect(bits(data.filter((_, i) => isEnergy(i)))).toEqual(bits(energies));
    const plain = of({ useEnergy: false }).data;
    const floored = of({ useEnergy: false, logFloor: 1e6 }).data;
    expect(bits(plain.filter((_, i) => !isEnergy(i)))).toEqual(bits(data.filter((_, i) => !isEnergy(i))));
    // Logarithms up to 32 have steps of 4e-6.
    expect(firstOutside(plain, power.map(Math.log), 4e-6, 0)).toBe(-1);
    expect(floored.some((value, i) => value > plain[i]!)).toBe(true);
    expect(
      firstOutside(
        floored,
        power.map((value) => Math.log(Math.max(value, 1e6))),
        4e-6,
        0,
      ),
    ).toBe(-1);
    const some = of({ fMin: 1000, fMax: 2000 });
    expect(some.shape).toEqual([11, 33]);
    expect(bits(some.data.subarray(0, 33))).toEqual(bits(plain.subarray(32, 65)));
  });

  it('of unit samples has the bands of 16-bit ones divided by 2^30', () => {
    const x = signal(noise(2000));
    const wide = stft(x, { preset: 'kaldi', power: 2 }).data;
    const unit = stft(x, { preset: 'kaldi', power: 2, sampleScale: 'unit' }).data;
    expect(bits(unit)).toEqual(bits(wide.map((value) => value / 2 ** 30)));
  });
});

describe('torchaudio', () => {
  it('divides a spectrum by the root of nFft', () => {
    const x = signal(noise(2000));
    const plain = stft(x, { preset: 'torchaudio', power: 2 }).data;
    const divided = stft(x, { preset: 'torchaudio', power: 2, normalized: 'frameLength' }).data;
    expect(divided.length).toBeGreaterThan(1000);
    // Window and sums round by 1e-7 of the largest bin.
    expect(
      firstOutside(
        divided,
        plain.map((value) => value / 400),
        1e-7,
        1e-5,
      ),
    ).toBe(-1);
  });
});

describe('Whisper', () => {
  it('has a frame for each hop, 3000 of half a minute', () => {
    expect(logMel(signal(noise(1700)), { preset: 'whisper' }).nFrames).toBe(10);
    expect(logMel(signal(noise(1700)), { preset: 'whisper', padSec: 0.1 }).nFrames).toBe(20);
    const cut = logMel(signal(noise(500_000)), { preset: 'whisper', trimOrPadToSec: 30 });
    expect(cut.nFrames).toBe(3000);
    const exact = logMel(signal(noise(500_000).subarray(0, 480_000)), { preset: 'whisper' });
    expect(bits(cut.data)).toEqual(bits(exact.data));
  });
});
