import { describe, expect, it } from 'vitest';
import { modelToGraph, sequenceLstm } from '../../src/model/index.js';
import {
  decodeModel,
  graphFaults,
  graphToOnnx,
  type OnnxGraph,
  type OnnxModel,
  type OnnxNode,
} from '../../src/onnx/index.js';

const node = (
  opType: string,
  inputs: string[],
  outputs: string[],
  attributes: OnnxNode['attributes'] = {},
): OnnxNode => ({
  opType,
  name: `${opType}_${outputs[0]}`,
  inputs,
  outputs,
  attributes,
});
const value = (name: string) => ({ name, type: 'float32' as const, shape: ['n'] });
const model = (nodes: OnnxNode[], o: Partial<OnnxGraph> = {}): OnnxModel => ({
  graph: { name: 'g', inputs: [value('x')], outputs: [value('y')], nodes, constants: [], ...o },
  opset: 17,
  producer: { name: '', version: '' },
  metadata: {},
});

describe('graphFaults', () => {
  it('finds none in what is written here', () => {
    expect(graphFaults(decodeModel(graphToOnnx(modelToGraph(sequenceLstm()))))).toEqual([]);
  });

  it.each<[string, OnnxModel, string]>([
    [
      'a value read too early',
      model([node('Add', ['x', 'later'], ['y']), node('Relu', ['x'], ['later'])]),
      'node "Add_y" (Add) reads "later", which nothing before it makes',
    ],
    [
      'a value made twice',
      model([node('Relu', ['x'], ['y']), node('Tanh', ['x'], ['y'])]),
      'value "y" of node "Tanh_y"',
    ],
    ['an output that is never made', model([node('Relu', ['x'], ['z'])]), 'nothing makes output "y"'],
    [
      'an output twice',
      model([node('Relu', ['x'], ['y'])], { outputs: [value('y'), value('y')] }),
      'have a name twice',
    ],
    [
      'nodes of one name',
      model([
        { ...node('Relu', ['x'], ['z']), name: 'n' },
        { ...node('Tanh', ['z'], ['y']), name: 'n' },
      ]),
      'several nodes have the name "n"',
    ],
    ['no operator', model([node('', ['x'], ['y'])]), 'node "_y" (?) has no operator'],
  ])('finds %s', (_, wrong, fault) => {
    expect(graphFaults(wrong)).toEqual([expect.stringContaining(fault)]);
  });

  it('lets bodies read what is around them, and nothing else', () => {
    const body = (read: string): OnnxGraph => ({
      name: 'then',
      inputs: [],
      outputs: [value('t')],
      nodes: [node('Relu', [read], ['t'])],
      constants: [],
    });
    const choice = (read: string) =>
      model([
        node('If', ['x'], ['y'], {
          then_branch: { kind: 'graph', value: body('x') },
          else_branch: { kind: 'graph', value: body(read) },
        }),
      ]);
    expect(graphFaults(choice('x'))).toEqual([]);
    expect(graphFaults(choice('t2'))).toEqual(['node "Relu_t" (Relu) reads "t2", which nothing before it makes']);
  });

  it('names optional inputs that are left out no fault', () => {
    expect(graphFaults(model([node('Clip', ['x', '', ''], ['y'])]))).toEqual([]);
  });
});
