import {
  FEATURE_KINDS,
  type FeatureConfig,
  type FeatureKind,
  type FrameConfig,
  type LogConfig,
  PRESETS,
  type StftConfig,
  stftBins,
} from './feature-config.js';
import { OptionReader } from './option-reader.js';
import { PRESET_RULES, type PresetRules } from './presets.js';
import { energyOf, spectrumEnergyOf } from './resolve-energy.js';
import { framesOf } from './resolve-frames.js';

/** librosa's `amplitude_to_db`. */
const AMPLITUDE_AMIN = 1e-5;
const POWER_AMIN = 1e-10;

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
 * Defaults are the preset's (`PRESET_RULES`). librosa's, without a preset: `nFft` 2048, `winLength = nFft`, `hopLength`
 * 512 (`stft`: `winLength / 4`), periodic Hann, centred frames padded with zeros, `power` 2 (`stft`: `null`, complex),
 * 128 Slaney mels, `ref` 1, `amin` 1e-10, `topDb` 80, 20 orthonormal coefficients. `stft` with `scale: 'db'` has no
 * counterpart there and leaves `topDb` null.
 *
 * @param options as given; an option of another kind or preset is refused, not ignored
 * @throws ParameterError `ERR_UNKNOWN_OPTION`, `ERR_SAMPLE_RATE`, `ERR_N_FFT`, `ERR_WIN_LENGTH`, `ERR_HOP_LENGTH`, `ERR_OPTION`
 */
export function resolveFeatures(options: object, context: ResolveContext = {}): FeatureConfig {
  const read = new OptionReader(options, context.prefix ?? '');
  const kind = read.choice('kind', context.kind, context.kind ? [context.kind] : FEATURE_KINDS);
  const preset = read.choice('preset', 'librosa', PRESETS);
  const rules = PRESET_RULES[preset];
  if (!rules.kinds.includes(kind)) read.fail('preset', `one that has ${kind}`);
  const frames = { preset, ...framesOf(rules, kind, read, context.sampleRate) };
  const config = resolveKind(kind, frames, rules, read);
  read.finish(preset === 'librosa' ? kind : `${kind} with preset "${preset}"`);
  return Object.freeze(config);
}

function resolveKind(kind: FeatureKind, frames: FrameConfig, rules: PresetRules, read: OptionReader): FeatureConfig {
  if (kind === 'stft') return readStft(frames, rules, read);
  const bands = { ...frames, ...readBands(frames, kind, rules, read), ...energyOf(frames.preset, kind, read) };
  if (kind === 'melSpectrogram') return { kind, ...bands, ...readFloor(rules, read) };
  const logs = readLog(kind, rules, read);
  if (kind === 'logMel') return { kind, ...bands, ...logs };
  const nMfcc = read.number('nMfcc', Math.min(rules.nMfcc, bands.nMels), {
    expected: `a positive whole number, at most nMels (${bands.nMels})`,
    accepts: (value) => Number.isInteger(value) && value >= 1 && value <= bands.nMels,
  });
  const dctNorm = read.choice('dctNorm', rules.dctNorm[0], rules.dctNorm);
  return { kind, ...bands, ...logs, nMfcc, dctNorm, lifter: read.number('lifter', rules.lifter, NOT_NEGATIVE) };
}

function readRange(frames: FrameConfig, rules: PresetRules, read: OptionReader, isBins: boolean) {
  const nyquist = frames.sampleRate / 2;
  const fMin = read.number('fMin', isBins ? 0 : rules.fMin, {
    expected: `a frequency in Hz from 0 up to ${isBins ? '' : 'below '}sampleRate / 2 (${nyquist})`,
    accepts: (value) => value >= 0 && (isBins ? value <= nyquist : value < nyquist),
  });
  const half = rules.fMax === 'half-down' ? Math.floor(nyquist) : nyquist;
  // Kaldi counts what is not positive from half the rate.
  const fromNyquist = (value: number) => (frames.preset === 'kaldi' && !isBins && value <= 0 ? nyquist + value : value);
  const fMax = read.number('fMax', isBins ? nyquist : typeof rules.fMax === 'number' ? rules.fMax : half, {
    expected: `a frequency in Hz ${isBins ? 'at or above' : 'above'} fMin (${fMin}), at most sampleRate / 2 (${nyquist})`,
    accepts: (value) => {
      const hz = fromNyquist(value);
      return (isBins ? hz >= fMin : hz > fMin) && hz <= nyquist;
    },
  });
  return { fMin, fMax: fromNyquist(fMax) };
}

function readBands(frames: FrameConfig, kind: FeatureKind, rules: PresetRules, read: OptionReader) {
  // Kaldi's cepstra are always of power.
  const power = frames.preset === 'kaldi' && kind === 'mfcc' ? ([2] as const) : rules.power;
  return {
    power: read.choice('power', power[0], [...power].sort()),
    nMels: read.wholeNumber('nMels', rules.nMels, 1),
    ...readRange(frames, rules, read, false),
    melScale: read.choice('melScale', rules.melScale[0], rules.melScale),
    melNorm: read.choice('melNorm', rules.melNorm[0], rules.melNorm),
  };
}

/** A mel spectrogram has no logarithm; python_speech_features replaces its zeros all the same. */
function readFloor(rules: PresetRules, read: OptionReader): Pick<LogConfig, 'log' | 'logFloor' | 'logFloorMode'> {
  if (rules.log === undefined) return {};
  const log = read.choice('log', null, [null]);
  return rules.logFloorMode[0] === 'zero' ? { log, ...readLogFloor(rules, read) } : { log };
}

function readLogFloor(rules: PresetRules, read: OptionReader) {
  return {
    logFloor: read.number('logFloor', rules.logFloor, POSITIVE),
    logFloorMode: read.choice('logFloorMode', rules.logFloorMode[0], rules.logFloorMode),
  };
}

function readLog(kind: FeatureKind, rules: PresetRules, read: OptionReader): LogConfig {
  const topDb = rules.topDb?.[kind];
  if (rules.log === undefined) return readDecibels(read, POWER_AMIN, topDb ?? null);
  const log = read.choice('log', rules.log[0], rules.log);
  // torchaudio's decibels are librosa's.
  if (rules.melTable === 'torchaudio' && log === 'db') return { log, ...readDecibels(read, POWER_AMIN, topDb ?? null) };
  const floored = { log, ...readLogFloor(rules, read) };
  return rules.melTable === 'torchaudio' || topDb === undefined
    ? floored
    : { ...floored, topDb: readTopDb(read, topDb) };
}

function readTopDb(read: OptionReader, fallback: number | null): number | null {
  return read.numberOr('topDb', fallback, null, { ...NOT_NEGATIVE, expected: 'a number of decibels >= 0, or null' });
}

function readDecibels(read: OptionReader, amin: number, topDb: number | null) {
  return {
    ref: read.numberOr('ref', 1, 'max', { ...POSITIVE, expected: 'a positive number or "max"' }),
    amin: read.number('amin', amin, POSITIVE),
    topDb: readTopDb(read, topDb),
  };
}

/** The smallest normal float32: decibels of packed columns have no other floor. */
const SMALLEST = 2 ** -126;

function readStft(frames: FrameConfig, rules: PresetRules, read: OptionReader): FeatureConfig {
  const hasDecibels = rules.topDb?.stft !== undefined;
  if (read.choice('layout', 'bins', hasDecibels ? ['bins', 'fftpack-packed'] : ['bins']) === 'fftpack-packed') {
    return readPacked(frames, rules, read);
  }
  const power = read.choice('power', null, [1, 2, null]);
  const scale = read.choice('scale', 'linear', scalesOf(frames, rules, power));
  const range = readRange(frames, rules, read, true);
  const { firstBin, endBin } = stftBins({ ...frames, ...range });
  if (endBin <= firstBin) read.fail('fMax', `at or above the first bin past fMin (${range.fMin} Hz)`);
  const config = { kind: 'stft', ...frames, power, scale, ...range } as const;
  if (scale === 'ln') return { ...config, ...readLogFloor(rules, read), ...spectrumEnergyOf(read, firstBin === 0) };
  if (!hasDecibels) return config;
  const defaults = { ref: 1, amin: power === 1 ? AMPLITUDE_AMIN : POWER_AMIN, topDb: null };
  const decibels = readDecibels(read, defaults.amin, defaults.topDb);
  if (scale === 'linear') refuseDecibels(read, decibels, defaults);
  return { ...config, ...decibels };
}

/** Kaldi's log spectrum is of power. */
function scalesOf(frames: FrameConfig, rules: PresetRules, power: StftConfig['power']): StftConfig['scale'][] {
  if (frames.preset === 'kaldi') return power === 2 ? ['linear', 'ln'] : ['linear'];
  return power !== null && rules.topDb?.stft !== undefined ? ['linear', 'db'] : ['linear'];
}

function refuseDecibels(read: OptionReader, decibels: LogConfig, defaults: LogConfig): void {
  for (const name of ['ref', 'amin', 'topDb'] as const) {
    if (decibels[name] !== defaults[name]) read.fail(name, 'left out where scale is "linear"');
  }
}

/** Real and imaginary parts in turn, of all bins. */
function readPacked(frames: FrameConfig, rules: PresetRules, read: OptionReader): FeatureConfig {
  const power = read.choice('power', null, [null]);
  const scale = read.choice('scale', 'linear', ['linear', 'db']);
  const range = readRange(frames, rules, read, true);
  if (range.fMin !== 0) read.fail('fMin', 'left out with layout "fftpack-packed"');
  if (range.fMax !== frames.sampleRate / 2) read.fail('fMax', 'left out with layout "fftpack-packed"');
  const defaults = { ref: 1, amin: SMALLEST, topDb: null };
  const decibels = readDecibels(read, defaults.amin, defaults.topDb);
  if (scale === 'linear') refuseDecibels(read, decibels, defaults);
  const tail = read.choice('tail', 'inclusive', frames.center ? ['inclusive'] : ['inclusive', 'exclusive']);
  return { kind: 'stft', ...frames, power, scale, ...range, ...decibels, layout: 'fftpack-packed', tail };
}
