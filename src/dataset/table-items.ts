/** A table that was read → items of a data set. */
import { mustBe, ParameterError } from '../errors.js';
import { windowCount } from '../features/index.js';
import type { Spec, Windowing } from '../spec/index.js';
import { LabelMix, type TableContent, type TableItem } from '../tables/index.js';
import type { FeatureStore } from './feature-store.js';
import { type FrameTiming, type WindowingInput, windowingOf } from './front-end.js';
import type { Entry, FeatureSource } from './item.js';

/**
 * How the windows of a table are cut: of rows, a row is one; of series, as asked, else as the spec says, else each series
 * is one, if all are equally long.
 *
 * @throws ParameterError `ERR_OPTION` where series differ in length, or windows are asked of items of several rows
 */
export function tableWindowing(table: TableContent, given: WindowingInput | undefined, spec: Spec | null): Windowing {
  const { framesPerRow, rowsPerItem, items } = table;
  const whole = { tail: 'drop', padValue: 0 } as const;
  if (rowsPerItem > 1 && framesPerRow !== null) {
    if (given === undefined) return { size: framesPerRow, stride: framesPerRow, ...whole };
    throw new ParameterError('ERR_OPTION', mustBe('windowing', 'left out with rowsPerItem: a row is a window', given));
  }
  const asked = windowingOf(given, framesPerRow === null ? spec : null);
  if (asked !== null) return asked;
  const size = framesPerRow ?? items[0]!.nFrames;
  if (framesPerRow !== null || items.every(({ nFrames }) => nFrames === size)) return { size, stride: 1, ...whole };
  throw new ParameterError('ERR_OPTION', mustBe('windowing', 'given, since series differ in length', given));
}

/** Times of a table's frames, where they are equally far apart. */
export function tableTiming({ step }: TableContent): FrameTiming | null {
  return step === null ? null : { startSec: 0, ...step };
}

/** @throws ParameterError `ERR_CORPUS` for two items with one id */
export function tableEntries(table: TableContent, windowing: Windowing, store: FeatureStore): Entry[] {
  const ids = new Set<string>();
  return table.items.map((item) => {
    const { id, path, group, label, startSec, durationSec, nFrames } = item;
    if (ids.has(id)) throw new ParameterError('ERR_CORPUS', mustBe('ids of rows', 'different', `${id} twice`), { id });
    ids.add(id);
    const nWindows = windowCount(nFrames, windowing);
    const targets = targetsOf(item, table, windowing, nWindows);
    const known = { path, group, label, startSec, durationSec, targets };
    const given = Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined));
    const info = { id, ...given, nFrames, nWindows };
    return { info, source: sourceOf(item, table, store), origin: item.origin, first: 0, end: nWindows };
  });
}

/** A label for each row of an item, or for the rows of each window. */
function targetsOf(
  { rowLabels, nFrames }: TableItem,
  { layout, rule }: TableContent,
  { size, stride }: Windowing,
  nWindows: number,
): Float32Array | undefined {
  if (rowLabels === undefined || layout === 'rows') return rowLabels;
  const labels = new LabelMix(rule);
  return Float32Array.from({ length: nWindows }, (_, window) => {
    const end = Math.min(nFrames, window * stride + size);
    for (let frame = window * stride; frame < end; frame++) labels.add(rowLabels[frame]!);
    return labels.take(Number.NaN);
  });
}

/** Numbers in memory cost nothing to read again, so they ask for no room in the cache. */
function sourceOf({ id, place }: TableItem, { blocks }: TableContent, store: FeatureStore): FeatureSource {
  const { first, length } = place;
  const block = blocks[place.block]!;
  const name = `table:${place.block}`;
  if (block.spilled)
    return store.source({ path: name, byteOffset: 0, length: block.length, read: block.read }, first, length);
  return { block: `memory:${id}`, blockBytes: 0, read: () => block.values.subarray(first, first + length) };
}
