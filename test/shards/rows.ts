/** Rows of shards for tests. */
import type { ShardRow } from '../../src/shards/index.js';

export const rowOf = (id: string, more: Partial<ShardRow> = {}): ShardRow => ({
  ...{ id, path: `${id}.wav`, group: null, label: 'é "x"', channel: null, sampleRate: 8000 },
  ...{ startSec: 0.5, durationSec: 1, contentHash: '0'.repeat(16) },
  labels: [{ startSec: 0, endSec: 0.25, label: '音' }],
  ...more,
});
