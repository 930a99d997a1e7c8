/** The engine "tensorflow": which package, on which device. */
import { DeviceError, mustBe } from '../errors.js';
import { loadTf } from '../model/index.js';
import { type DeviceOption, type GpuMemory, gpuIndex } from './device.js';
import type { Engine } from './engine.js';
import { CPU_PACKAGE, isAbsent, type LoadPackage, reasonOf } from './tensorflow-package.js';
import { tensorflowReport } from './tensorflow-report.js';
import { CONFIG_VARIABLE, type Settings, tensorflowSettings, VISIBLE_VARIABLE } from './tensorflow-settings.js';
import { startBackend } from './tfjs-backend.js';

/** Where TensorFlow is to compute. */
export interface TensorflowRequest {
  readonly device: DeviceOption;
  readonly gpuMemory: GpuMemory | null;
}

/** What became of the packages: the first that started, and those before it that are installed but broken. */
export interface TensorflowStart {
  readonly engine: Engine | null;
  readonly package: string | null;
  readonly failures: readonly string[];
}

/** What the process's TensorFlow started with; the environment before says what may be used. */
let begun: { readonly settings: Settings; readonly visible: string | undefined } | null = null;

/**
 * @param packages in the order in which they are tried
 * @throws DeviceError `ERR_DEVICE` where TensorFlow has started in this process with other settings
 */
export async function startTensorflow(
  packages: readonly string[],
  { device, gpuMemory }: TensorflowRequest,
  load: LoadPackage,
): Promise<TensorflowStart> {
  const visible = begun === null ? process.env[VISIBLE_VARIABLE] : begun.visible;
  const settings = tensorflowSettings(device, gpuMemory, visible);
  const failures: string[] = [];
  for (const name of packages) {
    try {
      await loadWith(settings, visible, () => load(name));
      return { engine: await startBackend('tensorflow'), package: name, failures };
    } catch (error) {
      if (error instanceof DeviceError) throw error;
      if (!isAbsent(error, name)) {
        failures.push(`${name} does not load (${reasonOf(error).replace(/\s+/g, ' ').trim()})`);
      }
    }
  }
  return { engine: null, package: null, failures };
}

/** The environment is that of before again as soon as TensorFlow has started. */
async function loadWith(settings: Settings, visible: string | undefined, load: () => Promise<unknown>): Promise<void> {
  if (loadTf().findBackendFactory('tensorflow') !== null) return requireSame(settings);
  const before = Object.keys(settings).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, settings);
  try {
    await load();
    begun = { settings, visible };
    if (CONFIG_VARIABLE in settings && process.env[CONFIG_VARIABLE] !== undefined) throw notRead();
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}

/** A run that asks for nothing takes TensorFlow as it is. */
function requireSame(settings: Settings): void {
  const others = begun?.settings ?? {};
  if (Object.entries(settings).every(([name, value]) => others[name] === value)) return;
  const expected = `those that TensorFlow started with in this process, ${JSON.stringify(others)}`;
  throw new DeviceError('ERR_DEVICE', mustBe('device and gpuMemory', expected, settings));
}

function notRead(): DeviceError {
  const expected =
    'left out with a TensorFlow that does not listen to it (that of `npx cochlea setup tensorflow` does)';
  return new DeviceError('ERR_DEVICE', mustBe('gpuMemory', expected, 'a limit'));
}

/**
 * Holds TensorFlow to the device that was asked for.
 * @throws DeviceError `ERR_DEVICE` with the driver's reason
 */
export async function requireDevice({ engine, package: name }: TensorflowStart, device: DeviceOption): Promise<void> {
  if (engine === null || device === 'auto') return;
  const wantsGpu = gpuIndex(device) !== null;
  if (wantsGpu === engine.usesGpu) return;
  if (!wantsGpu) throw new DeviceError('ERR_DEVICE', mustBe('device', 'a GPU, as TensorFlow uses one', device));
  const reason =
    name === CPU_PACKAGE ? `${name} has no part for GPUs (npx cochlea setup tensorflow --gpu)` : await gpuLog();
  throw new DeviceError('ERR_DEVICE', `${mustBe('device', 'one that TensorFlow finds', device)}: ${reason}`, {
    reason,
  });
}

/** What TensorFlow and the driver say of GPUs, from a process of its own: in this one it went to stderr. */
async function gpuLog(): Promise<string> {
  const report = await tensorflowReport(begun?.settings);
  return report?.gpuLog.join(' ') || 'TensorFlow gives no reason';
}
