import { createRequire } from 'node:module';
import type * as tfjs from '@tensorflow/tfjs';
import { ModelError } from '../errors.js';

/** The whole of `@tensorflow/tfjs`, as the caller's own models use it. */
export type Tf = typeof tfjs;
export type LayersModel = tfjs.LayersModel;
export type Layer = tfjs.layers.Layer;
export type SymbolicTensor = tfjs.SymbolicTensor;
export type Tensor = tfjs.Tensor;

const PACKAGES = {
  '@tensorflow/tfjs': 'models and training',
  '@tensorflow/tfjs-backend-wasm': 'the engine "wasm"',
} as const;

const load = createRequire(import.meta.url);
let loaded: Tf | null = null;

function requirePeer(name: keyof typeof PACKAGES): unknown {
  try {
    return load(name);
  } catch (error) {
    if (!isMissing(error, name)) throw error;
    throw new ModelError('ERR_ENGINE', `${name} must be installed for ${PACKAGES[name]}: npm install ${name}@4.22`);
  }
}

function isMissing(error: unknown, name: string): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false;
  return error.code === 'MODULE_NOT_FOUND' && error.message.includes(`'${name}'`);
}

function isTf(value: unknown): value is Tf {
  return typeof value === 'object' && value !== null && 'sequential' in value && 'engine' in value;
}

/**
 * The tfjs that the caller's models come from: a peer dependency, never a second copy, loaded on first use.
 * @throws ModelError `ERR_ENGINE` saying what to install when it is missing
 */
export function loadTf(): Tf {
  if (loaded !== null) return loaded;
  const module = requirePeer('@tensorflow/tfjs');
  if (!isTf(module)) throw new ModelError('ERR_ENGINE', '@tensorflow/tfjs must be version 4.22, got another module');
  loaded = module;
  return loaded;
}

/** Registers tfjs's WebAssembly backend, an optional peer. @throws ModelError `ERR_ENGINE` when it is missing */
export function loadWasmBackend(): void {
  loadTf();
  requirePeer('@tensorflow/tfjs-backend-wasm');
}
