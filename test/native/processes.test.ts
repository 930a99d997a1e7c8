import { execFile } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { loadAddon } from '../../src/native/index.js';
import { addonPaths } from '../../src/native/loader.js';
import { configOf, noise, pcmOf } from './config.js';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const addonPath = addonPaths(root)[0] ?? '';
const config = configOf({ kind: 'logMel', nFft: 1024, hopLength: 512, nMels: 64 });
const run = promisify(execFile);

/** Plain JavaScript for another thread or process: computes `n` times and hands over the last result. */
const program = `
  const addon = require(${JSON.stringify(addonPath)});
  function compute(config, samples, times) {
    let out;
    for (let i = 0; i < times; i += 1) {
      const plan = new addon.FeaturePlan(config);
      const n = plan.nFrames(samples.length);
      out = new Float32Array(n * plan.width);
      const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
      plan.process({ bytes, format: 'f32', channels: 1, channel: 0, nSamples: samples.length }, 0, samples.length, 0, n, out);
    }
    return out;
  }`;

function inWorker(
  samples: Float32Array,
  ending: string,
): Promise<{ result: Float32Array | undefined; exitCode: number }> {
  const code = `${program}
    const { parentPort, workerData } = require('node:worker_threads');
    const out = compute(workerData.config, workerData.samples, 20);
    parentPort.postMessage(out, [out.buffer]);
    ${ending}`;
  return new Promise((resolve, reject) => {
    let result: Float32Array | undefined;
    const worker = new Worker(code, { eval: true, workerData: { config, samples } });
    worker.on('message', (message: Float32Array) => {
      result = message;
    });
    worker.on('error', ending === '' ? reject : () => undefined);
    worker.on('exit', (exitCode) => resolve({ result, exitCode }));
  });
}

it('many workers at once give the bits of the main thread, and their results can be transferred', async () => {
  const samples = noise(16_000, 1);
  const plan = new (loadAddon().FeaturePlan)(config);
  const expected = new Float32Array(plan.nFrames(samples.length) * plan.width);
  plan.process(pcmOf(samples), 0, samples.length, 0, plan.nFrames(samples.length), expected);
  for (let round = 0; round < 2; round += 1) {
    const done = await Promise.all(Array.from({ length: 4 }, () => inWorker(samples, '')));
    for (const { result, exitCode } of done) {
      expect(exitCode).toBe(0);
      expect(result).toEqual(expected);
    }
  }
});

it('a worker that ends in the middle leaves the process whole', async () => {
  const exited = await inWorker(noise(4000, 2), 'process.exit(3);');
  expect(exited.exitCode).toBe(3);
  const threw = await inWorker(noise(4000, 2), 'throw new Error("on purpose");');
  expect(threw.exitCode).toBe(1);
  const endless = new Worker(
    `${program} for (;;) compute(require('node:worker_threads').workerData, new Float32Array(16000), 1);`,
    {
      eval: true,
      workerData: config,
    },
  );
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(await endless.terminate()).toBe(1);
  expect(loadAddon().kernels().available).toContain('scalar');
});

/** Exit code and what was printed of a child process running `code` after `program`. */
async function child(code: string, env: Record<string, string> = {}) {
  const options = { env: { ...process.env, ...env } };
  return run(process.execPath, ['-e', `${program}\n${code}`], options).then(
    ({ stdout }) => ({ code: 0, signal: null, stdout, stderr: '' }),
    (failed: { code: number; signal: string | null; stdout: string; stderr: string }) => failed,
  );
}

it('processes exit cleanly: at the end, on exit, on an uncaught error, with plans alive', async () => {
  const use = `const plan = compute(${JSON.stringify(config)}, new Float32Array(8000), 3); globalThis.kept = new addon.FeaturePlan(${JSON.stringify(config)});`;
  expect(await child(`${use} console.log(plan.length)`)).toMatchObject({ code: 0, stdout: `${16 * 64}\n` });
  expect(await child(`${use} process.exit(7)`)).toMatchObject({ code: 7, signal: null });
  const uncaught = await child(`${use} addon.parseWav(new Uint8Array(3))`);
  expect(uncaught).toMatchObject({ code: 1, signal: null });
  expect(uncaught.stderr).toContain('ERR_AUDIO_FORMAT');
});

it('COCHLEA_KERNELS picks the kernels, and an unknown name says which there are', async () => {
  const forced = await child('console.log(addon.kernels().selected)', { COCHLEA_KERNELS: 'scalar' });
  expect(forced).toMatchObject({ code: 0, stdout: 'scalar\n' });
  const unknown = await child('', { COCHLEA_KERNELS: 'abacus' });
  expect(unknown.code).toBe(1);
  expect(unknown.stderr).toContain('ERR_KERNELS');
  expect(unknown.stderr).toMatch(/COCHLEA_KERNELS must be one of .*scalar.*, got abacus/);
});
