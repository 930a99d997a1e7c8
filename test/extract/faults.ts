/**
 * Faults for tests: disks that are full or broken, files whose reading breaks or crashes the process, kills at any moment.
 * They are put before the C library of a child process (`faults.c`), so that the product needs no hook for them.
 */
import { type ChildProcess, execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, realpath, rm, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { onTestFinished } from 'vitest';

const run = promisify(execFile);
const SOURCE = fileURLToPath(new URL('faults.c', import.meta.url));

type DiskError = 'EIO' | 'ENOSPC';

export interface FaultPlan {
  /** A disk that takes `afterBytes` bytes below a folder, of all processes together; then writing and syncing fail. */
  readonly write?: { readonly below: string; readonly error: DiskError; readonly afterBytes: number };
  /** A disk that takes everything and cannot keep it. */
  readonly sync?: { readonly below: string; readonly error: DiskError };
  /** A file that cannot be read from byte `fromByte` (0) on: EIO. Given by its path or the last parts of it. */
  readonly read?: { readonly file: string; readonly fromByte?: number };
  /** A file whose opening raises SIGSEGV in the thread that opens it, the first `times` times (always). */
  readonly crash?: { readonly file: string; readonly times?: number };
  /** A file whose opening never comes back: time to kill the process from outside. */
  readonly hang?: { readonly file: string };
  /**
   * SIGKILL before the `atOperation`-th (from 1) operation that changes something below a folder: opening for writing,
   * write, sync, rename, unlink, mkdir, rmdir, truncate. With `group` to the whole process group: spawn it `detached`. 0
   * only counts.
   */
  readonly kill?: { readonly below: string; readonly atOperation: number; readonly group?: boolean };
}

/** In the order of `faults.c`. */
const COUNTS = ['write', 'sync', 'read', 'crash', 'hang', 'kill', 'writtenBytes', 'operations'] as const;
const COUNT_BYTES = 8;

/** How often each fault struck, and what was asked for below the folders of `write` and `kill`. */
export type FaultCounts = Readonly<Record<(typeof COUNTS)[number], number>>;

export interface Faults {
  /** What a child process needs in its environment; its own children inherit it. */
  readonly env: Readonly<Record<string, string>>;
  counts(): FaultCounts;
}

let shim: Promise<string> | null = null;

/** Compiles `faults.c` once for this process. */
function compiled(): Promise<string> {
  shim ??= (async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cochlea-faults-'));
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
    const library = join(folder, 'faults.so');
    await run('cc', ['-shared', '-fPIC', '-O1', '-Wall', '-Wextra', '-Werror', '-o', library, SOURCE, '-ldl']);
    return library;
  })();
  return shim;
}

/** Why there are no faults on this machine, for the title of a test that is skipped; empty where there are. */
export async function faultsMissing(): Promise<string> {
  if (process.platform !== 'linux') return ' (skipped: faults need the LD_PRELOAD of Linux)';
  const { found, reason } = await tried('cc', ['--version']);
  if (!found) return ` (skipped: faults need the C compiler, ${reason})`;
  await compiled();
  return '';
}

/**
 * Arranges faults for child processes of one test.
 * @example const { env, counts } = await faults({ crash: { file: 'bad.wav' } }); spawn(…, { env: { ...process.env, ...env } })
 */
export async function faults(plan: FaultPlan): Promise<Faults> {
  const folder = await mkdtemp(join(tmpdir(), 'cochlea-fault-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const state = join(folder, 'state');
  writeFileSync(state, Buffer.alloc(COUNTS.length * COUNT_BYTES));
  const library = await compiled();
  return {
    // What io_uring reads and writes goes by no function of the C library.
    env: { LD_PRELOAD: library, FAULTS_STATE: state, UV_USE_IO_URING: '0', ...(await variables(plan)) },
    counts() {
      const values = new BigInt64Array(new Uint8Array(readFileSync(state)).buffer);
      const pairs = COUNTS.map((name, i) => [name, Number(values[i])]);
      return Object.fromEntries(pairs) as FaultCounts;
    },
  };
}

async function variables({ write, sync, read, crash, hang, kill }: FaultPlan): Promise<Record<string, string>> {
  return {
    ...(write && {
      FAULT_WRITE_BELOW: await realpath(write.below),
      FAULT_WRITE_ERROR: write.error,
      FAULT_WRITE_AFTER: String(write.afterBytes),
    }),
    ...(sync && { FAULT_SYNC_BELOW: await realpath(sync.below), FAULT_SYNC_ERROR: sync.error }),
    ...(read && { FAULT_READ_FILE: read.file, FAULT_READ_FROM: String(read.fromByte ?? 0) }),
    ...(crash && { FAULT_CRASH_FILE: crash.file }),
    ...(crash?.times !== undefined && { FAULT_CRASH_TIMES: String(crash.times) }),
    ...(hang && { FAULT_HANG_FILE: hang.file }),
    ...(kill && {
      FAULT_KILL_BELOW: await realpath(kill.below),
      FAULT_KILL_AT: String(kill.atOperation),
      FAULT_KILL_GROUP: kill.group ? '1' : '0',
    }),
  };
}

/** Why there is no small disk on this machine, for the title of a test that is skipped; empty where there is one. */
export async function smallDiskMissing(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'cochlea-disk-'));
  const { ok, reason } = await tried('mount', ['-t', 'tmpfs', '-o', 'size=4096', 'tmpfs', folder]);
  if (ok) await run('umount', [folder]);
  await rmdir(folder);
  return ok ? '' : ` (skipped: a small disk cannot be mounted: ${reason})`;
}

/**
 * A file system of its own with room for so many bytes (whole pages), empty, gone after the test.
 * @returns its folder
 */
export async function smallDisk(bytes: number): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'cochlea-disk-'));
  await run('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder]);
  onTestFinished(async () => {
    await run('umount', ['--lazy', folder]);
    await rmdir(folder);
  });
  return folder;
}

/**
 * Kills a child with SIGKILL at a moment that the seed draws; for one that no clock moves, see `FaultPlan.kill`.
 * @param withinMs earliest and latest moment, in whole milliseconds from now
 * @param group kills the child's process group; it must have been spawned `detached`
 * @returns the milliseconds after which it was killed; null where it had ended before
 */
export async function killAtRandom(
  child: ChildProcess,
  seed: number,
  { withinMs = [0, 1000], group = false }: { withinMs?: readonly [number, number]; group?: boolean } = {},
): Promise<number | null> {
  const afterMs = uniformInt(xoroshiro128plus(seed), withinMs[0], withinMs[1]);
  const ended = new Promise<'ended'>((resolve) => void child.once('exit', () => resolve('ended')));
  const isOver = () => child.exitCode !== null || child.signalCode !== null;
  if (isOver() || (await Promise.race([ended, sleep(afterMs)])) === 'ended' || child.pid === undefined) return null;
  process.kill(group ? -child.pid : child.pid, 'SIGKILL');
  await ended;
  return child.signalCode === 'SIGKILL' ? afterMs : null;
}

async function tried(
  program: string,
  args: readonly string[],
): Promise<{ ok: boolean; found: boolean; reason: string }> {
  try {
    await run(program, args);
    return { ok: true, found: true, reason: '' };
  } catch (thrown) {
    const missing = thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT';
    const said = thrown instanceof Error && 'stderr' in thrown ? String(thrown.stderr).trim() : String(thrown);
    return { ok: false, found: !missing, reason: missing ? `${program} is not on the PATH` : said };
  }
}
