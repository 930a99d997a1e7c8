import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Message, tableFromIPC } from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recordBatch } from '../../src/shards/arrow-batch.js';
import { CollectingWriter } from '../../src/shards/arrow-writer.js';
import { codecOf, SHARD_COMPRESSIONS, type ShardCompression } from '../../src/shards/compression.js';
import {
  createSink,
  publishFiles,
  readBlock,
  readShardIndex,
  ShardFiles,
  type ShardRow,
  type WrittenFile,
} from '../../src/shards/index.js';
import { shardSchema } from '../../src/shards/shard-schema.js';
import { temporaryFolder } from '../corpus/wav.js';
import { rowOf } from './rows.js';

const BATCH_NUMBERS = 1 << 19;

interface RowWithFrames {
  readonly row: ShardRow;
  readonly frames: number;
}

async function sinkIn(folder: string, width: number, compression: ShardCompression = 'none') {
  const o = { folder, name: 'shard-00000', width, frameShape: [width], metadata: new Map([['k', 'v']]) };
  return createSink({ ...o, format: 'arrow', compression });
}

const text = fc.string({ unit: 'binary', maxLength: 12 });
const seconds = fc.double({ min: 0, max: 1e9, noNaN: true });
const label = fc.record({ startSec: seconds, endSec: seconds, label: text });
const row: fc.Arbitrary<ShardRow> = fc.record({
  id: text,
  path: text,
  group: fc.option(text),
  label: fc.option(text),
  channel: fc.option(fc.nat(63)),
  sampleRate: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
  startSec: seconds,
  durationSec: seconds,
  contentHash: fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 16, maxLength: 16 }),
  labels: fc.array(label, { maxLength: 6 }),
});
const rows: fc.Arbitrary<RowWithFrames[]> = fc.array(fc.record({ row, frames: fc.nat(40) }), { maxLength: 12 });

const valuesOf = (place: number, numbers: number) => Float32Array.from({ length: numbers }, (_, i) => place + (i >> 4));

/** Where the buffers of a file's first record batch are; descriptions of messages are left to the file's checksum. */
function firstBatch(file: Buffer): { readonly bodyStart: number; readonly bodyEnd: number } {
  const at = 16 + file.readInt32LE(12);
  const bodyStart = at + 8 + file.readInt32LE(at + 4);
  const { bodyLength } = Message.decode(new Uint8Array(file.subarray(at + 8, bodyStart)));
  return { bodyStart, bodyEnd: bodyStart + bodyLength };
}

describe.each(SHARD_COMPRESSIONS)('rows in an Arrow file, compression %s', (compression) => {
  it('come back as they were, whatever their texts, nulls, labels and frames', async () => {
    const folder = await temporaryFolder();
    await fc.assert(
      fc.asyncProperty(rows, fc.integer({ min: 1, max: 5 }), async (given, width) => {
        const sink = await sinkIn(folder, width, compression);
        for (const [i, { row, frames }] of given.entries()) {
          sink.reserve(frames * width).set(valuesOf(i, frames * width));
          sink.commit(row, frames * width);
        }
        await publishFiles(folder, sink.finish());
        const { entries } = await readShardIndex(join(folder, 'shard-00000.arrow'));
        expect(entries.map(({ nFrames, firstFrame, block, ...found }) => found)).toEqual(given.map(({ row }) => row));
        const files = new ShardFiles();
        for (const [i, { block, firstFrame, nFrames }] of entries.entries()) {
          const found = await readBlock(block, files, firstFrame * width, nFrames * width);
          expect(found).toEqual(valuesOf(i, given[i]!.frames * width));
        }
      }),
      { numRuns: 60 },
    );
  });

  it('whose batch is damaged are told of as ERR_SHARD, where it is noticed at all', async () => {
    const folder = await temporaryFolder();
    const sink = await sinkIn(folder, 2, compression);
    for (const [i, id] of ['one', 'two', 'three'].entries()) {
      sink.reserve(200).set(valuesOf(i, 200));
      sink.commit(rowOf(id), 200);
    }
    await publishFiles(folder, sink.finish());
    const path = join(folder, 'shard-00000.arrow');
    const whole = await readFile(path);
    const { bodyStart, bodyEnd } = firstBatch(whole);
    const place = fc.integer({ min: bodyStart, max: bodyEnd - 1 });
    const damage = fc.array(fc.tuple(place, fc.integer({ min: 0, max: 255 })), { minLength: 1 });
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(damage, async (places) => {
        const bytes = Buffer.from(whole);
        for (const [at, byte] of places) bytes[at] = byte;
        await writeFile(path, bytes);
        try {
          const { entries } = await readShardIndex(path);
          for (const { block } of entries) await readBlock(block, new ShardFiles());
        } catch (error) {
          expect(error).toMatchObject({ code: 'ERR_SHARD' });
          refused += 1;
        }
      }),
      { numRuns: 300 },
    );
    expect(refused).toBeGreaterThan(0);
  });
});

const checksumsOf = (files: readonly WrittenFile[]): string[] => files.map(({ sha256 }) => sha256);

describe('batches', () => {
  it('are cut by what is committed: a recording that fails leaves no trace', async () => {
    const make = async (failing: readonly number[]) => {
      const sink = await sinkIn(await temporaryFolder(), 1);
      for (const [i, numbers] of [BATCH_NUMBERS - 1000, 900, 1000, BATCH_NUMBERS, 5].entries()) {
        for (const lost of failing) sink.reserve(lost).fill(-1);
        sink.reserve(numbers).fill(i, 0, numbers);
        sink.commit(rowOf(`${i}`), numbers);
      }
      return checksumsOf(sink.finish());
    };
    const undisturbed = await make([]);
    for (const lost of [[1], [2000], [BATCH_NUMBERS], [BATCH_NUMBERS + 1, 2000]]) {
      expect(await make(lost)).toEqual(undisturbed);
    }
  });

  it('are the same for recordings told one at a time and many', async () => {
    const lengths = fc.array(fc.integer({ min: 0, max: Math.floor(BATCH_NUMBERS / 3) }), {
      minLength: 1,
      maxLength: 12,
    });
    await fc.assert(
      fc.asyncProperty(lengths, async (given) => {
        const alone = await sinkIn(await temporaryFolder(), 1);
        for (const [i, numbers] of given.entries()) {
          alone.reserve(numbers).set(valuesOf(i, numbers));
          alone.commit(rowOf(`${i}`), numbers);
        }
        const together = await sinkIn(await temporaryFolder(), 1);
        for (let i = 0, needed = 0; i < given.length; needed = given[i]!) {
          const room = together.reserve(needed);
          const from = i;
          for (let at = 0; i < given.length && at + given[i]! <= room.length; at += given[i++]!) {
            room.set(valuesOf(i, given[i]!), at);
          }
          for (let told = from; told < i; told += 1) together.commit(rowOf(`${told}`), given[told]!);
        }
        expect(checksumsOf(together.finish())).toEqual(checksumsOf(alone.finish()));
      }),
      { numRuns: 20 },
    );
  });

  it('hold a recording larger than a batch alone, and every number is where it belongs', async () => {
    const folder = await temporaryFolder();
    const lengths = [10, BATCH_NUMBERS + 7, 20, BATCH_NUMBERS, 30];
    const sink = await sinkIn(folder, 1);
    for (const [i, numbers] of lengths.entries()) {
      sink.reserve(numbers).set(valuesOf(i, numbers));
      sink.commit(rowOf(`${i}`), numbers);
    }
    const [file] = await publishFiles(folder, sink.finish());
    const table = tableFromIPC(await readFile(join(folder, file!.file)));
    expect(table.batches.map(({ numRows }) => numRows)).toEqual([1, 1, 1, 1, 1]);
    const { entries } = await readShardIndex(join(folder, file!.file));
    for (const [i, { block }] of entries.entries()) {
      expect(await readBlock(block, new ShardFiles())).toEqual(valuesOf(i, lengths[i]!));
    }
  });

  it.each(SHARD_COMPRESSIONS)('of features beyond 2 GiB say how long they are (%s)', async (compression) => {
    const schema = shardSchema(3, new Map());
    const codec = await codecOf(compression);
    const prefix = codec === null ? 0 : 8;
    // Bytes just above 2 GiB, 4 GiB and 8 GiB, not all of them multiples of eight.
    for (const frames of [178_956_971, 357_913_943, 715_827_885]) {
      const numbers = frames * 3;
      const writer = new CollectingWriter(schema, codec);
      writer.bytesOf(recordBatch({ rows: [rowOf('a')], frames: [1], values: new Float32Array(3), width: 3 }, schema));
      const batch = recordBatch({ rows: [rowOf('b')], frames: [0], values: new Float32Array(0), width: 3 }, schema);
      const { before, after } = writer.bytesAround(batch, { frames, width: 3 });
      const bytes = Buffer.concat(before);
      const bodyStart = 8 + bytes.readInt32LE(4);
      const message = Message.decode(new Uint8Array(bytes.subarray(8, bodyStart)));
      if (!message.isRecordBatch()) throw new Error('no record batch');
      const { buffers, nodes } = message.header();
      expect(nodes.slice(-3).map(({ length }) => length)).toEqual([1, frames, numbers]);
      expect(bytes.readInt32LE(bodyStart + buffers.at(-4)!.offset + prefix + 4)).toBe(frames);
      expect(buffers.at(-1)!.offset + prefix).toBe(bytes.length - bodyStart);
      expect(buffers.at(-1)!.length).toBeGreaterThanOrEqual(numbers * 4 + prefix);
      expect(message.bodyLength).toBe(bytes.length - bodyStart + numbers * 4 + after.length);
      expect(message.bodyLength % 8).toBe(0);
    }
  });

  it('that another program has packed as a whole are refused', async () => {
    const folder = await temporaryFolder();
    const sink = await sinkIn(folder, 2, 'lz4');
    sink.reserve(2000).fill(1);
    sink.commit(rowOf('a'), 2000);
    await publishFiles(folder, sink.finish());
    const path = join(folder, 'shard-00000.arrow');
    const bytes = await readFile(path);
    const asItWas = Buffer.alloc(8, 0xff);
    const at = bytes.indexOf(asItWas, bytes.indexOf('a.wav') - 64);
    bytes.writeBigInt64LE(5n, at);
    await writeFile(path, bytes);
    await expect(readShardIndex(path)).rejects.toThrow('columns beside the features that are compressed');
  });
});
