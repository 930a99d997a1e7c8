import { describe, expect, it } from 'vitest';
import { checkModel, type ModelCheck, type Predict } from '../../../src/inference/index.js';
import { type LayersModel, loadTf, modelToGraph, sequenceLstm, toneCnn } from '../../../src/model/index.js';
import { decodeModel, graphToOnnx } from '../../../src/onnx/index.js';
import { encodeModel, type OnnxModel } from '../../../src/onnx/proto.js';
import { exportOnnx, predictor } from '../../../src/training/index.js';

const tf = loadTf();
const { layers: L } = tf;

const statusOf = ({ findings }: ModelCheck) => Object.fromEntries(findings.map(({ name, status }) => [name, status]));
const foundOf = ({ findings }: ModelCheck, name: string) => findings.find((one) => one.name === name)?.found ?? '';

const twoPorts = (): LayersModel => {
  const [left, right] = [tf.input({ shape: [3], name: 'left' }), tf.input({ shape: [5], name: 'right' })];
  const a = L.dense({ units: 4, name: 'a' }).apply(left) as typeof left;
  const b = L.dense({ units: 4, name: 'b', activation: 'tanh' }).apply(right) as typeof left;
  return tf.model({ inputs: [left, right], outputs: [L.add({ name: 'sum' }).apply([a, b]) as typeof left, b] });
};
const openLength = () =>
  tf.sequential({ layers: [L.conv1d({ filters: 2, kernelSize: 9, inputShape: [null, 2] }), L.globalMaxPooling1d()] });

describe('checkModel', () => {
  it.each<[string, () => LayersModel]>([
    ['tone network', () => toneCnn({ bins: 301, seed: 2 })],
    ['sequence network', () => sequenceLstm({ seed: 2 })],
    ['model of several inputs and outputs', twoPorts],
    ['model of open length', openLength],
  ])('agrees with tfjs on a %s', async (_, build) => {
    const model = build();
    const check = await checkModel(exportOnnx(model), { against: predictor(model) });
    expect(check.ok, JSON.stringify(check.findings)).toBe(true);
    expect(check.differences!.map(({ output }) => output)).toEqual(
      model.outputs.map(({ sourceLayer }) => sourceLayer.name),
    );
    for (const { n, maxAbs, meanAbs } of check.differences!) {
      expect(n).toBeGreaterThanOrEqual(8);
      expect(maxAbs).toBeLessThanOrEqual(1e-5);
      expect(meanAbs).toBeLessThanOrEqual(maxAbs);
    }
  });

  it('runs batches of 1 and 7 and the first lengths that are long enough', async () => {
    const fixed = await checkModel(exportOnnx(sequenceLstm()));
    expect(foundOf(fixed, 'runs')).toBe('batch 1; batch 7');
    expect(fixed.differences).toBeNull();
    const open = await checkModel(exportOnnx(openLength()));
    const lengths = [16, 40, 101];
    const runs = [1, 7].flatMap((batch) => lengths.map((length) => `batch ${batch}, time ${length}`));
    expect(foundOf(open, 'runs')).toBe(runs.join('; '));
  });

  it('passes over lengths that give nothing', async () => {
    const model = decodeModel(
      exportOnnx(tf.sequential({ layers: [L.activation({ activation: 'relu', inputShape: [null, 2] })] })),
    );
    const [node] = model.graph.nodes;
    const [input, output] = [model.graph.inputs[0]!.name, model.graph.outputs[0]!.name];
    const numbers = (name: string, value: number) =>
      ({ name, type: 'int64', shape: [1], data: BigInt64Array.of(BigInt(value)) }) as const;
    const inputs = [input, 'from', 'to', 'axis'];
    const cut = { ...node!, opType: 'Slice', inputs, outputs: [output], attributes: {} };
    const constants = [numbers('from', 10), numbers('to', 2 ** 31), numbers('axis', 1)];
    const check = await checkModel(encodeModel({ ...model, graph: { ...model.graph, nodes: [cut], constants } }));
    expect(foundOf(check, 'runs')).toMatch(/^batch 1, time 16; batch 1, time 40; batch 1, time 101; batch 7, time 16/);
  });

  it('says where and by how much another model is wrong', async () => {
    const model = tf.sequential({ layers: [L.dense({ units: 4, inputShape: [3] })] });
    const right = predictor(model);
    const wrong: Predict = async (inputs) => {
      const outputs = await right(inputs);
      const [name, { data, shape }] = Object.entries(outputs)[0]!;
      // In the batch of seven, row 2, column 1.
      return { [name]: { shape, data: data.map((value, i) => (shape[0] === 7 && i === 9 ? value + 0.5 : value)) } };
    };
    const check = await checkModel(exportOnnx(model), { against: wrong });
    expect(check.ok).toBe(false);
    const [difference] = check.differences!;
    expect(difference).toMatchObject({ n: 32, ok: false, worst: { index: [2, 1] } });
    expect(difference!.maxAbs).toBeCloseTo(0.5, 6);
    expect(difference!.meanAbs).toBeCloseTo(0.5 / 32, 6);
    expect((await checkModel(exportOnnx(model), { against: wrong, tolerance: 0.51 })).ok).toBe(true);
  });

  it('compares with another file, and on inputs that are given', async () => {
    const [one, other] = [1, 2].map((seed) => exportOnnx(sequenceLstm({ seed })));
    const inputs = [{ input: { data: new Float32Array(80).fill(1), shape: [2, 40, 1] } }];
    const same = await checkModel(one!, { against: one!, inputs });
    expect(same.differences).toMatchObject([{ n: 10, maxAbs: 0, ok: true }]);
    expect((await checkModel(one!, { against: other! })).ok).toBe(false);
  });

  it('draws the same numbers for the same seed', async () => {
    const model = exportOnnx(sequenceLstm({ seed: 1 }));
    const against = exportOnnx(sequenceLstm({ seed: 2 }));
    const differenceOf = async (seed: number) => (await checkModel(model, { against, seed })).differences![0]!.maxAbs;
    expect(await differenceOf(3)).toBe(await differenceOf(3));
    expect(await differenceOf(3)).not.toBe(await differenceOf(4));
  });

  it('counts no number as infinitely far from one', async () => {
    const model = tf.sequential({ layers: [L.dense({ units: 1, inputShape: [2] })] });
    const nothing: Predict = (inputs) => {
      const [{ shape } = { shape: [0] }] = Object.values(inputs);
      return { y: { data: new Float32Array(shape[0]!).fill(Number.NaN), shape: [shape[0]!, 1] } };
    };
    const check = await checkModel(exportOnnx(model), { against: nothing, tolerance: 1e9 });
    expect(check).toMatchObject({ ok: false, differences: [{ maxAbs: Number.POSITIVE_INFINITY }] });
  });

  it('tells shapes and names that differ', async () => {
    const model = exportOnnx(tf.sequential({ layers: [L.dense({ units: 2, inputShape: [3] })] }));
    const against = exportOnnx(tf.sequential({ layers: [L.dense({ units: 3, inputShape: [3] })] }));
    const check = await checkModel(model, { against });
    expect(foundOf(check, 'agrees')).toMatch(/^output ".*" is \[1, 2\], expected \[1, 3\]$/);
    expect(check.ok).toBe(false);
  });

  it.each(['text', 'nothing'])('finds a file of %s', async (kind) => {
    const check = await checkModel(kind === 'text' ? Buffer.from('not a model') : new Uint8Array());
    expect(check).toMatchObject({ ok: false, findings: [{ name: 'file', status: 'failed' }] });
  });

  const changed = (change: (model: OnnxModel) => OnnxModel) =>
    encodeModel(change(decodeModel(graphToOnnx(modelToGraph(sequenceLstm())))));

  it('finds a damaged graph, an unknown operator set and numbers that are none', async () => {
    const headless = changed((model) => ({ ...model, graph: { ...model.graph, nodes: model.graph.nodes.slice(1) } }));
    expect(statusOf(await checkModel(headless))).toEqual({
      file: 'passed',
      graph: 'failed',
      opset: 'passed',
      loads: 'failed',
    });
    const future = changed((model) => ({ ...model, opset: 99 }));
    expect(statusOf(await checkModel(future))).toMatchObject({ opset: 'failed', loads: 'failed' });
    const infinite = changed((model) => ({
      ...model,
      graph: {
        ...model.graph,
        constants: model.graph.constants.map((one) =>
          one.data instanceof Float32Array && one.name.endsWith('/bias')
            ? { ...one, data: one.data.map(() => Number.NaN) }
            : one,
        ),
      },
    }));
    const check = await checkModel(infinite);
    expect(statusOf(check)).toMatchObject({ runs: 'passed', finite: 'failed' });
    expect(foundOf(check, 'finite')).toMatch(/^not finite: .+ at batch 1; .+ at batch 7$/);
  });

  it.each([-1, Number.NaN])('refuses a tolerance of %d', async (tolerance) => {
    await expect(checkModel(new Uint8Array(), { tolerance })).rejects.toMatchObject({ code: 'ERR_OPTION' });
  });
});
