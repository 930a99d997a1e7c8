// Goes through data sets that do not fit into memory, as a training would: rows of the size of the seed's (3.6 million
// windows of 10 frames of 13 numbers) and features of 100 hours, shuffled and balanced. Each runs in a process of its own,
// so that the memory it needed at most is its own.
//
//   node scripts/lib/large-dataset.mjs [rows|hours] [--windows n] [--hours n] [--keep folder]
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** What no process may need more of. */
export const MOST_RSS_BYTES = 600e6;
const SEED = 20;
const BATCH = 256;
const SHARD_BYTES = 64 * 2 ** 20;

/** @typedef {{ windows: number, hours: number }} Sizes */
/** @typedef {{ seconds: number, windowsPerSec: number, small: number, heldBytes: number, reads: number }} Epoch */
/** @type {Sizes} */
export const FULL_SIZES = { windows: 3_629_478, hours: 100 };

/**
 * Recordings of equal length; every eleventh is of the second class, as boundaries are among the seed's rows.
 * @param {Sizes} sizes
 */
const CASES = {
  rows: ({ windows }) => ({ width: 13, nFrames: 100 * 10, window: 10, nItems: Math.ceil(windows / 100), secEach: 1 }),
  hours: ({ hours }) => ({ width: 64, nFrames: 1001, window: 100, nItems: Math.ceil(hours * 360), secEach: 10 }),
};

/**
 * Makes the folders if need be, and goes through an epoch of each.
 * @param {{ cases?: readonly ('rows' | 'hours')[], sizes?: Sizes, keep?: string }} o
 * @returns {{ name: string, windows: number, recordings: number, bytes: number, openSec: number, index: Epoch, none: Epoch,
 *   rssBytes: number }[]}
 * @throws Error where a window is wrong, missing or there twice, or a process needed more memory than it may
 */
export function largeDatasets({ cases = ['rows', 'hours'], sizes = FULL_SIZES, keep } = {}) {
  const root = keep ?? mkdtempSync(join(tmpdir(), 'cochlea-large-'));
  try {
    return cases.map((name) => {
      const folder = join(root, name);
      child('make', name, folder, sizes);
      const result = child('epoch', name, folder, sizes);
      if (result.rssBytes > MOST_RSS_BYTES) {
        throw new Error(`${name}: memory must stay below ${MOST_RSS_BYTES} bytes, got ${result.rssBytes}`);
      }
      return result;
    });
  } finally {
    if (keep === undefined) rmSync(root, { recursive: true });
  }
}

function child(step, name, folder, sizes) {
  const args = [fileURLToPath(import.meta.url), '--step', step, name, '--folder', folder];
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [...args, '--windows', String(sizes.windows), '--hours', String(sizes.hours)],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] },
  );
  if (status !== 0) throw new Error(`large-dataset ${step} ${name} ended with ${status}: ${stderr}`);
  return JSON.parse(stdout);
}

async function libraries() {
  const [shards, dataset, spec] = await Promise.all(
    ['shards', 'dataset', 'spec'].map((name) => import(`../../dist/${name}/index.js`)),
  );
  return { ...shards, ...dataset, ...spec };
}

/** Frames say which recording and frame they are, so that a window can be told from any other. */
async function make(name, folder, sizes) {
  const { createSink, defineSpec, META, publishFiles, readManifest, writeManifest } = await libraries();
  const { width, nFrames, window, nItems, secEach } = CASES[name](sizes);
  mkdirSync(folder, { recursive: true });
  const old = await readManifest(folder);
  if (old?.complete && old.recordings === nItems) return { made: false };
  const spec = defineSpec({
    task: 'classify',
    audio: { sampleRate: 16_000 },
    features: { kind: 'logMel', nFft: 512, winLength: 400, hopLength: 160, nMels: width, topDb: null },
    stages: [{ windowing: { size: window, stride: window } }],
    labels: ['inside', 'boundary'],
    positive: 'boundary',
  });
  const metadata = new Map([
    [META.featureHash, 'large'],
    [META.frameShape, JSON.stringify([width])],
  ]);
  const perShard = Math.max(1, Math.floor(SHARD_BYTES / (nFrames * width * 4)));
  const shards = [];
  for (let first = 0; first < nItems; first += perShard) {
    const shardName = `shard-${String(shards.length).padStart(5, '0')}`;
    const sink = await createSink({
      ...{ format: 'arrow', compression: 'none', folder, name: shardName },
      ...{ width, frameShape: [width], metadata },
    });
    const items = Math.min(perShard, nItems - first);
    for (let i = first; i < first + items; i++) {
      const frames = sink.reserve(nFrames * width);
      for (let t = 0; t < nFrames; t++) frames.fill(i + t / nFrames, t * width, (t + 1) * width);
      const row = {
        ...{
          id: `speaker-${i % 500}/part-${i}.wav`,
          path: `speaker-${i % 500}/part-${i}.wav`,
          group: `speaker-${i % 500}`,
        },
        ...{ label: i % 11 === 0 ? 'boundary' : 'inside', channel: null, sampleRate: 16_000, startSec: 0 },
        ...{ durationSec: secEach, labels: [], contentHash: i.toString(16).padStart(16, '0') },
      };
      sink.commit(row, nFrames * width);
    }
    const files = await publishFiles(folder, sink.finish());
    const result = { files, items, frames: items * nFrames, audioSec: items * secEach };
    shards.push({ name: shardName, inputs: items, task: '', failed: 0, ...result });
  }
  await writeManifest(folder, {
    ...{
      cochlea: 2,
      version: 'large-dataset',
      spec: spec.toJSON(),
      specHash: spec.hash,
      featureHash: 'large',
      root: folder,
    },
    ...{ format: 'arrow', compression: 'none', complete: true, recordings: nItems, frames: nItems * nFrames },
    ...{ audioSec: nItems * secEach, failed: 0, stats: null, shards },
  });
  return { made: true };
}

/** One epoch, shuffled and balanced by index, then one that has each window once: every window is looked at. */
async function epoch(name, folder, sizes) {
  const { FeatureDataset } = await libraries();
  const { width, nFrames, window } = CASES[name](sizes);
  const started = performance.now();
  const data = await FeatureDataset.open(folder);
  const windows = data.size;
  const openSec = (performance.now() - started) / 1000;
  const perItem = Math.floor(nFrames / window);
  const seen = new Uint8Array(windows);
  const figures = {};
  for (const balance of ['index', 'none']) {
    const begin = performance.now();
    let [drawn, small, held] = [0, 0, 0];
    for await (const { x, y, ids } of data.batches({
      batchSize: BATCH,
      shuffle: true,
      balance,
      seed: SEED,
      buffers: 'reused',
    })) {
      drawn += ids.length;
      held = Math.max(held, data.cache.bytes);
      for (let i = 0; i < ids.length; i++) {
        const item = Math.floor(ids[i] / perItem);
        const first = Math.fround(item + ((ids[i] % perItem) * window) / nFrames);
        if (x[i * window * width] !== first)
          throw new Error(`window ${ids[i]} must begin with ${first}, got ${x[i * window * width]}`);
        if (y[i] !== (item % 11 === 0 ? 1 : 0)) throw new Error(`window ${ids[i]} has the target ${y[i]}`);
        small += y[i];
        if (balance === 'none') seen[ids[i]] += 1;
      }
    }
    if (drawn !== windows) throw new Error(`an epoch must draw ${windows} windows, got ${drawn}`);
    const seconds = (performance.now() - begin) / 1000;
    figures[balance] = { seconds, windowsPerSec: drawn / seconds, small, heldBytes: held, reads: data.cache.reads };
  }
  if (!seen.every((times) => times === 1)) throw new Error('an epoch must have every window once');
  if (Math.abs(figures.index.small - windows / 2) > 1)
    throw new Error(`half of the windows must be of each class, got ${figures.index.small}`);
  const { recordings, shards } = JSON.parse(
    await (await import('node:fs/promises')).readFile(join(folder, 'manifest.json'), 'utf8'),
  );
  const bytes = shards
    .flatMap(({ files }) => files)
    .reduce((sum, { file }) => sum + statSync(join(folder, file)).size, 0);
  return { name, windows, recordings, bytes, openSec, ...figures, rssBytes: process.resourceUsage().maxRSS * 1024 };
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      step: { type: 'string' },
      folder: { type: 'string' },
      keep: { type: 'string' },
      windows: { type: 'string', default: String(FULL_SIZES.windows) },
      hours: { type: 'string', default: String(FULL_SIZES.hours) },
    },
  });
  const sizes = { windows: Number(values.windows), hours: Number(values.hours) };
  const [name] = positionals;
  if (values.step !== undefined) {
    process.stdout.write(JSON.stringify(await { make, epoch }[values.step](name, values.folder, sizes)));
  } else {
    const cases = name === undefined ? undefined : [name];
    console.log(JSON.stringify(largeDatasets({ cases, sizes, keep: values.keep }), null, 1));
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
