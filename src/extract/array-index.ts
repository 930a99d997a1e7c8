/** Which part of a plan an element of an array job computes, by the variables that its engine sets. */
import { mustBe, ParameterError } from '../errors.js';

export type Environment = Readonly<Record<string, string | undefined>>;
export type ArrayEngine = 'slurm' | 'kubernetes' | 'aws-batch';

export interface ArrayIndex {
  /** Of this element, from 0. */
  readonly index: number;
  readonly from: ArrayEngine;
  /** Elements of the array that this one was submitted with, where the engine says it; one that is retried alone has 1 in Slurm. */
  readonly count?: number;
}

interface Variables {
  readonly engine: ArrayEngine;
  /** Holds the element's index. */
  readonly index: string;
  /** Holds the number of elements. */
  readonly count?: string;
  /** How an array over all parts is asked for. */
  readonly over: (nParts: number) => string;
}

/**
 * All of them count from 0. Slurm's index is the number that stands in `--array`, not its place among the others: an
 * element that is submitted again alone, `sbatch --array=3`, has SLURM_ARRAY_TASK_MIN 3 and would be the first by its place.
 */
const ENGINES: readonly Variables[] = [
  {
    engine: 'slurm',
    index: 'SLURM_ARRAY_TASK_ID',
    count: 'SLURM_ARRAY_TASK_COUNT',
    over: (n) => `--array=0-${n - 1}`,
  },
  { engine: 'kubernetes', index: 'JOB_COMPLETION_INDEX', over: (n) => `completions: ${n}` },
  {
    engine: 'aws-batch',
    index: 'AWS_BATCH_JOB_ARRAY_INDEX',
    count: 'AWS_BATCH_JOB_ARRAY_SIZE',
    over: (n) => `--array-properties size=${n}`,
  },
];

/**
 * The index of this element of a Slurm array, a Kubernetes indexed Job or an AWS Batch array job. A variable that is
 * set to nothing counts as not set.
 *
 * @throws ParameterError `ERR_OPTION` where no engine's variable is set, those of several are, or one is no whole number
 * @example arrayIndex(process.env).index // 3 under `sbatch --array=3`
 */
export function arrayIndex(env: Environment): ArrayIndex {
  const { engine, index, count } = engineOf(env);
  const size = count === undefined ? undefined : env[count];
  return {
    index: wholeNumber(index, env[index]),
    from: engine,
    ...(count !== undefined && isSet(size) && { count: wholeNumber(count, size) }),
  };
}

/**
 * Reads which part of a plan is asked for.
 *
 * @param text `auto`, or the number of the part, from 0
 * @param nParts parts of the plan, at least 1
 * @param env where `auto` looks
 * @returns from 0 to `nParts - 1`
 * @throws ParameterError `ERR_OPTION`, also where the plan has no such part
 */
export function partIndex(text: string, nParts: number, env: Environment): number {
  if (text !== 'auto') {
    if (isWhole(text) && Number(text) < nParts) return Number(text);
    throw optionError('shard', `auto or ${rangeOf(nParts)}`, text);
  }
  const { index, over, engine } = engineOf(env);
  const part = arrayIndex(env).index;
  if (part < nParts) return part;
  const expected = `${rangeOf(nParts)} (${over(nParts)} makes an array over all of them)`;
  throw optionError(index, expected, env[index], { from: engine, index: part, nParts });
}

function engineOf(env: Environment): Variables {
  const set = ENGINES.filter(({ index }) => isSet(env[index]));
  const [only] = set;
  if (only !== undefined && set.length === 1) return only;
  const looked = ENGINES.map(({ index }) => index).join(', ');
  const found = set.map(({ index }) => `${index}=${env[index]}`).join(' and ');
  throw optionError('shard', `a number, or auto where one of ${looked} is set`, found === '' ? 'auto' : found);
}

const isSet = (value: string | undefined): value is string => value !== undefined && value !== '';
const isWhole = (text: string): boolean => /^\d+$/.test(text) && Number.isSafeInteger(Number(text));

const rangeOf = (nParts: number): string =>
  nParts === 1 ? '0, the only part of the plan' : `a whole number from 0 to ${nParts - 1}, the parts of the plan`;

function wholeNumber(name: string, text: string | undefined): number {
  if (text !== undefined && isWhole(text)) return Number(text);
  throw optionError(name, 'a whole number >= 0', text);
}

function optionError(option: string, expected: string, got: unknown, more: object = {}): ParameterError {
  return new ParameterError('ERR_OPTION', mustBe(option, expected, got), { option, ...more });
}
