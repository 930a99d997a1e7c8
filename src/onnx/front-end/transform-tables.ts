/** The numbers of a transform plan, computed in float64. */
import type { TransformPlan } from './transform-plan.js';

/** Which turn of the unit circle sample `a` of a kernel gets. */
type Turns = (a: number) => number;

/** Kernels `[row, taps]`, two rows (cosines, negative sines) at a time. */
class Kernels {
  readonly table: Float32Array;
  readonly #plan: TransformPlan;

  constructor(plan: TransformPlan, nRows: number) {
    this.#plan = plan;
    this.table = new Float32Array(nRows * plan.taps);
  }

  /** Of every `fine`-th sample from `phase` on. */
  set(rows: readonly [re: number, im: number], phase: number, turns: Turns): void {
    const { taps, fine, factors } = this.#plan;
    for (let a = 0; a < taps; a++) {
      const factor = factors[fine * a + phase] ?? 0;
      const angle = 2 * Math.PI * turns(a);
      this.table[rows[0] * taps + a] = factor * Math.cos(angle);
      // A difference, so that no zero is negative.
      this.table[rows[1] * taps + a] = 0 - factor * Math.sin(angle);
    }
  }
}

/** Kernels of the dense product, `[(re, im) · number, taps]`. */
export function denseKernels(plan: TransformPlan): Float32Array {
  const { nFft, offset, frequencies } = plan;
  const ks = frequencies[0]!;
  const kernels = new Kernels(plan, 2 * ks.length);
  ks.forEach((k, i) => {
    kernels.set([i, ks.length + i], 0, (a) => fraction(k * (offset + a), nFft));
  });
  return kernels.table;
}

/** Kernels of the inner sums, `[fine · group · (re, im), taps]`. */
export function innerKernels(plan: TransformPlan): Float32Array {
  const { fine, coarse, frequencies } = plan;
  const groups = frequencies.length;
  const kernels = new Kernels(plan, 2 * groups * fine);
  for (let phase = 0; phase < fine; phase++) {
    for (let residue = 0; residue < groups; residue++) {
      const row = 2 * (phase * groups + residue);
      kernels.set([row, row + 1], phase, (a) => fraction(a * residue, coarse));
    }
  }
  return kernels.table;
}

/** Matrices of the outer sums `[group, (re, im) · number, fine · (re, im)]`. */
export function outerMatrices({ fine, frequencies, nFft, offset }: TransformPlan): Float32Array {
  const columns = 2 * fine;
  const numbers = frequencies[0]!.length;
  const out = new Float32Array(frequencies.length * 2 * numbers * columns);
  frequencies.forEach((ks, group) => {
    ks.forEach((k, i) => {
      const re = (group * 2 * numbers + i) * columns;
      const im = re + numbers * columns;
      for (let b = 0; b < fine; b++) {
        const angle = 2 * Math.PI * fraction(k * (offset + b), nFft);
        out[re + 2 * b] = Math.cos(angle);
        out[re + 2 * b + 1] = Math.sin(angle);
        out[im + 2 * b] = -Math.sin(angle);
        out[im + 2 * b + 1] = Math.cos(angle);
      }
    });
  });
  return out;
}

/** Of whole turns: exact, however many there are. */
function fraction(turns: number, of: number): number {
  return (turns % of) / of;
}
