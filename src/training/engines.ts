/** Which engine computes a run: chosen by name or by what this machine has, with the reason in words. */
import { DeviceError, ModelError, mustBe } from '../errors.js';
import { loadTf, loadWasmBackend, registerWasmConvGradients } from '../model/index.js';
import { gpuIndex } from './device.js';
import type { Engine, EngineOption } from './engine.js';
import { requireDevice, startTensorflow, type TensorflowStart } from './tensorflow-engine.js';
import {
  CPU_PACKAGE,
  GPU_PACKAGE,
  importPackage,
  type LoadPackage,
  reasonOf,
  TENSORFLOW_PACKAGES,
} from './tensorflow-package.js';
import type { TensorflowRequest } from './tensorflow-settings.js';
import { startBackend } from './tfjs-backend.js';

export interface EngineRequest extends TensorflowRequest {
  readonly engine: EngineOption;
}

/** Runs one training step without keeping its result; throws what the engine throws. */
export type Probe = (engine: Engine) => void;

/** Needs no backend: weights and steps are in the addon. */
const NATIVE: Engine = { name: 'native', why: '', usesGpu: false, activate: () => {} };

const SETUP = 'npx cochlea setup tensorflow';

/**
 * Loads the engine asked for and checks that it can train the model.
 *
 * `auto` takes `tensorflow` with a usable GPU, else `native` where it covers the model, else `tensorflow` without a GPU,
 * else none: `wasm` and `cpu`, which are slow, are taken by name only. It says so in `why`, and passes over an engine only
 * for the reason it gives there. Where a GPU is asked for, it takes `tensorflow` or none.
 *
 * @param load stands in for `import` in tests
 * @throws ModelError `ERR_ENGINE` for an engine asked for by name that is absent, does not load or does not cover the
 *   model, and where `auto` finds none, naming the layer that `native` does not cover
 * @throws DeviceError `ERR_DEVICE` for a GPU that is not there, with the driver's reason, or that the engine has no use for
 */
export async function chooseEngine(
  request: EngineRequest,
  probe: Probe,
  load: LoadPackage = importPackage,
): Promise<Engine> {
  const { engine, device } = request;
  const wantsGpu = gpuIndex(device) !== null;
  if (wantsGpu && engine !== 'auto' && engine !== 'tensorflow') {
    throw new DeviceError('ERR_DEVICE', mustBe('device', `cpu or auto with the engine "${engine}"`, device));
  }
  switch (engine) {
    case 'native': {
      const lack = lackOf(NATIVE, probe);
      if (lack === null) return { ...NATIVE, why: 'asked for' };
      throw engineError('engine "native"', 'one that covers this model (tensorflow, wasm and cpu cover others)', lack);
    }
    case 'auto':
      return wantsGpu
        ? tensorflowByName(request, 'the device asked for', probe, load)
        : automatic(request, probe, load);
    case 'tensorflow':
      return tensorflowByName(request, 'asked for', probe, load);
    case 'wasm':
      return probed(await startWasm(), 'asked for', probe);
    case 'cpu':
      return probed(await startBackend('cpu'), 'asked for', probe);
  }
}

async function tensorflowByName(request: EngineRequest, why: string, probe: Probe, load: LoadPackage): Promise<Engine> {
  const start = await startTensorflow(TENSORFLOW_PACKAGES, request, load);
  const { engine, failures } = start;
  if (engine !== null) {
    await requireDevice(start, request.device);
    return probed(engine, [why, ...failures].join('; '), probe);
  }
  if (failures.length > 0) throw engineError('engine "tensorflow"', 'one that loads', failures.join('; '));
  const withGpu = gpuIndex(request.device) === null ? ' (--gpu with a GPU)' : ' --gpu';
  throw engineError('engine "tensorflow"', `installed: ${SETUP}${withGpu}`, 'none');
}

async function automatic(request: EngineRequest, probe: Probe, load: LoadPackage): Promise<Engine> {
  const tf = loadTf();
  const before = tf.getBackend();
  // Only the package with CUDA in it can find a GPU; loading the other would be for nothing where native covers the model.
  const withGpu = request.device === 'cpu' ? null : await startTensorflow([GPU_PACKAGE], request, load);
  const soFar: string[] = withGpu === null ? ['the device asked for'] : [...withGpu.failures];
  if (withGpu?.engine?.usesGpu) {
    const lack = lackOf(withGpu.engine, probe);
    if (lack === null) {
      return { ...withGpu.engine, why: [...soFar, 'TensorFlow is installed and finds a GPU'].join('; ') };
    }
    soFar.push(`tensorflow is out: ${lack}`);
  } else if (withGpu !== null && withGpu.failures.length === 0) {
    soFar.push(withGpu.engine === null ? 'TensorFlow for GPUs is not installed' : 'TensorFlow finds no GPU');
  }

  const nativeLack = lackOf(NATIVE, probe);
  if (nativeLack === null) {
    if (tf.getBackend() !== before) await tf.setBackend(before);
    return { ...NATIVE, why: [...soFar, 'the native engine covers this model'].join('; ') };
  }
  soFar.push(`native is out: ${nativeLack}`);
  return lastOfAll(withGpu, soFar, request, probe, load);
}

/** TensorFlow on the processor, or an error. */
async function lastOfAll(
  withGpu: TensorflowStart | null,
  soFar: readonly string[],
  request: EngineRequest,
  probe: Probe,
  load: LoadPackage,
): Promise<Engine> {
  const packages = withGpu === null ? TENSORFLOW_PACKAGES : [CPU_PACKAGE];
  const started = withGpu?.engine ? withGpu : await startTensorflow(packages, request, load);
  await requireDevice(started, request.device);
  const { engine } = started;
  const reasons = [...soFar, ...(started === withGpu ? [] : started.failures)];
  // One that uses a GPU was tried before native.
  const lack = engine === null || engine.usesGpu ? null : lackOf(engine, probe);
  if (engine !== null && !engine.usesGpu && lack === null) {
    return { ...engine, why: [...reasons, 'tensorflow has every kernel this model needs'].join('; ') };
  }
  if (lack !== null) reasons.push(`tensorflow is out: ${lack}`);
  const install = engine === null ? `install TensorFlow (${SETUP}) or ` : '';
  throw engineError(
    'engine "auto"',
    `one that trains this model: ${install}choose "wasm" or "cpu" by name`,
    reasons.join('; '),
  );
}

async function startWasm(): Promise<Engine> {
  loadWasmBackend();
  const engine = await startBackend('wasm');
  registerWasmConvGradients();
  return engine;
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
    const kernel = /Kernel '(\w+)' not registered/.exec(reasonOf(error))?.[1];
    if (kernel === undefined) throw error;
    return `no kernel ${kernel}`;
  }
}

function engineError(name: string, expected: string, got: string): ModelError {
  return new ModelError('ERR_ENGINE', mustBe(name, expected, got));
}
