/** Spectra as features: chosen bins as powers, magnitudes, logarithms, complex numbers or packed, `[batch, feature, frame]`. */
import type { NativeFeatureConfig } from '../../native/index.js';
import { type StftConfig, wholeClipOption } from '../../spec/index.js';
import { int, type OnnxBuilder } from '../builder.js';
import { writeSpectrumEnergy } from './bands.js';
import { writeLogEnergy, writeRawEnergy } from './energy.js';
import { writeAmplitudeToDb, writeLevels } from './levels.js';
import { type Spectra, writeExponent, writePower } from './transform.js';
import type { Bins } from './transform-plan.js';

/** The bins that the transform must give. */
export function spectrumBins(config: StftConfig, native: NativeFeatureConfig): Bins {
  const all = config.layout !== undefined || native.energy === 'windowed';
  return all ? { first: 0, end: 1 + Math.floor(config.nFft / 2) } : { first: native.firstBin, end: native.endBin };
}

export interface SpectrumSource {
  readonly spectra: Spectra;
  readonly bins: Bins;
  /** Where frames are prepared: what their raw energy is of. */
  readonly centred: string | null;
}

export function writeSpectrum(
  builder: OnnxBuilder,
  config: StftConfig,
  native: NativeFeatureConfig,
  source: SpectrumSource,
): string {
  if (config.layout !== undefined) return writePacked(builder, config, source.spectra);
  if (native.power === 0) return writeComplex(builder, native, source);
  const power = writePower(builder, source.spectra);
  const bins = writeBinOrder(builder, native, source, writeExponent(builder, power, native.power));
  if (native.scale === 'linear') return bins;
  const byClip = wholeClipOption(config);
  const topDb = byClip === null ? null : (config.topDb ?? null);
  const levels = writeLevels(builder, 'front_end/level', bins, native, { byMaximum: byClip === 'ref', topDb });
  return native.energy === 'none' ? levels : writeEnergyInPlace(builder, native, source, { levels, power });
}

/** Rows of slots in the order of bins. */
function writeBinOrder(
  builder: OnnxBuilder,
  native: NativeFeatureConfig,
  { spectra, bins }: SpectrumSource,
  power: string,
): string {
  const { slots, numbers, groups } = spectra;
  const wanted = slots.slice(native.firstBin - bins.first, native.endBin - bins.first);
  const order = wanted.map(({ group, number }) => group * numbers + number);
  return writeRows(builder, 'front_end/bins', power, order, groups * numbers);
}

/** Those rows `[batch, row, frame]` of `n`, unless they are all in order. */
function writeRows(builder: OnnxBuilder, name: string, x: string, order: readonly number[], n: number): string {
  if (order.length === n && order.every((row, i) => row === i)) return x;
  return builder.op('Gather', name, [x, builder.indices(`${name}_order`, order)], { attributes: { axis: int(1) } });
}

interface Part {
  readonly bin: number;
  readonly imaginary: boolean;
}

function writeComplex(builder: OnnxBuilder, native: NativeFeatureConfig, { spectra, bins }: SpectrumSource): string {
  const parts: Part[] = [];
  for (let bin = native.firstBin; bin < native.endBin; bin++) {
    parts.push({ bin: bin - bins.first, imaginary: false }, { bin: bin - bins.first, imaginary: true });
  }
  return writeParts(builder, spectra, parts);
}

/** `[Re X₀, Re X₁, Im X₁, …]`, `nFft` columns (scipy.fftpack.rfft). */
function writePacked(builder: OnnxBuilder, config: StftConfig, spectra: Spectra): string {
  const parts = Array.from({ length: config.nFft }, (_, column): Part => {
    return { bin: Math.ceil(column / 2), imaginary: column > 0 && column % 2 === 0 };
  });
  const packed = writeParts(builder, spectra, parts);
  if (config.scale !== 'db') return packed;
  const { ref = 1, amin = 0, topDb = null } = config;
  return writeAmplitudeToDb(builder, 'front_end/level', packed, { ref, amin, topDb });
}

/** Real and imaginary parts as rows; a bin that is there as its mirror has the other sign in the imaginary one. */
function writeParts(builder: OnnxBuilder, spectra: Spectra, parts: readonly Part[]): string {
  const { complex, groups, numbers, slots } = spectra;
  const rows = builder.op('Reshape', 'front_end/parts', [complex, builder.int64([0, 2 * groups * numbers, -1])]);
  const order = parts.map(({ bin, imaginary }) => {
    const { group, number } = slots[bin]!;
    return (2 * group + Number(imaginary)) * numbers + number;
  });
  const chosen = writeRows(builder, 'front_end/columns', rows, order, 2 * groups * numbers);
  const signs = Float32Array.from(parts, ({ bin, imaginary }) => (imaginary && slots[bin]!.mirrored ? -1 : 1));
  if (!signs.includes(-1)) return chosen;
  const table = builder.weight('front_end/signs', [parts.length, 1], () => signs);
  return builder.op('Mul', 'front_end/signed', [chosen, table]);
}

/** The logarithm of the frame's energy in place of the first or last bin. */
function writeEnergyInPlace(
  builder: OnnxBuilder,
  native: NativeFeatureConfig,
  { spectra, centred }: SpectrumSource,
  { levels, power }: { readonly levels: string; readonly power: string },
): string {
  const energy =
    native.energy === 'raw'
      ? writeRawEnergy(builder, centred!, native)
      : writeSpectrumEnergy(builder, native, spectra, power);
  const column = writeLogEnergy(builder, energy, native);
  const [from, to] = native.energyLast ? [0, -1] : [1, Number.MAX_SAFE_INTEGER];
  const ends = [from, to, 1].map((value) => builder.int64([value]));
  const others = builder.op('Slice', 'front_end/other_bins', [levels, ...ends]);
  const parts = native.energyLast ? [others, column] : [column, others];
  return builder.op('Concat', 'front_end/with_energy', parts, { attributes: { axis: int(1) } });
}
