/** What each preset is: defaults of its options, and the rules that it goes by where no option says it. */
import { deepFreeze } from './canonical.js';
import type { FeatureKind, FeaturePreset, FrameConfig, LogConfig, MfccConfig, WindowName } from './feature-config.js';

/** FLT_EPSILON, Kaldi's floor of energies; and the epsilon of a double. */
const FLOAT_EPSILON = 2 ** -23;
const DOUBLE_EPSILON = 2 ** -52;

/** A length given in samples, or in milliseconds with how it becomes whole. */
type Length = number | { readonly ms: number; readonly round: 'down' | 'half-up' };

/** Values an option may have, the default first. */
type Choices<T> = readonly [T, ...T[]];

export interface PresetRules {
  readonly kinds: readonly FeatureKind[];
  /** The rate where neither options nor audio say one. */
  readonly sampleRate?: number;
  /** `'window'` is as long as the window, `'power-of-two'` the next one from there. */
  readonly nFft: number | 'power-of-two';
  /** `'transform'` is as long as the transform. */
  readonly winLength: Length | 'transform';
  /** `'half'` of the window; or librosa's: a quarter of it for `stft`, otherwise 512. */
  readonly hopLength: Length | 'half' | 'quarter-or-512';
  readonly window: WindowName;
  readonly windowSymmetry: FrameConfig['windowSymmetry'];
  readonly center: Choices<boolean>;
  readonly padMode: Choices<FrameConfig['padMode']>;
  /** Which frames a signal has (native `frameRule`); Kaldi's `snipEdges: false` has its own. */
  readonly frameRule: 'fit' | 'cover';
  /** The window stands at the beginning of the transform, not in its middle. */
  readonly windowFirst: boolean;
  readonly dropLast: 0 | 1;
  readonly sampleScale?: Choices<'unit' | 'int16'>;
  readonly preemphasis?: number;
  readonly preemphasisScope: 'frame' | 'signal';
  /** Absent where frames keep their mean. */
  readonly removeDcOffset?: boolean;
  readonly normalized?: Choices<'window' | 'frameLength' | null>;
  readonly power: Choices<1 | 2>;
  readonly nMels: number;
  readonly fMin: number;
  /** Hz; otherwise half the rate, or that rounded down. */
  readonly fMax: number | 'half' | 'half-down';
  readonly melScale: Choices<'slaney' | 'htk'>;
  readonly melNorm: Choices<'slaney' | null>;
  readonly melTable: 'librosa' | 'torchaudio' | 'kaldi' | 'htk' | 'python_speech_features';
  /** Absent: decibels by `ref`, `amin` and `topDb` alone. */
  readonly log?: Choices<NonNullable<LogConfig['log']>>;
  readonly logFloor: number;
  readonly logFloorMode: Choices<NonNullable<LogConfig['logFloorMode']>>;
  /** Of decibels and of `whisper`; `undefined` where nothing is clamped. */
  readonly topDb?: Readonly<Partial<Record<FeatureKind, number | null>>>;
  /** The result of the logarithm times the one, plus the other. */
  readonly logMultiplier: number;
  readonly logOffset: number;
  readonly nMfcc: number;
  readonly dctNorm: Choices<MfccConfig['dctNorm']>;
  readonly lifter: number;
  /** From which number coefficients are counted in a lifter. */
  readonly lifterRule: 'librosa' | 'htk';
}

const LIBROSA: PresetRules = {
  kinds: ['stft', 'melSpectrogram', 'logMel', 'mfcc'],
  nFft: 2048,
  winLength: 'transform',
  hopLength: 'quarter-or-512',
  window: 'hann',
  windowSymmetry: 'periodic',
  center: [true, false],
  padMode: ['constant', 'reflect'],
  frameRule: 'fit',
  windowFirst: false,
  dropLast: 0,
  preemphasisScope: 'frame',
  power: [2, 1],
  nMels: 128,
  fMin: 0,
  fMax: 'half',
  melScale: ['slaney', 'htk'],
  melNorm: ['slaney', null],
  melTable: 'librosa',
  logFloor: 1e-10,
  logFloorMode: ['max'],
  topDb: { logMel: 80, mfcc: 80, stft: null },
  logMultiplier: 1,
  logOffset: 0,
  nMfcc: 20,
  dctNorm: ['ortho', null],
  lifter: 0,
  lifterRule: 'librosa',
};

const TORCHAUDIO: PresetRules = {
  ...LIBROSA,
  nFft: 400,
  hopLength: 'half',
  padMode: ['reflect', 'constant'],
  normalized: [null, 'window', 'frameLength'],
  fMax: 'half-down',
  melScale: ['htk', 'slaney'],
  melNorm: [null, 'slaney'],
  melTable: 'torchaudio',
  log: ['db', 'ln'],
  /** `log_mels` adds it; decibels have `amin`. */
  logFloor: 1e-6,
  logFloorMode: ['add', 'max'],
  topDb: { logMel: null, mfcc: 80, stft: null },
  nMfcc: 40,
};

/** What the front-ends of speech recognisers share. */
const SPEECH: PresetRules = {
  ...LIBROSA,
  nFft: 'power-of-two',
  winLength: { ms: 25, round: 'down' },
  hopLength: { ms: 10, round: 'down' },
  windowSymmetry: 'symmetric',
  center: [false],
  padMode: ['constant'],
  windowFirst: true,
  sampleScale: ['int16', 'unit'],
  preemphasis: 0.97,
  melScale: ['htk'],
  melNorm: [null],
  log: ['ln'],
  topDb: {},
  dctNorm: ['ortho'],
  lifter: 22,
  lifterRule: 'htk',
};

const KALDI: PresetRules = {
  ...SPEECH,
  window: 'povey',
  padMode: ['symmetric'],
  removeDcOffset: true,
  nMels: 23,
  fMin: 20,
  melTable: 'kaldi',
  logFloor: FLOAT_EPSILON,
  nMfcc: 13,
};

const PYTHON_SPEECH_FEATURES: PresetRules = {
  ...SPEECH,
  nFft: 512,
  winLength: { ms: 25, round: 'half-up' },
  hopLength: { ms: 10, round: 'half-up' },
  window: 'rectangular',
  frameRule: 'cover',
  preemphasisScope: 'signal',
  normalized: ['frameLength'],
  power: [2],
  nMels: 26,
  melTable: 'python_speech_features',
  logFloor: DOUBLE_EPSILON,
  logFloorMode: ['zero'],
  nMfcc: 13,
};

const HTK: PresetRules = {
  ...SPEECH,
  window: 'hamming',
  removeDcOffset: false,
  power: [1, 2],
  nMels: 26,
  melTable: 'htk',
  logFloor: 1,
  nMfcc: 12,
  dctNorm: ['htk'],
};

const WHISPER: PresetRules = {
  ...LIBROSA,
  kinds: ['stft', 'melSpectrogram', 'logMel'],
  sampleRate: 16_000,
  nFft: 400,
  hopLength: 160,
  center: [true],
  padMode: ['reflect', 'constant'],
  dropLast: 1,
  nMels: 80,
  fMax: 8000,
  log: ['log10'],
  logFloor: 1e-10,
  /** The clip's maximum less 8 in powers of ten. */
  topDb: { logMel: 80 },
  /** (x + 4) / 4 */
  logMultiplier: 1 / 4,
  logOffset: 1,
};

const MIMII: PresetRules = {
  ...LIBROSA,
  kinds: ['stft', 'melSpectrogram', 'logMel'],
  nFft: 1024,
  hopLength: 512,
  padMode: ['reflect', 'constant'],
  nMels: 64,
  log: ['db', 'ln', 'log10'],
  logFloor: DOUBLE_EPSILON,
  logFloorMode: ['add', 'max'],
  topDb: {},
};

/** Sources and formulas: docs/presets.md. */
export const PRESET_RULES: Readonly<Record<FeaturePreset, PresetRules>> = deepFreeze({
  librosa: LIBROSA,
  torchaudio: TORCHAUDIO,
  kaldi: KALDI,
  python_speech_features: PYTHON_SPEECH_FEATURES,
  htk: HTK,
  whisper: WHISPER,
  mimii: MIMII,
  dcase: { ...MIMII, nMels: 128 },
});
