/** TensorFlow.js as its users write it: `trainOnBatch` of a compiled model, and a loss between layers by hand. */
import { createRequire } from 'node:module';
import { type LayersModel, layerOutput, loadTf, loadWasmBackend, type Tensor } from '../../src/model/index.js';
import { batchOf, type TrainingModel, trainingModels } from './models.js';
import { ADAM, CHECK_STEPS, TIMED_LEARNING_RATE } from './rules.js';
import { lazily, type Roster, type Timed } from './timed.js';

export const TFJS_BACKENDS = { wasm: 'tfjs wasm', cpu: 'tfjs cpu', tensorflow: 'tfjs-node' } as const;
export type TfjsBackend = keyof typeof TFJS_BACKENDS;

const require = createRequire(import.meta.url);

export async function tfjsRoster(backend: TfjsBackend): Promise<Roster> {
  const name = TFJS_BACKENDS[backend];
  const none = { versions: {}, contestants: [] };
  if (backend === 'tensorflow' && !isInstalled('@tensorflow/tfjs-node')) {
    return { ...none, absent: [{ name, reason: '@tensorflow/tfjs-node is not installed in this project' }] };
  }
  if (backend === 'tensorflow') require('@tensorflow/tfjs-node');
  if (backend === 'wasm') loadWasmBackend();
  const tf = loadTf();
  if (!(await tf.setBackend(backend))) return { ...none, absent: [{ name, reason: 'its backend does not start' }] };
  const contestants = trainingModels().map((model) => tfjsContestant(model, name));
  return { versions: { [name]: tf.version_core }, contestants, absent: [] };
}

function isInstalled(name: string): boolean {
  try {
    require.resolve(name);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND') return false;
    throw error;
  }
}

/** On whichever backend is active. */
export function tfjsContestant(model: TrainingModel, name: string): Timed {
  const timed = lazily(() => stepOf(model, model.dropout, TIMED_LEARNING_RATE));
  return {
    ...{ case: model.key, name, work: 1 },
    run: async () => void (await timed()()),
    result: async () => {
      // Before any clock starts: a round finds by its first run how many make a sample.
      timed();
      const step = stepOf(model, 0, ADAM.learningRate);
      const losses: number[] = [];
      while (losses.length < CHECK_STEPS) losses.push(await step());
      return Float32Array.from(losses);
    },
  };
}

function stepOf(model: TrainingModel, dropout: number, learningRate: number): () => Promise<number> {
  const tf = loadTf();
  const optimizer = tf.train.adam(learningRate, ADAM.beta1, ADAM.beta2, ADAM.epsilon);
  const built = model.build({ dropout });
  const { x, y } = batchOf(model);
  const input = tf.tensor(x, [model.batch, ...model.inputShape]);
  const { loss, targetShape } = model;
  if (targetShape === null || typeof loss !== 'string') return betweenLayers(built, model, input, optimizer);
  const target = tf.tensor(y, [model.batch, ...targetShape]);
  built.compile({ loss, optimizer });
  return async () => Number(await built.trainOnBatch(input, target));
}

type Adam = ReturnType<ReturnType<typeof loadTf>['train']['adam']>;

/** Compiled models have no such loss. */
function betweenLayers(built: LayersModel, { loss }: TrainingModel, input: Tensor, adam: Adam): () => Promise<number> {
  const tf = loadTf();
  const [term] = typeof loss === 'string' ? [] : loss;
  if (term?.of === undefined || term.target === undefined) throw new TypeError('a term must lie between two layers');
  const outputs = [term.of, term.target].map((name) => layerOutput(built, name));
  const judged = tf.model({ inputs: built.inputs, outputs });
  return async () => {
    const value = adam.minimize(() => {
      const [of, target] = judged.apply(input, { training: true }) as Tensor[];
      return tf.losses.meanSquaredError(target!, of!).asScalar();
    }, true)!;
    const [number = Number.NaN] = await value.data();
    value.dispose();
    return number;
  };
}
