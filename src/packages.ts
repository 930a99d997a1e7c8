/** This package and those it is installed with, as their `package.json` files tell. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const load = createRequire(import.meta.url);

/** This package's folder, the nearest one upwards with a `package.json`: from `src/`, `dist/` and bundles alike. */
export const PACKAGE_ROOT = nearestPackage(dirname(fileURLToPath(import.meta.url)));

/** This library's version, also where the addon cannot be loaded. */
export function libraryVersion(): string {
  return versionIn(join(PACKAGE_ROOT, 'package.json'));
}

/** An installed package's. @throws what `require` throws, with code `MODULE_NOT_FOUND` where there is none */
export function packageVersion(name: string): string {
  return versionIn(`${name}/package.json`);
}

function versionIn(file: string): string {
  const { version }: { version: string } = load(file);
  return version;
}

function nearestPackage(folder: string): string {
  const above = dirname(folder);
  return above === folder || existsSync(join(folder, 'package.json')) ? folder : nearestPackage(above);
}
