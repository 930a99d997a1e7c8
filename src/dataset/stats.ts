import { DatasetError, mustBe } from '../errors.js';
import { RunningStats, standardOf } from '../shards/index.js';
import type { Normalize } from '../spec/index.js';
import type { Entries } from './entries.js';
import { framesOf } from './frames-of.js';

/** Mean and standard deviation, ready to stand in a spec. */
export type StandardNormalize = Extract<Normalize, { kind: 'standard' }>;

/**
 * Mean and standard deviation (over n) of frames, per column or of all numbers together, in one pass over the items.
 * A column that never changes gets a deviation of 1: there is nothing to scale.
 */
export async function standardStats(
  entries: Entries,
  width: number,
  per: 'column' | 'all',
): Promise<StandardNormalize> {
  const stats = new RunningStats(width);
  for (const { info, source, first, end } of entries) {
    const { from, to } = framesOf(first, end, info.nFrames, entries.windowing);
    if (to === from) continue;
    const read = source.read();
    stats.add((read instanceof Float32Array ? read : await read).subarray(from * width, to * width));
  }
  if (stats.n === 0) throw new DatasetError('ERR_SPLIT', mustBe('stats', 'taken over at least one frame', 'none'));
  return standardOf(stats, per);
}
