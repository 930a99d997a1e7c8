/** A Slurm of one node on this machine: its own settings, key, ports and folder, gone without a trace when it stops. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { openSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { killWithVariable } from './leftovers.js';
import { findSlurm, type SlurmPrograms } from './programs.js';
import { slurmSettings } from './settings.js';

const run = promisify(execFile);

const START_LIMIT_MS = 30_000;
const STOP_LIMIT_MS = 10_000;
const POLL_MS = 200;
/** Of munge, which takes 32 bytes to 1024. */
const KEY_BYTES = 128;

/** How an element of an array, or a job without one, came out. */
export interface Ended {
  /** Null where the job has no array. */
  readonly element: number | null;
  /** `COMPLETED`, `FAILED`, `CANCELLED` … */
  readonly state: string;
  readonly exitCode: number;
}

export interface Submission {
  /** Path of a shell script, and what it is given. */
  readonly script: readonly [string, ...string[]];
  /** As `--array` takes it, such as `0-7`. */
  readonly array?: string;
  /** More arguments of `sbatch`. */
  readonly args?: readonly string[];
  /** Where it runs, and where its output goes. */
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Like `sbatch` from a shell: wait with `ended`, and `stop` at the end. */
export class SlurmCluster {
  readonly #programs: SlurmPrograms;
  readonly #folder: string;
  readonly #daemons: ChildProcess[] = [];
  #isUp = false;
  readonly #killAll = (): void => {
    for (const daemon of this.#daemons) daemon.kill('SIGKILL');
  };

  private constructor(programs: SlurmPrograms, folder: string) {
    this.#programs = programs;
    this.#folder = folder;
  }

  /**
   * @param cpus elements that run at a time, whatever this machine has
   * @throws Error with the reason where Slurm cannot run here; nothing is left behind then
   */
  static async start({ cpus = 4 } = {}): Promise<SlurmCluster> {
    const programs = await findSlurm();
    const folder = await mkdtemp(join(tmpdir(), 'cochlea-slurm-'));
    const cluster = new SlurmCluster(programs, folder);
    try {
      await cluster.#begin(cpus);
    } catch (error) {
      await cluster.stop();
      throw error;
    }
    return cluster;
  }

  async #begin(cpus: number): Promise<void> {
    // Who reaches munge's socket may ask it, so that it refuses a folder that is not open to everybody.
    await chmod(this.#folder, 0o711);
    for (const part of ['state', 'spool']) await mkdir(this.#path(part));
    await writeFile(this.#path('munge.key'), randomBytes(KEY_BYTES), { mode: 0o400 });
    await writeFile(
      this.#path('slurm.conf'),
      await slurmSettings(this.#folder, { cpus, pluginFolder: this.#programs.pluginFolder }),
    );
    process.once('exit', this.#killAll);
    const files = {
      'key-file': 'munge.key',
      socket: 'munge.socket',
      'pid-file': 'munge.pid',
      'seed-file': 'munge.seed',
    };
    const options = Object.entries(files).map(([option, name]) => `--${option}=${this.#path(name)}`);
    this.#spawn('munged', ['--foreground', ...options]);
    await this.#until('munge answers', async () => (await stat(this.#path('munge.socket'))).isSocket());
    const settings = ['-D', '-f', this.#path('slurm.conf')];
    this.#spawn('slurmctld', ['-i', ...settings]);
    this.#spawn('slurmd', [...settings, '-d', this.#programs.paths.slurmstepd]);
    await this.#until(
      'the node is idle',
      async () => (await this.#ask('sinfo', ['--noheader', '--format=%T'])) === 'idle',
    );
    this.#isUp = true;
  }

  /** @returns the job's number */
  async submit({ script, array, args = [], cwd, env = {} }: Submission): Promise<number> {
    const asked = [...(array === undefined ? [] : [`--array=${array}`]), ...args, ...script];
    return Number(await this.#ask('sbatch', ['--parsable', ...asked], { cwd, env }));
  }

  /** Ends an element, or a whole job, at once, as a machine does that goes away. */
  async kill(job: number, element?: number): Promise<void> {
    const which = element === undefined ? String(job) : `${job}_${element}`;
    await this.#ask('scancel', ['--signal=KILL', '--full', which]);
  }

  /** How the elements of a job stand, in their order. */
  async elements(job: number): Promise<Ended[]> {
    const columns = '--Format=ArrayTaskID:.16,State:.24,exit_code:.16';
    const said = await this.#ask('squeue', [`--jobs=${job}`, '--states=all', '--array', '--noheader', columns]);
    const rows = said.split('\n').map((line) => line.trim().split(/\s+/));
    return rows
      .filter((row) => row.length === 3)
      .map(([element = '', state = '', code]) => ({
        element: /^\d+$/.test(element) ? Number(element) : null,
        state,
        exitCode: exitCodeOf(Number(code)),
      }))
      .sort((a, b) => (a.element ?? 0) - (b.element ?? 0));
  }

  /** @throws Error where the job does not end in time, with what the daemons said last */
  async ended(job: number, limitMs = 60_000): Promise<Ended[]> {
    const going = ['PENDING', 'RUNNING', 'COMPLETING', 'CONFIGURING', 'SUSPENDED', 'REQUEUED'];
    let found: Ended[] = [];
    await this.#until(
      `job ${job} has ended`,
      async () => {
        found = await this.elements(job);
        return found.length > 0 && found.every(({ state }) => !going.includes(state));
      },
      limitMs,
    );
    return found;
  }

  /** Ends what still runs, then the daemons, and removes the folder. */
  async stop(): Promise<void> {
    try {
      if (this.#isUp) await this.#endJobs();
    } finally {
      // In the other order than they were started, as the last two ask the first.
      for (const daemon of this.#daemons.reverse()) await stopped(daemon);
      // What jobs started and Slurm lost sight of.
      await killWithVariable(`SLURM_CONF=${this.#path('slurm.conf')}`);
      process.removeListener('exit', this.#killAll);
      await rm(this.#folder, { recursive: true, force: true });
    }
  }

  async #endJobs(): Promise<void> {
    const left = () => this.#ask('squeue', ['--noheader', '--format=%i']);
    if ((await left()) === '') return;
    await this.#ask('scancel', ['--signal=KILL', '--full', `--user=${userInfo().username}`]);
    await this.#ask('scancel', [`--user=${userInfo().username}`]);
    await this.#until('no job is left', async () => (await left()) === '', STOP_LIMIT_MS);
  }

  /** What a shell needs to find `sbatch` and this cluster. */
  get env(): Readonly<Record<string, string>> {
    const { env, paths } = this.#programs;
    return {
      ...env,
      PATH: `${dirname(paths.sbatch)}${delimiter}${process.env.PATH}`,
      SLURM_CONF: this.#path('slurm.conf'),
    };
  }

  #path(name: string): string {
    return join(this.#folder, name);
  }

  #spawn(name: 'munged' | 'slurmctld' | 'slurmd', args: readonly string[]): void {
    const output = openSync(this.#path(`${name}.out`), 'a');
    const daemon = spawn(this.#programs.paths[name], args, {
      env: { ...process.env, ...this.env },
      stdio: ['ignore', output, output],
    });
    this.#daemons.push(daemon);
  }

  async #ask(
    name: 'sbatch' | 'squeue' | 'scancel' | 'scontrol' | 'sinfo',
    args: readonly string[],
    o: { cwd?: string; env?: Readonly<Record<string, string>> } = {},
  ): Promise<string> {
    const { stdout } = await run(this.#programs.paths[name], args, {
      ...o,
      env: { ...process.env, ...this.env, ...o.env },
    });
    return stdout.trim();
  }

  async #until(what: string, holds: () => Promise<boolean>, limitMs = START_LIMIT_MS): Promise<void> {
    const end = Date.now() + limitMs;
    let last: unknown;
    while (Date.now() < end) {
      try {
        if (await holds()) return;
      } catch (error) {
        // Before they are up the daemons answer nothing.
        last = error;
      }
      if (this.#daemons.some(({ exitCode, signalCode }) => exitCode !== null || signalCode !== null)) break;
      await sleep(POLL_MS);
    }
    const why = [...(last instanceof Error ? [last.message] : []), ...(await this.#lastWords())];
    throw new Error(`Slurm did not come to where ${what}: ${why.join('; ')}`);
  }

  async #lastWords(): Promise<string[]> {
    const names = ['munged', 'slurmctld', 'slurmd'];
    const texts = await Promise.all(names.map((name) => readFile(this.#path(`${name}.out`), 'utf8').catch(() => '')));
    return texts.flatMap((text) =>
      text
        .split('\n')
        .filter((line) => /error|fatal/i.test(line))
        .slice(-2),
    );
  }
}

/** Of a process, from its status as wait(2) gives it; a signal counts as shells count it. */
function exitCodeOf(status: number): number {
  const signal = status & 0x7f;
  return signal === 0 ? status >> 8 : 128 + signal;
}

async function stopped(daemon: ChildProcess): Promise<void> {
  if (daemon.pid === undefined || daemon.exitCode !== null || daemon.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => void daemon.once('exit', () => resolve()));
  daemon.kill('SIGTERM');
  const patience = setTimeout(() => daemon.kill('SIGKILL'), STOP_LIMIT_MS);
  await gone;
  clearTimeout(patience);
}
