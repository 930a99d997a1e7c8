import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly platform: string;
  readonly node: string;
}

export function machine(): Machine {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
  };
}

/** Short hash of the commit, with `+` where the tree has changes; `unknown` outside a repository. */
export function commitOf(folder: string): string {
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    return git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain') === '' ? '' : '+');
  } catch {
    // A tarball has no repository; the report then says so.
    return 'unknown';
  }
}

/**
 * Binds this process, its threads and every process it starts to one processor, so that all contestants meet the same
 * caches and the same clock.
 *
 * @param wanted which; null takes the last one allowed, as the first gets most of the interrupts
 * @returns the processor, or null where the system has no `taskset` (then nothing is bound)
 */
export function pinToProcessor(wanted: number | null): number | null {
  if (process.platform !== 'linux') return null;
  const processor = wanted ?? lastAllowed();
  return pinToProcessors([processor]) ? processor : null;
}

/** The same to several processors; false where the system has no `taskset`. */
export function pinToProcessors(processors: readonly number[]): boolean {
  if (process.platform !== 'linux') return false;
  try {
    execFileSync('taskset', ['--all-tasks', '--cpu-list', '--pid', processors.join(','), String(process.pid)], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
  return true;
}

function lastAllowed(): number {
  return allowedProcessors().at(-1) ?? 0;
}

/** Processors that this process may run on, in ascending order; all of them where the system does not say. */
export function allowedProcessors(): number[] {
  if (process.platform !== 'linux') return Array.from({ length: availableParallelism() }, (_, i) => i);
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
  return processorsIn(list);
}

/** As Linux writes a list: `0-2,5` is 0, 1, 2 and 5. */
export function processorsIn(list: string): number[] {
  return list.split(',').flatMap((part) => {
    const [first = Number.NaN, last = first] = part.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}
