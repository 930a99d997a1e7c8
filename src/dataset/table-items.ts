/** A table that was read → items of a data set. */
import { mustBe, ParameterError } from '../errors.js';
import { windowCount } from '../features/index.js';
import type { Spec, Windowing } from '../spec/index.js';
import { LabelMix, type TableContent, type TableItem } from '../tables/index.js';
import type { FeatureStore } from './feature-store.js';
import { type FrameTiming, type WindowingInput, windowingOf } from './front-end.js';
import type { FeatureSource, ItemFacts, ItemStore, Origin } from './item.js';
import { TextIndex } from './text-index.js';

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

/** Rows and series of a table as items. */
export class TableItems implements ItemStore {
  readonly #table: TableContent;
  readonly #windowing: Windowing;
  readonly #store: FeatureStore;

  /**
   * @param windowing that labels of rows become targets of
   * @throws ParameterError `ERR_CORPUS` for two items with one id
   */
  constructor(table: TableContent, windowing: Windowing, store: FeatureStore) {
    this.#table = table;
    this.#windowing = windowing;
    this.#store = store;
    const { twice } = new TextIndex(this.length, (item) => this.id(item));
    if (twice === null) return;
    throw new ParameterError('ERR_CORPUS', mustBe('ids of rows', 'different', `${twice} twice`), { id: twice });
  }

  get length(): number {
    return this.#table.items.length;
  }

  facts(item: number): ItemFacts {
    const { id, path, group, label, startSec, durationSec, nFrames } = this.#item(item);
    const known = { path, group, label, startSec, durationSec, targets: this.targets(item) };
    const given = Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined));
    return { id, ...given, nFrames };
  }

  id(item: number): string {
    return this.#item(item).id;
  }

  nFrames(item: number): number {
    return this.#item(item).nFrames;
  }

  label(item: number): string | number | undefined {
    return this.#item(item).label;
  }

  targets(item: number): Float32Array | undefined {
    const found = this.#item(item);
    return targetsOf(found, this.#table, this.#windowing, windowCount(found.nFrames, this.#windowing));
  }

  weights(): undefined {
    return undefined;
  }

  source(item: number): FeatureSource {
    return sourceOf(this.#item(item), this.#table, this.#store);
  }

  origin(item: number): Origin {
    return this.#item(item).origin;
  }

  contentHash(): null {
    return null;
  }

  #item(item: number): TableItem {
    return this.#table.items[item]!;
  }
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

async function nothingToRead(): Promise<void> {}

/** Numbers in memory cost nothing to read again, so they ask for no room in the cache. */
function sourceOf({ id, place }: TableItem, { blocks }: TableContent, store: FeatureStore): FeatureSource {
  const { first, length } = place;
  const block = blocks[place.block]!;
  const name = `table:${place.block}`;
  if (block.spilled)
    return store.block({ path: name, byteOffset: 0, length: block.length, read: block.read }).part(first, length);
  const read = (): Float32Array => block.values.subarray(first, first + length);
  return { block: `memory:${id}`, blockBytes: 0, read, isNear: true, readAlone: read, readAhead: nothingToRead };
}
