/** Our own contestants: the native program step by step as `train` drives it, and whole calls of `train`. */
import { ModelPorts } from '../../src/training/data.js';
import { generatedData, type TrainingBatch, type TrainOptions, train } from '../../src/training/index.js';
import { NativeProgram } from '../../src/training/native-program.js';
import { trainConfig } from '../../src/training/options.js';
import { type Batch, batchOf, type TrainingModel, trainingModels } from './models.js';
import { ADAM, CHECK_STEPS, TIMED_LEARNING_RATE } from './rules.js';
import { seed0Contestant } from './seed0.js';
import { lazily, type Timed } from './timed.js';

/** Steps of one call of `train`: its beginning and end, some milliseconds, are part of it. */
const STEPS = { one: 2000, many: 100 };

/** One thread; bound to one processor. */
export function cochleaContestants(models = trainingModels()): Timed[] {
  return [...models.flatMap((model) => [stepByStep(model, 'cochlea', 1), wholeTraining(model)]), seed0Contestant()];
}

/** The same program on one thread and on two; bound to two processors. */
export function threadContestants(models = trainingModels()): Timed[] {
  return models.flatMap((model) =>
    [1, 2].map((threads) => ({
      ...stepByStep(model, threads === 1 ? 'one thread' : 'two threads', threads),
      case: `${model.key} threads`,
    })),
  );
}

function stepByStep(model: TrainingModel, name: string, threads: number): Timed {
  const timed = lazily(() => stepOf(model, { threads, dropout: model.dropout, learningRate: TIMED_LEARNING_RATE }));
  return {
    ...{ case: model.key, name, work: 1 },
    run: () => void timed()(),
    result: () => {
      // Before any clock starts: a round finds by its first run how many make a sample.
      timed();
      const step = stepOf(model, { threads, dropout: 0, learningRate: ADAM.learningRate });
      return Float32Array.from({ length: CHECK_STEPS }, step);
    },
  };
}

interface StepOptions {
  readonly threads: number;
  readonly dropout: number;
  readonly learningRate: number;
}

/** A function that makes a step on the model's batch and returns the loss before it. */
function stepOf(model: TrainingModel, { threads, dropout, learningRate }: StepOptions): () => number {
  const built = model.build({ dropout });
  const config = trainConfig({ ...optionsOf(model, learningRate), steps: 1, threads }, model.batch);
  const batch = new ModelPorts(built, config.target, config.terms).batch(windowsOf(model, model.batch));
  const shapes = batch.inputs.map(({ shape }) => shape.slice(1));
  const program = new NativeProgram(built, shapes, config);
  return () => program.train(batch, learningRate).loss;
}

function wholeTraining(model: TrainingModel): Timed {
  const steps = model.batch === 1 ? STEPS.one : STEPS.many;
  const built = model.build({ dropout: model.dropout });
  const data = generatedData({ size: steps * model.batch, make: ({ batchSize }) => windowsOf(model, batchSize) });
  return {
    ...{ case: model.key, name: 'cochlea, train()', work: steps },
    run: async () => void (await train(built, data, { ...optionsOf(model, TIMED_LEARNING_RATE), epochs: 1 })),
    result: async () => {
      const stepwise = { steps: CHECK_STEPS, epochWindows: model.batch };
      const { history } = await train(model.build(), data, { ...optionsOf(model, ADAM.learningRate), ...stepwise });
      return Float32Array.from(history, ({ loss }) => loss);
    },
  };
}

function optionsOf({ loss, batch }: TrainingModel, learningRate: number) {
  const optimizer = { name: 'adam', ...ADAM, learningRate } as const;
  return { loss, optimizer, batchSize: batch, engine: 'native' } as const satisfies Partial<TrainOptions>;
}

/** As data give them; the trainer looks at a single window before it begins. */
function windowsOf(model: TrainingModel, windows: number): TrainingBatch {
  const { x, y } = wholeBatch(model);
  const shapeOf = (shape: readonly number[]) => [windows, ...shape];
  const first = (values: Float32Array) => values.subarray(0, (values.length / model.batch) * windows);
  const [xShape, yShape] = [shapeOf(model.inputShape), shapeOf(model.targetShape ?? [0])];
  return { x: first(x), xShape, y: first(y), yShape, ids: new Int32Array(windows) };
}

const made = new Map<TrainingModel, Batch>();

function wholeBatch(model: TrainingModel): Batch {
  const batch = made.get(model) ?? batchOf(model);
  made.set(model, batch);
  return batch;
}
