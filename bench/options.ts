/** The command line of the benches. */
import { parseArgs } from 'node:util';
import type { Clock } from '../src/bench/index.js';
import { TRAINING_IDS } from './training/ids.js';

export const SUITES = ['all', 'dsp', 'peers', 'training'] as const;
export type Suite = (typeof SUITES)[number];

const SOUND_IDS = ['W1', 'W2', 'W3', 'W4', 'W5', 'W6', 'calls', 'int16', 'log', 'stream', 'windows', 'onnx'] as const;
const TRAINING_CASE_IDS = [...TRAINING_IDS, 'threads', 'seed0'] as const;
export type CaseId = (typeof SOUND_IDS)[number] | (typeof TRAINING_CASE_IDS)[number];

export interface BenchOptions {
  readonly suite: Suite;
  /** Ids of cases; empty means all. */
  readonly only: readonly CaseId[];
  readonly quick: boolean;
  readonly save: boolean;
  readonly json: boolean;
  readonly markdown: boolean;
  readonly compare: string | null;
  /** A saved report to show instead of a run. */
  readonly from: string | null;
  readonly clock: Clock;
  readonly processor: number | null;
  readonly rounds: number;
  readonly secondsPerRound: number;
  /** null where nothing is heard. */
  readonly audioSec: number | null;
}

export const HELP = `Usage: npm run bench:dsp -- [options]       our core, C++ loops on FFT libraries, npm packages
       npm run bench:peers -- [options]     Python libraries
       npm run bench -- [options]           these two in one run
       npm run bench:training -- [options]  training steps: PyTorch, Keras, TensorFlow.js

  --only <ids>          cases to run, e.g. W1,W4 (W1 … W6, calls, int16, log, stream, windows, onnx;
                        of training M1 … M5, threads, seed0)
  --quick               60 s of audio, two short rounds: to see that everything runs
  --clock <wall|cpu>    cpu leaves out what other programs took of the processor (default wall)
  --cpu <n>             processor to bind everything to (default the last one allowed)
  --rounds <n>          turns of each contestant (default 5)
  --seconds <s>         seconds per turn (default 0.4)
  --audio <s>           length of the long workloads in seconds (default 600; not of training)
  --save                write the report to bench/results/
  --json                print the report as JSON
  --markdown            print the report as Markdown tables
  --compare <file>      an earlier report: adds this run's figures over its
  --from <file>         show a saved report, measure nothing
  --help                this text
`;

/** @throws RangeError for a value that is not one of those above; TypeError for an option that is not there */
export function benchOptions(args: readonly string[]): BenchOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      only: { type: 'string', default: '' },
      quick: { type: 'boolean', default: false },
      clock: { type: 'string', default: 'wall' },
      cpu: { type: 'string' },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      audio: { type: 'string' },
      save: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      markdown: { type: 'boolean', default: false },
      compare: { type: 'string' },
      from: { type: 'string' },
    },
  });
  const { quick } = values;
  const suite = oneOf('suite', positionals[0] ?? 'all', SUITES);
  const ids: readonly CaseId[] = suite === 'training' ? TRAINING_CASE_IDS : SOUND_IDS;
  return {
    suite,
    only: values.only.split(',').flatMap((id) => (id === '' ? [] : oneOf('--only', id, ids))),
    quick,
    save: values.save,
    json: values.json,
    markdown: values.markdown,
    compare: values.compare ?? null,
    from: values.from ?? null,
    clock: oneOf('--clock', values.clock, ['wall', 'cpu'] as const),
    processor: values.cpu === undefined ? null : whole('--cpu', values.cpu, 0),
    rounds: whole('--rounds', values.rounds ?? (quick ? '2' : '5'), 1),
    secondsPerRound: positive('--seconds', values.seconds ?? (quick ? '0.1' : '0.4')),
    audioSec: audioSecOf(suite, values.audio, quick),
  };
}

function audioSecOf(suite: Suite, given: string | undefined, quick: boolean): number | null {
  if (suite !== 'training') return whole('--audio', given ?? (quick ? '60' : '600'), 10);
  if (given === undefined) return null;
  throw new RangeError(`--audio must be left out for training, got ${given}`);
}

function oneOf<T extends string>(name: string, value: string, known: readonly T[]): T {
  const found = known.find((each) => each === value);
  if (found === undefined) throw new RangeError(`${name} must be one of ${known.join(', ')}, got ${value}`);
  return found;
}

function whole(name: string, value: string, least: number): number {
  const number = Number(value);
  if (Number.isInteger(number) && number >= least) return number;
  throw new RangeError(`${name} must be a whole number from ${least}, got ${value}`);
}

function positive(name: string, value: string): number {
  if (Number(value) > 0) return Number(value);
  throw new RangeError(`${name} must be a positive number, got ${value}`);
}
