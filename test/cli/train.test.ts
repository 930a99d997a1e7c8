/** `train`, then `export` and `inspect` of what it left. */
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { smallCorpus, smallSpec } from '../corpus/wav.js';
import { cochlea, cochleaJson, workFolder } from './cli.js';

const PRINTED = fileURLToPath(new URL('../fixtures/seed-0-printed-windows.txt', import.meta.url));
const HEADER = [...Array(8).keys(), 'response'].join(',');

/** Rows of 8: the first half is up in one class, the second in the other. */
const ROWS = Array.from({ length: 120 }, (_, row) => {
  const positive = row % 2;
  return [...Array.from({ length: 8 }, (_, i) => Number(i < 4) === positive), positive].map(Number).join(',');
});

const JOB = `data: rows.csv
model: { name: sequenceLstm, units: 3 }
split: { by: stratified, ratios: [0.6, 0.2, 0.2] }
optimizer: { name: adam, learningRate: 0.03 }
epochs: 9
batchSize: 8
positive: up
engine: cpu
`;

interface Trained {
  out: string;
  engine: { name: string };
  resumed: boolean;
  history: { loss: number }[];
  metrics: {
    threshold: number;
    thresholdChosenBy: string;
    test: { n: number; accuracy: number; positive: string } | null;
  };
  spec: string | null;
}

async function tableJob(): Promise<string> {
  const cwd = await workFolder();
  await writeFile(join(cwd, 'rows.csv'), `${[HEADER, ...ROWS].join('\n')}\n`);
  await writeFile(join(cwd, 'job.yaml'), JOB);
  return cwd;
}

describe('train on a table', () => {
  it('leaves a run that is not redone, and exports as a model without a spec', async () => {
    const cwd = await tableJob();
    const first = await cochlea(['train', 'job.yaml', '--set', 'epochs=4'], { cwd });
    expect(first.code).toBe(0);
    expect(first.stderr).not.toContain('Hi, looks like');
    expect(first.stdout).toMatch(
      /^run +runs\/job\nengine +cpu \(asked for\)\nwindows +72 train, 24 validation, 24 test$/m,
    );
    for (const file of ['run.json', 'history.json', 'weights.bin', 'graph.json', 'metrics.json']) {
      expect(existsSync(join(cwd, 'runs/job', file))).toBe(true);
    }
    const again = await cochleaJson<Trained>(['train', 'job.yaml', '--set', 'epochs=4'], { cwd });
    expect(again.value).toMatchObject({ out: 'runs/job', resumed: true, spec: null });
    expect(again.value.history).toHaveLength(4);
    expect(again.value.metrics.test).toMatchObject({ positive: 'up', n: 24 });

    const exported = await cochlea(['export', 'runs/job', '-o', 'model.onnx', '--opset', '14'], { cwd });
    expect(exported).toMatchObject({ code: 0, stdout: expect.stringContaining('no spec: it serves windows') });
    const [run, model, folder] = await Promise.all([
      cochleaJson<{ kind: string }>(['inspect', 'runs/job'], { cwd }),
      cochleaJson<{ kind: string }>(['inspect', 'model.onnx'], { cwd }),
      cochlea(['export', 'runs/job', '-o', 'folder'], { cwd }),
    ]);
    expect(run.value).toMatchObject({ kind: 'run', run: 'train', engine: { name: 'cpu' }, windows: { train: 72 } });
    expect(model.value).toMatchObject({
      kind: 'model',
      opset: 14,
      ops: { LSTM: 2 },
      inputs: [{ shape: ['batch', 8, 1] }],
    });
    expect(folder).toMatchObject({ code: 2, stderr: expect.stringContaining('a file.onnx, as the run has no spec') });
  });

  it('takes values and the engine from flags, and stops early', async () => {
    const cwd = await tableJob();
    const set = [
      'epochs=60',
      'optimizer.learningRate=0.05',
      'earlyStopping={ monitor: valLoss, patience: 1, minDelta: 0.5 }',
    ];
    const args = ['train', 'job.yaml', '--engine', 'wasm', '--out', 'here', ...set.flatMap((one) => ['--set', one])];
    const { code, value } = await cochleaJson<Trained & { stoppedBy: string }>(args, { cwd });
    expect(code).toBe(0);
    expect(value).toMatchObject({ out: 'here', engine: { name: 'wasm' }, stoppedBy: 'earlyStopping' });
    const stored = JSON.parse(await readFile(join(cwd, 'here/run.json'), 'utf8'));
    expect(stored).toEqual(value);
    expect(stored.job.optimizer).toEqual({ name: 'adam', learningRate: 0.05 });
  });

  it('names a row of the wrong width by row and width', async () => {
    const cwd = await workFolder();
    const printed = (await readFile(PRINTED, 'utf8')).trimEnd().split('\n');
    const header = [...Array(40).keys(), 'response'].join(',');
    const rows = printed.map((line) => line.replace(' : ', ','));
    await writeFile(join(cwd, 'printed.csv'), `${[header, ...rows].join('\n')}\n`);
    await writeFile(join(cwd, 'job.yaml'), 'data: printed.csv\nmodel: sequenceLstm\nepochs: 1\n');
    const { code, stderr } = await cochlea(['train', 'job.yaml'], { cwd });
    expect(code).toBe(1);
    // Four positive windows of 40 values, then the printed negatives have 41.
    expect(stderr).toContain('printed.csv row 5 (line 6) must be 41 cells wide, got 42 [ERR_CSV_WIDTH]');
  });

  it('names what is wrong in a job', async () => {
    const cwd = await tableJob();
    const CASES = [
      [['epochs=0'], 'epochs in job.yaml must be a positive whole number, got 0'],
      [['epoch=2'], 'a key of job.yaml must be one of data, spec, target'],
      [['normalize=standard'], 'normalize must be "none" for a table'],
      [
        ['threshold=f1', 'split={ by: time, ratios: [1, 0] }'],
        'threshold must be a number, as f1 needs a validation part',
      ],
    ] as const;
    const outcomes = await Promise.all(
      CASES.map(([set]) => cochlea(['train', 'job.yaml', ...set.flatMap((one) => ['--set', one])], { cwd })),
    );
    CASES.forEach(([set, message], i) => {
      expect({ set, ...outcomes[i]! }).toMatchObject({ set, code: 2, stderr: expect.stringContaining(message) });
    });
  });
});

describe('train on features', () => {
  it('refuses a label that no interval has', async () => {
    const cwd = await workFolder();
    const corpus = await smallCorpus(join(cwd, 'corpus'), 2);
    for (const name of ['quiet/clip-00.txt', 'loud/clip-01.txt']) {
      await writeFile(join(corpus, name), '0.01\t0.05\ttone\n');
    }
    await writeFile(join(cwd, 'spec.json'), JSON.stringify(smallSpec()));
    const extract = ['extract', 'corpus', '-o', 'features', '--spec', 'spec.json', '--labels', 'audacity', '--quiet'];
    expect(await cochlea(extract, { cwd })).toMatchObject({ code: 0 });
    const job = 'data: { features: features }\nmodel: sequenceLstm\nepochs: 1\ntarget: { label: tnoe }\n';
    await writeFile(join(cwd, 'job.yaml'), job);
    const { code, stderr } = await cochlea(['train', 'job.yaml'], { cwd });
    expect({ code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('must be one of tone, got "tnoe"'),
    });
  });

  it('goes from recordings to a file that detects', async () => {
    const cwd = await workFolder();
    await smallCorpus(join(cwd, 'corpus'), 12);
    await writeFile(join(cwd, 'spec.json'), JSON.stringify(smallSpec({ aggregate: 'mean' })));
    const extract = [
      'extract',
      'corpus',
      '-o',
      'features',
      '--spec',
      'spec.json',
      '--labels',
      'parent-folder',
      '--quiet',
    ];
    expect(await cochlea(extract, { cwd })).toMatchObject({ code: 0, stderr: '' });
    await writeFile(
      join(cwd, 'job.yaml'),
      `data: { features: features }
model: { name: toneCnn, filters: [4], kernelSize: 3, denseUnits: 4 }
normalize: standard
split: { by: stratified, ratios: [0.5, 0.25, 0.25], seed: 2 }
epochs: 2
batchSize: 32
threshold: f1
out: runs/loud
`,
    );
    const { code, value } = await cochleaJson<Trained>(['train', 'job.yaml'], { cwd });
    expect(code).toBe(0);
    expect(value.metrics).toMatchObject({ thresholdChosenBy: 'f1, validation', test: { positive: 'loud' } });
    expect(await cochlea(['export', 'runs/loud', '-o', 'loud.onnx'], { cwd })).toMatchObject({ code: 0 });
    const [detected, features, model] = await Promise.all([
      cochleaJson<{ spec: string; score: number }>(['detect', 'corpus/loud/clip-01.wav', '-m', 'loud.onnx'], { cwd }),
      cochleaJson<Record<string, unknown>>(['inspect', 'features'], { cwd }),
      cochleaJson<{ metadata: { 'cochlea.spec': { decision: unknown; stages: object[] } } }>(['inspect', 'loud.onnx'], {
        cwd,
      }),
    ]);
    expect(detected.value.spec).toBe(value.spec);
    expect(detected.value.score).toBeGreaterThan(0);
    expect(features.value).toMatchObject({
      kind: 'features',
      complete: true,
      recordings: 12,
      itemLabels: { loud: 6, quiet: 6 },
    });
    const { decision, stages } = model.value.metadata['cochlea.spec'];
    expect(decision).toMatchObject({ threshold: value.metrics.threshold, chosenBy: 'f1, validation' });
    expect(stages).toMatchObject([{ model: 'model.onnx', normalize: { kind: 'standard' } }]);
  });
});
