/**
 * How frames are transformed. A dense product with cosines and sines costs `nFft` multiplications per number; where
 * `nFft` has factors, the transform goes in two steps (Cooley and Tukey, 1965) and costs a tenth, with shorter sums that
 * round less: `nFft = coarse · fine`, sample `j = fine·a + b`, and
 *
 *     X[k] = Σ_b e^(−2πi·k·(offset + b)/nFft) · Σ_a x[fine·a + b] · e^(−2πi·a·k/coarse)
 *
 * The inner sums depend on k modulo `coarse` only. With a hop of whole `fine`s they are a convolution of every `fine`-th
 * sample, so that frames are never cut; with another hop, and of frames that are prepared one by one, they are products.
 */
import type { NativeAddon, NativeFeatureConfig } from '../../native/index.js';
import { isPrepared } from './frames.js';

export interface TransformPlan {
  readonly nFft: number;
  readonly hopLength: number;
  /** Number of the first sample under the window in its frame. */
  readonly offset: number;
  /** What each sample under the window is multiplied by. */
  readonly factors: Float32Array;
  /** 1 for the dense product. */
  readonly fine: number;
  /** Whether it is a product with frames, which are cut first. */
  readonly cut: boolean;
  readonly coarse: number;
  /** Samples of each inner sum: `taps · fine` hold the window. */
  readonly taps: number;
  /** Frequencies k computed, `[group, number]`: above half of `nFft` they stand for `nFft − k`, conjugated. */
  readonly frequencies: readonly (readonly number[])[];
}

/** Bins that are wanted, half-open. */
export interface Bins {
  readonly first: number;
  readonly end: number;
}

/**
 * Multiplications that moving one number through memory between two operators costs as much as: with this the plan is
 * the fastest of all divisors, or within a tenth of it, for 1024/512, 400→512/160, 2400/80 and 1024/441.
 */
const PASS_COST = 8;

/** Frames are copied from slices of the signal, joined, and turned. */
const CUT_PASSES = 4;

/** Samples under the window times their factor, as native `plan_window` and `plan_preparation` round them. */
export function windowFactors(addon: NativeAddon, config: NativeFeatureConfig): Float32Array {
  const { winLength, nFft, sampleScale, normalized } = config;
  const window = addon.window(config);
  let scale = sampleScale;
  if (normalized === 'window') scale /= Math.sqrt(window.reduce((sum, factor) => sum + factor * factor, 0));
  if (normalized === 'frameLength') scale /= Math.sqrt(nFft);
  return window.subarray(0, Math.min(winLength, nFft)).map((factor) => factor * scale);
}

/**
 * The cheapest way to the bins.
 *
 * @param fine to take this one, whatever it costs; 1 is the dense product, others divide `nFft`
 */
export function planTransform(
  config: NativeFeatureConfig,
  factors: Float32Array,
  bins: Bins,
  fine?: number,
): TransformPlan {
  const fines = fine === undefined ? finesOf(config) : [fine];
  const plans = fines.map((each) => planOf(config, factors, bins, each));
  return plans.reduce((best, plan) => (cost(plan) < cost(best) ? plan : best));
}

function planOf(config: NativeFeatureConfig, factors: Float32Array, bins: Bins, fine: number): TransformPlan {
  const { nFft, hopLength, winLength, windowFirst } = config;
  const coarse = nFft / fine;
  return {
    nFft,
    hopLength,
    offset: windowFirst ? 0 : Math.floor((nFft - winLength) / 2),
    factors,
    fine,
    cut: isPrepared(config) || hopLength % fine !== 0,
    coarse,
    taps: Math.ceil(factors.length / fine),
    frequencies: fine === 1 ? [range(bins.first, bins.end)] : frequenciesOf(nFft, coarse, bins),
  };
}

/** Residues up to `coarse / 2`, each with every multiple of `coarse` that some wanted bin or its mirror asks for. */
function frequenciesOf(nFft: number, coarse: number, { first, end }: Bins): number[][] {
  const half = Math.floor(coarse / 2);
  const turns = new Set<number>();
  for (let bin = first; bin < end; bin++) {
    const k = bin % coarse <= half ? bin : nFft - bin;
    turns.add(Math.floor(k / coarse));
  }
  const sorted = [...turns].sort((a, b) => a - b);
  return range(0, half + 1).map((residue) => sorted.map((turn) => residue + turn * coarse));
}

/** Multiplications for one frame, and what passes through memory counted as such. */
function cost({ fine, cut, taps, frequencies }: TransformPlan): number {
  const groups = frequencies.length;
  const outputs = 2 * groups * frequencies[0]!.length;
  const frames = cut ? CUT_PASSES * PASS_COST * fine * taps : 0;
  if (fine === 1) return frames + outputs * (taps + PASS_COST);
  const inner = 2 * groups * fine;
  return frames + inner * (taps + 3 * PASS_COST) + outputs * (2 * fine + PASS_COST);
}

/** Where each wanted bin lies among the frequencies. */
export interface Slot {
  readonly group: number;
  readonly number: number;
  /** Whether its conjugate lies there. */
  readonly mirrored: boolean;
}

export function slotsOf({ nFft, frequencies }: TransformPlan, { first, end }: Bins): Slot[] {
  const places = new Map(
    frequencies.flatMap((ks, group) => ks.map((k, number): [number, Slot] => [k, { group, number, mirrored: false }])),
  );
  return range(first, end).map((bin) => {
    const direct = places.get(bin);
    if (direct !== undefined) return direct;
    return { ...places.get(nFft - bin)!, mirrored: true };
  });
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
}

/** Outer sums of more terms never pay. */
const MAX_FINE = 256;

/** Those beyond the hop would have frames cut into more and shorter slices than their sums save. */
function finesOf({ nFft, hopLength }: NativeFeatureConfig): number[] {
  return range(1, Math.min(MAX_FINE, nFft, hopLength) + 1).filter((fine) => nFft % fine === 0);
}
