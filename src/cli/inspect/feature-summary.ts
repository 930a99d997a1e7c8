/** What the recordings of a folder of features are like, counted in one pass over what is known of them. */
import { type FeatureDataset, type ItemInfo, recordingErrors } from '../../dataset/index.js';
import { deviations, type Manifest } from '../../shards/index.js';

export interface Durations {
  readonly minSec: number;
  readonly medianSec: number;
  readonly maxSec: number;
  /** `counts[i]` recordings last from `edgesSec[i]` to `edgesSec[i + 1]`. */
  readonly histogram: { readonly edgesSec: readonly number[]; readonly counts: readonly number[] };
}

interface LabelCount {
  readonly n: number;
  readonly sec: number;
}

export interface FeatureSummary {
  readonly recordings: number;
  readonly frames: number;
  readonly durationSec: number;
  readonly durations: Durations | null;
  /** Files that the recordings come from: fewer where some are cuts or channels of one. */
  readonly files: number;
  /** Recordings, and their seconds, by label. */
  readonly labels: Readonly<Record<string, LabelCount>>;
  /** Labelled stretches, and their seconds. */
  readonly intervals: Readonly<Record<string, LabelCount>>;
  /** Recordings of each group, in the order of their names; `null` where none has one. */
  readonly groups: { readonly n: number; readonly min: number; readonly max: number; readonly without: number } | null;
  /** Recordings by sample rate, Hz, before resampling. */
  readonly sampleRates: Readonly<Record<string, number>>;
  /** Recordings by channel; `mixed` where channels were not kept apart. */
  readonly channels: Readonly<Record<string, number>>;
  /** Of each column of a frame, over all frames. */
  readonly bands: { readonly mean: readonly number[]; readonly std: readonly number[] } | null;
  /** Recordings without features, by code. */
  readonly errorCodes: Readonly<Record<string, number>>;
}

const BINS = 20;

export async function summarise(folder: string, data: FeatureDataset, { stats }: Manifest): Promise<FeatureSummary> {
  const count = new ItemCount(data.nItems);
  for (const item of data.items()) count.add(item);
  return {
    ...count.summary(),
    bands: stats === null ? await computedBands(data) : { mean: stats.mean, std: [...deviations(stats)] },
    errorCodes: await errorsByCode(folder),
  };
}

/** Where a manifest has no statistics: every frame is read. */
async function computedBands(data: FeatureDataset): Promise<FeatureSummary['bands']> {
  if (data.nItems === 0) return null;
  const { mean, std } = await data.withWindowing({ size: 1 }).stats();
  return { mean, std };
}

export async function errorsByCode(folder: string): Promise<Record<string, number>> {
  const counts = new Map<string, number>();
  for await (const { code } of recordingErrors(folder)) counts.set(code, (counts.get(code) ?? 0) + 1);
  return Object.fromEntries(counts);
}

class ItemCount {
  readonly #durations: Float64Array;
  readonly #labels = new Map<string, { n: number; sec: number }>();
  readonly #intervals = new Map<string, { n: number; sec: number }>();
  readonly #groups = new Map<string, number>();
  readonly #sampleRates = new Map<string, number>();
  readonly #channels = new Map<string, number>();
  readonly #files = new Set<string>();
  #n = 0;
  #frames = 0;

  constructor(nItems: number) {
    this.#durations = new Float64Array(nItems);
  }

  add({ path, label, labels = [], group, durationSec = 0, nFrames, sampleRate, channel }: ItemInfo): void {
    this.#durations[this.#n++] = durationSec;
    this.#frames += nFrames;
    if (path !== undefined) this.#files.add(path);
    if (label !== undefined) addTo(this.#labels, String(label), durationSec);
    for (const one of labels) addTo(this.#intervals, one.label, one.endSec - one.startSec);
    if (group !== undefined) this.#groups.set(group, (this.#groups.get(group) ?? 0) + 1);
    const rate = String(sampleRate ?? 'unknown');
    this.#sampleRates.set(rate, (this.#sampleRates.get(rate) ?? 0) + 1);
    const from = channel === undefined ? 'mixed' : String(channel);
    this.#channels.set(from, (this.#channels.get(from) ?? 0) + 1);
  }

  summary(): Omit<FeatureSummary, 'bands' | 'errorCodes'> {
    const sizes = [...this.#groups.values()];
    const grouped = sizes.reduce((sum, n) => sum + n, 0);
    return {
      recordings: this.#n,
      frames: this.#frames,
      durationSec: this.#durations.reduce((sum, sec) => sum + sec, 0),
      durations: this.#n === 0 ? null : durationsOf(this.#durations.sort()),
      files: this.#files.size,
      labels: Object.fromEntries(this.#labels),
      intervals: Object.fromEntries(this.#intervals),
      groups:
        sizes.length === 0
          ? null
          : { n: sizes.length, min: least(sizes), max: most(sizes), without: this.#n - grouped },
      sampleRates: Object.fromEntries(this.#sampleRates),
      channels: Object.fromEntries(this.#channels),
    };
  }
}

function addTo(counts: Map<string, { n: number; sec: number }>, label: string, sec: number): void {
  const count = counts.get(label) ?? { n: 0, sec: 0 };
  counts.set(label, count);
  count.n += 1;
  count.sec += sec;
}

function durationsOf(ascending: Float64Array): Durations {
  const [minSec, maxSec] = [ascending[0]!, ascending.at(-1)!];
  const middle = (ascending.length - 1) / 2;
  const medianSec = (ascending[Math.floor(middle)]! + ascending[Math.ceil(middle)]!) / 2;
  const bins = maxSec > minSec ? BINS : 1;
  const widthSec = maxSec > minSec ? (maxSec - minSec) / BINS : 1;
  const counts = new Array<number>(bins).fill(0);
  for (const sec of ascending) counts[Math.min(bins - 1, Math.floor((sec - minSec) / widthSec))]! += 1;
  const edgesSec = Array.from({ length: bins + 1 }, (_, i) => minSec + i * widthSec);
  return { minSec, medianSec, maxSec, histogram: { edgesSec, counts } };
}

function least(values: readonly number[]): number {
  return values.reduce((a, b) => Math.min(a, b));
}

function most(values: readonly number[]): number {
  return values.reduce((a, b) => Math.max(a, b));
}
