/** Mel bands of spectra, their logarithms and cepstra: `[batch, feature, frame]`. */
import type { NativeAddon, NativeFeatureConfig } from '../../native/index.js';
import { type FeatureConfig, wholeClipOption } from '../../spec/index.js';
import { int, type OnnxBuilder } from '../builder.js';
import { nCoefficients, writeCepstra } from './cepstra.js';
import { energyWeights, writeLogEnergy, writeNormalisedEnergy, writeRawEnergy } from './energy.js';
import { writeLevels, writeLog, writeZeroAs } from './levels.js';
import { type Spectra, writeExponent, writePower } from './transform.js';
import type { Bins } from './transform-plan.js';

/** The bins that some band weighs; all where an energy is of the spectrum. */
export function bandBins(config: NativeFeatureConfig, weights: Float32Array): Bins {
  const nBins = 1 + Math.floor(config.nFft / 2);
  if (config.energy === 'spectrum' || config.energy === 'windowed') return { first: 0, end: nBins };
  let first = nBins;
  let end = 0;
  weights.forEach((weight, i) => {
    if (weight === 0) return;
    first = Math.min(first, i % nBins);
    end = Math.max(end, (i % nBins) + 1);
  });
  // Bands between bins weigh none of them.
  return first < end ? { first, end } : { first: 0, end: 1 };
}

type BandConfig = Exclude<FeatureConfig, { readonly kind: 'stft' }>;

export interface BandSource {
  readonly spectra: Spectra;
  readonly bins: Bins;
  /** `[nMels, 1 + nFft/2]` */
  readonly weights: Float32Array;
  /** Where frames are prepared: what their raw energy is of. */
  readonly centred: string | null;
}

export function writeBands(
  builder: OnnxBuilder,
  addon: NativeAddon,
  config: BandConfig,
  native: NativeFeatureConfig,
  source: BandSource,
): string {
  const power = writePower(builder, source.spectra);
  const energies = native.energy === 'none' ? [] : [writeEnergy(builder, config, native, source, power)];
  // c₀ alone, with the energy in its place, has no coefficient.
  const isEnergyAlone = native.kind === 'mfcc' && nCoefficients(native) === 0;
  const rows = isEnergyAlone ? [] : [writeBandRows(builder, addon, config, native, source, power)];
  const parts = native.energyLast ? [...rows, ...energies] : [...energies, ...rows];
  if (parts.length === 1) return parts[0]!;
  return builder.op('Concat', 'front_end/with_energy', parts, { attributes: { axis: int(1) } });
}

function writeBandRows(
  builder: OnnxBuilder,
  addon: NativeAddon,
  config: BandConfig,
  native: NativeFeatureConfig,
  source: BandSource,
  power: string,
): string {
  const bands = writeBandSums(builder, native, source, writeExponent(builder, power, native.power));
  const levels = writeBandLevels(builder, config, native, bands);
  return native.kind === 'mfcc' ? writeCepstra(builder, addon, levels, native) : levels;
}

/** `[batch, mel, frame]` */
function writeBandSums(
  builder: OnnxBuilder,
  { nMels, nFft }: NativeFeatureConfig,
  { spectra, bins, weights }: BandSource,
  values: string,
): string {
  const { slots, groups, numbers } = spectra;
  const size = groups * numbers;
  const nBins = 1 + Math.floor(nFft / 2);
  const matrix = builder.weight('front_end/mel_weights', [nMels, size], () => {
    const out = new Float32Array(nMels * size);
    for (let mel = 0; mel < nMels; mel++) {
      slots.forEach(({ group, number }, i) => {
        out[mel * size + group * numbers + number] = weights[mel * nBins + bins.first + i]!;
      });
    }
    return out;
  });
  return builder.op('MatMul', 'front_end/mel', [matrix, values]);
}

function writeBandLevels(builder: OnnxBuilder, config: BandConfig, native: NativeFeatureConfig, bands: string): string {
  if (native.kind === 'melSpectrogram') {
    return native.logFloorMode === 'zero' ? writeZeroAs(builder, 'front_end/mel', bands, native.amin) : bands;
  }
  const byClip = wholeClipOption(config);
  const topDb = byClip === 'ref' || byClip === 'topDb' ? topDbOf(config) : null;
  return writeLevels(builder, 'front_end/level', bands, native, { byMaximum: byClip === 'ref', topDb });
}

function topDbOf(config: BandConfig): number | null {
  return config.kind === 'melSpectrogram' ? null : (config.topDb ?? null);
}

function writeEnergy(
  builder: OnnxBuilder,
  config: BandConfig,
  native: NativeFeatureConfig,
  { spectra, centred }: BandSource,
  power: string,
): string {
  const energy =
    native.energy === 'raw'
      ? writeRawEnergy(builder, centred!, native)
      : writeSpectrumEnergy(builder, native, spectra, power);
  // psf takes this logarithm by the rules of its bands.
  const logarithm =
    native.energy === 'spectrum'
      ? writeLog(builder, 'front_end/energy', energy, native)
      : writeLogEnergy(builder, energy, native);
  return wholeClipOption(config) === 'energyNormalise' ? writeNormalisedEnergy(builder, logarithm, config) : logarithm;
}

export function writeSpectrumEnergy(
  builder: OnnxBuilder,
  native: NativeFeatureConfig,
  { slots, groups, numbers }: Spectra,
  power: string,
): string {
  const size = groups * numbers;
  const weights = builder.weight('front_end/energy_weights', [1, size], () =>
    energyWeights(slots, numbers, size, native),
  );
  return builder.op('MatMul', 'front_end/spectrum_energy', [weights, power]);
}
