import { dirname, isAbsolute, resolve } from 'node:path';
import { statOrNull } from '../../files/index.js';

/**
 * What relative paths of a manifest count from: its own folder or, as Kaldi and lhotse have it, the working directory. The
 * first relative path decides for all.
 *
 * @param paths as the manifest has them
 */
export async function baseFolder(manifest: string, paths: Iterable<string>): Promise<string> {
  const own = dirname(resolve(manifest));
  for (const path of paths) {
    if (isAbsolute(path)) continue;
    for (const folder of [own, process.cwd()]) {
      if ((await statOrNull(resolve(folder, path)).catch(() => null)) !== null) return folder;
    }
    // One that is nowhere says nothing, and to look for all of many would take long.
    return own;
  }
  return own;
}
