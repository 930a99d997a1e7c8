import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ModelSession } from '../../src/inference/index.js';
import { watchLoop } from './loop-watch.js';
import { meanModel, slowModel } from './models.js';

const open: ModelSession[] = [];
const load = async (...args: Parameters<typeof ModelSession.load>) => {
  const session = await ModelSession.load(...args);
  open.push(session);
  return session;
};
afterAll(() => Promise.all(open.map((session) => session.release())));

describe('ModelSession', () => {
  it('writes into the caller’s array, item by item', async () => {
    const session = await load(meanModel({ input: [2, 3], offset: 1, gain: 2 }), 'mean.onnx');
    expect(session).toMatchObject({ inputShape: [2, 3], outputShape: [1], inputSize: 6, outputSize: 1 });
    const x = Float32Array.from({ length: 2 * 6 + 2 }, (_, i) => i);
    const out = new Float32Array(4).fill(-1);
    await session.run(x.subarray(1, 13), 2, out.subarray(1, 3));
    expect([...out]).toEqual([-1, 5, 17, -1]);
  });

  it('gives the same bits for batches of whole vectors, and nearly so for others', async () => {
    const n = 133;
    const x = Float32Array.from({ length: n * 5 }, (_, i) => Math.sin(i));
    const scoresOf = async (maxBatch: number) => {
      const session = await load(meanModel({ input: [5], gain: 3, sigmoid: true }), 'mean.onnx', { maxBatch });
      const out = new Float32Array(n);
      await session.run(x, n, out);
      return out;
    };
    const reference = await scoresOf(64);
    expect(reference.every((y) => y > 0 && y < 1)).toBe(true);
    for (const maxBatch of [16, 48, 128]) expect(await scoresOf(maxBatch)).toEqual(reference);
    for (const maxBatch of [1, 7]) {
      const scores = await scoresOf(maxBatch);
      for (let i = 0; i < n; i++) expect(scores[i]).toBeCloseTo(reference[i]!, 6);
    }
  });

  it('takes a model with a fixed batch of one', async () => {
    const session = await load(meanModel({ input: [2], batch: 1 }), 'mean.onnx');
    expect(session.batchSize).toBe(1);
    const out = new Float32Array(3);
    await session.run(Float32Array.of(1, 3, 5, 7, 9, 11), 3, out);
    expect([...out]).toEqual([2, 6, 10]);
  });

  it('lets the event loop turn while it works', async () => {
    const session = await load(slowModel(512, 64), 'slow.onnx');
    const n = 2000;
    const x = new Float32Array(n * 512);
    const { turns, totalMs, busiestMs } = await watchLoop(() => session.run(x, n, new Float32Array(n * 512)));
    expect(totalMs).toBeGreaterThan(50);
    expect(turns).toBeGreaterThan(3);
    expect(busiestMs).toBeLessThan(totalMs / 2);
    expect(session.batchSize).toBeGreaterThan(1);
  });

  it('stops between batches when aborted', async () => {
    const session = await load(slowModel(512, 64), 'slow.onnx');
    const abort = new AbortController();
    const n = 3000;
    const out = new Float32Array(n * 512).fill(7);
    setTimeout(() => abort.abort(), 30);
    await expect(session.run(new Float32Array(n * 512), n, out, abort.signal)).rejects.toMatchObject({
      name: 'PoolError',
      code: 'ERR_TASK_ABORTED',
    });
    expect(out[0]).toBe(0);
    expect(out.at(-1)).toBe(7);
  });

  it('names both lengths where an array does not fit', async () => {
    const session = await load(meanModel({ input: [2, 3] }), 'mean.onnx');
    const run = session.run(new Float32Array(5), 1, new Float32Array(1));
    await expect(run).rejects.toThrow('x of mean.onnx must be [1,2,3] = 6 floats, got 5');
    await expect(session.run(new Float32Array(6), 1, new Float32Array(2))).rejects.toMatchObject({ code: 'ERR_SHAPE' });
  });

  it.each([
    ['bytes that are no model', Uint8Array.of(1, 2, 3), {}, 'ERR_MODEL_FILE', /x must be a model onnxruntime can load/],
    ['a missing file', '/nowhere/x.onnx', {}, 'ERR_MODEL_FILE', /x must be a model onnxruntime can load/],
    ['a fixed batch', meanModel({ input: [2], batch: 8 }), {}, 'ERR_MODEL', /input of x must be \[batch, …\]/],
    [
      'maxBatch 0',
      meanModel({ input: [2] }),
      { maxBatch: 0 },
      'ERR_OPTION',
      /maxBatch must be a positive whole number/,
    ],
    [
      'an unknown provider',
      meanModel({ input: [2] }),
      { providers: ['gpu'] },
      'ERR_DEVICE',
      /providers must be cpu.*got "gpu"/,
    ],
    ['half a thread', meanModel({ input: [2] }), { intraOpThreads: 0.5 }, 'ERR_OPTION', /intraOpThreads must be/],
  ])('refuses %s', async (_, model, options, code, message) => {
    await expect(ModelSession.load(model, 'x', options)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  const cudaLibrary = 'bin/napi-v6/linux/x64/libonnxruntime_providers_cuda.so';
  const hasCuda = existsSync(
    join(dirname(createRequire(import.meta.url).resolve('onnxruntime-node')), '..', cudaLibrary),
  );
  it.skipIf(hasCuda)(
    'says that a provider is missing, not that the model is wrong (without the CUDA provider)',
    async () => {
      const load = ModelSession.load(meanModel({ input: [2] }), 'x', { providers: ['cuda'] });
      await expect(load).rejects.toMatchObject({
        code: 'ERR_DEVICE',
        message: expect.stringMatching(/^providers must be usable on this machine, got cuda: /),
      });
      const broken = ModelSession.load(Uint8Array.of(1, 2, 3), 'x', { providers: ['cuda'] });
      await expect(broken).rejects.toMatchObject({ code: 'ERR_MODEL_FILE' });
    },
  );
});
