/** A bundle's last model on the rows of a table: columns `0 … n−1` and `response`. */
import { type Bundle, readBundle } from '../../bundle/index.js';
import { FeatureDataset } from '../../dataset/index.js';
import { ModelError, mustBe, ParameterError } from '../../errors.js';
import { evaluate, type Metrics } from '../../evaluation/index.js';
import { ModelSession, runStages } from '../../inference/index.js';
import type { WindowStage } from '../../spec/index.js';
import type { LongWork } from '../../types.js';
import { requireScoredClass } from './positive-class.js';

export interface TableJudgement {
  readonly kind: 'windows';
  /** The model that was judged. */
  readonly model: string;
  readonly metrics: Metrics;
}

export interface TableOptions extends LongWork {
  readonly positive: string;
  readonly threshold: number | undefined;
}

/** Rows of one value at a time: nothing is known of when they were. */
const NO_TIME = { startSec: 0, stepSec: 0, spanSec: 0 };

/**
 * @throws ParameterError `ERR_CSV_WIDTH`, `ERR_CSV_VALUE` naming row and line, `ERR_SHAPE` for rows of another width
 *   than the model's windows
 */
export async function judgeTable(bundlePath: string, table: string, o: TableOptions): Promise<TableJudgement> {
  const bundle = await readBundle(bundlePath);
  const { name, stage } = lastModel(bundle);
  const data = await FeatureDataset.from({ table });
  const session = await ModelSession.load(bundle.models.get(name) ?? new Uint8Array(), name);
  try {
    const size = data.windowing.size;
    if (session.inputSize !== size) {
      const expected = `${session.inputSize} values, the windows of ${name}`;
      throw new ParameterError('ERR_SHAPE', mustBe(`a row of ${table}`, expected, size), { path: table });
    }
    // One row after the other, cut where a row ends: the stage's own normalisation, without its overlap.
    const width = size / stage.windowing.size;
    const cut: WindowStage = { ...stage, windowing: { ...stage.windowing, stride: stage.windowing.size } };
    const rows = await allRows(data);
    const input = { data: rows, width, n: rows.length / width, ...NO_TIME };
    const [scored] = await runStages(input, [cut], new Map([[name, session]]), o.signal ? { signal: o.signal } : {});
    const scores = scored?.data ?? new Float32Array();
    return { kind: 'windows', model: name, metrics: metricsOf(bundle, session.outputSize, scores, data.targets(), o) };
  } finally {
    await session.release();
  }
}

function lastModel({ spec }: Bundle): { name: string; stage: WindowStage } {
  const stage = spec.stages.findLast((one): one is WindowStage => 'windowing' in one && one.model !== undefined);
  if (stage?.model !== undefined) return { name: stage.model, stage };
  throw new ModelError('ERR_MODEL', mustBe('bundle', 'one with a model', 'none'));
}

async function allRows(data: FeatureDataset): Promise<Float32Array> {
  for await (const { x } of data.batches({ batchSize: data.size, shuffle: false })) return x;
  return new Float32Array();
}

/** One score a row is the positive class's; several are the labels' in order, and responses are their numbers. */
function metricsOf(
  { spec }: Bundle,
  outputs: number,
  scores: Float32Array,
  responses: Float32Array,
  { positive, threshold = spec.decision?.threshold }: TableOptions,
): Metrics {
  const options = { positive, ...(threshold !== undefined && { threshold }) };
  if (outputs === 1) {
    requireScoredClass(spec, positive);
    return evaluate(scores, Uint8Array.from(responses, binary), options);
  }
  const column = spec.labels.indexOf(positive);
  if (column < 0 || spec.labels.length !== outputs) {
    const expected = `one of the ${outputs} labels of the bundle (${spec.labels.join(', ')})`;
    throw new ParameterError('ERR_OPTION', mustBe('--positive', expected, positive));
  }
  const chosen = Float32Array.from({ length: responses.length }, (_, i) => scores[i * outputs + column]!);
  return evaluate(
    chosen,
    Uint8Array.from(responses, (response) => Number(response === column)),
    options,
  );
}

function binary(response: number, row: number): number {
  if (response === 0 || response === 1) return response;
  throw new ParameterError('ERR_CSV_VALUE', mustBe(`response of row ${row + 1}`, '0 or 1', response));
}
