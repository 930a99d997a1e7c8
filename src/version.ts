/** Versions as `package.json` files say them. */
import { createRequire } from 'node:module';

const load = createRequire(import.meta.url);

/** This library's, also where the addon cannot be loaded. */
export function libraryVersion(): string {
  return versionIn('../package.json');
}

/** An installed package's. @throws what `require` throws, with code `MODULE_NOT_FOUND` where there is none */
export function packageVersion(name: string): string {
  return versionIn(`${name}/package.json`);
}

function versionIn(file: string): string {
  const { version }: { version: string } = load(file);
  return version;
}
