/** Labelled stretches of a recording → one target a window. */
import { mustBe, ParameterError } from '../errors.js';
import type { FrameTiming, WindowingInput } from './front-end.js';
import type { ItemInfo } from './item.js';

export interface IntervalRule {
  readonly label: string;
  /** `centre`: the middle of the window lies in an interval; `contains`: a whole interval lies in the window. */
  readonly rule: 'centre' | 'contains';
  /** Windows for which less than this decides are unscored. */
  readonly collarMs: number;
}

const MS_PER_SEC = 1000;
/** Labels that a message lists. */
const LABELS_TOLD = 20;

/**
 * Refuses a label that no item has: every window would be a negative one.
 *
 * @throws ParameterError `ERR_LABELS` naming the label and those that there are
 */
export function requireIntervalLabel(items: Iterable<ItemInfo>, label: string): void {
  const known = new Set<string>();
  for (const { labels = [] } of items) for (const one of labels) known.add(one.label);
  if (known.has(label)) return;
  const some = [...known].sort().slice(0, LABELS_TOLD);
  const expected = known.size === 0 ? 'that of some interval, and no item has any' : `one of ${some.join(', ')}`;
  throw new ParameterError('ERR_LABELS', mustBe('label of the intervals', expected, label), { label, labels: some });
}

/**
 * Targets of one label for an item whose `labels` are intervals.
 *
 * @param timing of the item's frames
 * @returns one a window of the item: 1, 0, or NaN where the window is unscored
 */
export function windowTargets(
  item: ItemInfo,
  timing: FrameTiming,
  { size, stride = 1 }: WindowingInput,
  { label, rule, collarMs }: IntervalRule,
): Float32Array {
  const intervals = (item.labels ?? []).filter((one) => one.label === label);
  const collarSec = collarMs / MS_PER_SEC;
  return Float32Array.from({ length: item.nWindows }, (_, window) => {
    const startSec = (item.startSec ?? 0) + timing.startSec + window * stride * timing.stepSec;
    const endSec = startSec + (size - 1) * timing.stepSec + timing.spanSec;
    const middleSec = (startSec + endSec) / 2;
    let near = false;
    for (const interval of intervals) {
      // Above 0: by how much the window falls short of the rule.
      const lackSec =
        rule === 'centre'
          ? Math.max(interval.startSec - middleSec, middleSec - interval.endSec)
          : Math.max(startSec - interval.startSec, interval.endSec - endSec);
      if (rule === 'centre' ? Math.abs(lackSec) < collarSec : lackSec > 0 && lackSec < collarSec) near = true;
      else if (lackSec <= 0) return 1;
    }
    return near ? Number.NaN : 0;
  });
}
