import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type BatchOptions, FeatureDataset } from '../../src/dataset/index.js';
import { loadTf } from '../../src/model/index.js';
import { type TrainingData, type TrainingRun, type TrainOptions, train } from '../../src/training/index.js';
import { memoryModel, weightsOf } from './models.js';
import { TFJS_ENGINE } from './tested-engines.js';
import { memoryTable, random } from './window-table.js';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const LENGTH = 6;
const STEPS_AN_EPOCH = 7;

let out: string;
beforeEach(async () => {
  out = await mkdtemp(join(tmpdir(), 'cochlea-resume-'));
  await loadTf().setBackend('cpu');
});
afterEach(() => rm(out, { recursive: true }));

/** 110 windows of six values in recordings of different lengths; 7 batches of 16. */
async function windowsOf(seed: number): Promise<FeatureDataset> {
  const next = random(seed);
  const items = [20, 40, 65].map((n, i) => {
    const features = Float32Array.from({ length: n }, () => next());
    return { id: `r${i}`, features, targets: Float32Array.from({ length: n - LENGTH + 1 }, () => Math.round(next())) };
  });
  return FeatureDataset.from(items, { windowing: { size: LENGTH, stride: 1, tail: 'drop', padValue: 0 } });
}

/** The same data, until so many batches of training are drawn: then somebody aborts. */
function abortingAfter(data: TrainingData, nBatches: number): { data: TrainingData; signal: AbortSignal } {
  const abort = new AbortController();
  let drawn = 0;
  async function* counted(o: BatchOptions) {
    for await (const batch of data.batches(o)) {
      if (o.shuffle && drawn++ === nBatches) abort.abort();
      yield batch;
    }
  }
  return { data: { size: data.size, spec: data.spec, batches: counted }, signal: abort.signal };
}

const OPTIONS = { loss: 'binaryCrossentropy', batchSize: 16, engine: 'native', seed: 3 } as const;

function withoutTimes({ history, bestEpoch, stoppedBy, model }: TrainingRun) {
  return {
    history: history.map(({ seconds: _, ...figures }) => figures),
    bestEpoch,
    stoppedBy,
    weights: weightsOf(model),
  };
}

const VARIANTS: readonly [string, Partial<TrainOptions>][] = [
  [
    'adam, a schedule, two threads',
    {
      epochs: 3,
      threads: 2,
      optimizer: { name: 'adam', learningRate: { schedule: 'cosineDecay', initial: 0.01, decaySteps: 20 } },
    },
  ],
  [
    'momentum, class weights',
    { epochs: 3, optimizer: { name: 'sgd', learningRate: 0.1, momentum: 0.9 }, classWeight: { 1: 2 } },
  ],
  ['rmsprop, drawn with equal shares', { steps: 19, balance: 'index', optimizer: 'rmsprop' }],
  [
    'adadelta, rates that fall',
    {
      epochs: 4,
      optimizer: { name: 'adadelta', learningRate: 1 },
      callbacks: [{ kind: 'reduceLROnPlateau', patience: 1, minDelta: 1, factor: 0.5 }],
    },
  ],
  ['early stopping', { epochs: 50, callbacks: [{ kind: 'earlyStopping', patience: 2, minDelta: 0.05 }] }],
];

describe('a native run that is cut short goes on to the same bits', () => {
  for (const [name, options] of VARIANTS) {
    it.each([1, STEPS_AN_EPOCH - 1, STEPS_AN_EPOCH, STEPS_AN_EPOCH + 4])(`${name}: after %i steps`, async (nSteps) => {
      const [data, validation] = [await windowsOf(1), await windowsOf(2)];
      const asked = { ...OPTIONS, ...options, validation } as TrainOptions;
      const whole = await train(memoryModel(LENGTH), data, asked);

      const cut = abortingAfter(data, nSteps);
      const cutRun = train(memoryModel(LENGTH), cut.data, { ...asked, out, signal: cut.signal });
      await expect(cutRun).rejects.toMatchObject({ code: 'ERR_TASK_ABORTED' });
      expect(await readdir(out)).toContain('state.safetensors');
      const stages: number[] = [];
      const continued = await train(memoryModel(LENGTH), data, {
        ...asked,
        out,
        onProgress: ({ done }) => stages.push(done),
      });

      expect(continued.resumed).toBe(true);
      expect(stages[0]).toBeGreaterThan(nSteps);
      expect(withoutTimes(continued)).toEqual(withoutTimes(whole));
      expect((await readdir(out)).sort()).toEqual(['history.json', 'weights.bin']);
      const again = await train(memoryModel(LENGTH), data, { ...asked, out });
      expect(withoutTimes(again)).toEqual(withoutTimes(whole));
    });
  }

  it('cut more than once', async () => {
    const data = await windowsOf(1);
    const asked = { ...OPTIONS, epochs: 4 };
    const whole = await train(memoryModel(LENGTH), data, asked);
    for (const nSteps of [3, 5, 9]) {
      const cut = abortingAfter(data, nSteps);
      const cutRun = train(memoryModel(LENGTH), cut.data, { ...asked, out, signal: cut.signal });
      await expect(cutRun).rejects.toMatchObject({ code: 'ERR_TASK_ABORTED' });
    }
    expect(withoutTimes(await train(memoryModel(LENGTH), data, { ...asked, out }))).toEqual(withoutTimes(whole));
  });
});

it('a process that is killed loses no more than the time between two states', async () => {
  const at = (path: string) => JSON.stringify(pathToFileURL(join(root, 'dist', path)).href);
  const program = `
    import { FeatureDataset } from ${at('index.js')};
    import { sequenceLstm } from ${at('model/index.js')};
    import { train } from ${at('training/index.js')};
    const features = Float32Array.from({ length: 600 }, (_, i) => Math.sin(i * i));
    const targets = Float32Array.from({ length: 561 }, (_, i) => i % 2);
    const data = await FeatureDataset.from([{ id: 'r', features, targets }], { windowing: { size: 40, stride: 1, tail: 'drop', padValue: 0 } });
    const [epochs, out] = [Number(process.argv[1]), process.argv[2]];
    const run = await train(sequenceLstm({ length: 40, units: 8, seed: 1 }), data, {
      loss: 'binaryCrossentropy', epochs, engine: 'native', batchSize: 16,
      ...(out && { out, stateSec: 0.001 }), onProgress: ({ done }) => console.log(done),
    });
    console.log(JSON.stringify({ resumed: run.resumed, history: run.history.map(({ seconds, ...e }) => e), scores: [...(await run.predict(data))] }));`;
  const start = (...args: string[]) =>
    spawn(process.execPath, ['--input-type=module', '-e', program, '--', ...args], { cwd: root });
  const resultOf = async (...args: string[]) => {
    const child = start(...args);
    let text = '';
    child.stdout.on('data', (chunk) => {
      text += chunk;
    });
    await once(child, 'close');
    return JSON.parse(text.trim().split('\n').at(-1) ?? '');
  };
  const whole = await resultOf('12');
  const doomed = start('12', out);
  let lines = 0;
  doomed.stdout.on('data', (chunk) => {
    lines += String(chunk).split('\n').length - 1;
    if (lines >= 3) doomed.kill('SIGKILL');
  });
  const [, signal] = await once(doomed, 'close');
  expect(signal).toBe('SIGKILL');
  expect(await readdir(out)).toContain('state.safetensors');
  expect(await resultOf('12', out)).toEqual({ ...whole, resumed: true });
});

describe('the state of a run', () => {
  async function cutShort(options: Partial<TrainOptions> = {}): Promise<void> {
    const cut = abortingAfter(await windowsOf(1), 3);
    const asked = { ...OPTIONS, epochs: 3, ...options, out, signal: cut.signal } as TrainOptions;
    await expect(train(memoryModel(LENGTH), cut.data, asked)).rejects.toMatchObject({ code: 'ERR_TASK_ABORTED' });
  }

  it('is not taken for another run: other options, other data', async () => {
    await cutShort();
    const others: [FeatureDataset, object][] = [
      [await windowsOf(1), { seed: 4 }],
      [await windowsOf(5), {}],
    ];
    for (const [data, options] of others)
      expect((await train(memoryModel(LENGTH), data, { ...OPTIONS, epochs: 3, ...options, out })).resumed).toBe(false);
  });

  it('is named where it is damaged', async () => {
    await cutShort();
    const path = join(out, 'state.safetensors');
    const bytes = await readFile(path);
    bytes[bytes.length - 1]! ^= 1;
    for (const damaged of [bytes, bytes.subarray(0, 100), Buffer.from('no state')]) {
      await writeFile(path, damaged);
      const again = train(memoryModel(LENGTH), await windowsOf(1), { ...OPTIONS, epochs: 3, out });
      await expect(again).rejects.toMatchObject({ code: 'ERR_MODEL_FILE', message: expect.stringContaining(path) });
    }
  });

  it('is not kept by an engine that cannot go on from it', async () => {
    await cutShort({ engine: TFJS_ENGINE });
    expect(await readdir(out)).toEqual([]);
  });

  it('is refused without a folder', async () => {
    const asked = { ...OPTIONS, epochs: 1, stateSec: 5 };
    await expect(train(memoryModel(LENGTH), memoryTable(16, LENGTH, 1), asked)).rejects.toThrow(/stateSec.*out/);
  });
});
