/** The plain C++ program of bench/native/bulk: what a machine can read, write, decode and compute without us. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';

export const PLAIN = join(process.cwd(), 'build-bench', 'bench', 'native', 'cochlea_bulk');
export const HINT =
  'cochlea_bulk is not built: run cmake --build build-bench --target cochlea_bulk, or npm run bench:bulk';

/**
 * WAV files to MP3 files by libsndfile's encoder (LAME), which our own writer does not have.
 *
 * @param pairs absolute paths: from, to
 * @throws Error where the program is not built, or libsndfile has no MP3 encoder
 */
export async function transcode(pairs: readonly (readonly [string, string])[], program = PLAIN): Promise<void> {
  if (!existsSync(program)) throw new Error(HINT);
  for (const folder of new Set(pairs.map(([, to]) => dirname(to)))) mkdirSync(folder, { recursive: true });
  const child = spawn(program, ['encode-mp3', String(availableParallelism())], {
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  child.stdin.end(pairs.map(([from, to]) => `${from}\n${to}\n`).join(''));
  const [status] = await once(child, 'exit');
  if (status !== 0) throw new Error(`encode-mp3 ended with exit code ${status}`);
}
