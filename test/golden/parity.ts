/** How far the engine is from each original, over the whole grid of golden data. */
import { ParameterError } from '../../src/errors.js';
import { computed } from './computed.js';
import { computedHelper, isHelperCase } from './computed-helpers.js';
import { type Golden, type GoldenCase, goldenOriginals, loadGolden } from './golden-data.js';

/** Errors of logarithms are told apart from those of values so small that float32 rounding of the peak drowns them. */
export const NEAR_PEAK_DB = 80;

/** What sums of float64 leave of an exact 0. */
const FLOAT64_ZERO = 1e-14;

/** Cases of one preset, kind and unit against one original. */
export interface ParityRow {
  /** `-` for an original that is no preset. */
  readonly preset: string;
  readonly kind: string;
  readonly original: string;
  readonly unit: Unit;
  readonly cases: number;
  readonly computed: number;
  /** Why some are not computed, each once. */
  readonly missing: readonly string[];
  /** Largest distance from the expected values. */
  readonly error: number;
  /** The same as a part of the largest expected magnitude of the case; null for logarithms and cepstra. */
  readonly errorOfPeak: number | null;
  /** Logarithms: the largest distance within `NEAR_PEAK_DB` of the case's largest value. */
  readonly errorNearPeak: number | null;
  /** The original's own float32 result against its float64 one, over the same cases; null where none is known. */
  readonly originalError: number | null;
}

export type Unit = 'linear' | 'Hz' | 'dB' | 'ln' | 'log10' | 'cepstral';

interface Distance {
  readonly error: number;
  readonly errorOfPeak: number | null;
  readonly errorNearPeak: number | null;
}

const LOGARITHMS = ['logMel', 'logSpectrum', 'frameVectors', 'powerToDb', 'amplitudeToDb'];
const CEPSTRA = ['mfcc', 'mfccDeltas', 'boundaryRegions', 'boundaryDifferences'];
const FREQUENCIES = ['spectralCentroid', 'spectralRolloff'];

/** A helper that takes a matrix of any numbers is linear. */
function unitOf({ kind, options }: GoldenCase): Unit {
  if (CEPSTRA.includes(kind)) return 'cepstral';
  if (FREQUENCIES.includes(kind)) return 'Hz';
  if (!LOGARITHMS.includes(kind) && options.scale !== 'db') return 'linear';
  return options.log === 'ln' || options.log === 'log10' ? options.log : 'dB';
}

/** Decibels as the unit has them. */
const NEAR_PEAK: Readonly<Record<Unit, number | null>> = {
  linear: null,
  Hz: null,
  cepstral: null,
  dB: NEAR_PEAK_DB,
  ln: (NEAR_PEAK_DB * Math.LN10) / 10,
  log10: NEAR_PEAK_DB / 10,
};

function largest(values: ArrayLike<number>, measure: (value: number, i: number) => number): number {
  let found = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i += 1) {
    const value = measure(values[i] ?? Number.NaN, i);
    if (Number.isNaN(value)) return Number.NaN;
    found = Math.max(found, value);
  }
  return found;
}

/** The engine's result for a case, or why there is none: what it does not offer is refused in words that say so. */
function resultOf(each: GoldenCase): Float32Array | string {
  try {
    const found = (isHelperCase(each) ? computedHelper : computed)(each).data;
    if (each.rows === undefined) return found;
    const width = found.length / each.rows.of;
    return found.subarray(each.rows.start * width, each.rows.end * width);
  } catch (thrown) {
    if (thrown instanceof ParameterError) return thrown.message;
    throw thrown;
  }
}

/** @throws Error where the lengths differ, since no distance is worth a word then */
function distanceOf(each: GoldenCase, found: Float32Array): Distance {
  const { expected, kind, call } = each;
  if (found.length !== expected.length || found.length === 0)
    throw new Error(`${kind} of ${call} must have ${expected.length} values, got ${found.length}`);
  const distance = (value: number, i: number) => Math.abs(value - (expected[i] ?? Number.NaN));
  const error = largest(found, distance);
  const top = largest(expected, (value) => value);
  const near = NEAR_PEAK[unitOf(each)];
  const errorNearPeak =
    near === null ? null : largest(found, (value, i) => ((expected[i] ?? 0) < top - near ? 0 : distance(value, i)));
  return { error, errorOfPeak: ofPeak(each, error), errorNearPeak };
}

/** Null where the size of a value says nothing, as that of a logarithm or of a sum of some. */
function ofPeak(each: GoldenCase, error: number): number | null {
  if (!['linear', 'Hz'].includes(unitOf(each))) return null;
  const peak = largest(each.expected, Math.abs);
  return Math.max(error, peak) <= FLOAT64_ZERO ? 0 : error / peak;
}

function most(values: readonly (number | null | undefined)[]): number | null {
  const numbers = values.filter((value) => value !== null && value !== undefined);
  return numbers.length === 0 ? null : Math.max(...numbers);
}

function rowOf(original: string, cases: readonly GoldenCase[]): ParityRow {
  const results = cases.map((each) => ({
    each,
    result: resultOf(each),
  }));
  const missing = results.flatMap(({ result }) => (typeof result === 'string' ? [result] : []));
  const done = results.flatMap(({ each, result }) =>
    typeof result === 'string' ? [] : [{ each, distance: distanceOf(each, result) }],
  );
  const [first] = cases;
  if (first === undefined) throw new Error(`${original}: a row must have cases`);
  return {
    preset: String(first.options.preset ?? '-'),
    kind: first.kind,
    original,
    unit: unitOf(first),
    cases: cases.length,
    computed: done.length,
    missing: [...new Set(missing)].sort(),
    error: most(done.map(({ distance }) => distance.error)) ?? Number.NaN,
    errorOfPeak: most(done.map(({ distance }) => distance.errorOfPeak)),
    errorNearPeak: most(done.map(({ distance }) => distance.errorNearPeak)),
    originalError: most(done.map(({ each }) => each.originalError)),
  };
}

function rowsOf({ cases }: Golden, original: string): ParityRow[] {
  const groups = new Map<string, GoldenCase[]>();
  for (const each of cases) {
    const key = [each.options.preset ?? '-', each.kind, unitOf(each)].join(' ');
    groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  return [...groups.keys()].sort().map((key) => rowOf(original, groups.get(key) ?? []));
}

/** Every original, preset and kind of the golden data, in a fixed order. */
export function parityRows(): ParityRow[] {
  return goldenOriginals().flatMap((original) => rowsOf(loadGolden(original), original));
}
