/** The four features, each as a function (one recording) and as a class (a plan for many). */
import type {
  FeatureConfig,
  LogMelConfig,
  LogMelOptions,
  MelSpectrogramConfig,
  MelSpectrogramOptions,
  MfccConfig,
  MfccOptions,
  StftConfig,
  StftOptions,
} from '../spec/index.js';
import { resolveFeatures } from '../spec/index.js';
import type { FeatureMatrix } from '../types.js';
import { FeaturePlan, type ProcessOptions } from './feature-plan.js';
import { type Signal, viewOf } from './signal.js';

/** A class needs the rate it is built for. */
type WithRate<O> = O & { readonly sampleRate: number };
/** A function takes the rate from the samples; saying it again checks it. */
type OneShot<O> = O & { readonly sampleRate?: number } & ProcessOptions;

function configOf<C extends FeatureConfig>(kind: C['kind'], options: object): C {
  return resolveFeatures(options, { kind }) as C;
}

/** Plan of `stft`. */
export class Stft extends FeaturePlan<StftConfig> {
  constructor(options: WithRate<StftOptions>) {
    super(configOf('stft', options));
  }
}

/** Plan of `melSpectrogram`. */
export class MelSpectrogram extends FeaturePlan<MelSpectrogramConfig> {
  constructor(options: WithRate<MelSpectrogramOptions>) {
    super(configOf('melSpectrogram', options));
  }
}

/** Plan of `logMel`. */
export class LogMel extends FeaturePlan<LogMelConfig> {
  constructor(options: WithRate<LogMelOptions>) {
    super(configOf('logMel', options));
  }
}

/** Plan of `mfcc`. */
export class Mfcc extends FeaturePlan<MfccConfig> {
  constructor(options: WithRate<MfccOptions>) {
    super(configOf('mfcc', options));
  }
}

/** The plan of a config, e.g. of a spec's. */
export function createPlan(config: FeatureConfig): FeaturePlan {
  switch (config.kind) {
    case 'stft':
      return new Stft(config);
    case 'melSpectrogram':
      return new MelSpectrogram(config);
    case 'logMel':
      return new LogMel(config);
    case 'mfcc':
      return new Mfcc(config);
  }
}

/** One recording through a plan of its own, at its own rate. */
function compute(
  Plan: new (options: WithRate<object>) => FeaturePlan,
  signal: Signal,
  options: OneShot<object>,
): FeatureMatrix {
  const { out, channel, ...rest } = options;
  const plan = new Plan({ ...rest, sampleRate: rest.sampleRate ?? viewOf(signal).sampleRate });
  return plan.process(signal, { out, channel });
}

/**
 * Short-time Fourier transform: X[t, k] = Σₙ window[n] · x[t·hopLength + n − nFft/2] · e^(−2πi·k·n/nFft).
 *
 * @param samples PCM in [-1, 1], not empty
 * @param options lengths in samples, `fMin`/`fMax` in Hz (bins between them, both included, are kept). `power` null
 *   (the default, as librosa's) keeps re and im, 1 is |X|, 2 is |X|². `scale: 'db'` is 10·log10(max(|X|², amin) / ref)
 *   or 20·log10(max(|X|, amin) / ref); it has no counterpart in librosa's `stft`, so its `topDb` is null by default.
 *   `scale: 'ln'` of preset `kaldi` has the frame's energy in place of bin 0. `hopLength` defaults to `winLength / 4`
 * @returns `[frame, bin]`, complex `[frame, bin, 2]`; when centred, `nFrames = 1 + floor(nSamples / hopLength)`,
 *   otherwise `1 + floor((nSamples − nFft) / hopLength)`
 * @throws ParameterError `ERR_N_FFT`, `ERR_WIN_LENGTH`, `ERR_HOP_LENGTH`, `ERR_OPTION`, `ERR_UNKNOWN_OPTION`,
 *   `ERR_SAMPLE_RATE`, `ERR_TOO_SHORT`, `ERR_SHAPE`; AudioFormatError `ERR_AUDIO_CHANNEL`, `ERR_AUDIO_NOT_FINITE`
 */
export function stft(samples: Signal, options: OneShot<StftOptions> = {}): FeatureMatrix {
  return compute(Stft, samples, options);
}

/**
 * Energies in mel bands: mel[t, m] = Σₖ weight[m, k] · |X[t, k]|^power, as librosa's `feature.melspectrogram`.
 *
 * @param options 128 Slaney bands of equal area from 0 to `sampleRate / 2`, `nFft` 2048, `hopLength` 512 by default
 * @returns `[frame, mel]` (librosa's is the transpose)
 * @throws as `stft`
 */
export function melSpectrogram(samples: Signal, options: OneShot<MelSpectrogramOptions> = {}): FeatureMatrix {
  return compute(MelSpectrogram, samples, options);
}

/**
 * Mel bands in decibels: 10·log10(max(mel, amin) / ref), clamped to `topDb` below this clip's maximum, as librosa's
 * `power_to_db(melspectrogram(…))`.
 *
 * `topDb` is 80 by default as librosa's, which needs the whole clip: `topDb: null` streams and does not depend on what
 * else the clip holds.
 *
 * @returns `[frame, mel]`
 * @throws as `stft`
 * @example logMel({ samples, sampleRate: 16_000 }, { nFft: 1024, hopLength: 512, nMels: 64, topDb: null }).shape
 */
export function logMel(samples: Signal, options: OneShot<LogMelOptions> = {}): FeatureMatrix {
  return compute(LogMel, samples, options);
}

/**
 * Mel-frequency cepstral coefficients: the first `nMfcc` of the DCT-II of `logMel`, as librosa's `feature.mfcc`.
 *
 * @param options `nMfcc` 20, `dctNorm` `'ortho'`, `topDb` 80 by default (null streams); `lifter` L > 0 multiplies
 *   coefficient n by 1 + L/2 · sin(π·(n + 1)/L)
 * @returns `[frame, coefficient]`
 * @throws as `stft`
 */
export function mfcc(samples: Signal, options: OneShot<MfccOptions> = {}): FeatureMatrix {
  return compute(Mfcc, samples, options);
}
