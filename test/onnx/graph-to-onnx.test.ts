import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import type { Graph, LayerNode } from '../../src/graph/index.js';
import { loadTf, modelToGraph, sequenceLstm, toneCnn } from '../../src/model/index.js';
import { graphToOnnx, inspectOnnx, readOnnxMetadata } from '../../src/onnx/index.js';
import { seededFloats } from '../graph/random.js';

const tf = loadTf();
const { layers: L } = tf;

describe('graphToOnnx', () => {
  it('writes the same bytes for the same model', () => {
    const bytes = () => graphToOnnx(modelToGraph(toneCnn({ bins: 300, seed: 1 })), { metadata: { b: '1', a: '2' } });
    expect(Buffer.compare(bytes(), bytes())).toBe(0);
    const turned = graphToOnnx(modelToGraph(toneCnn({ bins: 300, seed: 1 })), { metadata: { a: '2', b: '1' } });
    expect(Buffer.compare(bytes(), turned)).toBe(0);
    expect(Buffer.compare(bytes(), graphToOnnx(modelToGraph(toneCnn({ bins: 300, seed: 2 }))))).not.toBe(0);
  });

  it('turns axes once in the tone network and drops dropout', () => {
    const { ops, inputs, outputs, opset, irVersion, producer } = inspectOnnx(
      graphToOnnx(modelToGraph(toneCnn({ bins: 601 }))),
    );
    expect(ops).toEqual({ Conv: 3, Flatten: 1, Gemm: 2, MaxPool: 3, Relu: 4, Sigmoid: 1, Transpose: 1 });
    expect(inputs).toEqual([{ name: 'input', type: 'float32', shape: ['batch', 601, 1] }]);
    expect(outputs).toEqual([{ name: 'score', type: 'float32', shape: ['batch', 1] }]);
    expect([opset, irVersion, producer.name]).toEqual([17, 8, 'cochlea']);
    expect(producer.version).toMatch(/^\d+\.\d+\.\d+/);
  });

  it('turns axes once in the sequence network', () => {
    const { ops } = inspectOnnx(graphToOnnx(modelToGraph(sequenceLstm())));
    expect(ops).toEqual({ Gemm: 1, LSTM: 2, Sigmoid: 1, Squeeze: 2, Transpose: 1 });
  });

  it('gives every output its name, also twice the same value', async () => {
    const input = tf.input({ shape: [5, 2], name: 'x' });
    const conv = L.conv1d({ name: 'conv', filters: 2, kernelSize: 2 }).apply(input) as typeof input;
    const same = L.dropout({ name: 'same', rate: 0.5 }).apply(conv) as typeof input;
    const top = L.globalMaxPooling1d({ name: 'top' }).apply(same) as typeof input;
    const model = tf.model({ inputs: input, outputs: [top, conv, same] });
    const session = await ort.InferenceSession.create(graphToOnnx(modelToGraph(model)));
    expect(session.outputNames).toEqual(['top', 'conv', 'same']);
    const got = await session.run({ x: new ort.Tensor('float32', seededFloats(10, 1), [1, 5, 2]) });
    expect(got.same!.data).toEqual(got.conv!.data);
    expect(got.same!.dims).toEqual([1, 4, 2]);
  });

  it.each([13, 15, 18, 21, 26])('opset %i runs and scores the same', async (opset) => {
    const layers = [
      L.bidirectional({ layer: L.lstm({ units: 3, returnSequences: true }), mergeMode: 'sum', inputShape: [6, 2] }),
      L.globalAveragePooling1d(),
      L.dense({ units: 2, activation: 'gelu' }),
    ];
    const graph = modelToGraph(tf.sequential({ layers }));
    const feed = new ort.Tensor('float32', seededFloats(24, 1), [2, 6, 2]);
    const scores = async (bytes: Uint8Array) => {
      const session = await ort.InferenceSession.create(bytes);
      const outputs = await session.run({ [session.inputNames[0]!]: feed });
      return outputs[session.outputNames[0]!]!.data;
    };
    expect(inspectOnnx(graphToOnnx(graph, { opset })).opset).toBe(opset);
    expect(await scores(graphToOnnx(graph, { opset }))).toEqual(await scores(graphToOnnx(graph)));
  });

  it.each([12, 27, 17.5])('refuses opset %d', (opset) => {
    const write = () => graphToOnnx(modelToGraph(sequenceLstm()), { opset });
    expect(write).toThrow(
      expect.objectContaining({ code: 'ERR_OPTION', message: `opset must be 13 to 26, got ${opset}` }),
    );
  });

  it('refuses a graph that does not hold together', () => {
    const node: LayerNode = {
      op: 'Flatten',
      name: 'f',
      inputs: ['nothing'],
      output: { name: 'f', shape: [null, 1] },
      trainable: false,
    };
    const graph: Graph = { name: 'g', inputs: [{ name: 'x', shape: [null, 1] }], outputs: ['f'], nodes: [node] };
    expect(() => graphToOnnx(graph)).toThrow(expect.objectContaining({ code: 'ERR_MODEL' }));
  });
});

describe('readOnnxMetadata, inspectOnnx', () => {
  const bytes = graphToOnnx(modelToGraph(sequenceLstm()), {
    metadata: { 'cochlea.spec': '{"cochlea":1,"text":"Wäsche"}', 'cochlea.version': '0.1.0' },
  });

  it('gives metadata back', () => {
    expect(readOnnxMetadata(bytes)).toEqual({
      'cochlea.spec': '{"cochlea":1,"text":"Wäsche"}',
      'cochlea.version': '0.1.0',
    });
    expect(readOnnxMetadata(graphToOnnx(modelToGraph(sequenceLstm())))).toEqual({});
  });

  it('counts nodes, parameters and bytes', () => {
    const summary = inspectOnnx(bytes);
    expect(summary.nNodes).toBe(7);
    expect(summary.nParameters).toBeGreaterThan(19_721);
    expect(summary.bytes).toBe(bytes.length);
  });

  it.each([
    ['nothing', new Uint8Array(0)],
    ['text', Buffer.from('this is not a model')],
    ['zeros', new Uint8Array(100)],
    ['a WAV file', Buffer.from('RIFF\u0000\u0000\u0000\u0000WAVEfmt ')],
    ['half a model', bytes.subarray(0, bytes.length >> 1)],
  ])('refuses %s', (_, wrong) => {
    expect(() => inspectOnnx(wrong)).toThrow(
      expect.objectContaining({ code: 'ERR_MODEL_FILE', message: expect.stringMatching(/must be an ONNX model, got/) }),
    );
  });
});
