import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compressionRegistry, tableFromIPC } from 'apache-arrow';
import { CompressionType } from 'apache-arrow/fb/compression-type';
import { describe, expect, it } from 'vitest';
import { checkFeatures, FeatureDataset, type Item } from '../../src/dataset/index.js';
import { extract } from '../../src/extract/index.js';
import { decodeSafetensors } from '../../src/files/index.js';
import { codecOf } from '../../src/shards/compression.js';
import { createSink, type Manifest, publishFiles, type ShardFormat } from '../../src/shards/index.js';
import { smallCorpus, smallSpec, temporaryFolder } from '../corpus/wav.js';
import { rowOf } from './rows.js';

const COUNT = 5;
const WIDTH = 16;

async function folderOf(o: { readonly format?: ShardFormat; readonly compression?: 'none' | 'lz4' | 'zstd' }) {
  const folder = await temporaryFolder();
  const corpus = await smallCorpus(join(folder, 'in'), COUNT);
  const out = join(folder, 'out');
  const report = await extract(corpus, { spec: smallSpec(), out, labels: 'parent-folder', workers: 1, ...o });
  return { corpus, out, report };
}

async function itemsOf(folder: string): Promise<Item[]> {
  const data = await FeatureDataset.open(folder);
  return Promise.all([...data.items()].map(({ id }) => data.get(id)));
}

describe.each(['lz4', 'zstd'] as const)('Arrow with %s', (compression) => {
  it('holds what it holds without', async () => {
    const plain = await folderOf({});
    const packed = await folderOf({ compression });
    const [expected, found] = [await itemsOf(plain.out), await itemsOf(packed.out)];
    expect(found.length).toBe(COUNT);
    for (const [i, item] of found.entries()) {
      expect(item.features.data).toEqual(expected[i]!.features.data);
      expect([item.id, item.label, item.labels]).toEqual([expected[i]!.id, expected[i]!.label, expected[i]!.labels]);
    }
    expect((await checkFeatures(packed.out)).ok).toBe(true);
    const data = await FeatureDataset.open(packed.out, { windowing: { size: 3 } });
    let windows = 0;
    for await (const batch of data.batches({ batchSize: 7, shuffle: true })) windows += batch.ids.length;
    expect(windows).toBe(data.size);
  });

  it('is read by Arrow itself, which finds how long each buffer was', async () => {
    const codec = await codecOf(compression);
    const type = compression === 'lz4' ? CompressionType.LZ4_FRAME : CompressionType.ZSTD;
    compressionRegistry.set(type, { decode: (bytes) => codec!.decompress(bytes) });
    const folder = await temporaryFolder();
    const o = { folder, name: 'shard-00000', width: 2, frameShape: [2], metadata: new Map([['a', 'b']]) };
    const sink = await createSink({ ...o, format: 'arrow', compression });
    const values = Float32Array.from({ length: 4000 }, (_, i) => Math.floor(i / 100));
    for (const id of ['one', 'two']) {
      sink.reserve(values.length).set(values);
      sink.commit(rowOf(id, { group: id === 'two' ? 'g' : null }), values.length);
    }
    const [file] = await publishFiles(folder, sink.finish());
    expect(file!.bytes).toBeLessThan(2 * values.byteLength);
    const table = tableFromIPC(await readFile(join(folder, file!.file)));
    expect(table.schema.metadata.get('a')).toBe('b');
    const rows = [...table].map((row) => row.toJSON());
    expect(rows.map(({ id, group, label, start_sec }) => [id, group, label, start_sec])).toEqual([
      ['one', null, 'é "x"', 0.5],
      ['two', 'g', 'é "x"', 0.5],
    ]);
    expect([...rows[1]!.labels].map((one: { label: string }) => one.label)).toEqual(['音']);
    const frames: Float32Array[] = [...rows[1]!.features].map((frame: { toArray(): Float32Array }) => frame.toArray());
    expect(frames.flatMap((frame) => [...frame])).toEqual([...values]);
  });
});

describe('other formats', () => {
  it('npy: all frames as one array, and an index of who they are', async () => {
    const { out, report } = await folderOf({ format: 'npy' });
    const expected = await itemsOf((await folderOf({})).out);
    const bytes = await readFile(join(out, 'shard-00000.npy'));
    expect(bytes.subarray(0, 8).toString('latin1')).toBe('\u0093NUMPY\u0001\u0000');
    const start = 10 + bytes.readUInt16LE(8);
    expect(start % 64).toBe(0);
    const header = bytes.subarray(10, start).toString('latin1');
    expect(header).toBe(
      `{'descr': '<f4', 'fortran_order': False, 'shape': (${report.frames}, ${WIDTH}), }`.padEnd(start - 11) + '\n',
    );
    const values = new Float32Array(bytes.buffer.slice(bytes.byteOffset + start, bytes.byteOffset + bytes.length));
    const lines = (await readFile(join(out, 'shard-00000.jsonl'), 'utf8')).trimEnd().split('\n');
    const index: { id: string; label: string; first_frame: number; frames: number }[] = lines.map((l) => JSON.parse(l));
    expect(index.map(({ id, label }) => [id, label])).toEqual(expected.map(({ id, label }) => [id, label]));
    for (const [i, { first_frame, frames }] of index.entries()) {
      const part = values.subarray(first_frame * WIDTH, (first_frame + frames) * WIDTH);
      expect(part).toEqual(expected[i]!.features.data);
    }
    await expect(FeatureDataset.open(out)).rejects.toMatchObject({ code: 'ERR_SHARD' });
    expect((await checkFeatures(out)).ok).toBe(true);
  });

  it('safetensors: a tensor for each id', async () => {
    const { out } = await folderOf({ format: 'safetensors' });
    const expected = await itemsOf((await folderOf({})).out);
    const found = decodeSafetensors(await readFile(join(out, 'shard-00000.safetensors')));
    expect(found?.metadata['cochlea.spec_hash']).toBe(smallSpec().hash);
    expect(Object.keys(found?.tensors ?? {})).toEqual(expected.map(({ id }) => id));
    for (const { id, features } of expected) expect(found?.tensors[id]).toEqual(features.data);
  });

  it('Kaldi: an archive and where its matrices are; ids without spaces', async () => {
    const { out } = await folderOf({ format: 'kaldi-ark' });
    const expected = await itemsOf((await folderOf({})).out);
    const ark = await readFile(join(out, 'shard-00000.ark'));
    const scp = (await readFile(join(out, 'shard-00000.scp'), 'utf8')).trimEnd().split('\n');
    expect(scp.length).toBe(COUNT);
    for (const [i, line] of scp.entries()) {
      const { id, features } = expected[i]!;
      const [key, at] = line.split(' ');
      expect(key).toBe(id);
      const offset = Number(at!.split(':')[1]);
      expect(at).toBe(`shard-00000.ark:${offset}`);
      expect(ark.subarray(offset - id.length - 1, offset + 5).toString('latin1')).toBe(`${id} \0BFM `);
      expect([ark[offset + 5], ark.readInt32LE(offset + 6), ark[offset + 10]]).toEqual([4, features.shape[0], 4]);
      expect(ark.readInt32LE(offset + 11)).toBe(WIDTH);
      const from = ark.byteOffset + offset + 15;
      expect(new Float32Array(ark.buffer.slice(from, from + features.data.byteLength))).toEqual(features.data);
    }
    const sink = await createSink({
      ...{ folder: await temporaryFolder(), name: 'shard-00000', width: 1, frameShape: [1], metadata: new Map() },
      ...{ format: 'kaldi-ark', compression: 'none' },
    });
    expect(sink.refusal({ id: 'a b' })?.message).toContain('id must be without spaces');
    expect(sink.refusal({ id: 'ab' })).toBeNull();
    sink.abandon();
  });

  it.each(['arrow', 'npy', 'safetensors', 'kaldi-ark'] as const)(
    '%s takes a recording from a file, gives the same bytes twice, and leaves nothing when it is given up',
    async (format) => {
      const folder = await temporaryFolder();
      const long = join(folder, 'long.bin');
      const values = Float32Array.from({ length: 700_000 }, (_, i) => i);
      await writeFile(long, new Uint8Array(values.buffer));
      const make = async (name: string) => {
        const o = { folder, name, width: 7, frameShape: [7], metadata: new Map([['k', 'v']]) };
        const sink = await createSink({ ...o, format, compression: 'none' });
        sink.reserve(14).fill(1);
        sink.commit(rowOf('a'), 14);
        sink.reserve(21).fill(9);
        sink.reserve(7).fill(2);
        sink.commit(rowOf('b'), 7);
        sink.addFile(rowOf('c'), long, values.length);
        sink.reserve(7).fill(3);
        sink.commit(rowOf('d'), 7);
        return sink;
      };
      const made = async () => publishFiles(folder, (await make('shard-00000')).finish());
      const [first, second] = [await made(), await made()];
      expect(second).toEqual(first);
      (await make('shard-00001')).abandon();
      const left = await readdir(folder);
      expect(left.filter((file) => file.startsWith('shard-00001') || file.endsWith('.tmp'))).toEqual([]);
      if (format !== 'arrow') return;
      const table = tableFromIPC(await readFile(join(folder, 'shard-00000.arrow')));
      const rows = [...table].map((row) => row.toJSON());
      expect(rows.map(({ id, features }) => [id, features.length])).toEqual([
        ['a', 2],
        ['b', 1],
        ['c', 100_000],
        ['d', 1],
      ]);
      expect([...rows[2]!.features.get(99_999)]).toEqual([...values.subarray(-7)]);
      expect([...rows[3]!.features.get(0)]).toEqual(new Array(7).fill(3));
    },
  );

  it('another format or compression is refused in a folder that is there', async () => {
    const { corpus, out } = await folderOf({});
    const o = { spec: smallSpec(), out, labels: 'parent-folder', workers: 1 } as const;
    for (const other of [{ format: 'npy' }, { compression: 'zstd' }] as const) {
      await expect(extract(corpus, { ...o, ...other })).rejects.toMatchObject({ code: 'ERR_RESUME' });
    }
    const manifest: Manifest = JSON.parse(await readFile(join(out, 'manifest.json'), 'utf8'));
    expect(manifest).toMatchObject({ format: 'arrow', compression: 'none', complete: true });
  });
});
