import type { ShardSink } from './shard-sink.js';

/** Takes rows and keeps nothing: for work that is done to see whether it can be. */
export function discardingSink(): ShardSink {
  return {
    reserve: (numbers) => new Float32Array(numbers),
    refusal: () => null,
    commit: () => {},
    addFile: () => {},
    finish: () => [],
    abandon: () => {},
  };
}
