/** Processes that outlive those who should have ended them. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Ends the processes of this machine that were started with a variable in their environment.
 * @param assignment `NAME=value`, with a value that nobody else has
 * @returns how many there were
 */
export async function killWithVariable(assignment: string): Promise<number> {
  let found = 0;
  for (const id of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    // Processes come and go, and those of other users keep their environment to themselves.
    const environment = await readFile(join('/proc', id, 'environ'), 'latin1').catch(() => '');
    if (!environment.split('\0').includes(assignment)) continue;
    found += kill(Number(id)) ? 1 : 0;
  }
  return found;
}

function kill(id: number): boolean {
  try {
    return process.kill(id, 'SIGKILL');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
    throw error;
  }
}
