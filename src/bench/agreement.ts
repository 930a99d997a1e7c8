/** How far a result may be from the reference: |found − expected| ≤ atol + rtol · |expected|. */
export interface Tolerance {
  readonly atol: number;
  readonly rtol: number;
}

/** Values of the same recording under other conventions rise and fall together at least so much. */
const LEAST_CORRELATION = 0.9;
/** Conventions may put one frame more or less at an edge of the check clip. */
const EDGE_FRAMES = 4;

/** @throws Error naming the first value that differs, or the lengths; no values, and values that are not numbers, differ */
export function assertClose(what: string, found: Float32Array, expected: Float32Array, tolerance: Tolerance): void {
  if (found.length !== expected.length || found.length === 0) {
    throw new Error(`${what}: gives ${found.length} values, the reference ${expected.length}`);
  }
  const wrong = found.findIndex((value, i) => {
    const limit = tolerance.atol + tolerance.rtol * Math.abs(expected[i]!);
    return !(Math.abs(value - expected[i]!) <= limit);
  });
  if (wrong >= 0) throw new Error(`${what}: value ${wrong} is ${found[wrong]}, the reference ${expected[wrong]}`);
}

/**
 * For libraries whose window or mel scale is their own: as many values per frame and nearly as many frames, all of them
 * numbers, and a correlation of at least 0.9 over the frames that both have with the reference, or with what it is under
 * another usual convention.
 *
 * @param references the reference, then those others; frame-major, `width` values each
 */
export function assertAlike(
  what: string,
  found: Float32Array,
  references: readonly Float32Array[],
  width: number,
): void {
  if (found.length === 0 || found.length % width !== 0) {
    throw new Error(`${what}: gives ${found.length} values, the reference ${width} per frame`);
  }
  const correlations = references.map((expected) => {
    const frames = Math.abs(found.length - expected.length) / width;
    if (frames > EDGE_FRAMES) throw new Error(`${what}: gives ${frames} frames more or less than the reference`);
    const n = Math.min(found.length, expected.length);
    return correlation(found.subarray(0, n), expected.subarray(0, n));
  });
  const alike = Math.max(...correlations);
  if (!(alike >= LEAST_CORRELATION)) {
    throw new Error(`${what}: correlates ${alike} with the reference, at least ${LEAST_CORRELATION} is asked`);
  }
}

function correlation(a: Float32Array, b: Float32Array): number {
  const meanA = mean(a);
  const meanB = mean(b);
  let both = 0;
  let squareA = 0;
  let squareB = 0;
  for (let i = 0; i < a.length; i += 1) {
    const x = a[i]! - meanA;
    const y = b[i]! - meanB;
    both += x * y;
    squareA += x * x;
    squareB += y * y;
  }
  return both / Math.sqrt(squareA * squareB);
}

function mean(x: Float32Array): number {
  return x.reduce((sum, value) => sum + value, 0) / x.length;
}
