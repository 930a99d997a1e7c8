/** Running other programs, quietly unless they fail. Only `node:` modules: these scripts run before `npm ci`. */
import { spawnSync } from 'node:child_process';

/**
 * Runs a program to its end and keeps what it said.
 * @param {string} program
 * @param {string[]} args
 * @param {{ input?: string, cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {{ found: boolean, ok: boolean, output: string }} `found` is false where no such program exists
 */
export function capture(program, args, options = {}) {
  const result = spawnSync(program, args, { ...options, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  const missing = result.error !== undefined && 'code' in result.error && result.error.code === 'ENOENT';
  const said = `${result.stdout ?? ''}${result.stderr ?? ''}`.trim();
  return {
    found: !missing,
    ok: result.status === 0,
    output: result.error !== undefined && !missing ? `${said}\n${result.error.message}`.trim() : said,
  };
}

/**
 * Runs one step of the set-up with its output on the terminal.
 * @param {string} program
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, stdout?: 1 | 2 }} [options] `stdout` 2 where a result is printed on 1
 * @returns {boolean} whether it exited with 0
 */
export function show(program, args, { stdout = 1, ...options } = {}) {
  const result = spawnSync(program, args, { ...options, stdio: ['ignore', stdout, 2] });
  return result.status === 0;
}

/** A failure whose message is all that the person at the terminal needs. */
export class SetupError extends Error {}
