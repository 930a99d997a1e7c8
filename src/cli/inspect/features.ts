import { FeatureDataset } from '../../dataset/index.js';
import type { Manifest } from '../../shards/index.js';
import { type Facts, formatBytes, formatCount, formatDuration } from '../format.js';
import { featurePictures } from './feature-pictures.js';
import { errorsByCode, type FeatureSummary, summarise } from './feature-summary.js';
import type { Inspection } from './report.js';
import { specFacts } from './spec.js';

/** Labels that a line lists. */
const LABELS_TOLD = 12;
/** Bars of the histogram in a line. */
const LEVELS = '▁▂▃▄▅▆▇█';

/** A folder of `extract`. */
export async function inspectFeatures(folder: string, manifest: Manifest): Promise<Inspection> {
  const { version, specHash, featureHash, format, compression, complete, shards, spec } = manifest;
  const bytes = shards.reduce((sum, { files }) => sum + files.reduce((all, file) => all + file.bytes, 0), 0);
  const common = { version, specHash, featureHash, format, compression, complete, shards: shards.length, bytes, spec };
  const size = `${formatCount(shards.length, 'shard')}, ${formatBytes(bytes)}`;
  if (!complete || format !== 'arrow') {
    const { recordings, frames, audioSec, failed } = manifest;
    const errorCodes = await errorsByCode(folder);
    const state = complete ? `complete, ${size} of ${format}` : 'cut off: extract again to go on';
    const counts = complete ? { recordings, frames, durationSec: audioSec, errors: failed } : {};
    return {
      kind: 'features',
      value: { ...common, ...counts, errorCodes },
      facts: {
        state,
        ...(complete && { recordings: `${recordings} (${formatDuration(audioSec)})`, frames }),
        errors: countText(errorCodes),
      },
    };
  }
  const data = await FeatureDataset.open(folder);
  const summary = await summarise(folder, data, manifest);
  const { width, frameShape, windowing } = data;
  const errors = Object.values(summary.errorCodes).reduce((sum, n) => sum + n, 0);
  return {
    kind: 'features',
    pictures: () => featurePictures(data, summary),
    value: { ...common, ...summaryValue(summary), errors, windows: data.size, width, frameShape, windowing },
    facts: {
      state: `complete, ${size}`,
      ...summaryFacts(summary),
      frames: `${summary.frames} of [${frameShape.join(', ')}]`,
      windows: `${data.size} of ${windowing.size} frames`,
      ...(data.spec === null ? {} : specFacts(data.spec)),
    },
  };
}

/** Counts and seconds by label, each a table of its own. */
function summaryValue({ labels, intervals, ...rest }: FeatureSummary) {
  const table = (counts: FeatureSummary['labels'], figure: 'n' | 'sec') =>
    Object.fromEntries(Object.entries(counts).map(([label, count]) => [label, count[figure]]));
  return {
    ...rest,
    itemLabels: table(labels, 'n'),
    itemLabelSec: table(labels, 'sec'),
    intervals: table(intervals, 'n'),
    intervalSec: table(intervals, 'sec'),
  };
}

function summaryFacts(summary: FeatureSummary): Facts {
  const { recordings, durationSec, files, labels, intervals, groups, sampleRates, channels, errorCodes } = summary;
  const rates = Object.fromEntries(Object.entries(sampleRates).map(([rate, n]) => [`${rate} Hz`, n]));
  const apart = Object.keys(channels).some((channel) => channel !== 'mixed');
  return {
    recordings: `${recordings} (${formatDuration(durationSec)})${files < recordings ? `, of ${formatCount(files, 'file')}` : ''}`,
    errors: countText(errorCodes),
    durations: durationText(summary),
    classes: labelText(labels, durationSec),
    intervals: labelText(intervals, durationSec),
    groups:
      groups === null
        ? null
        : `${groups.n}, of ${groups.min} to ${groups.max} recordings${groups.without > 0 ? `; ${groups.without} without` : ''}`,
    'sample rates': countText(rates),
    channels: apart ? countText(channels) : null,
    bands: bandText(summary.bands),
  };
}

function durationText({ durations }: FeatureSummary): string | null {
  if (durations === null) return null;
  const { minSec, medianSec, maxSec, histogram } = durations;
  const figures = `${formatDuration(minSec)} to ${formatDuration(maxSec)}, median ${formatDuration(medianSec)}`;
  const most = Math.max(...histogram.counts);
  const bars = histogram.counts.map((n) => (n === 0 ? ' ' : LEVELS[Math.ceil((n / most) * LEVELS.length) - 1]));
  return histogram.counts.length > 1 ? `${figures}  [${bars.join('')}]` : figures;
}

/** `loud 4 (50 %, 1.2 s), quiet 4 (50 %, 1.3 s)`: of the recordings or stretches, and how long they last. */
function labelText(counts: FeatureSummary['labels'], totalSec: number): string {
  const entries = Object.entries(counts).sort(([, a], [, b]) => b.n - a.n);
  const told = entries.slice(0, LABELS_TOLD).map(([label, { n, sec }]) => {
    const part = totalSec > 0 ? `${((100 * sec) / totalSec).toFixed(1)} %, ` : '';
    return `${label} ${n} (${part}${formatDuration(sec)})`;
  });
  if (entries.length > told.length) told.push(`${entries.length - told.length} more labels`);
  return told.join(', ');
}

function countText(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, n]) => `${name} ${n}`)
    .join(', ');
}

function bandText(bands: FeatureSummary['bands']): string | null {
  if (bands === null) return null;
  const figure = (value: number) => Number(value.toPrecision(4));
  const range = (values: readonly number[]) => {
    const [low, high] = [Math.min(...values), Math.max(...values)].map(figure);
    return low === high ? `${low}` : `${low} to ${high}`;
  };
  return `mean ${range(bands.mean)}, standard deviation ${range(bands.std)}`;
}
