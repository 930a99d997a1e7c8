/** Runs the package tools: their output on failure, never a shell. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { DatasetError, PoolError } from '../../errors.js';

const run = promisify(execFile);

/**
 * Runs a program in `cwd` with untranslated messages; returns what it printed.
 * @throws DatasetError `ERR_FETCH` when it is not installed or fails
 * @throws PoolError `ERR_TASK_ABORTED` by the signal
 */
export async function runTool(
  program: string,
  args: readonly string[],
  o: { cwd: string; signal?: AbortSignal | undefined },
): Promise<string> {
  try {
    const { stdout } = await run(program, [...args], {
      cwd: o.cwd,
      env: { ...process.env, LC_ALL: 'C' },
      ...(o.signal && { signal: o.signal }),
    });
    return stdout;
  } catch (thrown) {
    throw asFetchError(program, args, thrown, o.signal);
  }
}

function asFetchError(program: string, args: readonly string[], thrown: unknown, signal?: AbortSignal): Error {
  const command = [program, ...args].join(' ');
  if (signal?.aborted) {
    return new PoolError('ERR_TASK_ABORTED', `${command} must not be aborted, got an abort signal`, { command });
  }
  if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') {
    const message = `recordings must be fetched with apt-get or npm, and ${program} is not on this machine: put it on the PATH, copy .cache from a machine that has it, or choose synthetic backgrounds`;
    return new DatasetError('ERR_FETCH', message, { program });
  }
  const said = thrown instanceof Error && 'stderr' in thrown ? String(thrown.stderr).trim() : String(thrown);
  return new DatasetError('ERR_FETCH', `${command} must succeed, got: ${said}`, { command });
}

/** Whether a program is on the PATH; one that is there and fails to start counts. */
export async function hasTool(program: string): Promise<boolean> {
  try {
    await run(program, ['--version']);
    return true;
  } catch (thrown) {
    return !(thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT');
  }
}
