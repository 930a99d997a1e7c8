import { readFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { NativeError } from '../errors.js';
import { loadAddon } from './loader.js';

/** What this machine and this build offer. */
export interface RuntimeInfo {
  /** The library's version. */
  readonly version: string;
  /** The loops in use (`selected`) and those this machine could run; `COCHLEA_KERNELS` picks. */
  readonly kernels: { readonly selected: string; readonly available: readonly string[] };
  readonly devices: readonly string[];
  /** Threads worth starting: processor affinity and container quota respected, at least 1. */
  readonly threads: number;
  /** Bytes this process may use: the machine's memory, or the container's limit below it. */
  readonly memoryLimit: number;
  /** Versions of the linked libraries. */
  readonly libraries: Readonly<Record<string, string>>;
}

/**
 * Describes the machine.
 * @throws NativeError `ERR_ADDON_MISSING`
 */
export function runtimeInfo(): RuntimeInfo {
  const addon = loadAddon();
  return {
    version: addon.version,
    kernels: addon.kernels(),
    devices: ['cpu'],
    threads: usableThreads(availableParallelism(), cgroupFile('cpu.max')),
    memoryLimit: usableMemory(totalmem(), cgroupFile('memory.max')),
    libraries: addon.libraries,
  };
}

/**
 * Threads under a quota. `cpuMax` is the text of cgroup v2's `cpu.max`: `"<quota µs> <period µs>"` or `"max <period>"`;
 * a part of a processor counts as a whole one.
 */
export function usableThreads(parallelism: number, cpuMax: string | null): number {
  const [quota, period] = (cpuMax ?? 'max').trim().split(/\s+/).map(Number);
  if (!quota || !period || !Number.isFinite(quota / period)) return Math.max(1, parallelism);
  return Math.max(1, Math.min(parallelism, Math.ceil(quota / period)));
}

/** The smaller of the machine's memory and cgroup v2's `memory.max` (a number of bytes, or `"max"`). */
export function usableMemory(total: number, memoryMax: string | null): number {
  const limit = Number((memoryMax ?? 'max').trim());
  return Number.isFinite(limit) && limit > 0 ? Math.min(total, limit) : total;
}

/** Errors that mean "no cgroup v2 here", which is no error. */
const ABSENT = new Set(['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM']);

function cgroupFile(name: string): string | null {
  try {
    return readFileSync(`/sys/fs/cgroup/${name}`, 'utf8');
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
    if (ABSENT.has(code)) return null;
    throw new NativeError('ERR_NATIVE', `the container's ${name} cannot be read: ${String(thrown)}`, { code });
  }
}
