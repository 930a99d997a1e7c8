import { afterEach, describe, expect, it } from 'vitest';
import { ParameterError, PoolError } from '../../src/errors.js';
import { runtimeInfo } from '../../src/native/index.js';
import { createPool, type PoolOptions, type WorkerPool, workerUrl } from '../../src/pool/index.js';

interface Task {
  kind: 'echo' | 'note' | 'wait' | 'coded' | 'plain' | 'exit';
  value?: number;
}

const ECHO = new URL('./workers/echo.worker.mjs', import.meta.url);
const pools: WorkerPool<Task, number, number>[] = [];

function pool(o: Omit<PoolOptions, 'worker'> & { worker?: URL } = {}): WorkerPool<Task, number, number> {
  const made = createPool<Task, number, number>({ worker: ECHO, workers: 2, ...o });
  pools.push(made);
  return made;
}

afterEach(async () => {
  await Promise.all(pools.splice(0).map((p) => p.close()));
});

describe('createPool', () => {
  it('answers tasks', async () => {
    const p = pool();
    expect(await Promise.all([1, 2, 3, 4, 5].map((value) => p.run({ kind: 'echo', value })))).toEqual([1, 2, 3, 4, 5]);
  });

  it('loads its threads ahead of tasks, and says when their file cannot be', async () => {
    const p = pool();
    expect(await p.load()).toBeUndefined();
    expect(await p.run({ kind: 'echo', value: 7 })).toBe(7);
    const broken = pool({ worker: new URL('./workers/none.worker.mjs', import.meta.url) });
    await expect(broken.load()).rejects.toMatchObject({ code: 'ERR_WORKER_DIED' });
  });

  it('goes on with the next task while a result is handled, and ends when all are', async () => {
    const p = pool({ workers: 1 });
    const seen: string[] = [];
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    async function* tasks(): AsyncGenerator<Task> {
      yield { kind: 'echo', value: 1 };
      seen.push('second drawn');
      release();
      yield { kind: 'echo', value: 2 };
    }
    await p.each(tasks(), async (value) => {
      // Nobody would draw the second, were the first waited for.
      if (value === 1) await held;
      seen.push(`handled ${value}`);
    });
    expect(seen).toEqual(['second drawn', 'handled 1', 'handled 2']);
  });

  it('gives errors their class, code and details back', async () => {
    const error = await pool()
      .run({ kind: 'coded' })
      .catch((e: unknown) => e);
    expect(error).toBeInstanceOf(ParameterError);
    expect(error).toMatchObject({ code: 'ERR_HOP_LENGTH', details: { hopLength: 0 } });
  });

  it('keeps the message of an error without a code', async () => {
    await expect(pool().run({ kind: 'plain' })).rejects.toThrow('not a function');
  });

  it('passes notes on while a task runs', async () => {
    const notes: number[] = [];
    expect(await pool().run({ kind: 'note', value: 3 }, { onNote: (note) => notes.push(note) })).toBe(3);
    expect(notes).toEqual([0, 1, 2]);
  });

  it('says so when a worker ends before its task, and goes on with a new one', async () => {
    const p = pool({ workers: 1 });
    const error = await p.run({ kind: 'exit' }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(PoolError);
    expect(error).toMatchObject({ code: 'ERR_WORKER_DIED', details: { worker: 'echo.worker.mjs' } });
    expect(await p.run({ kind: 'echo', value: 7 })).toBe(7);
  });

  it('rejects every task of a worker that cannot start', async () => {
    const p = pool({ worker: new URL('./workers/broken.worker.mjs', import.meta.url), workers: 1 });
    const results = await Promise.allSettled([1, 2, 3].map((value) => p.run({ kind: 'echo', value })));
    for (const result of results) {
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'ERR_WORKER_DIED' } });
      expect(String((result as PromiseRejectedResult).reason)).toContain('cannot start');
    }
  });

  it('ends running and waiting tasks when its signal aborts', async () => {
    const controller = new AbortController();
    const p = pool({ workers: 1, signal: controller.signal });
    const tasks = Promise.allSettled([p.run({ kind: 'wait', value: 20_000 }), p.run({ kind: 'wait', value: 20_000 })]);
    setTimeout(() => controller.abort(), 50);
    for (const result of await tasks) {
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'ERR_TASK_ABORTED' } });
    }
    await expect(p.run({ kind: 'echo', value: 1 })).rejects.toMatchObject({ code: 'ERR_TASK_ABORTED' });
  });

  it('refuses a worker count that is not a positive whole number', () => {
    for (const workers of [0, -1, 1.5]) expect(() => pool({ workers })).toThrow(ParameterError);
  });
});

describe('each', () => {
  it('draws tasks only when a thread is free', async () => {
    let drawn = 0;
    let done = 0;
    let ahead = 0;
    function* tasks(): Generator<Task> {
      for (let value = 0; value < 20; value++) {
        drawn += 1;
        ahead = Math.max(ahead, drawn - done);
        yield { kind: 'echo', value };
      }
    }
    const results: number[] = [];
    await pool().each(tasks(), (result) => {
      done += 1;
      results.push(result);
    });
    expect(results.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect(ahead).toBeLessThanOrEqual(2);
  });

  it('stops at the first error', async () => {
    const seen: number[] = [];
    const tasks: Task[] = [{ kind: 'coded' }, ...Array.from({ length: 50 }, (): Task => ({ kind: 'wait', value: 5 }))];
    await expect(pool().each(tasks, (result) => void seen.push(result))).rejects.toMatchObject({
      code: 'ERR_HOP_LENGTH',
    });
    expect(seen.length).toBeLessThan(50);
  });
});

describe('workers', () => {
  it('default to the cores this process may use', () => {
    expect(pool({ workers: undefined }).workers).toBe(runtimeInfo().threads);
  });

  it('are found below dist/, and a missing one is named', () => {
    expect(workerUrl('pool/index.js').pathname.endsWith('/dist/pool/index.js')).toBe(true);
    expect(() => workerUrl('pool/none.worker.js')).toThrow(/none\.worker\.js/);
  });
});
