import { describe, expect, it } from 'vitest';
import { CochleaError, type ErrorCode } from '../../src/errors.js';
import { type FeaturePlan, LogMel, logMel, Stft, stft } from '../../src/features/index.js';
import { resolveFeatures } from '../../src/spec/index.js';
import { noise, SAMPLE_RATE, signal } from './signals.js';

function errorOf(run: () => unknown): CochleaError {
  try {
    run();
  } catch (error) {
    if (error instanceof CochleaError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

const FORM = 'a whole number from 1 to 2^23';
const SCALE = { power: 2, scale: 'db' };
const LN = { preset: 'kaldi', power: 2, scale: 'ln' };

/** kind, options, code, message */
const REFUSED: [string, object, ErrorCode, string][] = [
  ['logMel', { nFft: 0 }, 'ERR_N_FFT', `nFft must be ${FORM}, got 0`],
  ['logMel', { nFft: 2 ** 23 + 1 }, 'ERR_N_FFT', `nFft must be ${FORM}, got 8388609`],
  ['logMel', { nFft: 512.5 }, 'ERR_N_FFT', `nFft must be ${FORM}, got 512.5`],
  ['logMel', { nFft: '512' }, 'ERR_N_FFT', `nFft must be ${FORM}, got "512"`],
  ['logMel', { nFft: null }, 'ERR_N_FFT', `nFft must be ${FORM}, got null`],
  [
    'logMel',
    { nFft: 512, winLength: 513 },
    'ERR_WIN_LENGTH',
    'winLength must be a positive whole number, at most nFft (512), got 513',
  ],
  [
    'logMel',
    { winLength: 0 },
    'ERR_WIN_LENGTH',
    'winLength must be a positive whole number, at most nFft (2048), got 0',
  ],
  ['logMel', { hopLength: 0 }, 'ERR_HOP_LENGTH', 'hopLength must be a positive whole number, got 0'],
  ['stft', { hopLength: -1 }, 'ERR_HOP_LENGTH', 'hopLength must be a positive whole number, got -1'],
  ['logMel', { sampleRate: 0 }, 'ERR_SAMPLE_RATE', 'sampleRate must be a positive number, got 0'],
  ['logMel', { sampleRate: Number.NaN }, 'ERR_SAMPLE_RATE', 'sampleRate must be a positive number, got NaN'],
  ['logMel', { sampleRate: undefined }, 'ERR_SAMPLE_RATE', 'sampleRate must be a positive number, got undefined'],
  ['logMel', { kind: 'mfcc' }, 'ERR_OPTION', 'kind must be "logMel", got "mfcc"'],
  ['logMel', { preset: 'kaldy' }, 'ERR_OPTION', 'got "kaldy"'],
  ['mfcc', { preset: 'whisper' }, 'ERR_OPTION', 'preset must be one that has mfcc, got "whisper"'],
  ['logMel', { preset: 'kaldi', dither: -1 }, 'ERR_OPTION', 'dither must be a number >= 0, got -1'],
  ['stft', { preset: 'htk', dither: 1 }, 'ERR_UNKNOWN_OPTION', 'got "dither"'],
  ['mfcc', { preset: 'kaldi', dither: 1, ditherSeed: 0.5 }, 'ERR_OPTION', 'ditherSeed must be a whole number >= 0'],
  ['logMel', { preset: 'kaldi', center: true }, 'ERR_OPTION', 'center must be false, got true'],
  ['logMel', { preset: 'kaldi', topDb: 80 }, 'ERR_UNKNOWN_OPTION', 'those of logMel with preset "kaldi" ('],
  ['logMel', { preset: 'kaldi', appendC0: true }, 'ERR_UNKNOWN_OPTION', 'got "appendC0"'],
  ['logMel', { preset: 'kaldi', blackmanCoefficient: 0.4 }, 'ERR_UNKNOWN_OPTION', 'got "blackmanCoefficient"'],
  [
    'logMel',
    { preset: 'kaldi', window: 'blackman', blackmanCoefficient: 1 },
    'ERR_OPTION',
    'blackmanCoefficient must be a number from 0 to 0.5, got 1',
  ],
  [
    'logMel',
    { preset: 'kaldi', winLength: 401, roundToPowerOfTwo: false },
    'ERR_N_FFT',
    "nFft must be even, as Kaldi's, not 401",
  ],
  ['logMel', { preset: 'kaldi', nFft: 256 }, 'ERR_N_FFT', 'nFft must be a whole number from 400 to 2^23, got 256'],
  ['mfcc', { preset: 'kaldi', power: 1 }, 'ERR_OPTION', 'power must be 2, got 1'],
  ['mfcc', { preset: 'kaldi', energyFloor: -1 }, 'ERR_OPTION', 'energyFloor must be a number >= 0, got -1'],
  ['logMel', { preset: 'kaldi', fMax: -7990 }, 'ERR_OPTION', 'fMax must be a frequency in Hz above fMin (20)'],
  ['logMel', { preset: 'python_speech_features', removeDcOffset: true }, 'ERR_UNKNOWN_OPTION', 'got "removeDcOffset"'],
  ['logMel', { preset: 'python_speech_features', preemphasis: -1 }, 'ERR_OPTION', 'preemphasis must be a number >= 0'],
  ['logMel', { preset: 'htk', appendC0: true }, 'ERR_OPTION', 'appendC0 must be false, got true'],
  ['mfcc', { preset: 'htk', sampleScale: 'float' }, 'ERR_OPTION', 'sampleScale must be "int16" or "unit"'],
  ['stft', { preset: 'torchaudio', normalized: true }, 'ERR_OPTION', 'normalized must be null or "window" or'],
  ['logMel', { preset: 'torchaudio', log: 'ln', topDb: 80 }, 'ERR_UNKNOWN_OPTION', 'got "topDb"'],
  ['logMel', { preset: 'whisper', trimOrPadToSec: 0 }, 'ERR_OPTION', 'trimOrPadToSec must be a positive number of sec'],
  ['logMel', { preset: 'whisper', padSec: -1 }, 'ERR_OPTION', 'padSec must be a number >= 0, got -1'],
  ['logMel', { preset: 'mimii', logFloor: 0 }, 'ERR_OPTION', 'logFloor must be a positive number, got 0'],
  ['stft', { preset: 'mimii', power: 2, scale: 'db' }, 'ERR_OPTION', 'scale must be "linear", got "db"'],
  [
    'logMel',
    { window: 'kaiser' },
    'ERR_OPTION',
    'window must be "hann" or "hamming" or "blackman" or "bartlett" or "rectangular" or "povey", got "kaiser"',
  ],
  ['logMel', { windowSymmetry: true }, 'ERR_OPTION', 'windowSymmetry must be "periodic" or "symmetric", got true'],
  ['logMel', { center: 1 }, 'ERR_OPTION', 'center must be true or false, got 1'],
  ['logMel', { padMode: 'edge' }, 'ERR_OPTION', 'padMode must be "constant" or "reflect", got "edge"'],
  ['logMel', { power: 3 }, 'ERR_OPTION', 'power must be 1 or 2, got 3'],
  ['logMel', { power: null }, 'ERR_OPTION', 'power must be 1 or 2, got null'],
  ['stft', { power: 0 }, 'ERR_OPTION', 'power must be 1 or 2 or null, got 0'],
  ['stft', { scale: 'db' }, 'ERR_OPTION', 'scale must be "linear", got "db"'],
  ['stft', { power: 2, scale: 'ln' }, 'ERR_OPTION', 'scale must be "linear" or "db", got "ln"'],
  ['stft', { preset: 'kaldi', scale: 'ln' }, 'ERR_OPTION', 'scale must be "linear", got "ln"'],
  ['stft', { preset: 'kaldi', power: 1, scale: 'ln' }, 'ERR_OPTION', 'scale must be "linear", got "ln"'],
  ['stft', { ...LN, scale: 'db' }, 'ERR_OPTION', 'scale must be "linear" or "ln", got "db"'],
  ['stft', { ...LN, logFloor: 0 }, 'ERR_OPTION', 'logFloor must be a positive number, got 0'],
  ['stft', { ...LN, fMin: 100, useEnergy: true }, 'ERR_OPTION', 'useEnergy must be false, got true'],
  ['stft', { ...LN, useEnergy: false, rawEnergy: true }, 'ERR_UNKNOWN_OPTION', 'got "rawEnergy"'],
  ['stft', { ...LN, scale: 'linear', useEnergy: true }, 'ERR_UNKNOWN_OPTION', 'got "useEnergy"'],
  ['stft', { power: 2, topDb: 80 }, 'ERR_OPTION', 'topDb must be left out where scale is "linear", got 80'],
  ['stft', { power: 2, ref: 'max' }, 'ERR_OPTION', 'ref must be left out where scale is "linear", got "max"'],
  ['stft', { ...SCALE, amin: 0 }, 'ERR_OPTION', 'amin must be a positive number, got 0'],
  ['logMel', { amin: -1 }, 'ERR_OPTION', 'amin must be a positive number, got -1'],
  ['logMel', { ref: 0 }, 'ERR_OPTION', 'ref must be a positive number or "max", got 0'],
  ['logMel', { ref: 'median' }, 'ERR_OPTION', 'ref must be a positive number or "max", got "median"'],
  ['logMel', { ref: null }, 'ERR_OPTION', 'ref must be a positive number or "max", got null'],
  ['logMel', { topDb: -1 }, 'ERR_OPTION', 'topDb must be a number of decibels >= 0, or null, got -1'],
  [
    'logMel',
    { topDb: Number.POSITIVE_INFINITY },
    'ERR_OPTION',
    'topDb must be a number of decibels >= 0, or null, got Infinity',
  ],
  [
    'logMel',
    { fMin: -1 },
    'ERR_OPTION',
    'fMin must be a frequency in Hz from 0 up to below sampleRate / 2 (8000), got -1',
  ],
  [
    'logMel',
    { fMin: 8000 },
    'ERR_OPTION',
    'fMin must be a frequency in Hz from 0 up to below sampleRate / 2 (8000), got 8000',
  ],
  [
    'logMel',
    { fMin: 300, fMax: 300 },
    'ERR_OPTION',
    'fMax must be a frequency in Hz above fMin (300), at most sampleRate / 2 (8000), got 300',
  ],
  [
    'logMel',
    { fMax: 8001 },
    'ERR_OPTION',
    'fMax must be a frequency in Hz above fMin (0), at most sampleRate / 2 (8000), got 8001',
  ],
  [
    'stft',
    { nFft: 100, fMin: 165, fMax: 170 },
    'ERR_OPTION',
    'fMax must be at or above the first bin past fMin (165 Hz), got 170',
  ],
  ['logMel', { nMels: 0 }, 'ERR_OPTION', 'nMels must be a positive whole number, got 0'],
  ['logMel', { nMels: 12.5 }, 'ERR_OPTION', 'nMels must be a positive whole number, got 12.5'],
  ['logMel', { melScale: 'bark' }, 'ERR_OPTION', 'melScale must be "slaney" or "htk", got "bark"'],
  ['logMel', { melNorm: 'area' }, 'ERR_OPTION', 'melNorm must be "slaney" or null, got "area"'],
  ['mfcc', { nMfcc: 0 }, 'ERR_OPTION', 'nMfcc must be a positive whole number, at most nMels (128), got 0'],
  ['mfcc', { nMels: 40, nMfcc: 41 }, 'ERR_OPTION', 'nMfcc must be a positive whole number, at most nMels (40), got 41'],
  ['mfcc', { dctNorm: 'none' }, 'ERR_OPTION', 'dctNorm must be "ortho" or null, got "none"'],
  ['mfcc', { lifter: -22 }, 'ERR_OPTION', 'lifter must be a number >= 0, got -22'],
  ['logMel', { hop: 1 }, 'ERR_UNKNOWN_OPTION', 'got "hop"'],
  ['logMel', { nMfcc: 13 }, 'ERR_UNKNOWN_OPTION', 'options must be those of logMel ('],
  ['stft', { nMels: 13 }, 'ERR_UNKNOWN_OPTION', 'options must be those of stft ('],
  ['melSpectrogram', { topDb: null }, 'ERR_UNKNOWN_OPTION', 'options must be those of melSpectrogram ('],
];

describe('an option', () => {
  it.each(REFUSED)('of %s: %o is refused', (kind, options, code, message) => {
    const known = 'sampleRate' in options ? {} : { sampleRate: SAMPLE_RATE };
    const error = errorOf(() => Reflect.apply(resolveFeatures, undefined, [options, { kind, ...known }]));
    expect({ code: error.code, message: error.message }).toEqual({ code, message: expect.stringContaining(message) });
    expect(error.details.option).toBeTypeOf('string');
  });

  it('is refused in every kind: each name above is checked at least once', () => {
    const kinds = ['stft', 'mfcc'] as const;
    const names = new Set(kinds.flatMap((kind) => Object.keys(resolveFeatures({ kind }, { sampleRate: SAMPLE_RATE }))));
    const checked = new Set(REFUSED.flatMap(([, options]) => Object.keys(options)));
    expect([...names].filter((name) => !checked.has(name))).toEqual([]);
  });

  it('that is not given takes the value librosa gives it', () => {
    const context = { sampleRate: 22_050 };
    expect(resolveFeatures({ kind: 'stft', winLength: 400 }, context)).toMatchObject({
      hopLength: 100,
      power: null,
      topDb: null,
    });
    expect(resolveFeatures({ kind: 'stft', nFft: 2, winLength: 1 }, context).hopLength).toBe(1);
    expect(resolveFeatures({ kind: 'logMel', nFft: 1024 }, context)).toMatchObject({
      hopLength: 512,
      fMax: 11_025,
      topDb: 80,
    });
    expect(resolveFeatures({ kind: 'mfcc' }, context)).toMatchObject({
      nMfcc: 20,
      nMels: 128,
      lifter: 0,
      dctNorm: 'ortho',
    });
    expect(resolveFeatures({ kind: 'stft', power: 1, scale: 'db' }, context)).toMatchObject({ amin: 1e-5 });
  });

  it.each([
    ['kaldi', { nFft: 512, winLength: 400, hopLength: 160, window: 'povey', nMels: 23, fMin: 20, useEnergy: true }],
    ['python_speech_features', { nFft: 512, winLength: 400, hopLength: 160, nMels: 26, nMfcc: 13, lifter: 22 }],
    ['htk', { nFft: 512, window: 'hamming', power: 1, nMfcc: 12, appendC0: true, useEnergy: false }],
    ['torchaudio', { nFft: 400, hopLength: 200, padMode: 'reflect', nMfcc: 40, topDb: 80, melScale: 'htk' }],
  ])('that is not given takes the value %s gives it', (preset, expected) => {
    const config = resolveFeatures({ kind: 'mfcc', preset }, { sampleRate: SAMPLE_RATE });
    expect(config).toMatchObject(expected);
    expect(resolveFeatures(config)).toEqual(config);
  });

  it('of Kaldi counts a frequency from half the rate where it is not positive', () => {
    const config = resolveFeatures({ kind: 'logMel', preset: 'kaldi', fMax: -400 }, { sampleRate: SAMPLE_RATE });
    expect(config).toMatchObject({ fMin: 20, fMax: 7600 });
  });

  it('of the speech presets gives whole windows at any rate', () => {
    const at = (preset: string, sampleRate: number) => resolveFeatures({ kind: 'logMel', preset }, { sampleRate });
    expect(at('kaldi', 11_025)).toMatchObject({ winLength: 275, hopLength: 110, nFft: 512 });
    expect(at('python_speech_features', 11_025)).toMatchObject({ winLength: 276, hopLength: 110, nFft: 512 });
    expect(at('kaldi', 44_100)).toMatchObject({ winLength: 1102, hopLength: 441, nFft: 2048 });
  });

  it('of undefined is one that is not given', () => {
    const config = resolveFeatures({ kind: 'logMel', nFft: undefined, topDb: undefined }, { sampleRate: SAMPLE_RATE });
    expect(config).toMatchObject({ nFft: 2048, topDb: 80 });
  });

  it('in a checked config cannot change any more', () => {
    const { config } = new LogMel({ sampleRate: SAMPLE_RATE });
    expect(Object.isFrozen(config)).toBe(true);
  });
});

describe('a sample that is not finite', () => {
  const N = 50_000;
  // Frames that overlap; that leave gaps between them, and are read where they lie; with a tail after the last one.
  const plans: readonly (readonly [string, FeaturePlan])[] = [
    ['overlapping', new LogMel({ sampleRate: SAMPLE_RATE, nFft: 512 })],
    ['apart', new Stft({ sampleRate: SAMPLE_RATE, nFft: 256, hopLength: 1000, center: false })],
    [
      'packed',
      new Stft({ sampleRate: SAMPLE_RATE, nFft: 256, hopLength: 300, center: false, layout: 'fftpack-packed' }),
    ],
  ];
  const places = [0, 1, 999, 4095, 4096, 4097, 12_345, 49_700, N - 1];

  it.each(plans)('is named wherever it stands, with frames %s', (_, plan) => {
    for (const at of places) {
      for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
        const samples = noise(N);
        samples[at] = value;
        samples[Math.min(N - 1, at + 1)] = value;
        expect(() => plan.process(signal(samples))).toThrow(`sample ${at} must be a finite number`);
      }
    }
  });

  it('is named in a channel that is not asked for, and where there is no frame', () => {
    const [, plan] = plans[0]!;
    const samples = noise(N);
    samples[2 * 7001 + 1] = Number.NaN;
    expect(() => plan.process(signal(samples, 2))).toThrow('sample 7001 must be a finite number');
    const fbank = new LogMel({ sampleRate: SAMPLE_RATE, preset: 'kaldi' });
    expect(fbank.process(signal(noise(100))).nFrames).toBe(0);
    expect(() => fbank.process(signal(noise(100).fill(Number.NaN, 99)))).toThrow('sample 99 must be a finite number');
  });

  it('is not seen in the largest and smallest of floats', () => {
    const samples = Float32Array.from({ length: 2000 }, (_, i) => [3.4e38, -3.4e38, 1e-45, -0][i % 4]!);
    expect(plans[1]![1].process(signal(samples)).nFrames).toBe(2);
  });
});

describe('a signal', () => {
  const plan = new LogMel({ sampleRate: SAMPLE_RATE, nFft: 512, center: false });
  const nan = noise(1000);
  nan[600] = Number.NaN;

  it.each<[string, () => unknown, ErrorCode, string]>([
    [
      'at another rate',
      () => plan.process({ samples: noise(999), sampleRate: 44_100 }),
      'ERR_SAMPLE_RATE',
      'sampleRate must be 16000, the rate these features are configured for, got 44100',
    ],
    [
      'at another rate than the option says',
      () => logMel(signal(noise(999)), { sampleRate: 8000 }),
      'ERR_SAMPLE_RATE',
      'sampleRate must be 8000',
    ],
    [
      'that is too short',
      () => plan.process(signal(noise(511))),
      'ERR_TOO_SHORT',
      'samples must be at least 512 samples long, got 511',
    ],
    [
      'that is empty',
      () => logMel(signal(new Float32Array(0))),
      'ERR_TOO_SHORT',
      'samples must be at least 1 samples long, got 0',
    ],
    ['with a NaN', () => plan.process(signal(nan)), 'ERR_AUDIO_NOT_FINITE', 'sample 600 must be a finite number'],
    [
      'without the channel',
      () => plan.process(signal(noise(1000)), { channel: 1 }),
      'ERR_AUDIO_CHANNEL',
      'channel must be "mean", "all" or a channel from 0 to 0, got 1',
    ],
    [
      'with half a sample',
      () => plan.process(signal(noise(999), 2)),
      'ERR_SHAPE',
      'channels must be a positive whole number that divides the 999 samples, got 2',
    ],
    [
      'with no room',
      () => plan.process(signal(noise(512)), new Float32Array(127)),
      'ERR_SHAPE',
      'out must be a Float32Array of 128 numbers',
    ],
    ['in a batch of none', () => plan.processBatch([]), 'ERR_SHAPE', 'clips must be at least one recording, got []'],
    [
      'longer than the others',
      () => plan.processBatch([signal(noise(512)), signal(noise(2000))]),
      'ERR_SHAPE',
      'clips[1] must be as long as clips[0] (1 frames), got 3',
    ],
    [
      'too short for the others',
      () => plan.processBatch([signal(noise(512)), signal(noise(2))]),
      'ERR_TOO_SHORT',
      'clips[1] must be at least 512 samples long, got 2',
    ],
    [
      'that is none',
      () => Reflect.apply(stft, undefined, [noise(10)]),
      'ERR_OPTION',
      'samples must be a PcmView or { samples, sampleRate }',
    ],
    [
      'of doubles',
      () => Reflect.apply(stft, undefined, [{ samples: new Float64Array(10), sampleRate: 1 }]),
      'ERR_OPTION',
      'samples must be a Float32Array or an Int16Array',
    ],
  ])('%s is refused', (_name, run, code, message) => {
    const error = errorOf(run);
    expect({ code: error.code, message: error.message }).toEqual({ code, message: expect.stringContaining(message) });
  });
});
