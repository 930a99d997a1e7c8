import {
  type DecibelConfig,
  FEATURE_KINDS,
  type FeatureConfig,
  type FeatureKind,
  type FrameConfig,
  PRESETS,
  stftBins,
  WINDOW_NAMES,
} from './feature-config.js';
import { OptionReader } from './option-reader.js';

/** librosa 0.11's defaults: `stft`, `feature.melspectrogram`, `power_to_db`, `feature.mfcc`. */
/** The native transform goes to 2^24, or 2^23 with prime factors above 5. */
const MAX_N_FFT = 2 ** 23;

const LIBROSA = {
  nFft: 2048,
  melHopLength: 512,
  nMels: 128,
  nMfcc: 20,
  ref: 1,
  /** Of `power_to_db`. */
  powerAmin: 1e-10,
  /** Of `amplitude_to_db`. */
  amplitudeAmin: 1e-5,
  topDb: 80,
} as const;

const POSITIVE = { expected: 'a positive number', accepts: (value: number) => value > 0 };
const NOT_NEGATIVE = { expected: 'a number >= 0', accepts: (value: number) => value >= 0 };

export interface ResolveContext {
  /** Samples per second; options may repeat it but not change it. */
  readonly sampleRate?: number;
  /** The kind when the options do not have to say it. */
  readonly kind?: FeatureKind;
  /** Stands before each option's name in messages. */
  readonly prefix?: string;
}

/**
 * Checks feature options and fills in what they leave out, once: afterwards only the config travels.
 *
 * Defaults are librosa's: `nFft` 2048, `winLength = nFft`, `hopLength` 512 (`stft`: `winLength / 4`), periodic Hann,
 * centred frames padded with zeros, `power` 2 (`stft`: `null`, complex), 128 Slaney mels, `ref` 1, `amin` 1e-10,
 * `topDb` 80, 20 orthonormal coefficients. `stft` with `scale: 'db'` has no counterpart there and leaves `topDb` null.
 *
 * @param options as given; an option of another kind is refused, not ignored
 * @throws ParameterError `ERR_UNKNOWN_OPTION`, `ERR_SAMPLE_RATE`, `ERR_N_FFT`, `ERR_WIN_LENGTH`, `ERR_HOP_LENGTH`, `ERR_OPTION`
 */
export function resolveFeatures(options: object, context: ResolveContext = {}): FeatureConfig {
  const read = new OptionReader(options, context.prefix ?? '');
  const kind = read.choice('kind', context.kind, context.kind ? [context.kind] : FEATURE_KINDS);
  const config = resolveKind(kind, read, context);
  read.finish(kind);
  return Object.freeze(config);
}

function resolveKind(kind: FeatureKind, read: OptionReader, context: ResolveContext): FeatureConfig {
  const frames = readFrames(kind, read, context);
  if (kind === 'stft') return readStft(frames, read);
  const bands = { ...frames, ...readBands(frames, read) };
  if (kind === 'melSpectrogram') return { kind, ...bands };
  const decibels = readDecibels(read, LIBROSA.powerAmin, LIBROSA.topDb);
  if (kind === 'logMel') return { kind, ...bands, ...decibels };
  const nMfcc = read.number('nMfcc', Math.min(LIBROSA.nMfcc, bands.nMels), {
    expected: `a positive whole number, at most nMels (${bands.nMels})`,
    accepts: (value) => Number.isInteger(value) && value >= 1 && value <= bands.nMels,
  });
  const dctNorm = read.choice('dctNorm', 'ortho', ['ortho', null]);
  return { kind, ...bands, ...decibels, nMfcc, dctNorm, lifter: read.number('lifter', 0, NOT_NEGATIVE) };
}

function readFrames(kind: FeatureKind, read: OptionReader, context: ResolveContext): FrameConfig {
  const preset = read.choice('preset', 'librosa', PRESETS);
  const sampleRate = readSampleRate(read, context.sampleRate);
  const nFft = read.number('nFft', LIBROSA.nFft, {
    code: 'ERR_N_FFT',
    expected: 'a whole number from 1 to 2^23',
    accepts: (value) => Number.isInteger(value) && value >= 1 && value <= MAX_N_FFT,
  });
  const winLength = read.number('winLength', nFft, {
    code: 'ERR_WIN_LENGTH',
    expected: `a positive whole number, at most nFft (${nFft})`,
    accepts: (value) => Number.isInteger(value) && value >= 1 && value <= nFft,
  });
  const defaultHop = kind === 'stft' ? Math.max(1, Math.floor(winLength / 4)) : LIBROSA.melHopLength;
  return {
    preset,
    sampleRate,
    nFft,
    winLength,
    hopLength: read.wholeNumber('hopLength', defaultHop, 1, 'ERR_HOP_LENGTH'),
    window: read.choice('window', 'hann', WINDOW_NAMES),
    windowSymmetry: read.choice('windowSymmetry', 'periodic', ['periodic', 'symmetric']),
    center: read.choice('center', true, [true, false]),
    padMode: read.choice('padMode', 'constant', ['constant', 'reflect']),
  };
}

function readSampleRate(read: OptionReader, known: number | undefined): number {
  const sampleRate = read.number('sampleRate', known, { ...POSITIVE, code: 'ERR_SAMPLE_RATE' });
  if (known !== undefined && sampleRate !== known)
    read.fail('sampleRate', `${known}, the rate of the audio`, 'ERR_SAMPLE_RATE');
  return sampleRate;
}

function readRange(frames: FrameConfig, read: OptionReader, isBins: boolean): { fMin: number; fMax: number } {
  const nyquist = frames.sampleRate / 2;
  const fMin = read.number('fMin', 0, {
    expected: `a frequency in Hz from 0 up to ${isBins ? '' : 'below '}sampleRate / 2 (${nyquist})`,
    accepts: (value) => value >= 0 && (isBins ? value <= nyquist : value < nyquist),
  });
  const fMax = read.number('fMax', nyquist, {
    expected: `a frequency in Hz ${isBins ? 'at or above' : 'above'} fMin (${fMin}), at most sampleRate / 2 (${nyquist})`,
    accepts: (value) => (isBins ? value >= fMin : value > fMin) && value <= nyquist,
  });
  return { fMin, fMax };
}

function readBands(frames: FrameConfig, read: OptionReader) {
  return {
    power: read.choice('power', 2, [1, 2]),
    nMels: read.wholeNumber('nMels', LIBROSA.nMels, 1),
    ...readRange(frames, read, false),
    melScale: read.choice('melScale', 'slaney', ['slaney', 'htk']),
    melNorm: read.choice('melNorm', 'slaney', ['slaney', null]),
  };
}

function readDecibels(read: OptionReader, amin: number, topDb: number | null): DecibelConfig {
  return {
    ref: read.numberOr('ref', LIBROSA.ref, 'max', { ...POSITIVE, expected: 'a positive number or "max"' }),
    amin: read.number('amin', amin, POSITIVE),
    topDb: read.numberOr('topDb', topDb, null, { ...NOT_NEGATIVE, expected: 'a number of decibels >= 0, or null' }),
  };
}

/** The smallest normal float32: decibels of packed columns have no other floor. */
const SMALLEST = 2 ** -126;

function readStft(frames: FrameConfig, read: OptionReader): FeatureConfig {
  if (read.choice('layout', 'bins', ['bins', 'fftpack-packed']) === 'fftpack-packed') return readPacked(frames, read);
  const power = read.choice('power', null, [1, 2, null]);
  const scale = read.choice('scale', 'linear', power === null ? ['linear'] : ['linear', 'db']);
  const range = readRange(frames, read, true);
  const defaults = { ref: LIBROSA.ref, amin: power === 1 ? LIBROSA.amplitudeAmin : LIBROSA.powerAmin, topDb: null };
  const decibels = readDecibels(read, defaults.amin, defaults.topDb);
  if (scale === 'linear') refuseDecibels(read, decibels, defaults);
  const { firstBin, endBin } = stftBins({ ...frames, ...range });
  if (endBin <= firstBin) read.fail('fMax', `at or above the first bin past fMin (${range.fMin} Hz)`);
  return { kind: 'stft', ...frames, power, scale, ...range, ...decibels };
}

function refuseDecibels(read: OptionReader, decibels: DecibelConfig, defaults: DecibelConfig): void {
  for (const name of ['ref', 'amin', 'topDb'] as const) {
    if (decibels[name] !== defaults[name]) read.fail(name, 'left out where scale is "linear"');
  }
}

/** Real and imaginary parts in turn, of all bins. */
function readPacked(frames: FrameConfig, read: OptionReader): FeatureConfig {
  const power = read.choice('power', null, [null]);
  const scale = read.choice('scale', 'linear', ['linear', 'db']);
  const range = readRange(frames, read, true);
  if (range.fMin !== 0) read.fail('fMin', 'left out with layout "fftpack-packed"');
  if (range.fMax !== frames.sampleRate / 2) read.fail('fMax', 'left out with layout "fftpack-packed"');
  const defaults = { ref: LIBROSA.ref, amin: SMALLEST, topDb: null };
  const decibels = readDecibels(read, defaults.amin, defaults.topDb);
  if (scale === 'linear') refuseDecibels(read, decibels, defaults);
  const tail = read.choice('tail', 'inclusive', frames.center ? ['inclusive'] : ['inclusive', 'exclusive']);
  return { kind: 'stft', ...frames, power, scale, ...range, ...decibels, layout: 'fftpack-packed', tail };
}
