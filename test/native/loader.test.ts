import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { AudioFormatError, NativeError, ParameterError } from '../../src/errors.js';
import { loadAddon, runtimeInfo } from '../../src/native/index.js';
import { addonPaths, loadFrom } from '../../src/native/loader.js';
import { usableMemory, usableThreads } from '../../src/native/runtime.js';

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (thrown) {
    return thrown;
  }
  throw new Error('nothing was thrown');
}

it('names the command, the paths and the reason when the addon is missing', () => {
  const root = join(tmpdir(), 'no-such-package');
  const error = thrownBy(() => loadFrom(addonPaths(root)));
  expect(error).toBeInstanceOf(NativeError);
  expect(error).toMatchObject({ code: 'ERR_ADDON_MISSING' });
  const { message } = error as NativeError;
  expect(message).toContain('npm run setup');
  expect(message).toContain('npx cochlea setup');
  for (const path of addonPaths(root)) expect(message).toContain(path);
  expect(addonPaths(root)).toContain(join(root, 'prebuilds', `${process.platform}-${process.arch}`, 'cochlea.node'));
});

it('repeats what the dynamic loader says of a file it cannot load', () => {
  const path = join(mkdtempSync(join(tmpdir(), 'cochlea-')), 'cochlea.node');
  writeFileSync(path, 'not a shared object');
  const error = thrownBy(() => loadFrom([path]));
  expect(error).toMatchObject({ code: 'ERR_ADDON_MISSING' });
  expect((error as NativeError).message).toMatch(/ELF|mach-o|too short/i);
});

it('loads once', () => {
  expect(loadAddon()).toBe(loadAddon());
});

it('revives native errors as the classes of the table', () => {
  const addon = loadAddon();
  expect(thrownBy(() => addon.parseWav(new Uint8Array(0)))).toBeInstanceOf(AudioFormatError);
  expect(thrownBy(() => addon.rfft(new Float32Array(0), new Float32Array(8)))).toMatchObject({ code: 'ERR_N_FFT' });
  const error = thrownBy(() => addon.rfft(new Float32Array(8), new Float32Array(1)));
  expect(error).toBeInstanceOf(ParameterError);
  expect(error).toMatchObject({ code: 'ERR_SHAPE', message: 'out must be at least 10 elements long, got 1' });
});

it('describes the machine', () => {
  const info = runtimeInfo();
  expect(info.version).toMatch(/^\d+\.\d+\.\d+/);
  expect(info.kernels.available).toContain('scalar');
  expect(info.kernels.available).toContain(info.kernels.selected);
  expect(info.devices).toEqual(['cpu']);
  expect(info.threads).toBeGreaterThanOrEqual(1);
  expect(info.memoryLimit).toBeGreaterThan(0);
  expect(Object.keys(info.libraries)).not.toHaveLength(0);
});

it('respects a container quota', () => {
  expect(usableThreads(16, 'max 100000\n')).toBe(16);
  expect(usableThreads(16, '200000 100000\n')).toBe(2);
  expect(usableThreads(16, '150000 100000')).toBe(2);
  expect(usableThreads(16, '10000 100000')).toBe(1);
  expect(usableThreads(2, '800000 100000')).toBe(2);
  expect(usableThreads(4, null)).toBe(4);
  expect(usableMemory(1000, 'max\n')).toBe(1000);
  expect(usableMemory(1000, '300\n')).toBe(300);
  expect(usableMemory(1000, null)).toBe(1000);
});
