/** One Debian package: downloaded and checked by apt, unpacked without root, never installed. */
import { readdir } from 'node:fs/promises';
import { DatasetError } from '../../errors.js';
import { runTool } from './commands.js';
import type { CorpusPackage } from './packages.js';

/**
 * Unpacks a package into `unpacked` below `work`; returns its version.
 * @throws DatasetError `ERR_FETCH` where apt or dpkg is missing, apt's lists are, or the download fails
 */
export async function unpackDebian(work: string, pkg: CorpusPackage, signal?: AbortSignal): Promise<string> {
  const deb = await download(work, pkg, signal);
  const version = (await runTool('dpkg-deb', ['-f', deb, 'Version'], { cwd: work, signal })).trim();
  await runTool('dpkg-deb', ['-x', deb, 'unpacked'], { cwd: work, signal });
  return version;
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
