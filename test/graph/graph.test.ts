import { describe, expect, it } from 'vitest';
import type { Graph, LayerNode, RecurrentCell, Weight } from '../../src/graph/index.js';
import {
  countParameters,
  graphFromJson,
  graphToJson,
  graphWeights,
  outputShape,
  samePadding,
  validateGraph,
} from '../../src/graph/index.js';
import { seededFloats } from './random.js';

function weight(name: string, shape: number[]): Weight {
  const size = shape.reduce((product, dim) => product * dim, 1);
  return { name, shape, data: seededFloats(size, name.length) };
}

function dense(name: string, input: string, from: number, to: number): LayerNode {
  return {
    op: 'Dense',
    name,
    inputs: [input],
    output: { name, shape: [null, to] },
    trainable: true,
    activation: 'relu',
    kernel: weight(`${name}/kernel`, [from, to]),
    bias: weight(`${name}/bias`, [to]),
  };
}

function twoLayers(): Graph {
  return {
    name: 'two',
    inputs: [{ name: 'x', shape: [null, 3] }],
    outputs: ['b'],
    nodes: [dense('a', 'x', 3, 4), dense('b', 'a', 4, 2)],
  };
}

function broken(change: (graph: { -readonly [K in keyof Graph]: Graph[K] }) => void): () => void {
  const graph = { ...twoLayers() };
  change(graph);
  return () => validateGraph(graph);
}

describe('validateGraph', () => {
  it('accepts a sound graph', () => {
    expect(() => validateGraph(twoLayers())).not.toThrow();
    expect(countParameters(twoLayers())).toBe(3 * 4 + 4 + 4 * 2 + 2);
  });

  it.each<[string, RegExp, () => void]>([
    [
      'a value that nothing makes',
      /input of layer "b" must be a value made before it, got "z"/,
      broken((g) => {
        g.nodes = [dense('a', 'x', 3, 4), dense('b', 'z', 4, 2)];
      }),
    ],
    [
      'layers out of order',
      /input of layer "b" must be a value made before it, got "a"/,
      broken((g) => {
        g.nodes = [...g.nodes].reverse();
      }),
    ],
    [
      'a name used twice',
      /name of a layer must be unique in the graph, got "a"/,
      broken((g) => {
        g.nodes = [dense('a', 'x', 3, 4), dense('a', 'a', 4, 2)];
      }),
    ],
    [
      'a kernel that does not fit its input',
      /last axis of the input of layer "b" must be 5, got "\[\?, 4\]"/,
      broken((g) => {
        g.nodes = [dense('a', 'x', 3, 4), dense('b', 'a', 5, 2)];
      }),
    ],
    [
      'an output nobody makes',
      /output of the graph must be a value of the graph, got "y"/,
      broken((g) => {
        g.outputs = ['y'];
      }),
    ],
    [
      'a wrong declared shape',
      /output shape of layer "b" must be \[\?, 2\], got "\[\?, 3\]"/,
      broken((g) => {
        g.nodes = [dense('a', 'x', 3, 4), { ...dense('b', 'a', 4, 2), output: { name: 'b', shape: [null, 3] } }];
      }),
    ],
    [
      'a weight with missing numbers',
      /weight "short" must be 8 numbers \(shape \[4, 2\]\), got 7/,
      broken((g) => {
        const short = { name: 'short', shape: [4, 2], data: new Float32Array(7) };
        const node = dense('b', 'a', 4, 2);
        g.nodes = [dense('a', 'x', 3, 4), { ...node, op: 'Dense', activation: 'relu', kernel: short, bias: null }];
      }),
    ],
    [
      'no input',
      /inputs of the graph must be at least one value/,
      broken((g) => {
        g.inputs = [];
      }),
    ],
  ])('refuses %s', (_, message, validate) => {
    expect(validate).toThrow(expect.objectContaining({ code: 'ERR_MODEL', message: expect.stringMatching(message) }));
  });
});

describe('shapes', () => {
  it('pads as TensorFlow does: the odd cell at the end', () => {
    expect(samePadding(10, 4, 1, 1)).toEqual([1, 2]);
    expect(samePadding(10, 3, 2, 1)).toEqual([0, 1]);
    expect(samePadding(9, 1, 3, 1)).toEqual([0, 0]);
  });

  it('follows a convolution, open lengths included, and names one that is too short', () => {
    const conv: LayerNode = {
      op: 'Conv',
      name: 'conv',
      inputs: ['x'],
      output: { name: 'conv', shape: [] },
      trainable: true,
      strides: [2],
      dilation: [1],
      padding: 'valid',
      activation: 'linear',
      kernel: weight('k', [5, 3, 8]),
      bias: null,
    };
    expect(outputShape(conv, [[null, 12, 3]])).toEqual([null, 4, 8]);
    expect(outputShape(conv, [[null, null, 3]])).toEqual([null, null, 8]);
    expect(() => outputShape(conv, [[null, 4, 3]])).toThrow(/axis 1 of the input of layer "conv"/);
    expect(() => outputShape(conv, [[null, 12, 2]])).toThrow(/must be 3/);
  });
});

describe('graphToJson', () => {
  it('gives the same text for the same graph, and the graph back', () => {
    const text = graphToJson(twoLayers());
    expect(graphToJson(twoLayers())).toBe(text);
    expect(graphFromJson(text)).toEqual(twoLayers());
  });

  it('keeps a shared weight shared', () => {
    const shared = weight('shared', [3, 3]);
    const layer = (name: string, input: string): LayerNode => ({
      ...dense(name, input, 3, 3),
      op: 'Dense',
      activation: 'tanh',
      kernel: shared,
      bias: null,
    });
    const inputs = [{ name: 'x', shape: [null, 3] }];
    const graph: Graph = { name: 'tied', inputs, outputs: ['q'], nodes: [layer('p', 'x'), layer('q', 'p')] };
    const read = graphFromJson(graphToJson(graph));
    expect(graphWeights(read)).toHaveLength(1);
    expect(countParameters(read)).toBe(9);
  });

  it('reads what was written before recurrent layers said which states they keep', () => {
    const gru: RecurrentCell = {
      kind: 'gru',
      units: 2,
      activation: 'tanh',
      recurrentActivation: 'sigmoid',
      dropout: 0,
      recurrentDropout: 0,
      kernel: weight('gru/kernel', [3, 6]),
      recurrentKernel: weight('gru/recurrentKernel', [2, 6]),
      bias: null,
    };
    const node = (name: string, width: number) => {
      return {
        name,
        inputs: ['x'],
        output: { name, shape: [null, width] },
        trainable: true,
        returnSequences: false,
      } as const;
    };
    const nodes: LayerNode[] = [
      {
        ...node('one', 2),
        ...{ op: 'Recurrent', cell: gru, goBackwards: false, initialState: false, masked: false },
        ...{ stateful: false, states: [] },
      },
      {
        ...node('two', 4),
        ...{ op: 'Bidirectional', forward: gru, backward: gru, masked: false, merge: 'concat' },
        ...{ initialState: false, reversed: null, states: [] },
      },
      {
        op: 'Upsample',
        name: 'up',
        inputs: ['image'],
        output: { name: 'up', shape: [null, 4, 4, 1] },
        trainable: true,
        size: [2, 2],
        interpolation: 'nearest',
      },
    ];
    const inputs = [
      { name: 'x', shape: [null, 5, 3] },
      { name: 'image', shape: [null, 2, 2, 1] },
    ];
    const graph: Graph = { name: 'old', inputs, outputs: ['one', 'two', 'up'], nodes };
    const stored = JSON.parse(graphToJson(graph));
    for (const each of stored.graph.nodes) {
      for (const field of ['stateful', 'states', 'reversed', 'interpolation']) delete each[field];
      if (each.op === 'Bidirectional') delete each.initialState;
    }
    expect(graphFromJson(JSON.stringify({ ...stored, cochleaGraph: 1 }))).toEqual(graph);
  });

  it.each(['nonsense', '{}', '{"cochleaGraph":1}', '{"cochleaGraph":3,"graph":{},"weights":{}}', '[]'])(
    'refuses %s',
    (text) => {
      expect(() => graphFromJson(text)).toThrow(expect.objectContaining({ code: 'ERR_MODEL_FILE' }));
    },
  );
});
