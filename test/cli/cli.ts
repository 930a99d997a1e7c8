/** The program as a shell sees it: a child process, its output and its exit code. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

export const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Conditions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What stands on stdin; nothing by default. */
  readonly input?: string | Uint8Array;
  /** A process group of its own, which can be killed as one. */
  readonly detached?: boolean;
  /** Whether stdin stays open after the input. */
  readonly keepOpen?: boolean;
  /** Called once, as soon as the child says something on either stream. */
  readonly onFirstWord?: (child: ChildProcess) => void;
}

export async function cochlea(args: readonly string[], o: Conditions = {}): Promise<Outcome> {
  const env = { ...process.env, COCHLEA_LOG: '', COCHLEA_ENGINE: '', COCHLEA_KERNELS: '', ...o.env };
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: o.cwd ?? tmpdir(),
    env,
    detached: o.detached ?? false,
  });
  const output = { stdout: '', stderr: '' };
  const listen = (name: 'stdout' | 'stderr') =>
    child[name].setEncoding('utf8').on('data', (text: string) => {
      if (output.stdout + output.stderr === '') o.onFirstWord?.(child);
      output[name] += text;
    });
  listen('stdout');
  listen('stderr');
  // A child that refuses its arguments does not read its input.
  child.stdin.on('error', () => {});
  child.stdin.write(o.input ?? '');
  if (!o.keepOpen) child.stdin.end();
  return new Promise((resolve, reject) => {
    child.once('error', reject).once('close', (code) => resolve({ code, ...output }));
  });
}

/** The same, printing JSON. */
export async function cochleaJson<T>(args: readonly string[], o: Conditions = {}): Promise<Outcome & { value: T }> {
  const outcome = await cochlea([...args, '--json', '--quiet'], o);
  try {
    return { ...outcome, value: JSON.parse(outcome.stdout) };
  } catch (cause) {
    throw new Error(`cochlea ${args.join(' ')} exited with ${outcome.code}:\n${outcome.stderr}${outcome.stdout}`, {
      cause,
    });
  }
}

/** A folder that is gone after the test. */
export async function workFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'cochlea-cli-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
