/** Codes that no other test provokes by name. */
import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { FeatureDataset } from '../../src/dataset/index.js';
import { DatasetError, NativeError, ParameterError } from '../../src/errors.js';
import { loadAddon } from '../../src/native/index.js';
import { addonPaths } from '../../src/native/loader.js';
import { ROOT } from '../docs/markdown.js';
import { configOf } from '../native/config.js';

async function tenItems(): Promise<FeatureDataset> {
  const items = Array.from({ length: 10 }, (_, i) => ({ id: `r${i}`, group: 'one', features: new Float32Array(8) }));
  return FeatureDataset.from(items, { windowing: { size: 4, stride: 1 } });
}

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('the call must throw, and did not');
}

describe('data sets', () => {
  it('ERR_SPLIT: one group cannot fill two parts', async () => {
    const data = await tenItems();
    const error = thrownBy(() => data.split({ by: 'group', ratios: [0.5, 0.5] }));
    expect(error).toBeInstanceOf(ParameterError);
    expect(error).toMatchObject({ code: 'ERR_SPLIT' });
  });

  it('ERR_LEAK: a cut without a gap shares frames, and the message names the parts', async () => {
    const parts = (await tenItems()).split({ by: 'time', cutoff: 12, purge: 0 });
    const error: unknown = await FeatureDataset.refuseLeaks(parts).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DatasetError);
    expect(error).toMatchObject({ code: 'ERR_LEAK', message: expect.stringMatching(/train.*test/) });
  });
});

describe('the addon', () => {
  it('ERR_NATIVE carries the words of the library inside', () => {
    const samples = new Float32Array(300 * 4);
    const error = thrownBy(() => loadAddon().codecEncode(samples, 300, 16_000, 'ogg'));
    expect(error).toBeInstanceOf(NativeError);
    expect(error).toMatchObject({ code: 'ERR_NATIVE', message: expect.stringContaining('libsndfile') });
  });

  /** Enough for the JavaScript engine to go on; the plan of a transform of 2^24 samples takes 223 MiB. */
  const HEADROOM_BYTES = 96 * 2 ** 20;
  const prlimit = process.platform === 'linux' && hasPrlimit();
  it.skipIf(!prlimit)('ERR_OUT_OF_MEMORY, and the process lives (skipped without prlimit)', async () => {
    const code = `
      const addon = require(${JSON.stringify(addonPaths(ROOT)[0])});
      const status = require('node:fs').readFileSync('/proc/self/status', 'utf8');
      const limit = Number(/VmSize:\\s+(\\d+)/.exec(status)[1]) * 1024 + ${HEADROOM_BYTES};
      require('node:child_process').execFileSync('prlimit', ['--pid', String(process.pid), '--as=' + limit]);
      try {
        new addon.FeaturePlan(${JSON.stringify(configOf({ nFft: 2 ** 24 }))});
      } catch (error) {
        console.log(error.code);
      }`;
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', code]);
    expect(stdout).toBe('ERR_OUT_OF_MEMORY\n');
  });
});

function hasPrlimit(): boolean {
  try {
    execFileSync('prlimit', ['--version'], { stdio: 'ignore' });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}
