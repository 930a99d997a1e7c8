import { mustBe, ParameterError, PoolError } from '../errors.js';
import { windowCount } from '../features/index.js';
import type { Windowing } from '../spec/index.js';
import type { Entry, ItemInput } from './item.js';

/** Items that someone holds in memory. */
export interface MemoryItems {
  readonly frameShape: readonly number[];
  /** Frames of every item, where all have as many. */
  readonly commonFrames: number | null;
  entries(windowing: Windowing): Entry[];
}

/**
 * Checks items and looks at their numbers without copying them.
 *
 * @throws ParameterError `ERR_SHAPE` for an item whose frames have another shape than the first's, or whose data do not
 *   fit its shape; `ERR_CORPUS` for two items with one id, or none at all; PoolError
 *   `ERR_TASK_ABORTED`
 */
export async function memoryItems(
  source: Iterable<ItemInput> | AsyncIterable<ItemInput>,
  signal?: AbortSignal,
): Promise<MemoryItems> {
  const items: { input: ItemInput; id: string; data: Float32Array; nFrames: number }[] = [];
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
    entries: (windowing) =>
      items.map(({ input, id, data, nFrames }, i) => {
        const { features: _, ...rest } = input;
        const nWindows = windowCount(nFrames, windowing);
        const info = { ...rest, id, nFrames, nWindows };
        // Numbers in memory cost nothing to read again, so they ask for no room in the cache.
        const memory = { block: `memory:${i}`, blockBytes: 0, read: () => data };
        const origin = { series: input.path ?? `item ${id}`, firstFrame: 0 };
        return { info, source: memory, origin, first: 0, end: nWindows };
      }),
  };
}

function matrixOf({ features }: ItemInput, id: string): { data: Float32Array; shape: readonly number[] } {
  const { data, shape } = features instanceof Float32Array ? { data: features, shape: [features.length, 1] } : features;
  const size = shape.reduce((product, n) => product * n, 1);
  if (data instanceof Float32Array && shape.length >= 2 && data.length === size) return { data, shape };
  const message = mustBe(`features of ${id}`, `${size} floats of shape [frame, …]`, `${data?.length} of [${shape}]`);
  throw new ParameterError('ERR_SHAPE', message, { id });
}
