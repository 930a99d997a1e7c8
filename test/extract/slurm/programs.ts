/** Slurm's programs: those of this machine, else Debian's packages unpacked into `.cache/slurm`, without root. */
import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../../docs/markdown.js';

const run = promisify(execFile);

const PACKAGES = ['slurmctld', 'slurmd', 'slurm-client', 'munge'];
const CACHE = join(ROOT, '.cache', 'slurm');
const APT_LIMIT_MS = 180_000;
const NAMES = [
  'slurmctld',
  'slurmd',
  'slurmstepd',
  'sbatch',
  'squeue',
  'scancel',
  'scontrol',
  'sinfo',
  'munged',
] as const;

type Name = (typeof NAMES)[number];

export interface SlurmPrograms {
  readonly paths: Readonly<Record<Name, string>>;
  /** Where the plugins lie, if not where the programs look by themselves. */
  readonly pluginFolder: string | null;
  /** What the programs need to find their libraries. */
  readonly env: Readonly<Record<string, string>>;
}

/** @throws Error with one line that says what is missing */
export async function findSlurm(): Promise<SlurmPrograms> {
  if (process.platform !== 'linux') throw new Error(`Slurm runs on Linux, this is ${process.platform}`);
  const installed = await programsIn(systemFolders());
  if (installed !== null) return { paths: installed, pluginFolder: null, env: {} };
  return (await unpackedPrograms()) ?? (await unpackPackages());
}

const systemFolders = (): string[] => [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];

async function programsIn(folders: readonly string[]): Promise<Record<Name, string> | null> {
  const found = await Promise.all(NAMES.map((name) => programPath(name, folders)));
  const pairs = NAMES.map((name, i) => [name, found[i]] as const);
  if (pairs.some(([, path]) => path === null)) return null;
  return Object.fromEntries(pairs) as Record<Name, string>;
}

/** Debian's programs have a suffix of their own, which its alternatives take away where a package is installed. */
async function programPath(name: Name, folders: readonly string[]): Promise<string | null> {
  for (const path of folders.flatMap((folder) => [join(folder, name), join(folder, `${name}-wlm`)])) {
    if (await isThere(path, constants.X_OK)) return path;
  }
  return null;
}

const isThere = (path: string, mode: number): Promise<boolean> =>
  access(path, mode).then(
    () => true,
    () => false,
  );

async function unpackedPrograms(): Promise<SlurmPrograms | null> {
  const libraries = join(CACHE, 'usr', 'lib');
  if (!(await isThere(libraries, constants.R_OK))) return null;
  const [triplet] = (await readdir(libraries)).filter((name) => name.includes('-linux-'));
  const paths = await programsIn([join(CACHE, 'usr', 'bin'), join(CACHE, 'usr', 'sbin'), ...systemFolders()]);
  if (triplet === undefined || paths === null) return null;
  const pluginFolder = join(libraries, triplet, 'slurm-wlm');
  const env = { LD_LIBRARY_PATH: [pluginFolder, join(libraries, triplet)].join(delimiter) };
  return { paths, pluginFolder, env };
}

async function unpackPackages(): Promise<SlurmPrograms> {
  await mkdir(join(ROOT, '.cache'), { recursive: true });
  const work = await mkdtemp(join(ROOT, '.cache', 'slurm-'));
  try {
    // Without a sandbox user apt needs no access rights of its own to this folder.
    await apt(work, ['-o', 'APT::Sandbox::User=root', 'download', ...(await neededPackages(work))]);
    for (const deb of (await readdir(work)).filter((name) => name.endsWith('.deb'))) {
      await run('dpkg-deb', ['-x', deb, 'unpacked'], { cwd: work });
    }
    await rm(CACHE, { recursive: true, force: true });
    await rename(join(work, 'unpacked'), CACHE);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  const programs = await unpackedPrograms();
  if (programs === null) throw new Error(`Debian's packages ${PACKAGES.join(', ')} do not hold ${NAMES.join(', ')}`);
  return programs;
}

/** The packages and what they need that is not installed. */
async function neededPackages(cwd: string): Promise<string[]> {
  const simulate = () => apt(cwd, ['install', '--simulate', '--no-install-recommends', ...PACKAGES]);
  const said = await simulate().catch(async (error: unknown) => {
    // A new machine has no lists of packages; only root may fetch them.
    if (process.getuid?.() !== 0) throw error;
    await apt(cwd, ['update']);
    return simulate();
  });
  return [...said.matchAll(/^Inst (\S+)/gm)].map((match) => match[1]!);
}

async function apt(cwd: string, args: readonly string[]): Promise<string> {
  const env = { ...process.env, LC_ALL: 'C' };
  try {
    const { stdout } = await run('apt-get', ['-q', ...args], { cwd, env, timeout: APT_LIMIT_MS });
    return stdout;
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') {
      throw new Error('neither Slurm nor apt-get is installed');
    }
    const said = thrown instanceof Error && 'stderr' in thrown ? String(thrown.stderr) : String(thrown);
    const reason = said.split('\n').find((line) => line.startsWith('E: ')) ?? said.trim();
    throw new Error(`Slurm is not installed, and apt-get cannot fetch it: ${reason}`);
  }
}
