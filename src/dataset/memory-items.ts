import { mustBe, ParameterError, PoolError } from '../errors.js';
import { contentHashOf } from './content-hash.js';
import type { FrameTiming } from './front-end.js';
import type { FeatureSource, ItemFacts, ItemInput, ItemStore, Origin } from './item.js';

/** Items that someone holds in memory. */
export interface MemoryItems {
  readonly frameShape: readonly number[];
  /** Frames of every item, where all have as many. */
  readonly commonFrames: number | null;
  readonly store: ItemStore;
}

interface HeldItem {
  readonly input: ItemInput;
  readonly id: string;
  readonly data: Float32Array;
  readonly nFrames: number;
}

/**
 * Checks items and looks at their numbers without copying them.
 *
 * @param timing of frames, where a spec gives it
 * @throws ParameterError `ERR_SHAPE` for an item whose frames have another shape than the first's, or whose data do not
 *   fit its shape; `ERR_CORPUS` for two items with one id, or none at all; PoolError
 *   `ERR_TASK_ABORTED`
 */
export async function memoryItems(
  source: Iterable<ItemInput> | AsyncIterable<ItemInput>,
  timing: FrameTiming | null = null,
  signal?: AbortSignal,
): Promise<MemoryItems> {
  const items: HeldItem[] = [];
  const ids = new Set<string>();
  let frameShape: readonly number[] | null = null;
  for await (const input of source) {
    if (signal?.aborted) throw new PoolError('ERR_TASK_ABORTED', 'collecting items was aborted by its signal');
    const id = input.id ?? String(items.length);
    if (ids.has(id)) throw new ParameterError('ERR_CORPUS', mustBe('ids of items', 'different', `${id} twice`), { id });
    ids.add(id);
    const { data, shape } = matrixOf(input, id);
    frameShape ??= shape.slice(1);
    if (shape.slice(1).join() !== frameShape.join()) {
      throw new ParameterError('ERR_SHAPE', mustBe(`features of ${id}`, `[frame, ${frameShape}]`, [...shape]), { id });
    }
    items.push({ input, id, data, nFrames: shape[0]! });
  }
  if (frameShape === null) throw new ParameterError('ERR_CORPUS', mustBe('items', 'at least one', 'none'));
  const nFrames = items[0]!.nFrames;
  return {
    frameShape,
    commonFrames: items.every((item) => item.nFrames === nFrames) ? nFrames : null,
    store: new HeldItems(items, timing),
  };
}

/** There is nothing to read. */
async function readAhead(): Promise<void> {}

class HeldItems implements ItemStore {
  readonly #items: readonly HeldItem[];
  readonly #timing: FrameTiming | null;

  constructor(items: readonly HeldItem[], timing: FrameTiming | null) {
    this.#items = items;
    this.#timing = timing;
  }

  get length(): number {
    return this.#items.length;
  }

  facts(item: number): ItemFacts {
    const { input, id, nFrames } = this.#items[item]!;
    const { features: _, ...rest } = input;
    return { ...rest, id, nFrames };
  }

  id(item: number): string {
    return this.#items[item]!.id;
  }

  nFrames(item: number): number {
    return this.#items[item]!.nFrames;
  }

  label(item: number): string | number | undefined {
    return this.#items[item]!.input.label;
  }

  targets(item: number): Float32Array | undefined {
    return this.#items[item]!.input.targets;
  }

  weights(item: number): Float32Array | undefined {
    return this.#items[item]!.input.weights;
  }

  source(item: number): FeatureSource {
    const { data } = this.#items[item]!;
    // Numbers in memory cost nothing to read again, so they ask for no room in the cache.
    return { block: `memory:${item}`, blockBytes: 0, isNear: true, read: () => data, readAlone: () => data, readAhead };
  }

  origin(item: number): Origin {
    const { input, id, nFrames } = this.#items[item]!;
    const series = input.path ?? `item ${id}`;
    if (this.#timing === null) return { series, firstFrame: 0 };
    const { stepSec } = this.#timing;
    const covered = input.durationSec === undefined ? nFrames : Math.min(nFrames, input.durationSec / stepSec);
    return { series, firstFrame: (input.startSec ?? 0) / stepSec, nFrames: covered };
  }

  contentHash(item: number): string | null {
    return contentHashOf(this.#items[item]!.data);
  }
}

function matrixOf({ features }: ItemInput, id: string): { data: Float32Array; shape: readonly number[] } {
  const { data, shape } = features instanceof Float32Array ? { data: features, shape: [features.length, 1] } : features;
  const size = shape.reduce((product, n) => product * n, 1);
  if (data instanceof Float32Array && shape.length >= 2 && data.length === size) return { data, shape };
  const message = mustBe(`features of ${id}`, `${size} floats of shape [frame, …]`, `${data?.length} of [${shape}]`);
  throw new ParameterError('ERR_SHAPE', message, { id });
}
