import {
  type EnergyConfig,
  type FeatureConfig,
  frameGrid,
  type LogConfig,
  type MfccConfig,
  PRESET_RULES,
  type StftConfig,
  stftBins,
} from '../spec/index.js';
import type { NativeFeatureConfig } from './addon.js';

/** Samples in [-1, 1) times this are those of a 16-bit file. */
const INT16_SCALE = 2 ** 15;
/** FLT_EPSILON, the floor of Kaldi's energies. */
const KALDI_ENERGY_FLOOR = 2 ** -23;

/** Fields that the kind at hand does not read. */
const UNUSED = {
  scale: 'linear',
  firstBin: 0,
  endBin: 0,
  nMels: 1,
  fMin: 0,
  fMax: 0,
  melScale: 'slaney',
  melNorm: 'none',
  melTable: 'librosa',
  ref: 1,
  amin: 1e-10,
  logFloorMode: 'max',
  logBase: 'db',
  logMultiplier: 1,
  logOffset: 0,
  nMfcc: 1,
  firstCoefficient: 0,
  appendC0: false,
  dctNorm: 'ortho',
  lifter: 0,
  lifterRule: 'librosa',
  energy: 'none',
  energyLast: false,
  energyFloor: 0,
} as const;

/** The flat form that the binding reads; a per-clip reference is left to `NativeProgram.finish`. */
export function nativeConfig(config: FeatureConfig): NativeFeatureConfig {
  const frames = { ...UNUSED, ...frameFields(config) };
  if (config.kind === 'stft') {
    // Packed columns are made of complex bins, and their decibels of the columns.
    if (config.layout !== undefined) return { ...frames, kind: 'stft', power: 0, ...stftBins(config) };
    const { fMin, fMax } = config;
    return { ...frames, kind: 'stft', fMin, fMax, ...stftBins(config), ...levelFields(config) };
  }
  const bands = { ...frames, ...bandFields(config), ...logFields(config), ...energyFields(config) };
  return config.kind === 'mfcc' ? { ...bands, ...cepstralFields(config) } : bands;
}

function frameFields(config: FeatureConfig) {
  const { sampleRate, nFft, winLength, hopLength, window, windowSymmetry, center, padMode } = config;
  const { preemphasisScope } = PRESET_RULES[config.preset];
  const { frameRule, windowFirst, dropLast, appendLength, fixedLength } = frameGrid(config);
  return {
    ...{ sampleRate, nFft, winLength, hopLength, window, windowSymmetry, center, padMode },
    ...{ frameRule, windowFirst, dropLast, appendLength, fixedLength, preemphasisScope },
    blackmanCoefficient: config.blackmanCoefficient ?? 0.42,
    sampleScale: config.sampleScale === 'int16' ? INT16_SCALE : 1,
    dither: config.dither ?? 0,
    ditherSeed: config.ditherSeed ?? 0,
    removeDcOffset: config.removeDcOffset ?? false,
    preemphasis: config.preemphasis ?? 0,
    normalized: config.normalized ?? 'none',
  } as const;
}

function levelFields(config: StftConfig) {
  const { power, scale } = config;
  if (scale === 'linear') return { power: power ?? 0 } as const;
  const logarithm = { power: 2, scale: 'log' } as const;
  if (scale === 'db') return { ...logarithm, ...powerUnits(config) };
  return { ...logarithm, ...logFields({ ...config, power: 2, log: scale }), ...energyFields(config) };
}

type BandConfig = Exclude<FeatureConfig, { readonly kind: 'stft' }>;

function bandFields({ kind, preset, power, nMels, fMin, fMax, melScale, melNorm }: BandConfig) {
  const { melTable } = PRESET_RULES[preset];
  return { kind, power, nMels, fMin, fMax, melScale, melNorm: melNorm ?? 'none', melTable } as const;
}

/** 20·log10(|X| / ref) is 10·log10(|X|² / ref²), so amplitudes go through the power path with squared levels. */
function powerUnits({ power, ref = 1, amin = UNUSED.amin }: LogConfig & { readonly power: 1 | 2 | null }) {
  const absolute = ref === 'max' ? 1 : ref;
  return power === 1 ? { ref: absolute ** 2, amin: amin ** 2 } : { ref: absolute, amin };
}

function logFields(config: Pick<BandConfig, 'preset' | 'power'> & LogConfig) {
  const { preset, power, ref, amin, log, logFloor, logFloorMode } = config;
  const { logMultiplier, logOffset } = PRESET_RULES[preset];
  // librosa's `power_to_db` is the same of amplitudes; the others say (20/power)·log10.
  const multiplier = log === 'db' ? logMultiplier * (2 / power) : logMultiplier;
  const common = { logBase: log ?? 'db', logMultiplier: multiplier, logOffset } as const;
  if (logFloor !== undefined)
    return { ...common, ref: 0, amin: logFloor, logFloorMode: logFloorMode ?? 'max' } as const;
  return { ...common, ref: ref === 'max' || ref === undefined ? 1 : ref, amin: amin ?? UNUSED.amin };
}

function energyFields(config: Pick<FeatureConfig, 'preset'> & EnergyConfig) {
  if (!config.useEnergy) return {};
  const energyLast = config.preset === 'htk' || (config.htkCompat ?? false);
  if (config.preset === 'python_speech_features') return { energy: 'spectrum', energyLast } as const;
  // HTK has no floor, and a logarithm of its own for silence.
  const floor = config.preset === 'kaldi' ? Math.max(KALDI_ENERGY_FLOOR, config.energyFloor ?? 0) : 0;
  return { energy: config.rawEnergy ? 'raw' : 'windowed', energyLast, energyFloor: floor } as const;
}

/** HTK counts coefficients from 1 and appends c₀; elsewhere c₀ is the first, or gives its place to the energy. */
function cepstralFields(config: MfccConfig) {
  const { preset, nMfcc, dctNorm, lifter, useEnergy = false, htkCompat = false, appendC0 = false } = config;
  const { lifterRule } = PRESET_RULES[preset];
  const common = { dctNorm: dctNorm ?? 'none', lifter, lifterRule } as const;
  if (preset === 'htk') return { ...common, nMfcc, firstCoefficient: 1, appendC0 } as const;
  if (useEnergy) return { ...common, nMfcc: nMfcc - 1, firstCoefficient: 1, appendC0: false } as const;
  if (htkCompat) return { ...common, dctNorm: 'htk', nMfcc: nMfcc - 1, firstCoefficient: 1, appendC0: true } as const;
  return { ...common, nMfcc, firstCoefficient: 0, appendC0: false } as const;
}
