/** Native programs against tfjs's cpu engine, on the same weights and batch: outputs, loss, every gradient. */
import { writeFile } from 'node:fs/promises';
import { env } from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { graphWeights } from '../../src/graph/index.js';
import { loadTf, modelToGraph, trainedWeights } from '../../src/model/index.js';
import { loadAddon } from '../../src/native/index.js';
import { lossNamed, lossTerms } from '../../src/training/losses.js';
import { nativeSpec } from '../../src/training/native-spec.js';
import { optimizerConfig } from '../../src/training/optimizers.js';
import { penalties } from '../../src/training/penalties.js';
import { type RandomCase, randomCase } from './random-models.js';

const tf = loadTf();
/** The whole grid with `npm run test:training`, else a sample of it. */
const SEEDS = Array.from({ length: env.COCHLEA_CONFORMANCE === 'full' ? 500 : 60 }, (_, i) => i + 1);
/** Both sides add float32 products in another order. Largest over the whole grid: bench/results/training.json. */
const TOLERANCE = 2e-5;
/** What goes back through a batch normalisation is the small difference of large sums. */
const NORMALISED_TOLERANCE = 1e-4;
/** Where `npm run test:training` wants the largest differences. */
const REPORT = env.COCHLEA_CONFORMANCE_REPORT;
const largest = { output: 0, loss: 0, gradient: 0 };
let cases = 0;

function within(kind: keyof typeof largest, difference: number, name: string): void {
  expect(difference, name).toBeLessThan(name.includes('BatchNorm') ? NORMALISED_TOLERANCE : TOLERANCE);
  largest[kind] = Math.max(largest[kind], difference);
}

afterAll(async () => {
  if (REPORT !== undefined)
    await writeFile(REPORT, JSON.stringify({ cases, largest, tolerance: NORMALISED_TOLERANCE }));
});

beforeAll(async () => {
  await tf.setBackend('cpu');
});

function programOf(each: RandomCase, threads: number) {
  const graph = modelToGraph(each.model);
  const trained = trainedWeights(each.model);
  const spec = nativeSpec(graph, {
    inputShapes: [each.inputShape],
    trained,
    terms: lossTerms(each.loss),
    optimizer: optimizerConfig('sgd'),
    threads,
  });
  const native = new (loadAddon().TrainingProgram)(spec);
  const weights = graphWeights(graph);
  weights.forEach(({ data }, i) => void native.writeWeight(i, data));
  return { native, spec, weights, trained };
}

function expected({ model, loss, x, y, batch, inputShape, targetShape, weights }: RandomCase) {
  const { perSample } = lossNamed(loss);
  const variables = model.trainableWeights.map((weight) => weight.read() as ReturnType<typeof tf.variable>);
  const compute = () => {
    const prediction = model.apply(tf.tensor(x, [batch, ...inputShape]), { training: true }) as ReturnType<
      typeof tf.tensor
    >;
    const each = perSample(tf.tensor(y, [batch, ...targetShape]), prediction);
    const weighted = weights === null ? each : tf.mul(each, tf.tensor(weights, each.shape));
    return penalties(model)
      .reduce((sum, penalty) => tf.add(sum, penalty), tf.mean(weighted))
      .asScalar();
  };
  const output = [...(model.predict(tf.tensor(x, [batch, ...inputShape])) as ReturnType<typeof tf.tensor>).dataSync()];
  if (variables.length === 0) return { output, loss: compute().dataSync()[0]!, gradients: [] };
  const { value, grads } = tf.variableGrads(compute, variables);
  return { output, loss: value.dataSync()[0]!, gradients: variables.map(({ name }) => grads[name]!.dataSync()) };
}

/** Largest distance as a part of the largest expected magnitude, or of 1e-3 where all are smaller. */
function distance(found: ArrayLike<number>, wanted: ArrayLike<number>): number {
  expect(found.length).toBe(wanted.length);
  let [largest, difference] = [1e-3, 0];
  for (let i = 0; i < wanted.length; i++) {
    largest = Math.max(largest, Math.abs(wanted[i]!));
    difference = Math.max(difference, Math.abs(wanted[i]! - found[i]!));
  }
  return difference / largest;
}

describe('random models', () => {
  it.each(SEEDS)('%i', (seed) => {
    const each = randomCase(seed);
    const { native, spec, weights, trained } = programOf(each, 1 + (seed % 3));
    const wanted = expected(each);
    const size = spec.values[spec.outputs[0]!]!.shape.reduce((n, dim) => n * dim, each.batch);
    const output = new Float32Array(size);
    native.predict(each.batch, [each.x], [output]);
    within('output', distance(output, wanted.output), each.name);
    const all = new Float32Array(weights.reduce((n, { data }) => n + data.length, 0));
    native.gradients(each.batch, [each.x], [each.y], each.weights === null ? [] : [each.weights], 0, all);
    const loss = native.results[0]!;
    within('loss', Math.abs(loss - wanted.loss) / Math.max(1, Math.abs(wanted.loss)), each.name);
    let at = 0;
    let next = 0;
    for (const { name, data } of weights) {
      const found = all.subarray(at, at + data.length);
      at += data.length;
      if (trained.get(name)?.trainable) {
        within('gradient', distance(found, wanted.gradients[next++]!), `${each.name}: ${name}`);
      }
    }
    expect(next).toBe(wanted.gradients.length);
    cases += 1;
  });
});
