/** The shapes of feature options (as given) and feature configs (all present, checked, frozen). */

export const FEATURE_KINDS = ['stft', 'melSpectrogram', 'logMel', 'mfcc'] as const;
export const PRESETS = [
  'librosa',
  'torchaudio',
  'kaldi',
  'python_speech_features',
  'htk',
  'whisper',
  'mimii',
  'dcase',
] as const;
export const WINDOW_NAMES = ['hann', 'hamming', 'blackman', 'bartlett', 'rectangular', 'povey'] as const;

export type FeatureKind = (typeof FEATURE_KINDS)[number];
export type FeaturePreset = (typeof PRESETS)[number];
export type WindowName = (typeof WINDOW_NAMES)[number];

/**
 * How a signal is cut into windowed frames. Optional fields are there in the presets that know them (docs/presets.md);
 * elsewhere it is as if they were off.
 */
export interface FrameConfig {
  /** Whose defaults, and whose rules where an option does not say it (`PRESET_RULES`). */
  readonly preset: FeaturePreset;
  /** Samples per second. */
  readonly sampleRate: number;
  /** Transform size in samples, any; 2^a·3^b·5^c is fastest, best with a factor 4. */
  readonly nFft: number;
  /** Window length in samples, at most `nFft`; the window is centred in the frame, or stands first in it. */
  readonly winLength: number;
  /** Samples from one frame to the next. */
  readonly hopLength: number;
  readonly window: WindowName;
  /** `periodic` divides by the length (spectral analysis), `symmetric` by the length − 1 (filter design). */
  readonly windowSymmetry: 'periodic' | 'symmetric';
  /** Frame t is centred on sample `t * hopLength`; otherwise it starts there. */
  readonly center: boolean;
  /** What stands outside the signal; `symmetric` is the mirror with the edge sample repeated. */
  readonly padMode: 'constant' | 'reflect' | 'symmetric';
  /** Samples in [-1, 1), or as they stand in a 16-bit file. */
  readonly sampleScale?: 'unit' | 'int16';
  /** Standard deviation, on the scale of the samples, of normal noise added to each frame; 0 for none. */
  readonly dither?: number;
  /** With dither: another seed is other noise. */
  readonly ditherSeed?: number;
  /** The mean of each frame is taken off first. */
  readonly removeDcOffset?: boolean;
  /** `x[i] − preemphasis · x[i − 1]`, by frame or over the whole signal. */
  readonly preemphasis?: number;
  /** Only frames inside the signal; otherwise one for each hop, mirrored at the ends. */
  readonly snipEdges?: boolean;
  /** First coefficient of the Blackman window. */
  readonly blackmanCoefficient?: number;
  /** What a spectrum is divided by: √Σw² or √nFft. */
  readonly normalized?: 'window' | 'frameLength' | null;
  /** Zeros appended to the clip. */
  readonly padSec?: number;
  /** The clip is cut or padded with zeros to this length. */
  readonly trimOrPadToSec?: number | null;
}

/** Logarithms: decibels `10·log10(max(x, amin) / ref)`, or `log` of floored values. */
export interface LogConfig {
  /** The 0 dB point; `'max'` is the clip's own maximum. */
  readonly ref?: number | 'max';
  readonly amin?: number;
  /** How far below the clip's maximum values may lie; `null` leaves quiet values alone. */
  readonly topDb?: number | null;
  /** `db` is `(20/power)·log10`. */
  readonly log?: 'db' | 'ln' | 'log10' | null;
  readonly logFloor?: number;
  /** `max(x, logFloor)`, `x + logFloor`, or `logFloor` in place of an exact 0. */
  readonly logFloorMode?: 'max' | 'add' | 'zero';
}

/** The logarithm of a frame's energy as a column of its own, or in place of c₀. */
export interface EnergyConfig {
  readonly useEnergy?: boolean;
  /** Before pre-emphasis and window. */
  readonly rawEnergy?: boolean;
  readonly energyFloor?: number;
  /** The first column moves to the end, and c₀ is multiplied by √2. */
  readonly htkCompat?: boolean;
  /** c₀ behind the other coefficients. */
  readonly appendC0?: boolean;
  /** Energies relative to the clip's loudest frame: `1 − energyScale·(max − e)`, down to `silenceFloorDb`. */
  readonly energyNormalise?: boolean;
  readonly energyScale?: number;
  readonly silenceFloorDb?: number;
}

export interface StftConfig
  extends FrameConfig,
    LogConfig,
    Pick<EnergyConfig, 'useEnergy' | 'rawEnergy' | 'energyFloor'> {
  readonly kind: 'stft';
  /** 1 amplitude, 2 power, `null` the complex spectrum as interleaved re, im. */
  readonly power: 1 | 2 | null;
  /** `ln` of power, floored by `logFloor`; with `useEnergy` that of the frame's energy stands in place of bin 0. */
  readonly scale: 'linear' | 'db' | 'ln';
  /**
   * Present where frames are `[Re X₀, Re X₁, Im X₁, …]`, `nFft` columns, with X at `nFft / 2` last where that is even, as
   * `scipy.fftpack.rfft`; `power` is null then, and `scale: 'db'` is 20·log10 of each column's magnitude.
   */
  readonly layout?: 'fftpack-packed';
  /** With `layout`, without `center`: `'exclusive'` leaves out a last frame that ends with the signal, as `range` does. */
  readonly tail?: 'inclusive' | 'exclusive';
  /** Bins with `fMin <= f <= fMax` (Hz) are kept. */
  readonly fMin: number;
  readonly fMax: number;
}

interface MelBands extends FrameConfig, EnergyConfig {
  readonly power: 1 | 2;
  readonly nMels: number;
  /** Edges of the lowest and highest band, Hz. */
  readonly fMin: number;
  readonly fMax: number;
  readonly melScale: 'slaney' | 'htk';
  /** `'slaney'` gives every triangle the same area. */
  readonly melNorm: 'slaney' | null;
}

export interface MelSpectrogramConfig extends MelBands, Pick<LogConfig, 'log' | 'logFloor' | 'logFloorMode'> {
  readonly kind: 'melSpectrogram';
}

export interface LogMelConfig extends MelBands, LogConfig {
  readonly kind: 'logMel';
}

export interface MfccConfig extends MelBands, LogConfig {
  readonly kind: 'mfcc';
  /** Coefficients kept, at most `nMels`; of `htk` from the second on. */
  readonly nMfcc: number;
  /** `null` is the plain sum times two, as scipy's; `htk` is √(2/nMels) for all coefficients. */
  readonly dctNorm: 'ortho' | 'htk' | null;
  /** 0 turns liftering off. */
  readonly lifter: number;
}

/** Everything a feature needs, all present and checked. */
export type FeatureConfig = StftConfig | MelSpectrogramConfig | LogMelConfig | MfccConfig;

type Given<C extends FeatureConfig> = C extends FeatureConfig
  ? { readonly [K in Exclude<keyof C, 'kind' | 'sampleRate'>]?: C[K] | undefined } & {
      /** Whether `nFft` is the next power of two by default. */
      readonly roundToPowerOfTwo?: boolean | undefined;
    }
  : never;

/** Options of each kind as given; what is left out takes the preset's value. The kind and the rate come beside them. */
export type StftOptions = Given<StftConfig> & { readonly kind?: 'stft' };
export type MelSpectrogramOptions = Given<MelSpectrogramConfig> & { readonly kind?: 'melSpectrogram' };
export type LogMelOptions = Given<LogMelConfig> & { readonly kind?: 'logMel' };
export type MfccOptions = Given<MfccConfig> & { readonly kind?: 'mfcc' };

/** Feature options with their kind, as they stand in a spec; `sampleRate` may repeat the spec's own. */
export type FeatureOptions = (
  | (StftOptions & { readonly kind: 'stft' })
  | (MelSpectrogramOptions & { readonly kind: 'melSpectrogram' })
  | (LogMelOptions & { readonly kind: 'logMel' })
  | (MfccOptions & { readonly kind: 'mfcc' })
) & { readonly sampleRate?: number };

/** First bin at or above `fMin` and the bin after the last at or below `fMax`. */
export function stftBins(config: { sampleRate: number; nFft: number; fMin: number; fMax: number }): {
  firstBin: number;
  endBin: number;
} {
  // A hundred-millionth of a bin forgives the rounding of 2000 / (16000 / 2400).
  const slack = 1e-8;
  const binsPerHz = config.nFft / config.sampleRate;
  const nBins = 1 + Math.floor(config.nFft / 2);
  return {
    firstBin: Math.max(0, Math.ceil(config.fMin * binsPerHz - slack)),
    endBin: Math.min(nBins, Math.floor(config.fMax * binsPerHz + slack) + 1),
  };
}

/** Shape of one frame: `[bin]`, `[bin, 2]` for a complex spectrum, `[mel]` or `[coefficient]`. */
export function frameShape(config: FeatureConfig): readonly number[] {
  switch (config.kind) {
    case 'stft': {
      if (config.layout !== undefined) return [config.nFft];
      const { firstBin, endBin } = stftBins(config);
      return config.power === null ? [endBin - firstBin, 2] : [endBin - firstBin];
    }
    case 'mfcc':
      return [config.nMfcc + cepstralExtras(config)];
    default:
      return [config.nMels + (config.useEnergy ? 1 : 0)];
  }
}

/** Numbers in one frame. */
export function frameWidth(config: FeatureConfig): number {
  return frameShape(config).reduce((product, n) => product * n, 1);
}

/** Columns beside `nMfcc`: HTK appends c₀ and the energy; elsewhere the energy takes c₀'s place. */
function cepstralExtras({ preset, appendC0, useEnergy }: MfccConfig): number {
  return preset === 'htk' ? Number(appendC0 ?? false) + Number(useEnergy ?? false) : 0;
}

export type WholeClipOption = 'ref' | 'topDb' | 'energyNormalise';

/** The option that needs the whole clip, or `null` where every frame can be computed from its own samples. */
export function wholeClipOption(config: FeatureConfig): WholeClipOption | null {
  if (config.kind !== 'stft' && config.useEnergy && config.energyNormalise) return 'energyNormalise';
  if (config.kind === 'melSpectrogram') return null;
  if (config.kind === 'stft' && config.scale === 'linear') return null;
  if (config.ref === 'max') return 'ref';
  return (config.topDb ?? null) === null ? null : 'topDb';
}

/** What that option would have to be in a stream, for messages. */
export const STREAMABLE: Readonly<Record<WholeClipOption, string>> = Object.freeze({
  ref: 'a number',
  topDb: 'null',
  energyNormalise: 'false',
});
