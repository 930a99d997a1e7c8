/** The logarithm of each frame's energy, `[batch, 1, frame]`. */
import type { NativeFeatureConfig } from '../../native/index.js';
import type { MelSpectrogramConfig } from '../../spec/index.js';
import type { OnnxBuilder } from '../builder.js';
import type { Slot } from './transform-plan.js';

/** The smallest normal float32. */
const SMALLEST = 2 ** -126;
/** HTK's logarithm of no energy (native `kNoEnergy`). */
const NO_ENERGY = -1e10;

/** Σx² of prepared frames `[batch, frame, sample]`. */
export function writeRawEnergy(builder: OnnxBuilder, frames: string, { sampleScale }: NativeFeatureConfig): string {
  const squares = builder.op('Mul', 'front_end/squares', [frames, frames]);
  const sums = builder.reduce('ReduceSum', 'front_end/sample_energy', squares, [2]);
  const scaled = builder.op('Mul', 'front_end/energy', [sums, builder.scalar(sampleScale ** 2)]);
  return builder.op('Unsqueeze', 'front_end/energy_row', [scaled, builder.int64([1])]);
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
