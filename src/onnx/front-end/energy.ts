/** The logarithm of each frame's energy, `[batch, 1, frame]`. */
import type { NativeFeatureConfig } from '../../native/index.js';
import type { MelSpectrogramConfig } from '../../spec/index.js';
import type { OnnxBuilder } from '../builder.js';
import { writeFrameMeans, writeFrameSums } from './corrections.js';
import type { Slot } from './transform-plan.js';

/** The smallest normal float32. */
const SMALLEST = 2 ** -126;
/** HTK's logarithm of no energy (native `kNoEnergy`). */
const NO_ENERGY = -1e10;

/** Σ(x − mean)² of the samples of each frame. */
export function writeRawEnergy(builder: OnnxBuilder, segment: string, config: NativeFeatureConfig): string {
  const { winLength, sampleScale, removeDcOffset } = config;
  const squares = builder.op('Mul', 'front_end/squares', [segment, segment]);
  const sums = writeFrameSums(builder, 'front_end/energy', squares, config, sampleScale ** 2);
  if (!removeDcOffset) return sums;
  const means = writeFrameMeans(builder, segment, config);
  const scaled = builder.op('Mul', 'front_end/mean_scaled', [means, builder.scalar(winLength * sampleScale ** 2)]);
  const ofMean = builder.op('Mul', 'front_end/mean_energy', [scaled, means]);
  const difference = builder.op('Sub', 'front_end/energy_without_mean', [sums, ofMean]);
  return builder.op('Max', 'front_end/energy_floor', [difference, builder.scalar(0)]);
}

/**
 * Weights by slot whose sum over a power spectrum is the energy of what the window left (Parseval), or with
 * `spectrum` the sum of its bins.
 */
export function energyWeights(
  slots: readonly Slot[],
  numbers: number,
  size: number,
  { nFft, energy }: NativeFeatureConfig,
): Float32Array {
  const weights = new Float32Array(size);
  slots.forEach(({ group, number }, bin) => {
    const once = bin === 0 || 2 * bin === nFft;
    weights[group * numbers + number] = energy === 'spectrum' ? 1 : (once ? 1 : 2) / nFft;
  });
  return weights;
}

export function writeLogEnergy(builder: OnnxBuilder, energy: string, { energyFloor }: NativeFeatureConfig): string {
  const floor = energyFloor === 0 ? SMALLEST : energyFloor;
  const floored = builder.op('Max', 'front_end/energy_floored', [energy, builder.scalar(floor)]);
  const logarithm = builder.op('Log', 'front_end/log_energy', [floored]);
  if (energyFloor !== 0) return logarithm;
  const isNone = builder.op('Equal', 'front_end/no_energy', [energy, builder.scalar(0)]);
  return builder.op('Where', 'front_end/energy_or_none', [isNone, builder.scalar(NO_ENERGY), logarithm]);
}

/** HTK's ENORMALISE over each item: `1 − energyScale·(max − e)`, down to `silenceFloorDb` below it. */
export function writeNormalisedEnergy(
  builder: OnnxBuilder,
  energy: string,
  { energyScale = 0, silenceFloorDb = 0 }: Pick<MelSpectrogramConfig, 'energyScale' | 'silenceFloorDb'>,
): string {
  const largest = builder.reduce('ReduceMax', 'front_end/energy_max', energy, [1, 2], { keep: true });
  const below = builder.op('Sub', 'front_end/energy_below', [largest, energy]);
  const range = builder.scalar((silenceFloorDb * Math.LN10) / 10);
  const limited = builder.op('Min', 'front_end/energy_limited', [below, range]);
  const scaled = builder.op('Mul', 'front_end/energy_scaled', [limited, builder.scalar(energyScale)]);
  return builder.op('Sub', 'front_end/energy_normalised', [builder.scalar(1), scaled]);
}
