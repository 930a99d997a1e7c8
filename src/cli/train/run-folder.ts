/** What `cochlea train` leaves in its folder, beside the history and weights of the training itself. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ModelError, mustBe } from '../../errors.js';
import type { Metrics } from '../../evaluation/index.js';
import { type Graph, graphFromJson } from '../../graph/index.js';
import { parseSpec, type Spec } from '../../spec/index.js';
import type { EngineChoice, EpochRecord, StoppedBy } from '../../training/index.js';
import type { TrainJob } from './job.js';

export const RUN_FILE = 'run.json';
export const GRAPH_FILE = 'graph.json';
export const SPEC_FILE = 'spec.json';
export const METRICS_FILE = 'metrics.json';

export interface RunMetrics {
  /** Null where a part is not there, or the loss has no classes. */
  readonly validation: Metrics | null;
  readonly test: Metrics | null;
  readonly threshold: number;
  readonly thresholdChosenBy: string;
}

/** `run.json`, and what the verb prints. */
export interface RunReport {
  readonly cochlea: 1;
  readonly kind: 'train';
  readonly version: string;
  readonly out: string;
  readonly job: TrainJob;
  readonly windows: { readonly train: number; readonly validation: number; readonly test: number };
  readonly parameters: number;
  readonly engine: EngineChoice;
  readonly resumed: boolean;
  readonly stoppedBy: StoppedBy;
  readonly bestEpoch: number;
  readonly history: readonly EpochRecord[];
  readonly metrics: RunMetrics;
  /** Hash of the spec; null for a table without one. */
  readonly spec: string | null;
}

export interface StoredRun {
  readonly report: RunReport;
  readonly graph: Graph;
  readonly spec: Spec | null;
}

/** @returns null where the folder is no training run */
export async function readReport(folder: string): Promise<RunReport | null> {
  const text = await readOrNull(join(folder, RUN_FILE));
  if (text === null) return null;
  const value: RunReport = parseJson(text, join(folder, RUN_FILE));
  return value.cochlea === 1 && value.kind === 'train' ? value : null;
}

/** @returns null where the folder is no training run; @throws ModelError `ERR_MODEL_FILE` for a damaged one */
export async function readRun(folder: string): Promise<StoredRun | null> {
  const report = await readReport(folder);
  if (report === null) return null;
  const graph = await readOrNull(join(folder, GRAPH_FILE));
  if (graph === null) throw new ModelError('ERR_MODEL_FILE', mustBe(folder, `a run with its ${GRAPH_FILE}`, 'none'));
  const spec = await readOrNull(join(folder, SPEC_FILE));
  return { report, graph: graphFromJson(graph), spec: spec === null ? null : parseSpec(spec) };
}

function parseJson<T>(text: string, path: string): T {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ModelError('ERR_MODEL_FILE', mustBe(path, 'JSON', cause instanceof Error ? cause.message : cause));
  }
}

export async function readOrNull(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
    throw error;
  });
}
