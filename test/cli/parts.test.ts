/** Parts of the command line that need no process: progress, job files, targets of intervals, models from files. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { progressView } from '../../src/cli/progress.js';
import { RECIPES, recipeNamed } from '../../src/cli/recipes/index.js';
import { windowTargets } from '../../src/cli/train/interval-targets.js';
import { parseJob, setValue } from '../../src/cli/train/job.js';
import { buildModel } from '../../src/cli/train/model.js';
import { FeatureDataset } from '../../src/dataset/index.js';
import { workFolder } from './cli.js';

describe('progress', () => {
  function streamOf(isTTY: boolean) {
    const stream = Object.assign(new PassThrough(), {
      isTTY,
      columns: 120,
      cursorTo: () => true,
      clearLine: () => true,
    });
    const text = () => stream.read()?.toString() ?? '';
    return { stream: stream as object as NodeJS.WriteStream, text };
  }

  it('is plain lines where nobody watches: the first, few between, the last', () => {
    const { stream, text } = streamOf(false);
    const { show, stop } = progressView({ quiet: false, log: 'auto', stream });
    for (let done = 1; done <= 100; done++) show({ stage: 'extract', done, total: 100, metrics: { failed: 0 } });
    show({ stage: 'extract', done: 100, total: 100, metrics: { failed: 0 } });
    stop();
    expect(text()).toBe('extract: 1/100 failed 0\nextract: 100/100 failed 0\n');
  });

  it('is a bar on a terminal, and lines there if asked for', () => {
    const terminal = streamOf(true);
    const bar = progressView({ quiet: false, log: 'auto', stream: terminal.stream });
    bar.show({ stage: 'tone: epoch 1', done: 1, total: 2 });
    bar.stop();
    expect(terminal.text()).toContain('tone: epoch 1');
    const asked = streamOf(true);
    progressView({ quiet: false, log: 'lines', stream: asked.stream }).show({ stage: 'a', done: 1 });
    expect(asked.text()).toBe('a: 1\n');
  });

  it('is nothing when quiet', () => {
    const { stream, text } = streamOf(true);
    for (const view of [progressView({ quiet: true, stream }), progressView({ quiet: false, log: 'quiet', stream })]) {
      view.show({ stage: 'a', done: 1 });
      view.stop();
    }
    expect(text()).toBe('');
  });
});

describe('a job', () => {
  const least = { data: 'features', model: 'toneCnn', epochs: 1 };

  it('has short forms and defaults', () => {
    expect(parseJob(least, 'job.yaml')).toMatchObject({
      data: { features: 'features' },
      model: { name: 'toneCnn' },
      target: 'label',
      normalize: 'none',
      engine: 'auto',
      seed: 0,
    });
    expect(parseJob({ ...least, data: 'rows.CSV', model: 'a/model.json' }, 'job.yaml')).toMatchObject({
      data: { table: 'rows.CSV' },
      model: { path: 'a/model.json' },
    });
    expect(parseJob({ ...least, target: { label: 'tone' } }, 'job.yaml').target).toEqual({
      label: 'tone',
      rule: 'centre',
      collarMs: 0,
    });
  });

  it.each([
    [{ ...least, data: undefined }, 'data in job.yaml must be a feature folder'],
    [{ ...least, split: { by: 'chance' } }, 'split.by in job.yaml must be an object with by: time, group, stratified'],
    [{ ...least, split: { by: 'group', ratios: [1] } }, 'split.ratios in job.yaml must be two or three numbers'],
    [
      { ...least, model: { name: 'toneCnn', kernel: 3 } },
      'a key of model in job.yaml must be one that exists, got "kernel"',
    ],
    [
      { ...least, optimizer: { name: 'adam', lr: 2 } },
      'a key of optimizer in job.yaml must be one that exists, got "lr"',
    ],
    [{ ...least, model: 'lstm' }, 'model in job.yaml must be toneCnn or sequenceLstm'],
    [{ ...least, loss: 'hinge' }, 'loss in job.yaml must be "binaryCrossentropy" or'],
    [{ ...least, target: 'labels' }, 'target in job.yaml must be "label", "input" or'],
  ])('says what is wrong in %j', (job, message) => {
    expect(() => parseJob(job, 'job.yaml')).toThrow(message);
  });

  it('takes values by path', async () => {
    const job = { optimizer: { name: 'adam' } };
    await setValue(job, 'optimizer.learningRate=0.5');
    await setValue(job, 'split.ratios=[0.5, 0.5]');
    await setValue(job, 'out=a=b');
    expect(job).toEqual({ optimizer: { name: 'adam', learningRate: 0.5 }, split: { ratios: [0.5, 0.5] }, out: 'a=b' });
    await expect(setValue(job, 'out')).rejects.toThrow('--set must be key=value');
    await expect(setValue(job, 'out.of=1')).rejects.toThrow('out for --set out.of=1 must be an object');
  });
});

describe('targets of intervals', () => {
  // Windows of 3 frames of 100 ms at stride 2: [0, 0.3), [0.2, 0.5), …, middles 0.15, 0.35, 0.55, 0.75.
  const timing = { startSec: 0, stepSec: 0.1, spanSec: 0.1 };
  const item = {
    id: 'a',
    nFrames: 9,
    nWindows: 4,
    labels: [
      { startSec: 0.3, endSec: 0.56, label: 'tone' },
      { startSec: 0, endSec: 1, label: 'other' },
    ],
  };
  const targets = (rule: 'centre' | 'contains', collarMs: number, change: Partial<typeof item> = {}) => [
    ...windowTargets({ ...item, ...change }, timing, { size: 3, stride: 2 }, { label: 'tone', rule, collarMs }),
  ];

  it('by the middle of a window, unscored near an edge', () => {
    expect(targets('centre', 0)).toEqual([0, 1, 1, 0]);
    expect(targets('centre', 20)).toEqual([0, 1, Number.NaN, 0]);
  });

  it('by what lies inside, unscored where little is cut off', () => {
    expect(targets('contains', 0)).toEqual([0, 0, 0, 0]);
    expect(targets('contains', 0, { labels: [{ startSec: 0.21, endSec: 0.49, label: 'tone' }] })).toEqual([0, 1, 0, 0]);
    // [0.2, 0.5) cuts 60 ms off the end, [0.4, 0.7) 100 ms off the start.
    expect(targets('contains', 80)).toEqual([0, Number.NaN, 0, 0]);
  });
});

describe('the model of a job', () => {
  it('is read from what tfjs saved', async () => {
    await tf.setBackend('cpu');
    const saved = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [3], activation: 'relu' })] });
    const folder = await workFolder();
    await saved.save(
      tf.io.withSaveHandler(async ({ modelTopology, weightSpecs, weightData }) => {
        if (!(weightData instanceof ArrayBuffer)) throw new Error('expected one buffer of weights');
        const weightsManifest = [{ paths: ['weights.bin'], weights: weightSpecs }];
        await writeFile(join(folder, 'model.json'), JSON.stringify({ modelTopology, weightsManifest }));
        await writeFile(join(folder, 'weights.bin'), new Uint8Array(weightData));
        return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
      }),
    );
    const data = await FeatureDataset.from([{ features: Float32Array.of(1, 2, 3) }]);
    const job = parseJob({ data: 'x', model: join(folder, 'model.json'), epochs: 1 }, 'job.yaml');
    const model = await buildModel(job, data);
    const x = tf.tensor2d([[1, -2, 3]]);
    const outputs = [saved, model].map((one) => {
      const y = one.predict(x);
      if (Array.isArray(y)) throw new Error('expected one output');
      return [...y.dataSync()];
    });
    expect(outputs[1]).toEqual(outputs[0]);
    await expect(buildModel(parseJob({ data: 'x', model: 'absent.json', epochs: 1 }, 'j'), data)).rejects.toThrow(
      'no such file',
    );
  });

  it('is as large as its data', async () => {
    const data = await FeatureDataset.from([{ features: new Float32Array(12) }]);
    const model = await buildModel(
      parseJob({ data: 'x', model: { name: 'sequenceLstm', units: 2 }, epochs: 1 }, 'j'),
      data,
    );
    expect(model.inputs[0]?.shape).toEqual([null, 12, 1]);
  });
});

it('every recipe has a name and a line, and others are refused', () => {
  expect(RECIPES.length).toBeGreaterThan(0);
  for (const recipe of RECIPES) expect(recipeNamed(recipe.name).summary).toMatch(/^.{20,100}$/);
  expect(() => recipeNamed('cake')).toThrow('recipe must be one of beep-sequence');
});
