/** bench/native/bulk compiled for a test, beside the core that the addon was built with: seconds instead of minutes. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll } from 'vitest';

const COMPILER = process.env.CXX ?? 'c++';
const CORE = join('build', 'libcochlea_core.a');
const NATIVE = join('bench', 'native');
const SOURCES = [
  ...['main', 'task', 'team', 'features', 'decode', 'encode_mp3', 'plain_io'].map((name) => `bulk/${name}.cc`),
  'desk.cc',
];
const FLAGS = ['-std=c++20', '-O0', '-ffp-contract=off', `-I${NATIVE}`, '-Inative/include'];

/** The program, or what is missing to build it. */
export async function builtBulkProgram(): Promise<{ readonly program: string; readonly missing: string | null }> {
  if (!existsSync(CORE)) return { program: '', missing: `skipped: no ${CORE}, as the addon was not built here` };
  const header = await compile(['-fsyntax-only', '-include', 'openssl/evp.h', '-x', 'c++', '/dev/null']);
  if (header !== null) return { program: '', missing: "skipped: no OpenSSL headers (Debian's libssl-dev)" };
  const folder = mkdtempSync(join(tmpdir(), 'cochlea-bulk-program-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const objects = SOURCES.map((source) => join(folder, `${basename(source)}.o`));
  const failures = await Promise.all(
    SOURCES.map((source, i) => compile([...FLAGS, '-c', join(NATIVE, source), '-o', objects[i]!])),
  );
  const program = join(folder, 'cochlea_bulk');
  failures.push(await compile([...objects, CORE, '-lsndfile', '-lcrypto', '-pthread', '-o', program]));
  const failure = failures.find((each) => each !== null);
  if (failure) throw new Error(failure);
  return { program, missing: null };
}

/** What the compiler said where it failed. */
async function compile(args: readonly string[]): Promise<string | null> {
  const child = spawn(COMPILER, [...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  const [said, [status]] = await Promise.all([text(child.stderr), once(child, 'close')]);
  return status === 0 ? null : said;
}
