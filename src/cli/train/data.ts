/** The data of a training job: opened, given targets, split, normalised. */
import {
  FeatureDataset,
  type ItemInfo,
  type LeakOptions,
  type Parts,
  requireIntervalLabel,
  type SplitOptions,
  windowTargets,
} from '../../dataset/index.js';
import { ModelError, mustBe, ParameterError } from '../../errors.js';
import { defineSpec, parseSpec, type Spec, type WindowStage } from '../../spec/index.js';
import { readYaml } from '../config-file.js';
import { defined } from './defined.js';
import type { TrainJob } from './job.js';

export interface JobData {
  readonly train: FeatureDataset;
  /** Null where the job asks for no such part. */
  readonly validation: FeatureDataset | null;
  readonly test: FeatureDataset | null;
  /** What travels with the model; null for a table without one. */
  readonly spec: Spec | null;
}

/** @throws ParameterError `ERR_CONFIG`, `ERR_SPLIT` and whatever is wrong with the data themselves */
export async function openData(job: TrainJob): Promise<JobData> {
  const given = job.spec === undefined ? null : parseSpec(await readYaml(job.spec, 'spec'));
  if (!('features' in job.data)) return fromTable(job, job.data, given);
  const opened = await FeatureDataset.open(job.data.features);
  const whole = withTargets(given === null ? opened : opened.withSpec(given), job);
  const parts = await splitBy(whole, job);
  return job.normalize === 'none' ? { ...parts, spec: whole.spec } : scaled(parts, whole.spec);
}

async function scaled({ train, validation, test }: Omit<JobData, 'spec'>, given: Spec | null): Promise<JobData> {
  const spec = await normalised(given, train);
  const part = (one: FeatureDataset | null) => one?.withSpec(spec) ?? null;
  return { train: train.withSpec(spec), validation: part(validation), test: part(test), spec };
}

type TableData = Exclude<TrainJob['data'], { features: string }>;
type SeriesData = Extract<TableData, { layout: 'series' }>;

async function fromTable(job: TrainJob, table: TableData, spec: Spec | null): Promise<JobData> {
  if (typeof job.target === 'object') {
    throw new ParameterError('ERR_CONFIG', mustBe('target', '"label" or "input" for a table', job.target));
  }
  return table.layout === 'series' ? fromSeries(job, table, spec) : fromRows(job, table, spec);
}

/** Rows are windows as they are; a spec only travels with the model, and must not ask for what rows do not have. */
async function fromRows(job: TrainJob, table: Exclude<TableData, SeriesData>, spec: Spec | null): Promise<JobData> {
  if (job.normalize !== 'none') {
    throw new ParameterError('ERR_CONFIG', mustBe('normalize', '"none" for a table', job.normalize));
  }
  const data = await FeatureDataset.from(table);
  const stage = spec?.stages.findLast((one): one is WindowStage => 'windowing' in one);
  if (stage !== undefined && stage.windowing.size !== data.windowing.size) {
    const expected = `${data.windowing.size}, the width of a row of ${table.table}`;
    throw new ModelError(
      'ERR_SPEC_MISMATCH',
      mustBe("windowing.size of the spec's last stage", expected, stage.windowing.size),
    );
  }
  if (stage?.normalize?.kind === 'standard') {
    const expected = 'without normalize, as rows of a table are trained on as they are';
    throw new ModelError('ERR_SPEC_MISMATCH', mustBe("spec's last stage", expected, stage.normalize.kind));
  }
  return { ...(await splitBy(data, job)), spec };
}

/** Series are cut into windows as the job says, or as the first stage of the spec. */
async function fromSeries(job: TrainJob, { windowing, ...table }: SeriesData, spec: Spec | null): Promise<JobData> {
  if (windowing !== undefined && spec?.stages.some((stage) => 'windowing' in stage)) {
    const expected = 'left out with a spec, which has windows';
    throw new ParameterError('ERR_CONFIG', mustBe('data.windowing', expected, windowing));
  }
  const cut = windowing === undefined ? {} : { windowing: defined(windowing) };
  const parts = await splitBy(await FeatureDataset.from(table, { ...cut, ...(spec !== null && { spec }) }), job);
  return job.normalize === 'none' ? { ...parts, spec } : scaled(parts, spec);
}

function withTargets(data: FeatureDataset, { target }: TrainJob): FeatureDataset {
  if (typeof target !== 'object') return data;
  const { timing, windowing } = data;
  if (timing === null) throw new ParameterError('ERR_CONFIG', mustBe('data', 'features with a spec', 'none'));
  requireIntervalLabel(data.items(), target.label);
  return data.map((item) => ({ ...item, targets: windowTargets(item, timing, windowing, target) }));
}

/** @throws DatasetError `ERR_LEAK` for parts that share a group, a recording's frames, a purge window or a duplicate */
async function splitBy(data: FeatureDataset, { split, duplicates, seed }: TrainJob): Promise<Omit<JobData, 'spec'>> {
  if (split === undefined) return { train: data, validation: null, test: null };
  const options = splitOptions(split, seed);
  const parts = data.split(options);
  await FeatureDataset.refuseLeaks(parts, { ...sharedOptions(options), duplicates });
  return { train: parts.train, validation: notEmpty(parts, 'validation'), test: notEmpty(parts, 'test') };
}

/** A cut in time goes through groups, and shares of groups put some of each everywhere; else no part shares one. */
function sharedOptions(split: SplitOptions): LeakOptions {
  if (split.by === 'time') return { purge: split.purge };
  if (split.by === 'stratified' && split.groupBy === GROUPS.group) return {};
  return { groupBy: (split.by === 'group' ? split.groupBy : undefined) ?? (({ group }) => group) };
}

function notEmpty(parts: Parts<FeatureDataset>, name: 'validation' | 'test'): FeatureDataset | null {
  return parts[name].size > 0 ? parts[name] : null;
}

function splitOptions(split: NonNullable<TrainJob['split']>, seed: number): SplitOptions {
  if (split.by === 'time') return split;
  if (split.by === 'file-list')
    return { by: 'file-list', files: { ...defined(split.files), train: split.files.train } };
  const { groupBy, ...rest } = split;
  return { ...rest, seed: split.seed ?? seed, ...(groupBy !== undefined && { groupBy: GROUPS[groupBy] }) };
}

const GROUPS = {
  group: (item: ItemInfo) => item.group ?? item.id,
  label: (item: ItemInfo) => String(item.label),
  recording: (item: ItemInfo) => item.path ?? item.id,
} as const;

/** The spec with the training part's mean and deviation in its first window stage. */
async function normalised(spec: Spec | null, train: FeatureDataset): Promise<Spec> {
  const first = spec?.stages.findIndex((stage) => 'windowing' in stage) ?? -1;
  if (spec === null || first < 0) {
    throw new ParameterError('ERR_CONFIG', mustBe('normalize', '"none" without windows in the spec', 'standard'));
  }
  const normalize = await train.stats();
  const stages = spec.stages.map((stage, i) => (i === first ? { ...stage, normalize } : stage));
  return defineSpec({ ...spec.toJSON(), stages });
}
