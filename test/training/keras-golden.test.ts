/** Native programs and ONNX against what Keras 2 makes of the same models: test/golden/make_keras.py. */
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { graphWeights } from '../../src/graph/index.js';
import { type Layer, type LayersModel, loadTf, modelToGraph, trainedWeights } from '../../src/model/index.js';
import { loadAddon } from '../../src/native/index.js';
import { type LossName, lossTerms } from '../../src/training/losses.js';
import { nativeSpec } from '../../src/training/native-spec.js';
import { optimizerConfig } from '../../src/training/optimizers.js';

interface GoldenCase {
  readonly name: string;
  readonly topology: object;
  readonly loss: string;
  readonly xShape: readonly number[];
  readonly x: readonly number[];
  readonly yShape: readonly number[];
  readonly y: readonly number[];
  /** Of each layer that has any. */
  readonly weights: readonly (readonly (readonly number[])[])[];
  readonly output: readonly number[];
  readonly lossValue: number;
  readonly gradients: readonly (readonly (readonly number[])[])[];
}

/** Float32 against float64, as a part of the largest expected magnitude. */
const TOLERANCE = 5e-6;

const tf = loadTf();
const file = new URL('../golden/data/keras.json', import.meta.url);
const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: readonly GoldenCase[] };

beforeAll(async () => {
  await tf.setBackend('cpu');
});

function layersOf(model: LayersModel): Layer[] {
  return model.layers.filter(({ weights }) => weights.length > 0);
}

async function modelOf({ topology, weights }: GoldenCase): Promise<LayersModel> {
  const model = await tf.loadLayersModel(tf.io.fromMemory({ modelTopology: topology }));
  layersOf(model).forEach((layer, i) => {
    layer.setWeights(layer.getWeights().map(({ shape }, j) => tf.tensor([...weights[i]![j]!], shape)));
  });
  return model;
}

function expectNear(found: ArrayLike<number>, wanted: readonly number[], name: string): void {
  expect(found.length, name).toBe(wanted.length);
  const largest = Math.max(1e-3, ...wanted.map(Math.abs));
  const difference = Math.max(0, ...wanted.map((value, i) => Math.abs(value - found[i]!)));
  expect(difference / largest, name).toBeLessThan(TOLERANCE);
}

describe('Keras 2', () => {
  it.each(cases.map((each) => [each.name, each] as const))('%s', async (_name, each) => {
    const model = await modelOf(each);
    const graph = modelToGraph(model);
    const loss = each.loss.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()) as LossName;
    const spec = nativeSpec(graph, {
      inputShapes: [each.xShape.slice(1)],
      trained: trainedWeights(model),
      terms: lossTerms(loss),
      optimizer: optimizerConfig('sgd'),
      threads: 1,
    });
    const program = new (loadAddon().TrainingProgram)(spec);
    const weights = graphWeights(graph);
    weights.forEach(({ data }, i) => void program.writeWeight(i, data));
    const [n = 0] = each.xShape;
    const [x, y] = [Float32Array.from(each.x), Float32Array.from(each.y)];

    const output = new Float32Array(each.output.length);
    program.predict(n, [x], [output]);
    expectNear(output, each.output, 'output');

    const all = new Float32Array(weights.reduce((size, { data }) => size + data.length, 0));
    program.gradients(n, [x], [y], [], 0, all);
    expect(Math.abs(program.results[0]! - each.lossValue)).toBeLessThan(TOLERANCE * Math.max(1, each.lossValue));
    const byName = new Map<string, Float32Array>();
    let at = 0;
    for (const { name, data } of weights) {
      byName.set(name, all.subarray(at, at + data.length));
      at += data.length;
    }
    let checked = 0;
    layersOf(model).forEach((layer, i) => {
      const names = [...byName.keys()].filter((name) => name.startsWith(`${layer.name}/`));
      const trainable = names.filter((name) => spec.weights.find((weight) => weight.name === name)?.trainable);
      expect(each.gradients[i]).toHaveLength(trainable.length);
      trainable.forEach((name, j) => {
        expectNear(byName.get(name) ?? [], each.gradients[i]![j]!, `gradient of ${name}`);
        checked += 1;
      });
    });
    expect(checked).toBe(model.trainableWeights.length);
  });
});
