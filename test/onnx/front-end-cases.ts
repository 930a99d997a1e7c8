/** Feature options whose ONNX form is held against native features: every preset, and what is odd about frames. */
import type { FeatureOptions } from '../../src/spec/index.js';

export interface FrontEndCase {
  readonly name: string;
  readonly options: FeatureOptions;
  /** Samples of each recording that the one model gets, besides a second of them. */
  readonly lengths?: readonly number[];
}

const sampleRate = 16_000;
/** Two thousand samples hold one frame of most. */
const LENGTHS = [4321, 7777];

type Options<K extends FeatureOptions['kind']> = Omit<Extract<FeatureOptions, { kind: K }>, 'kind'>;

const stft = (name: string, options: Options<'stft'>, lengths: readonly number[] = LENGTHS): FrontEndCase => ({
  name: `stft ${name}`,
  options: { kind: 'stft', sampleRate, ...options },
  lengths,
});
const mel = (name: string, options: Options<'melSpectrogram'>): FrontEndCase => ({
  name: `mel ${name}`,
  options: { kind: 'melSpectrogram', sampleRate, ...options },
});
const logMel = (name: string, options: Options<'logMel'>, lengths: readonly number[] = LENGTHS): FrontEndCase => ({
  name: `log-mel ${name}`,
  options: { kind: 'logMel', sampleRate, ...options },
  lengths,
});
const mfcc = (name: string, options: Options<'mfcc'>): FrontEndCase => ({
  name: `mfcc ${name}`,
  options: { kind: 'mfcc', sampleRate, ...options },
});

const BLACKMAN = { window: 'blackman', windowSymmetry: 'symmetric', center: false } as const;
const NARROW = { fMin: 2000, fMax: 6000 } as const;
const W1 = { nFft: 1024, hopLength: 512, nMels: 64 } as const;

const FRAMES: readonly FrontEndCase[] = [
  stft('of the defaults', { power: 2 }),
  stft('400/160', { nFft: 400, hopLength: 160, power: 2 }, [200, 4321]),
  stft('1000/250, amplitudes', { nFft: 1000, hopLength: 250, power: 1 }),
  stft('2400/80', { nFft: 2400, hopLength: 80, power: 2, ...BLACKMAN }, [2400, 2479, 4321]),
  stft('2400/1600 in a band', { nFft: 2400, hopLength: 1600, power: 2, ...BLACKMAN, ...NARROW }, [2400, 9999]),
  stft('prime', { nFft: 401, hopLength: 100, power: 2 }),
  stft('prime hop', { nFft: 512, hopLength: 127, power: 2 }),
  stft('prime hop beyond the frame', { nFft: 256, hopLength: 401, power: null }, [128, 4321]),
  stft('hop of one', { nFft: 64, hopLength: 1, power: 2 }, [33, 1000]),
  stft('odd', { nFft: 375, hopLength: 125, power: 2 }, [1, 4321]),
  stft('odd, complex', { nFft: 375, hopLength: 75, power: null, center: false }),
  stft('hop beyond the frame', { nFft: 256, hopLength: 400, power: 2, padMode: 'reflect' }, [129, 4321]),
  stft('short window', { nFft: 512, winLength: 401, hopLength: 160, power: null, padMode: 'reflect' }),
  stft(
    'short window, not centred',
    { nFft: 512, winLength: 100, hopLength: 128, power: 2, center: false },
    [512, 4321],
  ),
  stft('complex', { nFft: 512, hopLength: 128, power: null }),
  stft('complex in a band', { nFft: 512, hopLength: 128, power: null, ...NARROW }),
  stft('nFft 1', { nFft: 1, hopLength: 3, power: 2, window: 'rectangular' }),
  stft('nFft 2', { nFft: 2, hopLength: 2, power: null, window: 'rectangular' }),
  stft('decibels', { nFft: 400, hopLength: 80, power: 2, scale: 'db', ...BLACKMAN, fMin: 3600, fMax: 4400 }),
  stft('decibels of amplitudes', { nFft: 400, hopLength: 80, power: 1, scale: 'db', amin: 1e-4, ref: 0.5 }),
  stft('decibels of the clip', { nFft: 400, hopLength: 80, power: 2, scale: 'db', ref: 'max', topDb: 70 }),
  stft('decibels, clamped', { nFft: 400, hopLength: 80, power: 1, scale: 'db', topDb: 30 }),
  stft('packed', { nFft: 400, hopLength: 80, layout: 'fftpack-packed', ...BLACKMAN }),
  stft('packed, odd', { nFft: 251, hopLength: 50, layout: 'fftpack-packed', tail: 'exclusive', center: false }, [
    251 + 50,
    302,
  ]),
  stft(
    'packed, exclusive',
    { nFft: 2400, hopLength: 80, layout: 'fftpack-packed', tail: 'exclusive', ...BLACKMAN },
    [2401, 2481, 2480],
  ),
  stft('bartlett', { nFft: 400, hopLength: 100, power: 2, window: 'bartlett' }),
  stft('hamming', { nFft: 400, hopLength: 100, power: 2, window: 'hamming', windowSymmetry: 'symmetric' }),
];

const LIBROSA: readonly FrontEndCase[] = [
  logMel('of the defaults', {}),
  logMel('W1', { ...W1, topDb: null }, [1, 512, 4321]),
  logMel('W1 mirrored', { ...W1, topDb: null, padMode: 'reflect' }, [513, 4321]),
  logMel('of the clip', { ...W1, ref: 'max' }),
  logMel('of amplitudes', { ...W1, power: 1, ref: 2, topDb: null }),
  logMel('in a band', { ...W1, topDb: null, fMin: 300, fMax: 3400 }),
  logMel('HTK bands, more than bins', {
    nFft: 256,
    hopLength: 128,
    nMels: 80,
    melScale: 'htk',
    melNorm: null,
    topDb: 40,
  }),
  mel('of the defaults', {}),
  mel('of amplitudes', { ...W1, power: 1 }),
  mfcc('of the defaults', {}),
  mfcc('plain', { ...W1, nMfcc: 13, lifter: 22, dctNorm: null, topDb: null }),
  mfcc('of the clip', { ...W1, nMfcc: 64, ref: 'max', topDb: 60 }),
];

const TORCHAUDIO: readonly FrontEndCase[] = [
  logMel('torchaudio', { preset: 'torchaudio', nMels: 64 }),
  logMel('torchaudio, natural logarithm', { preset: 'torchaudio', nMels: 64, log: 'ln' }),
  logMel('torchaudio, by the window', { preset: 'torchaudio', nMels: 64, normalized: 'window', topDb: 50 }),
  mel('torchaudio, by the frame', { preset: 'torchaudio', nMels: 64, normalized: 'frameLength', power: 1 }),
  mfcc('torchaudio', { preset: 'torchaudio' }),
  stft('torchaudio', { preset: 'torchaudio', power: null, normalized: 'window' }),
];

const KALDI: readonly FrontEndCase[] = [
  logMel('kaldi', { preset: 'kaldi' }, [400, 4321]),
  logMel('kaldi, 80 bands', { preset: 'kaldi', nMels: 80, useEnergy: true }),
  logMel(
    'kaldi, no snipping',
    { preset: 'kaldi', snipEdges: false, useEnergy: true, rawEnergy: false },
    [100, 401, 4321],
  ),
  logMel('kaldi, no snipping, long hop', { preset: 'kaldi', snipEdges: false, hopLength: 1000 }, [501, 4321]),
  logMel('kaldi, hamming', { preset: 'kaldi', window: 'hamming', preemphasis: 0.5 }),
  logMel('kaldi, rectangular, mean kept', { preset: 'kaldi', window: 'rectangular', removeDcOffset: false }),
  logMel('kaldi, no pre-emphasis', { preset: 'kaldi', preemphasis: 0, window: 'blackman', blackmanCoefficient: 0.4 }),
  logMel('kaldi, no rounding', { preset: 'kaldi', roundToPowerOfTwo: false, useEnergy: true, energyFloor: 1 }),
  logMel('kaldi, power 1, last', { preset: 'kaldi', power: 1, useEnergy: true, htkCompat: true }),
  logMel('kaldi at 44.1 kHz', { preset: 'kaldi', sampleRate: 44_100, nMels: 40, window: 'hamming', useEnergy: true }),
  mfcc('kaldi', { preset: 'kaldi' }),
  mfcc('kaldi, no energy', { preset: 'kaldi', useEnergy: false, rawEnergy: false }),
  mfcc('kaldi, htk', { preset: 'kaldi', useEnergy: false, htkCompat: true }),
  mfcc('kaldi, energy alone', { preset: 'kaldi', nMfcc: 1 }),
  stft('kaldi', { preset: 'kaldi', power: 2, scale: 'ln' }),
  stft('kaldi, windowed energy', { preset: 'kaldi', power: 2, scale: 'ln', rawEnergy: false }),
];

const SPEECH: readonly FrontEndCase[] = [
  logMel('python_speech_features', { preset: 'python_speech_features' }, [100, 400, 560, 561]),
  logMel('python_speech_features, cut frames', { preset: 'python_speech_features', winLength: 600 }),
  mel('python_speech_features', { preset: 'python_speech_features' }),
  mfcc('python_speech_features', { preset: 'python_speech_features' }),
  mfcc('python_speech_features, dense', {
    preset: 'python_speech_features',
    winLength: 160,
    hopLength: 16,
    useEnergy: false,
  }),
  logMel('htk', { preset: 'htk' }),
  logMel('htk, energy', { preset: 'htk', useEnergy: true, energyNormalise: false, power: 2 }),
  mfcc('htk', { preset: 'htk', useEnergy: true }),
  mfcc('htk, windowed energy', { preset: 'htk', useEnergy: true, rawEnergy: false, removeDcOffset: true }),
  mfcc('htk, no c0', { preset: 'htk', appendC0: false, useEnergy: true, energyNormalise: false }),
];

const OTHERS: readonly FrontEndCase[] = [
  logMel('whisper', { preset: 'whisper' }, [201, 4321]),
  logMel('whisper, padded', { preset: 'whisper', padSec: 0.25 }),
  logMel('whisper, trimmed', { preset: 'whisper', trimOrPadToSec: 0.4 }, [3000, 6400, 9000]),
  stft('whisper', { preset: 'whisper', power: 2 }),
  logMel('mimii', { preset: 'mimii' }),
  logMel('mimii, natural', { preset: 'mimii', log: 'ln', power: 1 }),
  logMel('dcase', { preset: 'dcase', log: 'log10', logFloorMode: 'max' }),
];

export const FRONT_END_CASES: readonly FrontEndCase[] = [
  ...FRAMES,
  ...LIBROSA,
  ...TORCHAUDIO,
  ...KALDI,
  ...SPEECH,
  ...OTHERS,
];
