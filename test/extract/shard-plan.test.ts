import { describe, expect, it } from 'vitest';
import {
  cutShards,
  plannedShard,
  type ShardInput,
  shardIndexOf,
  usualShardBytes,
} from '../../src/extract/shard-plan.js';

const input = (id: string, bytes: number): ShardInput => {
  return { id, path: id, bytes, mtimeMs: 0, label: null, group: null, labels: null, sidecar: null };
};
const inputs = [input('a', 40), input('b', 60), input('c', 1), input('d', 500), input('e', 50), input('f', 50)];
const plan = (o: { readonly of?: readonly ShardInput[]; readonly meaning?: string; readonly parts?: number } = {}) =>
  cutShards(o.of ?? inputs, { shardBytes: 100, parts: o.parts ?? 1 }).map((cut, index) =>
    plannedShard(index, cut, (o.of ?? inputs).slice(cut.from, cut.to), o.meaning ?? 'hash'),
  );

describe('shards of a plan', () => {
  it('are cut by bytes of audio, a long recording by itself', () => {
    const shards = plan();
    expect(shards.map(({ name, inputs }) => [name, inputs.map(({ id }) => id).join('')])).toEqual([
      ['shard-00000', 'ab'],
      ['shard-00001', 'c'],
      ['shard-00002', 'd'],
      ['shard-00003', 'ef'],
    ]);
    expect(plan({ meaning: 'other' })[0]!.task).not.toBe(shards[0]!.task);
    expect(plan({ of: inputs.slice(0, 3) })[1]!.task).toBe(shards[1]!.task);
  });

  it('are dealt out to parts in one piece each, of about equal size, and are the same for any number', () => {
    const many = Array.from({ length: 103 }, (_, i) => input(String(i), 60 + (i % 7)));
    const one = plan({ of: many });
    for (const parts of [1, 2, 8, 103, 200]) {
      const shards = plan({ of: many, parts });
      expect(shards.map(({ part: _, ...rest }) => rest)).toEqual(one.map(({ part: _, ...rest }) => rest));
      const dealt = shards.map(({ part }) => part);
      expect(dealt).toEqual([...dealt].sort((a, b) => a - b));
      expect(Math.max(...dealt)).toBeLessThan(parts);
      if (parts > 8) continue;
      const sizes = Array.from({ length: parts }, (_, part) => dealt.filter((one) => one === part).length);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(2);
    }
  });

  it('of recordings without size are dealt out by number', () => {
    const nothing = Array.from({ length: 8 }, (_, i) => input(String(i), 0));
    const shards = cutShards(nothing, { shardBytes: 1, parts: 4 });
    expect(shards.length).toBe(1);
    expect(shards[0]!.part).toBe(2);
  });

  it.each([
    ['nothing', 0, 8],
    ['a little', 100e6, 8],
    ['some hours', 1.15e9, 32],
    ['nearly twice as much', 2.1e9, 32],
    ['a hundred hours', 11.5e9, 64],
    ['a thousand', 115e9, 64],
  ])('of %s are cut so that all cores have some', (_, bytes, mebibytes) => {
    expect(usualShardBytes(bytes)).toBe(mebibytes * 2 ** 20);
  });

  it('know their files', () => {
    expect(shardIndexOf('shard-00012.arrow')).toBe(12);
    expect(shardIndexOf('shard-1234567.json')).toBe(1_234_567);
    expect(shardIndexOf('manifest.json')).toBeNull();
  });
});
