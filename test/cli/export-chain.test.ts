/** Models of one chain that come from several runs. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readBundle } from '../../src/bundle/index.js';
import { exportRun } from '../../src/cli/export.js';
import { parseJob } from '../../src/cli/train/job.js';
import type { RunReport, StoredRun } from '../../src/cli/train/run-folder.js';
import { type LayersModel, modelToGraph, sequenceLstm, toneCnn } from '../../src/model/index.js';
import { defineSpec, specOfModel } from '../../src/spec/index.js';

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
