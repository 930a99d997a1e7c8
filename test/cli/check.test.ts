/** `check`: models, bundles, runs and features, and models against what they were made from. */
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeBundle } from '../../src/bundle/index.js';
import type { CheckReport } from '../../src/cli/check/index.js';
import { type LayersModel, loadTf, toneCnn } from '../../src/model/index.js';
import { exportOnnx } from '../../src/training/index.js';
import { smallCorpus, smallSpec } from '../corpus/wav.js';
import { modelsFor, spec } from '../inference/beeps.js';
import { cochlea, cochleaJson, workFolder } from './cli.js';

const tf = loadTf();

/** As `model.save` leaves it. */
async function saveTfjs(model: LayersModel, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await model.save(
    tf.io.withSaveHandler(async ({ modelTopology, weightSpecs, weightData }) => {
      if (!(weightData instanceof ArrayBuffer)) throw new Error('expected one buffer of weights');
      const weightsManifest = [{ paths: ['weights.bin'], weights: weightSpecs }];
      await writeFile(join(folder, 'model.json'), JSON.stringify({ modelTopology, weightsManifest }));
      await writeFile(join(folder, 'weights.bin'), new Uint8Array(weightData));
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    }),
  );
}

const failed = ({ findings }: CheckReport) =>
  findings.filter(({ status }) => status === 'failed').map(({ name }) => name);

describe('check of a model', () => {
  it('compares with the tfjs model it was exported from, and with another', async () => {
    const cwd = await workFolder();
    const [model, other] = [1, 2].map((seed) =>
      toneCnn({ bins: 41, filters: [4], kernelSize: 3, denseUnits: 4, seed }),
    );
    await writeFile(join(cwd, 'model.onnx'), exportOnnx(model!));
    await saveTfjs(model!, join(cwd, 'tfjs'));
    await saveTfjs(other!, join(cwd, 'other'));
    const [same, folder, wrong, loose] = await Promise.all([
      cochlea(['check', 'model.onnx', '--against', 'tfjs/model.json'], { cwd }),
      cochleaJson<CheckReport>(['check', 'model.onnx', '--against', 'tfjs', '--seed', '5'], { cwd }),
      cochleaJson<CheckReport>(['check', 'model.onnx', '--against', 'other'], { cwd }),
      cochleaJson<CheckReport>(['check', 'model.onnx', '--against', 'other', '--tolerance', '1'], { cwd }),
    ]);
    expect(same).toMatchObject({ code: 0, stderr: '' });
    expect(same.stdout).toMatch(/^ok +agrees: score +largest difference \S+.*; tolerance 0\.00001$/m);
    expect(folder).toMatchObject({ code: 0, value: { kind: 'model', ok: true } });
    expect(folder.value.differences!['model.onnx']).toMatchObject([{ output: 'score', n: 8 }]);
    expect(wrong).toMatchObject({ code: 1, value: { ok: false } });
    expect(failed(wrong.value)).toEqual(['agrees: score']);
    expect(loose.code).toBe(0);
  });

  it('says what is not a model, or not to be checked', async () => {
    const cwd = await workFolder();
    await writeFile(join(cwd, 'text.onnx'), 'not a model');
    await writeFile(join(cwd, 'notes.txt'), '');
    const [text, notes, absent, data] = await Promise.all([
      cochlea(['check', 'text.onnx'], { cwd }),
      cochlea(['check', 'notes.txt'], { cwd }),
      cochlea(['check', 'absent.onnx'], { cwd }),
      cochlea(['check', 'text.onnx', '--data', 'x'], { cwd }),
    ]);
    expect(text).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^FAILED +file +model file must be an ONNX model/m),
    });
    expect(notes).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('what to check must be an .onnx, a bundle'),
    });
    expect(absent).toMatchObject({ code: 2, stderr: expect.stringContaining('must be a file or folder that exists') });
    expect(data).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--data must be left out without --against'),
    });
  });
});

describe('check of a bundle', () => {
  it('looks at every model, and finds one of another bundle', async () => {
    const cwd = await workFolder();
    await writeBundle(join(cwd, 'bundle'), { spec, models: modelsFor(spec) });
    await cp(join(cwd, 'bundle'), join(cwd, 'mixed'), { recursive: true });
    await writeFile(join(cwd, 'mixed/tone.onnx'), await readFile(join(cwd, 'bundle/sequence.onnx')));
    const [whole, mixed, alone, against] = await Promise.all([
      cochleaJson<CheckReport>(['check', 'bundle'], { cwd }),
      cochleaJson<CheckReport>(['check', 'mixed'], { cwd }),
      cochleaJson<CheckReport>(['check', 'bundle/tone.onnx'], { cwd }),
      cochleaJson<CheckReport>(['check', 'bundle', '--against', 'bundle'], { cwd }),
    ]);
    expect(whole).toMatchObject({ code: 0, value: { kind: 'bundle', ok: true, differences: null } });
    const names = whole.value.findings.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['spec', 'tone.onnx: runs', 'sequence.onnx: finite']));
    expect(mixed).toMatchObject({ code: 1, value: { ok: false, findings: [{ name: 'spec', status: 'failed' }] } });
    expect(alone).toMatchObject({
      code: 0,
      value: { kind: 'model', ok: true },
    });
    expect(alone.value.findings.map(({ name }) => name)).toEqual(['spec', 'file', 'graph', 'opset', 'runs', 'finite']);
    expect(Object.keys(against.value.differences!)).toEqual(['tone.onnx', 'sequence.onnx']);
  });
});

describe('check of features and a run on them', () => {
  let cwd = '';
  beforeAll(async () => {
    cwd = await mkdtemp(join(tmpdir(), 'cochlea-check-'));
    await smallCorpus(join(cwd, 'corpus'), 8);
    await writeFile(join(cwd, 'spec.json'), JSON.stringify(smallSpec()));
    const job =
      'data: { features: features }\nmodel: { name: toneCnn, filters: [4], kernelSize: 3, denseUnits: 4 }\nnormalize: standard\nepochs: 1\nout: run\n';
    await writeFile(join(cwd, 'job.yaml'), job);
    const labels = ['--labels', 'parent-folder', '--quiet'];
    expect(
      await cochlea(['extract', 'corpus', '-o', 'features', '--spec', 'spec.json', ...labels], { cwd }),
    ).toMatchObject({ code: 0 });
    expect(await cochlea(['train', 'job.yaml', '--quiet'], { cwd })).toMatchObject({ code: 0 });
    expect(await cochlea(['export', 'run', '-o', 'model.onnx'], { cwd })).toMatchObject({ code: 0 });
  });
  afterAll(() => rm(cwd, { recursive: true, force: true }));

  it('compares an exported file with its run on real windows too', async () => {
    const args = ['check', 'model.onnx', '--against', 'run'];
    const [random, real, run] = await Promise.all([
      cochleaJson<CheckReport>(args, { cwd }),
      cochleaJson<CheckReport>([...args, '--data', 'features'], { cwd }),
      cochleaJson<CheckReport>(['check', 'run', '--against', 'model.onnx'], { cwd }),
    ]);
    const n = ({ value }: { value: CheckReport }) => Object.values(value.differences!)[0]![0]!.n;
    expect(random).toMatchObject({ code: 0, value: { ok: true } });
    expect(real).toMatchObject({ code: 0, value: { ok: true } });
    expect(n(random)).toBe(8);
    expect(n(real)).toBeGreaterThan(50);
    expect(run).toMatchObject({ code: 0, value: { kind: 'run', ok: true } });
  });

  it('reads a feature folder, which takes no model', async () => {
    const [whole, against] = await Promise.all([
      cochleaJson<CheckReport>(['check', 'features'], { cwd }),
      cochlea(['check', 'features', '--against', 'model.onnx'], { cwd }),
    ]);
    expect(whole).toMatchObject({ code: 0, value: { kind: 'features', ok: true } });
    expect(against).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--against must be left out for a folder of features'),
    });
  });
});
