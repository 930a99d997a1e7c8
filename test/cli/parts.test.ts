/** Parts of the command line that need no process: progress, job files, models of jobs. */
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { ENGINE_FLAGS } from '../../src/cli/arguments.js';
import { progressView } from '../../src/cli/progress.js';
import { RECIPES, recipeNamed } from '../../src/cli/recipes/index.js';
import { parseJob, setValue } from '../../src/cli/train/job.js';
import { buildModel } from '../../src/cli/train/model.js';
import { FeatureDataset } from '../../src/dataset/index.js';
import { ENGINES, LOSS_NAMES, MONITORS, OPTIMIZER_NAMES, SCHEDULES } from '../../src/training/index.js';

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

  it('takes every loss, optimiser, engine and monitor that training has', () => {
    expect(LOSS_NAMES).toContain('binaryCrossentropy');
    expect(OPTIMIZER_NAMES).toContain('adam');
    expect(ENGINE_FLAGS).toEqual(ENGINES);
    for (const loss of LOSS_NAMES) expect(parseJob({ ...least, loss }, 'j').loss).toBe(loss);
    for (const engine of ENGINES) expect(parseJob({ ...least, engine }, 'j').engine).toBe(engine);
    for (const name of OPTIMIZER_NAMES) {
      expect(parseJob({ ...least, optimizer: name }, 'j').optimizer).toBe(name);
      expect(parseJob({ ...least, optimizer: { name } }, 'j').optimizer).toEqual({ name });
    }
    for (const monitor of MONITORS) {
      expect(parseJob({ ...least, earlyStopping: { monitor } }, 'j').earlyStopping).toEqual({ monitor });
    }
    for (const schedule of SCHEDULES) {
      const own = schedule === 'cosineDecay' ? { alpha: 0.5 } : { decayRate: 0.5, staircase: true };
      const learningRate = { schedule, initial: 0.01, decaySteps: 100, ...own };
      const scheduled = { name: 'adam', learningRate, globalClipNorm: 1 };
      expect(parseJob({ ...least, optimizer: scheduled }, 'j').optimizer).toEqual(scheduled);
    }
    const plateau = { monitor: 'loss', factor: 0.3, patience: 2, minDelta: 0, cooldown: 1, minLearningRate: 1e-5 };
    expect(parseJob({ ...least, reduceLROnPlateau: plateau }, 'j').reduceLROnPlateau).toEqual(plateau);
    expect(() => parseJob({ ...least, optimizer: 'lion' }, 'j')).toThrow(
      'optimizer in j must be adam, sgd, rmsprop or adadelta, or an object with that name and its options, got "lion"',
    );
  });

  it('takes a device and how much of its memory', () => {
    for (const device of ['auto', 'cpu', 'cuda', 'cuda:3'])
      expect(parseJob({ ...least, device }, 'j').device).toBe(device);
    const gpuMemory = { growth: true, fraction: 0.5 };
    expect(parseJob({ ...least, gpuMemory }, 'j').gpuMemory).toEqual(gpuMemory);
    expect(() => parseJob({ ...least, device: 'gpu' }, 'j')).toThrow('device in j must be auto, cpu, cuda or cuda:<n>');
    expect(() => parseJob({ ...least, gpuMemory: { limitMb: -1 } }, 'j')).toThrow(
      'gpuMemory.limitMb in j must be a pos',
    );
  });

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
    [
      { ...least, optimizer: { name: 'adam', learningRate: { schedule: 'linearDecay' } } },
      'optimizer.learningRate.schedule in job.yaml must be an object with schedule: cosineDecay or exponentialDecay',
    ],
    [{ ...least, reduceLROnPlateau: { factor: 1 } }, 'reduceLROnPlateau.factor in job.yaml must be a number in (0, 1)'],
    [{ ...least, reduceLROnPlateau: 3 }, 'reduceLROnPlateau in job.yaml must be an object with monitor, factor'],
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

describe('the model of a job', () => {
  it('is read from a file by its path', async () => {
    const data = await FeatureDataset.from([{ features: Float32Array.of(1, 2, 3) }]);
    const job = parseJob({ data: 'x', model: 'absent.json', epochs: 1 }, 'job.yaml');
    await expect(buildModel(job, data)).rejects.toThrow('no such file');
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
