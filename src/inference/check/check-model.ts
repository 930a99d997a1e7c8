/** Whether an ONNX file is whole, runs, and computes what another model does. */
import { ModelError, mustBe, type OptionKeys, ParameterError, refuseUnknown, toPlainError } from '../../errors.js';
import type { OnnxSummary } from '../../onnx/index.js';
import type { Finding } from '../../types.js';
import { Differences, type OutputDifference } from './differences.js';
import { ModelRunner, type NamedArrays, type Predict } from './runner.js';
import { axesOf, LENGTHS, normalNumbers, type Trial, trialOf } from './trials.js';

export interface CheckOptions {
  /** What the outputs should be: bytes of another `.onnx`, or a function, e.g. `predictor(model)` of `cochlea/training`. */
  readonly against?: Uint8Array | Predict;
  /** Beside the random ones, inputs to compare on, by name. */
  readonly inputs?: Iterable<NamedArrays> | AsyncIterable<NamedArrays>;
  /** A number may be this far from the expected one, times that where it is above 1. Default 1e-5. */
  readonly tolerance?: number;
  /** Of the random inputs. Default 0. */
  readonly seed?: number;
}

export interface ModelCheck {
  /** Whether nothing failed. */
  readonly ok: boolean;
  readonly findings: readonly Finding[];
  /** By output, in the model's order; null without `against`. */
  readonly differences: readonly OutputDifference[] | null;
}

const KEYS: OptionKeys<CheckOptions> = { against: true, inputs: true, tolerance: true, seed: true };
/** Two orders of float32 sums of a model whose outputs are of order 1. */
const DEFAULT_TOLERANCE = 1e-5;
/** Lengths of open axes that are tried beyond the ones that are too short. */
const TRIED_LENGTHS = 3;

/**
 * Looks at an ONNX file of whoever made it: its graph, its operator set, whether onnxruntime loads it and runs it at batch
 * 1 and 7 and several lengths of open axes, whether outputs are finite; with `against`, how far they are from another
 * model's on the same inputs (standard normal numbers, and `inputs`).
 *
 * What is wrong with the model is in the result; nothing is thrown for it.
 *
 * @throws ParameterError `ERR_OPTION`, `ERR_UNKNOWN_OPTION`
 */
export async function checkModel(model: Uint8Array, o: CheckOptions = {}): Promise<ModelCheck> {
  refuseUnknown(o, KEYS, 'checkModel');
  const tolerance = o.tolerance ?? DEFAULT_TOLERANCE;
  if (!(tolerance >= 0)) throw new ParameterError('ERR_OPTION', mustBe('tolerance', 'a number >= 0', tolerance));
  const findings: Finding[] = [];
  const summary = await attempt(findings, 'file', () => readSummary(model));
  let differences: OutputDifference[] | null = null;
  if (summary !== null) {
    const { producer, nParameters } = summary;
    const by = [producer.name, producer.version].filter(Boolean).join(' ') || 'an unnamed producer';
    findings.push({ name: 'file', status: 'passed', found: `ONNX by ${by}, ${nParameters} parameters` });
    findings.push(await graphFinding(model), await opsetFinding(summary));
    const runner = await attempt(findings, 'loads', () => ModelRunner.load(model, 'the model'));
    if (runner !== null) {
      const trials = await runTrials(runner, summary, o.seed ?? 0, findings);
      if (o.against !== undefined) differences = await compare(runner, trials, summary, { ...o, tolerance }, findings);
      await runner.release();
    }
  }
  return { ok: findings.every(({ status }) => status !== 'failed'), findings, differences };
}

/** Adds a failure with the reason where `work` throws. */
async function attempt<T>(findings: Finding[], name: string, work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (thrown) {
    findings.push({ name, status: 'failed', found: toPlainError(thrown).message });
    return null;
  }
}

async function readSummary(model: Uint8Array): Promise<OnnxSummary> {
  const { inspectOnnx } = await import('../../onnx/index.js');
  return inspectOnnx(model);
}

async function graphFinding(model: Uint8Array): Promise<Finding> {
  const { decodeModel, graphFaults } = await import('../../onnx/index.js');
  try {
    const decoded = decodeModel(model);
    const faults = graphFaults(decoded);
    const found = faults.length > 0 ? faults.join('; ') : `${decoded.graph.nodes.length} nodes, every value made once`;
    return { name: 'graph', status: faults.length > 0 ? 'failed' : 'passed', found };
  } catch (thrown) {
    return { name: 'graph', status: 'skipped', found: toPlainError(thrown).message };
  }
}

async function opsetFinding({ opset, irVersion }: OnnxSummary): Promise<Finding> {
  const { OPSETS } = await import('../../onnx/index.js');
  const isKnown = opset >= 1 && opset <= OPSETS.last;
  const found = isKnown ? `${opset}, IR ${irVersion}` : mustBe('opset', `1 to ${OPSETS.last}`, opset);
  return { name: 'opset', status: isKnown ? 'passed' : 'failed', found };
}

/** @returns those that ran */
async function runTrials(
  runner: ModelRunner,
  summary: OnnxSummary,
  seed: number,
  findings: Finding[],
): Promise<Trial[]> {
  const { batches, open } = axesOf(summary.inputs);
  const normal = normalNumbers(seed);
  const ran: Trial[] = [];
  const notFinite: string[] = [];
  const told: string[] = [];
  const run = async (batch: number, length: number | null) => {
    const trial = trialOf(summary.inputs, batch, length, normal);
    const outputs = await runner.run(trial.inputs);
    if (length !== null && Object.values(outputs).some(({ data }) => data.length === 0)) return false;
    ran.push(trial);
    told.push(lengthsText(trial, open));
    for (const [name, { data }] of Object.entries(outputs)) {
      if (!data.every((value) => Number.isFinite(Number(value))))
        notFinite.push(`${name} at ${lengthsText(trial, open)}`);
    }
    return true;
  };
  await attempt(findings, 'runs', async () => {
    const lengths = open.length === 0 ? [null] : await longEnough((length) => run(batches[0]!, length));
    for (const batch of batches) {
      for (const length of lengths) if (batch !== batches[0] || length === null) await run(batch, length);
    }
  });
  if (ran.length > 0) {
    if (!findings.some(({ name }) => name === 'runs')) {
      findings.push({ name: 'runs', status: 'passed', found: told.join('; ') });
    }
    const found = notFinite.length > 0 ? `not finite: ${notFinite.join('; ')}` : `${ran.length} runs on normal numbers`;
    findings.push({ name: 'finite', status: notFinite.length > 0 ? 'failed' : 'passed', found });
  }
  return ran;
}

/**
 * The first lengths that a model takes and gives something for, all run; one that fails behind one that runs is a fault.
 * @param run returns whether there was any output
 */
async function longEnough(run: (length: number) => Promise<boolean>): Promise<number[]> {
  const taken: number[] = [];
  let reason: unknown = null;
  for (const length of LENGTHS) {
    try {
      if (await run(length)) taken.push(length);
    } catch (thrown) {
      if (taken.length > 0) throw thrown;
      reason = thrown;
    }
    if (taken.length === TRIED_LENGTHS) break;
  }
  if (taken.length > 0) return taken;
  const longest = LENGTHS.at(-1);
  throw reason ?? new ModelError('ERR_MODEL', mustBe('outputs', `of some length at lengths up to ${longest}`, 'empty'));
}

function lengthsText({ batch, length }: Trial, open: readonly string[]): string {
  return [`batch ${batch}`, ...open.map((name) => `${name} ${length}`)].join(', ');
}

interface Comparison extends CheckOptions {
  readonly tolerance: number;
}

async function compare(
  runner: ModelRunner,
  trials: readonly Trial[],
  { outputs }: OnnxSummary,
  { against, inputs = [], tolerance }: Comparison,
  findings: Finding[],
): Promise<OutputDifference[]> {
  const collected = outputs.map(({ name }) => ({ name, differences: new Differences(name, tolerance) }));
  const reference =
    against instanceof Uint8Array ? await attempt(findings, 'reference', () => otherModel(against)) : null;
  const expect = reference?.predict ?? (typeof against === 'function' ? against : null);
  if (expect !== null) {
    await attempt(findings, 'agrees', async () => {
      const compareOn = async (feeds: NamedArrays) => {
        const [got, expected] = [await runner.run(feeds), await expect(feeds)];
        const faults = collected.map(({ name, differences }, i) => {
          const other = expected[name] ?? (collected.length === 1 ? Object.values(expected)[0] : undefined);
          if (other === undefined) return `output ${i} "${name}" is none of ${Object.keys(expected).join(', ')}`;
          return differences.add(got[name]!, other);
        });
        const fault = faults.find((one) => one !== null);
        if (fault !== undefined && fault !== null) throw new ParameterError('ERR_SHAPE', fault);
      };
      for (const trial of trials) await compareOn(trial.inputs);
      for await (const feeds of inputs) await compareOn(feeds);
    });
    await reference?.release();
  }
  const results = collected.map(({ differences }) => differences.result);
  for (const result of results) if (result.n > 0) findings.push(differenceFinding(result, tolerance));
  return results;
}

/** Another file, whose inputs are this one's by name, or by their order where names differ. */
async function otherModel(bytes: Uint8Array): Promise<{ predict: Predict; release: () => Promise<void> }> {
  const { inputs } = await readSummary(bytes);
  const runner = await ModelRunner.load(bytes, 'the reference');
  const predict: Predict = (feeds) => {
    const given = Object.values(feeds);
    const named = inputs.map(({ name }, i) => [name, feeds[name] ?? given[i]!] as const);
    return runner.run(Object.fromEntries(named));
  };
  return { predict, release: () => runner.release() };
}

function differenceFinding({ output, n, maxAbs, meanAbs, worst, ok }: OutputDifference, tolerance: number): Finding {
  const where =
    worst === null || maxAbs === 0 ? '' : ` at [${worst.index.join(', ')}] (${worst.got}, expected ${worst.expected})`;
  const figures = `largest difference ${figure(maxAbs)}${where}, mean ${figure(meanAbs)}, of ${n} numbers`;
  return { name: `agrees: ${output}`, status: ok ? 'passed' : 'failed', found: `${figures}; tolerance ${tolerance}` };
}

function figure(value: number): string {
  return value === 0 ? '0' : value.toExponential(2);
}
