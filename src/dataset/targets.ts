import { mustBe, ParameterError } from '../errors.js';
import type { Spec } from '../spec/index.js';
import type { Entries } from './entries.js';

/** What windows should be answered with. */
export interface Targets {
  /** Numbers per window; 0 where no item says anything. */
  readonly width: number;
  /** Writes the target of a window of an item, by their numbers; `false` where the window is unscored. */
  write(item: number, window: number, out: Float32Array, at: number): boolean;
}

type Classes = Pick<Spec, 'labels' | 'positive'>;

/**
 * Targets of items: their `targets`, else their `label`: a number as it is, a name as its place in the spec's labels, or,
 * with two labels and a positive one, 1 for the positive and 0 for the other.
 * In a data set where some items say something, the others are unscored.
 *
 * @throws ParameterError `ERR_LABELS` for a name that the spec does not have, `ERR_SHAPE` for targets that do not fit
 */
export function targetsOf(entries: Entries, classes: Classes | null): Targets {
  // One number an item: a name is looked up once.
  const values = new Float64Array(entries.length).fill(Number.NaN);
  let width = 0;
  for (let item = 0; item < entries.length; item++) {
    const found = widthOf(entries, item, classes);
    if (found === 0) continue;
    if (width !== 0 && found !== width) {
      const id = entries.id(item);
      throw new ParameterError('ERR_SHAPE', mustBe(`targets of ${id}`, `${width} per window`, found), { id });
    }
    width = found;
    if (entries.targets(item) === undefined) values[item] = labelValue(entries, item, classes);
  }
  return {
    width,
    write(item, window, out, at) {
      const targets = entries.targets(item);
      if (targets === undefined) {
        out[at] = values[item]!;
        return !Number.isNaN(values[item]!);
      }
      let scored = false;
      for (let i = 0; i < width; i++) {
        const value = targets[window * width + i]!;
        out[at + i] = value;
        scored ||= !Number.isNaN(value);
      }
      return scored;
    },
  };
}

function widthOf(entries: Entries, item: number, classes: Classes | null): number {
  const targets = entries.targets(item);
  if (targets !== undefined) {
    const nWindows = entries.nWindows(item);
    if (nWindows > 0 && targets.length > 0 && targets.length % nWindows === 0) return targets.length / nWindows;
    if (nWindows === 0 && targets.length === 0) return 0;
    const id = entries.id(item);
    const expected = `the same number for each of its ${nWindows} windows`;
    throw new ParameterError('ERR_SHAPE', mustBe(`targets of ${id}`, expected, `${targets.length} numbers`), { id });
  }
  const label = entries.label(item);
  return typeof label === 'number' || (label !== undefined && classes !== null && classes.labels.length > 0) ? 1 : 0;
}

function labelValue(entries: Entries, item: number, classes: Classes | null): number {
  const label = entries.label(item);
  if (typeof label === 'number') return label;
  if (label === undefined || classes === null) return Number.NaN;
  const { labels, positive } = classes;
  const index = labels.indexOf(label);
  if (index < 0) {
    const id = entries.id(item);
    throw new ParameterError('ERR_LABELS', mustBe(`label of ${id}`, `one of ${labels.join(', ')}`, label), {
      id,
      label,
    });
  }
  if (positive === null || labels.length !== 2) return index;
  return label === positive ? 1 : 0;
}
