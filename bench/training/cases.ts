/** M1 to M5 in steps per second, two threads against one, and seed 0's whole training. */
import { type Goal, timesAsFast, timesTheBest } from '../../src/bench/index.js';
import { modelToGraph } from '../../src/model/index.js';
import type { Case } from '../cases/case.js';
import type { Limit, Roofline } from '../limits.js';
import { stepFlop } from './flop.js';
import { type TrainingModel, trainingModels } from './models.js';
import { CHECK_STEPS } from './rules.js';
import { SEED0_KEY } from './seed0.js';

const PYTORCH_AND_KERAS = ['PyTorch', 'PyTorch jit', 'PyTorch compile', 'Keras graph', 'Keras XLA'];
const UNIT = 'steps/s';
/** Losses of order .2 to .7, products summed in other orders in float32: after four updates 1e-6 apart. */
const SAME_LOSS = { atol: 1e-5, rtol: 0 };

/** How many times as fast as the best of PyTorch and Keras a model is to train. */
const TIMES_THE_BEST: Readonly<Record<string, number>> = { M1: 2, M2: 1.5, M3: 1.7, 'M4-1': 50, 'M4-64': 5, M5: 2.5 };
const TIMES_TFJS = 40;
const TIMES_ONE_THREAD = 1.6;
/** Models that are large enough for two threads to be worth it. */
const FOR_TWO_THREADS = ['M1', 'M2', 'M3'];
const SEED0_SEC = 2;

/** @param noThreads why two threads cannot be measured; null where they can */
export function trainingCases({ noThreads }: { readonly noThreads: string | null }): Case[] {
  const models = trainingModels();
  return [...models.map(modelCase), ...models.map((model) => threadsCase(model, noThreads)), seed0Case()];
}

/** Contestants of other processes join by the key; ours are in one, too. */
function modelCase(model: TrainingModel): Case {
  return {
    ...{ id: model.id, key: model.key, title: titleOf(model), unit: UNIT, contestants: [] },
    baselines: ['PyTorch', 'cochlea'],
    check: { reference: 'cochlea', tolerance: SAME_LOSS, width: CHECK_STEPS },
    limit: (roofline) => flopLimit(model, roofline),
    goals: () => goalsOf(model),
  };
}

function titleOf({ title, batch }: TrainingModel): string {
  return `${title}, batch ${batch}`;
}

function goalsOf({ key }: TrainingModel): Goal[] {
  return [
    timesTheBest('cochlea', PYTORCH_AND_KERAS, TIMES_THE_BEST[key] ?? 1, 'the best of PyTorch and Keras'),
    ...(key === 'M1' ? ['tfjs wasm', 'tfjs-node'].map((other) => timesAsFast('cochlea', other, TIMES_TFJS)) : []),
  ];
}

/** Products only, at the peak of one core. */
function flopLimit(model: TrainingModel, { gflops, instructions }: Roofline): Limit {
  const flop = stepFlop(modelToGraph(model.build()), model.batch);
  return { value: (gflops * 1e9) / flop, what: `${instructions}, ${(flop / 1e6).toPrecision(4)} MFLOP per step` };
}

function threadsCase(model: TrainingModel, skip: string | null): Case {
  const { key } = model;
  const goals = FOR_TWO_THREADS.includes(key) ? [timesAsFast('two threads', 'one thread', TIMES_ONE_THREAD)] : [];
  return {
    ...{ id: 'threads', key: `${key} threads`, title: `${titleOf(model)}, on two processors`, unit: UNIT },
    ...{ contestants: [], baselines: ['one thread'], goals: () => goals },
    check: { reference: 'one thread', tolerance: SAME_LOSS, width: CHECK_STEPS },
    ...(skip !== null && { skip }),
  };
}

/** Checks itself: there is nobody to compare with. */
function seed0Case(): Case {
  const goal: Goal = {
    ...{ what: 'time of the whole training', unit: 's', atMost: SEED0_SEC },
    of: (figures) => figures('cochlea, train()')?.medianSec,
  };
  return {
    ...{ id: 'seed0', key: SEED0_KEY, title: 'seed 0, 5 epochs of its 2100 windows', unit: 'trainings/s' },
    ...{ contestants: [], baselines: ['cochlea, train()'], goals: () => [goal] },
  };
}
