/** Shapes inferred before a run are those that onnxruntime makes in one. */
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { modelToGraph } from '../../../src/model/index.js';
import { decodeModel, graphToOnnx, hasShapeRule, type InferredValue, inferShapes } from '../../../src/onnx/index.js';
import { encodeModel, type OnnxGraph, type OnnxModel, type OnnxNode } from '../../../src/onnx/proto.js';
import { makeFeed, ortTensor } from '../cases/feeds.js';
import { type ConformanceCase, conformanceCases } from '../cases/index.js';
import { lengthIn, withAllOutputs } from './whole-model.js';

const RUNS = [
  { batch: 2, time: 10 },
  { batch: 5, time: 17 },
];

/** Lengths of a model's open axes in a run: the batch's, and all others the same. */
function lengthsIn(model: OnnxModel, batch: number, time: number): Record<string, number> {
  const names = model.graph.inputs.flatMap(({ shape }) => shape).filter((length) => typeof length === 'string');
  return Object.fromEntries(names.map((name) => [name, name === 'batch' ? batch : time]));
}

async function expectTrueShapes({ build, inputs }: ConformanceCase): Promise<void> {
  const model = decodeModel(graphToOnnx(modelToGraph(build())));
  const values = inferShapes(model);
  const session = await ort.InferenceSession.create(encodeModel(withAllOutputs(model, values)), {
    logSeverityLevel: 4,
  });
  for (const { batch, time } of RUNS) {
    const given = model.graph.inputs.map(({ name, type }, i) => {
      return [name, ortTensor(makeFeed(inputs[i]!, type === 'int32', batch, time, i))];
    });
    const made = await session.run(Object.fromEntries(given));
    expect(Object.keys(made).length).toBeGreaterThanOrEqual(model.graph.nodes.length);
    for (const [name, { type, dims }] of Object.entries(made)) {
      const inferred = values.get(name);
      expect(inferred?.type, name).toBe(type);
      expect(
        inferred?.shape?.map((length) => lengthIn(length!, lengthsIn(model, batch, time))),
        name,
      ).toEqual([...dims]);
    }
  }
  await session.release();
}

const cases = conformanceCases();
/** `npm run test:onnx` runs all of them. */
const ran = process.env.COCHLEA_CONFORMANCE === 'full' ? cases : cases.filter((_, i) => i % 4 === 0);

describe('inferShapes', () => {
  it('knows every operator that the writers use', () => {
    const ops = cases.flatMap(({ build }) => decodeModel(graphToOnnx(modelToGraph(build()))).graph.nodes);
    const names = [...new Set(ops.map(({ opType }) => opType))];
    expect(names.length).toBeGreaterThan(25);
    expect(names.filter((name) => !hasShapeRule(name))).toEqual([]);
  });

  it.each(ran)('$name', expectTrueShapes);
});

const node = (
  opType: string,
  inputs: string[],
  outputs: string[],
  attributes: OnnxNode['attributes'] = {},
): OnnxNode => ({
  opType,
  name: opType,
  inputs,
  outputs,
  attributes,
});

/** Reads `x` [batch, time, 3] and returns `y`. */
function shapeOfY(nodes: OnnxNode[], constants: OnnxGraph['constants'] = []): InferredValue['shape'] {
  const graph: OnnxGraph = {
    name: 'g',
    inputs: [{ name: 'x', type: 'float32', shape: ['batch', 'time', 3] }],
    outputs: [{ name: 'y', type: 'float32', shape: [] }],
    nodes,
    constants,
  };
  const model: OnnxModel = { graph, opset: 17, producer: { name: 't', version: '' }, metadata: {} };
  return inferShapes(model).get('y')!.shape;
}

const numbers = (name: string, values: number[]) => ({
  name,
  type: 'int64' as const,
  shape: [values.length],
  data: BigInt64Array.from(values, BigInt),
});

describe('a shape that a model computes', () => {
  it('follows lengths through Shape, Gather, Mul, Concat and Reshape', () => {
    const nodes = [
      node('Shape', ['x'], ['shape']),
      node('Gather', ['shape', 'first'], ['b']),
      node('Gather', ['shape', 'second'], ['t']),
      node('Mul', ['b', 't'], ['rows']),
      node('Concat', ['rows', 'three'], ['target'], { axis: { kind: 'int', value: 0 } }),
      node('Reshape', ['x', 'target'], ['y']),
    ];
    const constants = [numbers('first', [0]), numbers('second', [1]), numbers('three', [3])];
    expect(shapeOfY(nodes, constants)).toEqual(['batch*time', 3]);
  });

  it('is what is left over for −1', () => {
    expect(shapeOfY([node('Reshape', ['x', 't'], ['y'])], [numbers('t', [-1, 6])])).toEqual(['floor(batch*time/2)', 6]);
    expect(shapeOfY([node('Reshape', ['x', 't'], ['y'])], [numbers('t', [0, -1])])).toEqual(['batch', '3*time']);
  });

  it('loses cells that are cut off an open axis', () => {
    const constants = [numbers('from', [1]), numbers('to', [-2]), numbers('axis', [1])];
    expect(shapeOfY([node('Slice', ['x', 'from', 'to', 'axis'], ['y'])], constants)).toEqual(['batch', 'time-3', 3]);
  });

  it('ends where a length says that is computed, or where the axis does', () => {
    const nodes = [
      node('Shape', ['x'], ['shape']),
      node('Gather', ['shape', 'second'], ['t']),
      node('Div', ['t', 'two'], ['half']),
      node('Slice', ['x', 'from', 'half', 'second'], ['y']),
    ];
    const constants = [numbers('second', [1]), numbers('two', [2]), numbers('from', [1])];
    expect(shapeOfY(nodes, constants)).toEqual(['batch', 'min(floor(time/2), time)-1', 3]);
    const far = [numbers('from', [0]), numbers('to', [2 ** 31]), numbers('axis', [1])];
    expect(shapeOfY([node('Slice', ['x', 'from', 'to', 'axis'], ['y'])], far)).toEqual(['batch', 'time', 3]);
  });

  it('knows the axes that are not padded, and those that are by a computed length', () => {
    const nodes = [
      node('Shape', ['x'], ['shape']),
      node('Gather', ['shape', 'second'], ['t']),
      node('Sub', ['eight', 't'], ['lack']),
      node('Max', ['lack', 'zero'], ['room']),
      node('Concat', ['zeros', 'room', 'zero'], ['pads'], { axis: { kind: 'int', value: 0 } }),
      node('Pad', ['x', 'pads'], ['y']),
    ];
    const constants = [
      numbers('second', [1]),
      numbers('eight', [8]),
      numbers('zero', [0]),
      numbers('zeros', [0, 0, 0, 0]),
    ];
    expect(shapeOfY(nodes, constants)).toEqual(['batch', 'max(-time+8, 0)+time', 3]);
    const unknown = [...nodes.slice(0, 3), node('Mod', ['lack', 'eight'], ['room']), ...nodes.slice(4)];
    expect(shapeOfY(unknown, constants)).toEqual(['batch', null, 3]);
  });

  it('stays unknown behind an operator that is not known', () => {
    expect(shapeOfY([node('Odd', ['x'], ['z']), node('Relu', ['z'], ['y'])])).toBeNull();
  });

  it('keeps the steps of a scan, and of a loop what is carried over', () => {
    const step: OnnxGraph = {
      name: 'step',
      inputs: ['state', 'row'].map((name) => ({ name, type: 'float32', shape: [] })),
      outputs: ['next', 'out'].map((name) => ({ name, type: 'float32', shape: [] })),
      nodes: [node('Add', ['state', 'row'], ['next']), node('Relu', ['next'], ['out'])],
      constants: [],
    };
    const scan = node('Scan', ['begin', 'turned'], ['last', 'y'], {
      body: { kind: 'graph', value: step },
      num_scan_inputs: { kind: 'int', value: 1 },
    });
    const perm = { kind: 'ints', value: [1, 0, 2] } as const;
    const begin = node('ReduceMax', ['x'], ['begin'], {
      axes: { kind: 'ints', value: [1] },
      keepdims: { kind: 'int', value: 0 },
    });
    expect(shapeOfY([begin, node('Transpose', ['x'], ['turned'], { perm }), scan])).toEqual(['time', 'batch', 3]);
  });
});
