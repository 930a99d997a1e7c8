import { afterAll, describe, expect, it } from 'vitest';
import { ModelSession, runStages, type Sequence, StageChain } from '../../src/inference/index.js';
import { defineSpec, effectiveFeatures, type Stage, type StageInput } from '../../src/spec/index.js';
import { meanModel } from './models.js';

const open: ModelSession[] = [];
afterAll(() => Promise.all(open.map((session) => session.release())));

async function sessionsOf(models: Record<string, Uint8Array>): Promise<Map<string, ModelSession>> {
  const sessions = new Map<string, ModelSession>();
  for (const [name, bytes] of Object.entries(models)) sessions.set(name, await ModelSession.load(bytes, name));
  open.push(...sessions.values());
  return sessions;
}

const stagesOf = (stages: StageInput[]): readonly Stage[] =>
  defineSpec({ task: 'sequence', audio: { sampleRate: 100 }, features: { kind: 'stft', nFft: 4, power: 2 }, stages })
    .stages;

const rows = (n: number, width: number, value: (i: number) => number): Omit<Sequence, 'first'> => ({
  data: Float32Array.from({ length: n * width }, (_, i) => value(i)),
  width,
  n,
  startSec: -0.01,
  stepSec: 0.1,
  spanSec: 0.12,
});

const seconds = (sequence: Sequence) =>
  [sequence.startSec, sequence.stepSec, sequence.spanSec].map((sec) => Math.round(sec * 1e9) / 1e9);

describe('runStages', () => {
  it('runs windows, model, binarize, decimate, windows, model, and keeps what each gave', async () => {
    const stages = stagesOf([
      { windowing: { size: 1 }, normalize: { kind: 'standard', mean: [1, 2, 3], std: [1, 2, 1] }, model: 'tone' },
      { binarize: 0.5 },
      { decimate: 2 },
      { windowing: { size: 3, stride: 2 }, model: 'sum' },
    ]);
    const sessions = await sessionsOf({
      tone: meanModel({ input: [3, 1] }),
      sum: meanModel({ input: [3], gain: 3 }),
    });
    const input = rows(11, 3, (i) => Math.floor(i / 3));
    const [tone, binary, tenth, sums] = await runStages(input, stages, sessions);
    const expected = Array.from({ length: 11 }, (_, t) => (t - 1 + (t - 2) / 2 + t - 3) / 3);
    for (let t = 0; t < 11; t++) expect(tone!.data[t]).toBeCloseTo(expected[t]!, 5);
    expect([...binary!.data]).toEqual(expected.map((value) => (value >= 0.5 ? 1 : 0)));
    expect([...binary!.data]).toEqual([0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1]);
    expect([...tenth!.data]).toEqual([0, 0, 1, 1, 1, 1]);
    expect([...sums!.data]).toEqual([1, 3]);
    expect([tone!.n, binary!.n, tenth!.n, sums!.n]).toEqual([11, 11, 6, 2]);
    expect(seconds(tone!)).toEqual([-0.01, 0.1, 0.12]);
    expect(seconds(tenth!)).toEqual([-0.01, 0.2, 0.12]);
    expect(seconds(sums!)).toEqual([-0.01, 0.4, 0.52]);
  });

  it.each([
    ['drop', [0 + 1 + 2, 2 + 3 + 4]],
    ['pad', [3, 9, 4 + 5 + 60]],
    ['partial', [3, 9, 4 + 5 + 60]],
  ] as const)('fills the last window as tail %s says', async (tail, expected) => {
    const stages = stagesOf([{ windowing: { size: 3, stride: 2, tail, padValue: 60 }, model: 'sum' }]);
    const sessions = await sessionsOf({ sum: meanModel({ input: [3], gain: 3 }) });
    const [sums] = await runStages(
      rows(6, 1, (i) => i),
      stages,
      sessions,
    );
    expect([...sums!.data].map((sum) => Math.round(sum * 1e4) / 1e4)).toEqual(expected);
  });

  it('gives windows themselves where a stage has no model', async () => {
    const [windows] = await runStages(
      rows(4, 2, (i) => i),
      stagesOf([{ windowing: { size: 2 } }]),
      new Map(),
    );
    expect(windows).toMatchObject({ n: 3, width: 4 });
    expect([...windows!.data]).toEqual([0, 1, 2, 3, 2, 3, 4, 5, 4, 5, 6, 7]);
  });

  it('gives nothing for nothing, and for less than a window', async () => {
    const stages = stagesOf([{ windowing: { size: 3 }, model: 'sum' }, { binarize: 1 }]);
    const sessions = await sessionsOf({ sum: meanModel({ input: [3] }) });
    for (const n of [0, 2]) {
      const outputs = await runStages(
        rows(n, 1, (i) => i),
        stages,
        sessions,
      );
      expect(outputs.map((sequence) => sequence.n)).toEqual([0, 0]);
    }
  });

  it('equals the chain with its decimation folded into the frames', async () => {
    const spec = defineSpec({
      task: 'sequence',
      audio: { sampleRate: 100 },
      features: { kind: 'stft', nFft: 12, hopLength: 1, power: 2, center: false },
      stages: [{ windowing: { size: 1 }, model: 'tone' }, { decimate: 5 }, { windowing: { size: 2 }, model: 'pair' }],
    });
    const sessions = await sessionsOf({
      tone: meanModel({ input: [7, 1], sigmoid: true }),
      pair: meanModel({ input: [2] }),
    });
    const { stages, decimation } = effectiveFeatures(spec);
    expect(decimation).toBe(5);
    const all = rows(63, 7, (i) => Math.sin(i * i));
    const every5th = { ...rows(13, 7, (i) => Math.sin((i + 28 * Math.floor(i / 7)) ** 2)), stepSec: 0.5 };
    const long = (await runStages(all, spec.stages, sessions)).at(-1)!;
    const short = (await runStages(every5th, stages, sessions)).at(-1)!;
    expect(short.n).toBe(12);
    // The last bit of a sigmoid depends on its place in the batch.
    for (let i = 0; i < 12; i++) expect(short.data[i]).toBeCloseTo(long.data[i]!, 6);
    expect(seconds(short)).toEqual(seconds(long));
  });

  it('names model and windows where they do not fit, or the model that is missing', async () => {
    const sessions = await sessionsOf({ sum: meanModel({ input: [3] }) });
    const stages = stagesOf([{ windowing: { size: 2 }, model: 'sum' }]);
    const run = runStages(
      rows(4, 2, (i) => i),
      stages,
      sessions,
    );
    await expect(run).rejects.toMatchObject({
      code: 'ERR_MODEL',
      message: 'input of sum must be as large as its windows [2, 2], got [3]',
      details: { model: [3], windows: [2, 2] },
    });
    const missing = runStages(
      rows(4, 2, (i) => i),
      stages,
      new Map(),
    );
    await expect(missing).rejects.toThrow('sessions must be with the model sum');
  });

  it('stops when aborted', async () => {
    const sessions = await sessionsOf({ sum: meanModel({ input: [3] }) });
    const stages = stagesOf([{ windowing: { size: 3 }, model: 'sum' }]);
    const signal = AbortSignal.abort();
    const run = runStages(
      rows(9, 1, (i) => i),
      stages,
      sessions,
      { signal },
    );
    await expect(run).rejects.toMatchObject({ code: 'ERR_TASK_ABORTED', name: 'PoolError' });
  });
});

describe('StageChain', () => {
  it('gives the same for rows in pieces of any size, with bounded memory', async () => {
    const stages = stagesOf([
      { windowing: { size: 3, stride: 2 }, model: 'sum' },
      { decimate: 3 },
      { binarize: 0.1 },
      { windowing: { size: 4, stride: 3, tail: 'pad', padValue: 7 }, model: 'sum4' },
    ]);
    const sessions = await sessionsOf({ sum: meanModel({ input: [6] }), sum4: meanModel({ input: [4] }) });
    const input = rows(500, 2, (i) => Math.cos(i * i));
    const whole = (await runStages(input, stages, sessions)).at(-1)!;
    expect(whole.n).toBeGreaterThan(20);
    for (const piece of [1, 7, 64, 499]) {
      const chain = new StageChain(stages, sessions, input, { keep: 'needed' });
      const scores: number[] = [];
      const take = () => {
        const last = chain.output(3);
        scores.push(...last.data.subarray(scores.length - last.first));
        chain.forget(scores.length);
      };
      for (let row = 0; row < input.n; row += piece) {
        const n = Math.min(piece, input.n - row);
        await chain.push(input.data.subarray(2 * row, 2 * (row + n)), n);
        take();
        for (let i = -1; i < 4; i++) expect(chain.output(i).n).toBeLessThanOrEqual(12);
      }
      await chain.end();
      take();
      expect(scores).toEqual([...whole.data]);
    }
  });
});
