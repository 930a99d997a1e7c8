/** Models of one chain that come from several runs. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readBundle } from '../../src/bundle/index.js';
import { check } from '../../src/cli/check/index.js';
import { exportBundle, exportRun } from '../../src/cli/export.js';
import { inspectModel } from '../../src/cli/inspect/model.js';
import { parseJob } from '../../src/cli/train/job.js';
import type { RunReport, StoredRun } from '../../src/cli/train/run-folder.js';
import { type LayersModel, modelToGraph, sequenceLstm, toneCnn } from '../../src/model/index.js';
import { inspectOnnx } from '../../src/onnx/index.js';
import { defineSpec, specOfModel } from '../../src/spec/index.js';
import { saveBundle } from '../../src/training/index.js';

const CHAIN = defineSpec({
  task: 'sequence',
  audio: { sampleRate: 16_000 },
  features: { kind: 'logMel', nMels: 60 },
  stages: [
    { windowing: { size: 1 }, model: 'tone.onnx', decision: { threshold: 0.3 } },
    { windowing: { size: 8 }, model: 'sequence.onnx' },
  ],
});

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cochlea-export-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** A finished run on `data`; only what an export looks at is of interest. */
function runOn(data: string, model: LayersModel): StoredRun {
  const report: RunReport = {
    ...{ cochlea: 1, kind: 'train', version: '0.0.0', out: 'run', parameters: 1, resumed: false, bestEpoch: 1 },
    job: parseJob({ data, model: 'sequenceLstm' }, 'job.yaml'),
    windows: { train: 1, validation: 0, test: 0 },
    engine: { name: 'cpu', why: 'asked for' },
    stoppedBy: 'epochs',
    history: [],
    metrics: { validation: null, test: null, threshold: 0.5, thresholdChosenBy: 'default' },
    spec: CHAIN.hash,
  };
  return { report, graph: modelToGraph(model), spec: CHAIN };
}

it('carry their own parts of its spec, and make a bundle together', async () => {
  const tone = await exportRun(runOn('features/', toneCnn({ bins: 60 })), join(folder, 'tone.onnx'));
  const sequence = await exportRun(runOn('rows.csv', sequenceLstm({ length: 8 })), join(folder, 'sequence.onnx'));
  expect([tone.spec, sequence.spec]).toEqual([specOfModel(CHAIN, 'tone.onnx').hash, CHAIN.hash]);
  expect((await readBundle(join(folder, 'tone.onnx'))).spec.decision).toMatchObject({ threshold: 0.3 });
  expect([...(await readBundle(join(folder, 'sequence.onnx'))).models.keys()]).toEqual(['tone.onnx', 'sequence.onnx']);
  await writeFile(join(folder, 'spec.json'), JSON.stringify(CHAIN));
  expect((await readBundle(folder)).spec.hash).toBe(CHAIN.hash);
});

it('take a file, not a folder, one by one', async () => {
  const run = runOn('features/', toneCnn({ bins: 60 }));
  await expect(exportRun(run, join(folder, 'tone'))).rejects.toThrow(
    '--out must be a file.onnx, as its spec has several',
  );
});

it('take PCM with their front-end inside: one of the chain by itself, a bundle whole', async () => {
  const folderOf = (name: string) => join(folder, name);
  const inside = { frontEnd: 'inside' } as const;
  const tone = runOn('features/', toneCnn({ bins: 60 }));
  const alone = await exportRun(tone, folderOf('pcm/tone.onnx'), { ...inside, opset: 18 });
  expect([alone.spec, alone.files[0]!.opset]).toEqual([specOfModel(CHAIN, 'tone.onnx').hash, 18]);
  const models = { 'tone.onnx': toneCnn({ bins: 60 }), 'sequence.onnx': sequenceLstm({ length: 8 }) };
  await saveBundle(folderOf('bundle'), { spec: CHAIN, models });
  const whole = await exportBundle(folderOf('bundle'), folderOf('pcm/chain.onnx'), inside);
  expect(whole).toMatchObject({ spec: CHAIN.hash, files: [{ path: folderOf('pcm/chain.onnx'), opset: 17 }] });
  for (const path of [alone.out, whole.out]) {
    const { inputs, metadata } = inspectOnnx(await readFile(path));
    expect(inputs).toEqual([{ name: 'pcm', type: 'float32', shape: ['batch', 'samples'] }]);
    expect(metadata['cochlea.front_end']).toBe('inside');
    const checked = await check(path);
    expect(checked.findings.filter(({ status }) => status !== 'passed')).toEqual([]);
    expect(checked.findings[0]).toMatchObject({ name: 'spec', found: expect.stringContaining('stages are inside') });
    expect((await inspectModel(path)).facts.bundle).toMatch(/^all stages inside, front-end too/);
  }
  // saveBundle writes the same file in one go.
  await saveBundle(folderOf('saved.onnx'), { spec: CHAIN, models, frontEnd: 'inside' });
  expect(Buffer.compare(await readFile(folderOf('saved.onnx')), await readFile(whole.out))).toBe(0);
});

it('take no PCM without a spec, without the other models, or in a folder', async () => {
  const inside = { frontEnd: 'inside' } as const;
  const sequence = runOn('rows.csv', sequenceLstm({ length: 8 }));
  const out = join(folder, 'refused.onnx');
  await expect(exportRun({ ...sequence, spec: null }, out, inside)).rejects.toThrow(
    '--front-end must be "none", as the run has no spec, got "inside"',
  );
  await expect(exportRun(sequence, out, inside)).rejects.toThrow(
    'models must be tone.onnx, sequence.onnx, got "sequence.onnx"',
  );
  await expect(exportRun(runOn('features/', toneCnn({ bins: 60 })), join(folder, 'tone'), inside)).rejects.toThrow(
    '--out must be a file.onnx, for a front-end inside',
  );
});

it.each(['float16', 'int8'] as const)('are written again in %s, and as one model that takes PCM', async (precision) => {
  const models = { 'tone.onnx': toneCnn({ bins: 60 }), 'sequence.onnx': sequenceLstm({ length: 8 }) };
  const [whole, small, inside] = ['whole', `small-${precision}`, `inside-${precision}.onnx`].map((name) =>
    join(folder, name),
  );
  await saveBundle(whole!, { spec: CHAIN, models });
  const written = await exportBundle(whole!, small!, { precision });
  const before = await readBundle(whole!);
  const after = await readBundle(small!);
  expect(after.spec.hash).toBe(CHAIN.hash);
  for (const [name, bytes] of after.models) {
    expect(inspectOnnx(bytes).metadata['cochlea.precision']).toBe(precision);
    expect(bytes.length).toBeLessThan(0.8 * before.models.get(name)!.length);
  }
  expect(written.files.map(({ bytes }) => bytes)).toEqual([...after.models.values()].map(({ length }) => length));
  const { files } = await exportBundle(whole!, inside!, { precision, frontEnd: 'inside' });
  const { metadata, inputs } = inspectOnnx(await readFile(files[0]!.path));
  expect(metadata).toMatchObject({ 'cochlea.precision': precision, 'cochlea.front_end': 'inside' });
  expect(inputs.map(({ name, type }) => [name, type])).toEqual([['pcm', 'float32']]);
  await expect(exportBundle(small!, join(folder, 'again'), { precision: 'int8' })).rejects.toThrow(
    `precision must be ${precision}, as the model has, got "int8"`,
  );
});
