/**
 * A table larger than the memory it may take: seed 2's 3.6 million rows of 130 numbers, 1.9 GB of floats, made here, read
 * and gone through in order and shuffled in a process of its own, whose peak memory is told.
 *
 * `node scripts/lib/large-table.mjs [csv|parquet] [rows]` prints the result as JSON.
 */
import { spawnSync } from 'node:child_process';
import { createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { shardsPython } from './shards-python.mjs';
import { ROOT } from './tree.mjs';

export const SEED_2_ROWS = 3_600_000;
const SHAPE = [10, 13];
const WIDTH = 130;
const ROWS_PER_RECORDING = 1000;
/** Rows differ in their first number, which is their own number; the others repeat. */
const POOL = 512;
const BATCH = 128;

const cellOf = (row, column) => Math.fround((((row % POOL) * 31 + column * 17) % 2000) / 64 - 15);
const recordingOf = (row) => `comp-a/nl/fn${Math.floor(row / ROWS_PER_RECORDING)}.wav`;

function* csvLines(rows) {
  const pool = Array.from({ length: POOL }, (_, row) =>
    Array.from({ length: WIDTH - 1 }, (_, i) => cellOf(row, i + 1)).join('|'),
  );
  let text = 'region,label,sample_rate,begin,end,audiopath\n';
  for (let row = 0; row < rows; row++) {
    text += `${row}|${pool[row % POOL]},${row % 2},16000,${row / 1000},${(row + 10) / 1000},${recordingOf(row)}\n`;
    if (text.length < 2 ** 20) continue;
    yield text;
    text = '';
  }
  yield text;
}

/** Rows per row group are pyarrow's default, so that a group is larger than the memory. */
const PARQUET = `
import sys
import numpy as np, pyarrow as pa, pyarrow.parquet as pq
path, rows = sys.argv[1], int(sys.argv[2])
STEP = 2**20
columns = [f"v{i}" for i in range(${WIDTH})]
fields = [pa.field(name, pa.float32()) for name in columns] + [pa.field("label", pa.int64()), pa.field("audiopath", pa.string())]
with pq.ParquetWriter(path, pa.schema(fields), compression="zstd") as writer:
    for first in range(0, rows, STEP):
        row = np.arange(first, min(rows, first + STEP))
        values = [row.astype("f4")] + [
            ((((row % ${POOL}) * 31 + i * 17) % 2000) / 64 - 15).astype("f4") for i in range(1, ${WIDTH})
        ]
        names = [f"comp-a/nl/fn{i}.wav" for i in row // ${ROWS_PER_RECORDING}]
        arrays = [pa.array(v) for v in values] + [pa.array(row % 2), pa.array(names)]
        writer.write_table(pa.table(arrays, schema=pa.schema(fields)), row_group_size=STEP)
`;

function makeParquet(path, rows) {
  const { status } = spawnSync(shardsPython(), ['-c', PARQUET, path, String(rows)], { stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error(`the table could not be made: python ended with ${status}`);
}

/**
 * Makes the table, reads it in another process, checks every number, and removes it.
 *
 * @param {{ format?: 'csv' | 'parquet', rows?: number }} [options]
 * @returns {Promise<{ format: string, rows: number, tableMb: number, floatsMb: number,
 *   spilledMb: number, readSec: number, orderedSec: number, shuffledSec: number, blockReads: number, readPeakMb: number, peakRssMb: number }>}
 */
export async function largeTable({ format = 'csv', rows = SEED_2_ROWS } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'cochlea-large-'));
  try {
    const path = join(folder, `regions.${format}`);
    if (format === 'csv') await pipeline(csvLines(rows), createWriteStream(path));
    else makeParquet(path, rows);
    const self = fileURLToPath(import.meta.url);
    const child = spawnSync(process.execPath, [self, '--read', path, String(rows)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 2],
    });
    if (child.status !== 0)
      throw new Error(`the process that reads the table ended with ${child.status ?? child.signal}`);
    return { format, tableMb: megabytes(statSync(path).size), ...JSON.parse(child.stdout) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const megabytes = (bytes) => Math.round(bytes / 1e6);
const secondsSince = (start) => Math.round((performance.now() - start) / 100) / 10;

const peakMb = () => Math.round((process.resourceUsage().maxRSS * 1024) / 1e6);

/** In the process of its own. */
async function read(path, rows) {
  const { FeatureDataset } = await import(join(ROOT, 'dist/index.js'));
  const parquet = path.endsWith('.parquet');
  const values = parquet
    ? Array.from({ length: WIDTH }, (_, i) => `v${i}`)
    : { column: 'region', separator: '|', shape: SHAPE };
  const begun = performance.now();
  const columns = { values, label: 'label', group: 'audiopath' };
  const data = await FeatureDataset.from({ table: path, columns, rowsPerItem: ROWS_PER_RECORDING });
  const readSec = secondsSince(begun);
  const readPeakMb = peakMb();
  if (data.size !== rows) throw new Error(`${data.size} windows instead of ${rows}`);
  const ordered = await goThrough(data, rows, { batchSize: BATCH });
  const shuffled = await goThrough(data, rows, { batchSize: BATCH, shuffle: true, balance: 'index', seed: 1 });
  const { bytes, spilledBytes } = data.tableReport;
  return {
    rows,
    floatsMb: megabytes(bytes),
    spilledMb: megabytes(spilledBytes),
    readSec,
    orderedSec: ordered,
    shuffledSec: shuffled,
    blockReads: data.cache.reads,
    readPeakMb,
    peakRssMb: peakMb(),
  };
}

/** Batches of one epoch, every number of which is compared. @returns seconds */
async function goThrough(data, rows, options) {
  const begun = performance.now();
  const seen = new Uint8Array(rows);
  for await (const { x, y, ids } of data.batches(options)) {
    for (let i = 0; i < ids.length; i++) {
      const row = ids[i];
      seen[row] = 1;
      let same = x[i * WIDTH] === row && y[i] === row % 2;
      for (let column = 1; column < WIDTH && same; column++) same = x[i * WIDTH + column] === cellOf(row, column);
      if (!same) throw new Error(`window ${row} does not hold row ${row}`);
    }
  }
  const missed = seen.indexOf(0);
  if (missed >= 0) throw new Error(`row ${missed} was in no batch`);
  return secondsSince(begun);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [first = 'csv', ...rest] = process.argv.slice(2);
  const result =
    first === '--read'
      ? await read(rest[0], Number(rest[1]))
      : await largeTable({ format: first, rows: Number(rest[0] ?? SEED_2_ROWS) });
  process.stdout.write(`${JSON.stringify(result)}\n`);
}
