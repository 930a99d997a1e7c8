/** The packages through which tfjs computes on TensorFlow, and how they are loaded. */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

export const GPU_PACKAGE = '@tensorflow/tfjs-node-gpu';
export const CPU_PACKAGE = '@tensorflow/tfjs-node';
/** In the order in which they are tried; a process holds one of them. */
export const TENSORFLOW_PACKAGES = [GPU_PACKAGE, CPU_PACKAGE] as const;

/** Imports a package by name; it registers its backend with tfjs. */
export type LoadPackage = (name: string) => Promise<unknown>;

const require = createRequire(import.meta.url);

/**
 * Asks Node.js itself whether a package is there: bundlers and test runners put stand-ins in the place of optional peers
 * that are not.
 */
export const importPackage: LoadPackage = async (name) => {
  const path = require.resolve(name);
  supplyIsNullOrUndefined(require('node:util'));
  return import(pathToFileURL(path).href);
};

/**
 * Node.js 23 took `util.isNullOrUndefined` away, which tfjs-node calls in its last release, 4.22. It gets it back from
 * here, where Node.js lacks it, so that the package's files stay as npm installed them.
 */
export function supplyIsNullOrUndefined(util: object): void {
  if ('isNullOrUndefined' in util) return;
  Reflect.set(util, 'isNullOrUndefined', (value: unknown) => value === null || value === undefined);
}

/** The very package is not there; one that is there and misses a part of its own is broken. */
export function isAbsent(error: unknown, name: string): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  return (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') && reasonOf(error).includes(`'${name}'`);
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
