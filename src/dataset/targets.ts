import { mustBe, ParameterError } from '../errors.js';
import type { Spec } from '../spec/index.js';
import type { Entry, ItemInfo } from './item.js';

/** What windows should be answered with. */
export interface Targets {
  /** Numbers per window; 0 where no item says anything. */
  readonly width: number;
  /** Writes the target of a window of an entry's item; `false` where the window is unscored. */
  write(entry: Entry, window: number, out: Float32Array, at: number): boolean;
}

type Classes = Pick<Spec, 'labels' | 'positive'>;

/**
 * Targets of items: their `targets`, else their `label`: a number as it is, a name as its place in the spec's labels, or,
 * with two labels and a positive one, 1 for the positive and 0 for the other.
 * In a data set where some items say something, the others are unscored.
 *
 * @throws ParameterError `ERR_LABELS` for a name that the spec does not have, `ERR_SHAPE` for targets that do not fit
 */
export function targetsOf(entries: readonly Entry[], classes: Classes | null): Targets {
  const values = new Map<ItemInfo, number>();
  let width = 0;
  for (const { info } of entries) {
    const found = widthOf(info, classes);
    if (found === 0) continue;
    if (width !== 0 && found !== width) {
      throw new ParameterError('ERR_SHAPE', mustBe(`targets of ${info.id}`, `${width} per window`, found), {
        id: info.id,
      });
    }
    width = found;
    if (info.targets === undefined) values.set(info, labelValue(info, classes));
  }
  return {
    width,
    write({ info }, window, out, at) {
      if (info.targets === undefined) {
        const value = values.get(info) ?? Number.NaN;
        out[at] = value;
        return !Number.isNaN(value);
      }
      let scored = false;
      for (let i = 0; i < width; i++) {
        const value = info.targets[window * width + i]!;
        out[at + i] = value;
        scored ||= !Number.isNaN(value);
      }
      return scored;
    },
  };
}

function widthOf(info: ItemInfo, classes: Classes | null): number {
  const { targets, nWindows, label } = info;
  if (targets !== undefined) {
    if (nWindows > 0 && targets.length > 0 && targets.length % nWindows === 0) return targets.length / nWindows;
    if (nWindows === 0 && targets.length === 0) return 0;
    throw new ParameterError(
      'ERR_SHAPE',
      mustBe(
        `targets of ${info.id}`,
        `the same number for each of its ${nWindows} windows`,
        `${targets.length} numbers`,
      ),
      { id: info.id },
    );
  }
  return typeof label === 'number' || (label !== undefined && classes !== null && classes.labels.length > 0) ? 1 : 0;
}

function labelValue({ id, label }: ItemInfo, classes: Classes | null): number {
  if (typeof label === 'number') return label;
  if (label === undefined || classes === null) return Number.NaN;
  const { labels, positive } = classes;
  const index = labels.indexOf(label);
  if (index < 0) {
    throw new ParameterError('ERR_LABELS', mustBe(`label of ${id}`, `one of ${labels.join(', ')}`, label), {
      id,
      label,
    });
  }
  if (positive === null || labels.length !== 2) return index;
  return label === positive ? 1 : 0;
}
