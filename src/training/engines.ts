/** Which engine computes a run: chosen by name or by what this machine has, with the reason in words. */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { ModelError, mustBe } from '../errors.js';
import { loadTf, loadWasmBackend, registerWasmConvGradients } from '../model/index.js';

export const ENGINES = ['auto', 'tensorflow', 'native', 'wasm', 'cpu'] as const;
export type EngineOption = (typeof ENGINES)[number];
export type EngineName = Exclude<EngineOption, 'auto'>;

export interface EngineChoice {
  readonly name: EngineName;
  /** Why this one, for people. */
  readonly why: string;
}

export interface Engine extends EngineChoice {
  readonly usesGpu: boolean;
  /** Makes it tfjs's active backend, at once; to be called in the same turn as the work, as tfjs has one for all. */
  activate(): void;
}

/** Runs one training step without keeping its result; throws what the engine throws. */
export type Probe = (engine: Engine) => void;

/** Imports a package by name; what it exports is of no interest, as it registers its backend with tfjs. */
export type LoadPackage = (name: string) => Promise<unknown>;

/** Needs no backend: weights and steps are in the addon. */
const NATIVE: Engine = { name: 'native', why: '', usesGpu: false, activate: () => {} };

const TENSORFLOW_PACKAGES = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'];

const require = createRequire(import.meta.url);

/**
 * Asks Node.js itself whether a package is there: bundlers and test runners put stand-ins in the place of optional peers
 * that are not.
 */
const importPackage: LoadPackage = async (name) => import(pathToFileURL(require.resolve(name)).href);

/**
 * Loads the engine asked for and checks that it can train the model.
 *
 * `auto` takes `tensorflow` with a usable GPU, else `native` where it covers the model, else `tensorflow` without a GPU,
 * else `wasm` where it has every kernel, else `cpu`. It says so in `why`, and passes over an engine only for the reason it
 * gives there.
 *
 * @param load stands in for `import` in tests
 * @throws ModelError `ERR_ENGINE` for an engine asked for by name that is absent, does not load or does not cover the
 *   model
 */
export async function chooseEngine(
  requested: EngineOption,
  probe: Probe,
  load: LoadPackage = importPackage,
): Promise<Engine> {
  switch (requested) {
    case 'native': {
      const lack = lackOf(NATIVE, probe);
      if (lack === null) return { ...NATIVE, why: 'asked for' };
      throw engineError('engine "native"', 'one that covers this model (tensorflow, wasm and cpu cover others)', lack);
    }
    case 'auto':
      return automatic(probe, load);
    case 'tensorflow': {
      const { engine, failures } = await startTensorflow(load);
      if (engine !== null) return probed(engine, ['asked for', ...failures].join('; '), probe);
      if (failures.length > 0) throw engineError('engine "tensorflow"', 'one that loads', failures.join('; '));
      const install = `npm install ${TENSORFLOW_PACKAGES.join(' (with a GPU) or ')}`;
      throw engineError('engine "tensorflow"', `installed: ${install}`, 'none');
    }
    case 'wasm':
      return probed(await startWasm(), 'asked for', probe);
    case 'cpu':
      return probed(await startCpu(), 'asked for', probe);
  }
}

async function automatic(probe: Probe, load: LoadPackage): Promise<Engine> {
  const { engine: tensorflow, failures } = await startTensorflow(load);
  const soFar = [...failures];
  if (tensorflow?.usesGpu) {
    const lack = lackOf(tensorflow, probe);
    if (lack === null) return { ...tensorflow, why: [...soFar, 'TensorFlow is installed and finds a GPU'].join('; ') };
    soFar.push(`tensorflow is out: ${lack}`);
  } else if (tensorflow !== null) {
    soFar.push('TensorFlow finds no GPU');
  } else if (failures.length === 0) {
    soFar.push('TensorFlow is not installed');
  }

  const nativeLack = lackOf(NATIVE, probe);
  if (nativeLack === null) {
    return { ...NATIVE, why: [...soFar, 'the native engine covers this model'].join('; ') };
  }
  soFar.push(`native is out: ${nativeLack}`);

  if (tensorflow !== null && !tensorflow.usesGpu) {
    const lack = lackOf(tensorflow, probe);
    if (lack === null)
      return { ...tensorflow, why: [...soFar, 'tensorflow has every kernel this model needs'].join('; ') };
    soFar.push(`tensorflow is out: ${lack}`);
  }

  const wasm = await startWasm().catch((error: unknown) => reason(error));
  const wasmLack = typeof wasm === 'string' ? wasm : lackOf(wasm, probe);
  if (typeof wasm !== 'string' && wasmLack === null) {
    return { ...wasm, why: [...soFar, 'wasm has every kernel this model needs'].join('; ') };
  }
  soFar.push(`wasm is out: ${wasmLack}`);
  return probed(await startCpu(), soFar.join('; '), probe);
}

/** What became of the TensorFlow packages: the first that started, and those before it that are installed but broken. */
interface TensorflowStart {
  readonly engine: Engine | null;
  readonly failures: readonly string[];
}

async function startTensorflow(load: LoadPackage): Promise<TensorflowStart> {
  const failures: string[] = [];
  for (const name of TENSORFLOW_PACKAGES) {
    try {
      await load(name);
      return { engine: await start('tensorflow'), failures };
    } catch (error) {
      if (!isAbsent(error, name)) failures.push(`${name} does not load (${reason(error).replace(/\s+/g, ' ').trim()})`);
    }
  }
  return { engine: null, failures };
}

async function startWasm(): Promise<Engine> {
  loadWasmBackend();
  const engine = await start('wasm');
  registerWasmConvGradients();
  return engine;
}

function startCpu(): Promise<Engine> {
  return start('cpu');
}

let lastStart: Promise<unknown> = Promise.resolve();

/** One at a time: two backends that start together leave tfjs with the name of one and the kernels of the other. */
function start(name: EngineName): Promise<Engine> {
  const started = lastStart.then(() => startAlone(name));
  lastStart = started.then(
    () => null,
    () => null, // whoever asked for it hears of the failure
  );
  return started;
}

async function startAlone(name: EngineName): Promise<Engine> {
  const tf = loadTf();
  const ok = await tf.setBackend(name);
  const backend = tf.findBackend(name);
  if (!ok || backend === null) throw engineError(`engine "${name}"`, 'one that starts', tf.getBackend());
  return {
    name,
    why: '',
    usesGpu: Reflect.get(backend, 'isUsingGpuDevice') === true,
    activate: () => {
      // The backend has started, so this takes effect before the call returns.
      if (tf.getBackend() !== name || tf.backend() !== backend) void tf.setBackend(name);
    },
  };
}

function probed(engine: Engine, why: string, probe: Probe): Engine {
  const lack = lackOf(engine, probe);
  if (lack === null) return { ...engine, why };
  throw engineError(
    `engine "${engine.name}"`,
    'one that has every kernel this model needs (cpu and tensorflow do)',
    lack,
  );
}

/** @returns what the engine lacks for this model, or null */
function lackOf(engine: Engine, probe: Probe): string | null {
  try {
    probe(engine);
    return null;
  } catch (error) {
    if (engine.name === 'native' && error instanceof ModelError && error.code === 'ERR_LAYER') return error.message;
    const kernel = /Kernel '(\w+)' not registered/.exec(reason(error))?.[1];
    if (kernel === undefined) throw error;
    return `no kernel ${kernel}`;
  }
}

function engineError(name: string, expected: string, got: string): ModelError {
  return new ModelError('ERR_ENGINE', mustBe(name, expected, got));
}

/** The very package is not there; one that is there and misses a part of its own is broken. */
function isAbsent(error: unknown, name: string): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  return (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') && reason(error).includes(`'${name}'`);
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
