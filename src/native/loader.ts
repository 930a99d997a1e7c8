import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { CochleaError, NativeError } from '../errors.js';
import { PACKAGE_ROOT } from '../packages.js';
import type { NativeAddon } from './addon.js';
import { revive, withCochleaErrors } from './wrap.js';

const ADDON_FILE = 'cochlea.node';

let loaded: NativeAddon | undefined;

/**
 * The native addon of this thread, loaded on the first call.
 *
 * @throws NativeError `ERR_ADDON_MISSING` with every path tried, what the loader said, and the command that builds it;
 *   `ERR_KERNELS` if `COCHLEA_KERNELS` names kernels this machine does not have
 */
export function loadAddon(): NativeAddon {
  loaded ??= loadFrom(addonPaths(PACKAGE_ROOT));
  return loaded;
}

/** Where the addon may lie under `root`: what this machine built, then what a release brought along. */
export function addonPaths(root: string): string[] {
  return [
    join(root, 'build', 'Release', ADDON_FILE),
    join(root, 'prebuilds', `${process.platform}-${process.arch}`, ADDON_FILE),
  ];
}

/** Loads the first of `paths` that exists. */
export function loadFrom(paths: readonly string[]): NativeAddon {
  const path = paths.find((candidate) => existsSync(candidate));
  if (path === undefined) throw missing(paths, 'no such file');
  try {
    return withCochleaErrors(createRequire(import.meta.url)(path) as NativeAddon);
  } catch (thrown) {
    const revived = revive(thrown);
    if (revived instanceof CochleaError) throw revived;
    throw missing(paths, thrown instanceof Error ? thrown.message : String(thrown));
  }
}

function missing(paths: readonly string[], reason: string): NativeError {
  return new NativeError(
    'ERR_ADDON_MISSING',
    `the native addon cannot be loaded (${reason}); \`npx cochlea setup\` builds it, and so does \`npm run setup\` in the package's folder. Tried ${paths.join(', ')}`,
    { paths, reason },
  );
}
