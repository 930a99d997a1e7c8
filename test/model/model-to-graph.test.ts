import * as callersTf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { countParameters, graphWeights } from '../../src/graph/index.js';
import { type Layer, loadTf, modelToGraph, sequenceLstm, setGraphWeights, toneCnn } from '../../src/model/index.js';

const tf = loadTf();
const { layers: L } = tf;

describe('loadTf', () => {
  it('is the very module that the caller imports, so that instanceof holds', () => {
    expect(toneCnn({ bins: 200 })).toBeInstanceOf(callersTf.LayersModel);
  });
});

describe('modelToGraph', () => {
  it('keeps names, order, shapes and numbers of a sequential model', () => {
    const model = tf.sequential({ name: 'net' });
    model.add(
      L.conv1d({ name: 'conv', inputShape: [12, 2], filters: 3, kernelSize: 5, strides: 2, activation: 'relu' }),
    );
    model.add(L.flatten({ name: 'flat' }));
    model.add(L.dense({ name: 'out', units: 1, useBias: false, trainable: false }));
    const graph = modelToGraph(model);
    expect(graph.name).toBe('net');
    expect(graph.inputs).toEqual([{ name: 'conv_input', shape: [null, 12, 2] }]);
    expect(graph.outputs).toEqual(['out']);
    expect(
      graph.nodes.map(({ name, op, inputs, output, trainable }) => ({
        name,
        op,
        inputs,
        shape: output.shape,
        trainable,
      })),
    ).toEqual([
      { name: 'conv', op: 'Conv', inputs: ['conv_input'], shape: [null, 4, 3], trainable: true },
      { name: 'flat', op: 'Flatten', inputs: ['conv'], shape: [null, 12], trainable: true },
      { name: 'out', op: 'Dense', inputs: ['flat'], shape: [null, 1], trainable: false },
    ]);
    expect(graphWeights(graph).map(({ name, shape }) => [name, shape])).toEqual([
      ['conv/kernel', [5, 2, 3]],
      ['conv/bias', [3]],
      ['out/kernel', [12, 1]],
    ]);
    const kernel = model.getLayer('conv').getWeights()[0]!;
    expect(graphWeights(graph)[0]!.data).toEqual(kernel.dataSync());
  });

  it('copies the weights: later training does not change the graph', () => {
    const model = tf.sequential({ layers: [L.dense({ name: 'd', units: 1, inputShape: [1], useBias: false })] });
    model.setWeights([tf.tensor2d([[2]])]);
    const graph = modelToGraph(model);
    model.setWeights([tf.tensor2d([[5]])]);
    expect([...graphWeights(graph)[0]!.data]).toEqual([2]);
  });

  it('says the same after the process has made the same model before', () => {
    expect(modelToGraph(sequenceLstm())).toEqual(modelToGraph(sequenceLstm()));
  });

  it('follows a functional model with a shared layer and two outputs', () => {
    const input = tf.input({ shape: [4], name: 'x' });
    const shared = L.dense({ name: 'tied', units: 4, activation: 'tanh' });
    const once = shared.apply(input) as typeof input;
    const twice = shared.apply(once) as typeof input;
    const head = L.dense({ name: 'head', units: 2 }).apply(once) as typeof input;
    const graph = modelToGraph(tf.model({ inputs: input, outputs: [twice, head] }));
    expect(graph.nodes.map(({ name, inputs }) => [name, ...inputs])).toEqual([
      ['tied', 'x'],
      ['tied:1', 'tied'],
      ['head', 'tied'],
    ]);
    expect(graph.outputs).toEqual(['tied:1', 'head']);
    expect(countParameters(graph)).toBe(4 * 4 + 4 + 4 * 2 + 2);
  });

  it('writes a nested model out wherever it is called, what makes its output under its own name', () => {
    const encoder = tf.sequential({ name: 'encoder' });
    encoder.add(L.lstm({ name: 'read', units: 3, returnSequences: true, inputShape: [null, 2] }));
    encoder.add(L.lstm({ name: 'sum', units: 4 }));
    const [a, b] = [tf.input({ shape: [5, 2], name: 'a' }), tf.input({ shape: [7, 2], name: 'b' })];
    const codes = [a, b].map((input) => encoder.apply(input) as typeof input);
    const output = L.add({ name: 'both' }).apply(codes) as typeof a;
    encoder.trainable = false;
    const graph = modelToGraph(tf.model({ inputs: [a, b], outputs: output }));
    expect(
      graph.nodes.map(({ name, inputs, output: { shape }, trainable }) => [name, inputs, shape, trainable]),
    ).toEqual([
      ['encoder/read', ['a'], [null, 5, 3], false],
      ['encoder', ['encoder/read'], [null, 4], false],
      ['encoder/read:1', ['b'], [null, 7, 3], false],
      ['encoder:1', ['encoder/read:1'], [null, 4], false],
      ['both', ['encoder', 'encoder:1'], [null, 4], true],
    ]);
    expect(graphWeights(graph).map(({ name }) => name)).toEqual(
      ['read', 'sum'].flatMap((layer) => ['kernel', 'recurrentKernel', 'bias'].map((w) => `encoder/${layer}/${w}`)),
    );
  });

  it('names both halves of a bidirectional layer', () => {
    const layer = L.lstm({ units: 3 });
    const model = tf.sequential({
      layers: [L.bidirectional({ name: 'bi', layer, mergeMode: 'concat', inputShape: [5, 2] })],
    });
    const names = graphWeights(modelToGraph(model)).map(({ name }) => name);
    expect(names).toEqual(
      ['forward', 'backward'].flatMap((half) =>
        ['kernel', 'recurrentKernel', 'bias'].map((role) => `bi/${half}/${role}`),
      ),
    );
  });

  it('refuses a layer it does not cover by name and class', () => {
    const model = tf.sequential({
      layers: [L.conv3d({ name: 'block', filters: 1, kernelSize: 2, inputShape: [3, 3, 3, 1] })],
    });
    expect(() => modelToGraph(model)).toThrow(
      expect.objectContaining({
        code: 'ERR_LAYER',
        message: expect.stringMatching(/^class of layer "block" \(Conv3D\) must be one of Dense, .*got "Conv3D"$/),
        details: { layer: 'block', className: 'Conv3D' },
      }),
    );
  });

  it('reads merges, with the axis of a concatenation counted from the front', () => {
    const input = tf.input({ shape: [4, 3], name: 'x' });
    const join = (axis?: number) => L.concatenate({ name: 'join', ...(axis && { axis }) });
    const graphOf = (layer: Layer) =>
      modelToGraph(tf.model({ inputs: input, outputs: layer.apply([input, input]) as typeof input })).nodes[0];
    expect(graphOf(join())).toMatchObject({
      op: 'Concatenate',
      axis: 2,
      inputs: ['x', 'x'],
      output: { shape: [null, 4, 6] },
    });
    expect(graphOf(join(1))).toMatchObject({ op: 'Concatenate', axis: 1, output: { shape: [null, 8, 3] } });
    expect(graphOf(L.maximum())).toMatchObject({ op: 'Merge', kind: 'maximum', output: { shape: [null, 4, 3] } });
  });

  it('refuses inputs of unlike ranks, and models without layers', () => {
    const [wide, narrow] = [tf.input({ shape: [2, 3] }), tf.input({ shape: [3] })];
    const sum = L.add({ name: 'sum' }).apply([wide, narrow]) as typeof wide;
    expect(() => modelToGraph(tf.model({ inputs: [wide, narrow], outputs: sum }))).toThrow(
      /inputs of layer "sum" must be alike, but for axes of one cell, got "\[\?, 2, 3\] and \[\?, 3\]"/,
    );
    expect(() => modelToGraph(tf.sequential({ name: 'later' }))).toThrow(/model "later" must be one with layers/);
  });
});

describe('setGraphWeights', () => {
  it('writes a graph back into a model of the same layers', () => {
    const graph = modelToGraph(sequenceLstm({ seed: 1 }));
    const other = sequenceLstm({ seed: 2 });
    expect(modelToGraph(other)).not.toEqual(graph);
    setGraphWeights(other, graph);
    expect(modelToGraph(other)).toEqual(graph);
  });

  it('names a weight of another shape', () => {
    const graph = modelToGraph(sequenceLstm({ units: 3 }));
    expect(() => setGraphWeights(sequenceLstm({ units: 4 }), graph)).toThrow(
      /shape of weight "lstm1\/kernel" must be \[1, 16\]/,
    );
  });
});
