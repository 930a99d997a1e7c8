/** A folder of features in pictures. */
import type { FeatureDataset } from '../../dataset/index.js';
import { bandChart, barChart, histogramChart, spectrogramPng } from '../../report/index.js';
import type { FeatureSummary } from './feature-summary.js';

/** Labels that a chart shows, the most frequent first; the rest is one bar. */
const MOST_BARS = 40;
const EXAMPLE_LIMITS = { maxWidth: 2000, maxHeight: 512 };
/** Where all values are equal. */
const LEAST_RANGE = 1e-6;

/** By file name. What there is nothing to draw of is left out. */
export async function featurePictures(
  data: FeatureDataset,
  summary: FeatureSummary,
): Promise<Map<string, string | Uint8Array>> {
  const { durations, labels, intervals, bands } = summary;
  const pictures = new Map<string, string | Uint8Array>();
  if (durations !== null) {
    const { edgesSec, counts } = durations.histogram;
    const chart = await histogramChart({ x: 'duration, s', y: 'recordings', edges: edgesSec, counts });
    pictures.set('durations.svg', chart.markup);
  }
  const perLabel = barsOf(labels, ({ n }) => n);
  if (perLabel.length > 0) pictures.set('labels.svg', (await barChart({ axis: 'recordings', bars: perLabel })).markup);
  const perInterval = barsOf(intervals, ({ sec }) => Number(sec.toFixed(1)));
  if (perInterval.length > 0) {
    pictures.set('intervals.svg', (await barChart({ axis: 'seconds', bars: perInterval })).markup);
  }
  if (bands !== null && bands.mean.length > 1) {
    const chart = await bandChart({ x: 'column of a frame', y: 'mean ± standard deviation', ...bands });
    pictures.set('bands.svg', chart.markup);
  }
  const example = await examplePng(data);
  if (example !== null) pictures.set('example.png', example);
  return pictures;
}

function barsOf(
  counts: FeatureSummary['labels'],
  measure: (count: FeatureSummary['labels'][string]) => number,
): { name: string; value: number }[] {
  const bars = Object.entries(counts).map(([name, count]) => ({ name, value: measure(count) }));
  bars.sort((a, b) => b.value - a.value);
  const rest = bars.slice(MOST_BARS);
  if (rest.length === 0) return bars;
  const value = rest.reduce((sum, bar) => sum + bar.value, 0);
  return [...bars.slice(0, MOST_BARS), { name: `${rest.length} others`, value }];
}

/** The first recording: time to the right, columns upwards, from its smallest number to its largest. */
async function examplePng(data: FeatureDataset): Promise<Uint8Array | null> {
  const first = data.items().next();
  if (first.done) return null;
  const { features, nFrames } = await data.get(first.value.id);
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of features.data) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const rangeDb = Math.max(LEAST_RANGE, high - low);
  return spectrogramPng({ db: features.data, nFrames, nBins: data.width }, { ...EXAMPLE_LIMITS, rangeDb });
}
