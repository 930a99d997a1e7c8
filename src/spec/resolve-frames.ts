import type { FeatureKind, FrameConfig } from './feature-config.js';
import { WINDOW_NAMES } from './feature-config.js';
import type { OptionReader } from './option-reader.js';
import type { PresetRules } from './presets.js';

/** The native transform goes to 2^24, or 2^23 with prime factors above 5. */
const MAX_N_FFT = 2 ** 23;
/** Kaldi's `blackman_coeff`. */
const BLACKMAN = 0.42;
/** The hop of librosa's mel features. */
const LIBROSA_HOP = 512;

const POSITIVE = { expected: 'a positive number', accepts: (value: number) => value > 0 };
const NOT_NEGATIVE = { expected: 'a number >= 0', accepts: (value: number) => value >= 0 };

/** How frames are cut and what is done to their samples: the part of a config that all kinds share, but its preset. */
export function framesOf(
  rules: PresetRules,
  kind: FeatureKind,
  read: OptionReader,
  knownRate: number | undefined,
): Omit<FrameConfig, 'preset'> {
  const sampleRate = readSampleRate(read, knownRate, rules.sampleRate);
  const { nFft, winLength } = readLengths(rules, read, sampleRate);
  const window = read.choice('window', rules.window, WINDOW_NAMES);
  return {
    sampleRate,
    nFft,
    winLength,
    hopLength: read.wholeNumber('hopLength', hopOf(rules, kind, winLength, sampleRate), 1, 'ERR_HOP_LENGTH'),
    window,
    windowSymmetry: read.choice('windowSymmetry', rules.windowSymmetry, ['periodic', 'symmetric']),
    center: read.choice('center', rules.center[0], rules.center),
    padMode: read.choice('padMode', rules.padMode[0], rules.padMode),
    ...preparationOf(rules, read),
    ...(rules.melTable === 'kaldi' ? kaldiFrames(read, window) : {}),
    ...(rules.dropLast === 1 ? clipLength(read) : {}),
  };
}

function readSampleRate(read: OptionReader, known: number | undefined, usual: number | undefined): number {
  const sampleRate = read.number('sampleRate', known ?? usual, { ...POSITIVE, code: 'ERR_SAMPLE_RATE' });
  if (known !== undefined && sampleRate !== known)
    read.fail('sampleRate', `${known}, the rate of the audio`, 'ERR_SAMPLE_RATE');
  return sampleRate;
}

/** The one of transform and window that does not follow from the other comes first. */
function readLengths(rules: PresetRules, read: OptionReader, sampleRate: number): { nFft: number; winLength: number } {
  if (rules.winLength === 'transform') {
    const nFft = readTransform(read, rules.nFft === 'power-of-two' ? undefined : rules.nFft, 1);
    return { nFft, winLength: readWindow(read, nFft, nFft) };
  }
  const cutsFrames = rules.frameRule === 'cover';
  const winLength = readWindow(read, samplesOf(rules.winLength, sampleRate), cutsFrames ? null : MAX_N_FFT);
  const rounds = rules.melTable === 'kaldi' ? read.choice('roundToPowerOfTwo', true, [true, false]) : true;
  const next = rounds ? 2 ** Math.ceil(Math.log2(winLength)) : winLength;
  const nFft = readTransform(read, rules.nFft === 'power-of-two' ? next : rules.nFft, cutsFrames ? 1 : winLength);
  // Kaldi's bands leave out the bin at half the rate, which an odd transform does not have.
  if (rules.melTable === 'kaldi' && nFft % 2 === 1) read.fail('nFft', `even, as Kaldi's, not ${nFft}`, 'ERR_N_FFT');
  return { nFft, winLength };
}

function readTransform(read: OptionReader, fallback: number | undefined, min: number): number {
  return read.number('nFft', fallback, {
    code: 'ERR_N_FFT',
    expected: `a whole number from ${min} to 2^23`,
    accepts: (value) => Number.isInteger(value) && value >= min && value <= MAX_N_FFT,
  });
}

function readWindow(read: OptionReader, fallback: number, max: number | null): number {
  if (max === null || max === MAX_N_FFT) return read.wholeNumber('winLength', fallback, 1, 'ERR_WIN_LENGTH');
  return read.number('winLength', fallback, {
    code: 'ERR_WIN_LENGTH',
    expected: `a positive whole number, at most nFft (${max})`,
    accepts: (value) => Number.isInteger(value) && value >= 1 && value <= max,
  });
}

function samplesOf(length: Exclude<PresetRules['winLength'], 'transform'>, sampleRate: number): number {
  if (typeof length === 'number') return length;
  const samples = (sampleRate * length.ms) / 1000;
  return length.round === 'down' ? Math.floor(samples) : Math.floor(samples + 0.5);
}

function hopOf(rules: PresetRules, kind: FeatureKind, winLength: number, sampleRate: number): number {
  if (rules.hopLength === 'half') return Math.max(1, Math.floor(winLength / 2));
  if (rules.hopLength !== 'quarter-or-512') return samplesOf(rules.hopLength, sampleRate);
  return kind === 'stft' ? Math.max(1, Math.floor(winLength / 4)) : LIBROSA_HOP;
}

function preparationOf(rules: PresetRules, read: OptionReader) {
  const { sampleScale, preemphasis, removeDcOffset, normalized } = rules;
  return {
    ...(sampleScale && { sampleScale: read.choice('sampleScale', sampleScale[0], sampleScale) }),
    ...(removeDcOffset !== undefined && {
      removeDcOffset: read.choice('removeDcOffset', removeDcOffset, [true, false]),
    }),
    ...(preemphasis !== undefined && { preemphasis: read.number('preemphasis', preemphasis, NOT_NEGATIVE) }),
    ...(normalized && { normalized: read.choice('normalized', normalized[0], normalized) }),
  };
}

function kaldiFrames(read: OptionReader, window: FrameConfig['window']) {
  return {
    snipEdges: read.choice('snipEdges', true, [true, false]),
    ...readDither(read),
    ...(window === 'blackman' && {
      blackmanCoefficient: read.number('blackmanCoefficient', BLACKMAN, {
        expected: 'a number from 0 to 0.5',
        accepts: (value) => value >= 0 && value <= 0.5,
      }),
    }),
  };
}

function readDither(read: OptionReader) {
  const dither = read.number('dither', 0, NOT_NEGATIVE);
  if (dither > 0) return { dither, ditherSeed: read.wholeNumber('ditherSeed', 0, 0) };
  if (read.has('ditherSeed')) read.fail('ditherSeed', 'left out where dither is 0');
  return { dither };
}

/** Whisper's clip: zeros after it, or 30 seconds of it. */
function clipLength(read: OptionReader) {
  return {
    padSec: read.number('padSec', 0, NOT_NEGATIVE),
    trimOrPadToSec: read.numberOr('trimOrPadToSec', null, null, {
      ...POSITIVE,
      expected: 'a positive number of seconds, or null',
    }),
  };
}
