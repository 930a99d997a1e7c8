import { mustBe, ParameterError } from '../errors.js';
import type { Entries, Entry } from './entries.js';
import type { Origin } from './item.js';
import { emptyPart, PARTS, type Part, type Parts, type Ratios, sharesOf } from './parts.js';

export interface TimeSplit {
  readonly by: 'time';
  /** Where to cut, as shares of all windows. */
  readonly ratios?: Ratios | undefined;
  /** Or where to cut as window numbers: one cut makes train and test, two also validation. */
  readonly cutoff?: number | readonly [number] | readonly [number, number] | undefined;
  /**
   * Windows dropped on either side of each cut. Default: as few as it takes for no frame to lie in two parts.
   * 0 keeps all, also windows that lie across the cut.
   */
  readonly purge?: number | undefined;
}

/** Windows of an item, by its place in a view. */
export type Span = Pick<Entry, 'index' | 'first' | 'end'>;

/** Cuts the windows of all items, in order, at one or two places. */
export function splitByTime(entries: Entries, o: TimeSplit): Parts<Span[]> {
  let total = 0;
  for (const { first, end } of entries) total += end - first;
  const { cuts, wanted } = cutsOf(o, total);
  const purge = o.purge ?? neededPurge(entries);
  if (!Number.isSafeInteger(purge) || purge < 0) {
    throw new ParameterError('ERR_OPTION', mustBe('purge', 'a whole number of windows from 0', purge));
  }
  const ranges: Parts<[number, number]> = {
    train: [0, cuts[0]],
    validation: [cuts[0], cuts[1]],
    test: [cuts[1], total],
  };
  const parts: Parts<Span[]> = { train: [], validation: [], test: [] };
  for (const part of PARTS.filter((name) => wanted.has(name))) {
    const [from, to] = ranges[part];
    parts[part].push(...within(entries, from === 0 ? 0 : from + purge, to === total ? total : to - purge));
    if (parts[part].length === 0) throw emptyPart(part);
  }
  return parts;
}

function cutsOf(o: TimeSplit, total: number): { cuts: [number, number]; wanted: Set<Part> } {
  if ((o.ratios === undefined) === (o.cutoff === undefined)) {
    throw new ParameterError('ERR_OPTION', mustBe('a split by time', 'given either ratios or cutoff', o));
  }
  if (o.ratios !== undefined) {
    const shares = sharesOf(o.ratios);
    const cuts: [number, number] = [Math.round(shares[0] * total), Math.round((shares[0] + shares[1]) * total)];
    return { cuts, wanted: new Set(PARTS.filter((_, i) => shares[i]! > 0)) };
  }
  const given = typeof o.cutoff === 'number' ? [o.cutoff] : [...(o.cutoff ?? [])];
  const [first = 0, second = first] = given;
  const whole = given.length <= 2 && given.every((cut) => Number.isSafeInteger(cut));
  const valid = whole && first > 0 && second >= first && second < total;
  if (!valid) {
    throw new ParameterError(
      'ERR_OPTION',
      mustBe('cutoff', `one or two window numbers, ascending, from 1 to ${total - 1}`, o.cutoff),
    );
  }
  return { cuts: [first, second], wanted: new Set(given.length > 1 ? PARTS : (['train', 'test'] as const)) };
}

/** Parts of entries that lie in windows `[from, to)` of them all. */
function within(entries: Entries, from: number, to: number): Span[] {
  const found: Span[] = [];
  let start = 0;
  for (const entry of entries) {
    const first = Math.max(entry.first, entry.first + from - start);
    const end = Math.min(entry.end, entry.first + to - start);
    if (end > first) found.push({ index: entry.index, first, end });
    start += entry.end - entry.first;
  }
  return found;
}

/** Windows fewer than `size / stride` apart share frames, in an item or along the series its neighbours come from. */
function neededPurge(entries: Entries): number {
  const { size, stride } = entries.windowing;
  const steps = new Set<number>();
  let before: Origin | null = null;
  for (const { origin, first, end } of entries) {
    if (end - first > 1) steps.add(stride);
    if (before?.series === origin.series && origin.firstFrame > before.firstFrame) {
      steps.add(Math.max(1, origin.firstFrame - before.firstFrame));
    }
    before = origin;
  }
  const step = Math.min(...steps, size);
  return Math.ceil((Math.ceil(size / step) - 1) / 2);
}
