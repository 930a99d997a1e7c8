/** The engine "tensorflow": which package, on which device. */
import { DeviceError, mustBe } from '../errors.js';
import { loadTf } from '../model/index.js';
import { type DeviceOption, gpuIndex } from './device.js';
import type { Engine } from './engine.js';
import { CPU_PACKAGE, isAbsent, type LoadPackage, reasonOf } from './tensorflow-package.js';
import { tensorflowReport } from './tensorflow-report.js';
import {
  CONFIG_VARIABLE,
  type Settings,
  type TensorflowRequest,
  tensorflowSettings,
  VISIBLE_VARIABLE,
} from './tensorflow-settings.js';
import { startBackend } from './tfjs-backend.js';

/** What became of the packages: the first that started, and those before it that are installed but broken. */
export interface TensorflowStart {
  readonly engine: Engine | null;
  readonly package: string | null;
  readonly failures: readonly string[];
}

/** What the process's TensorFlow was asked for when it started, and which GPUs the process might use before. */
let begun: { readonly request: TensorflowRequest; readonly settings: Settings; readonly visible: string | undefined } =
  {
    request: { device: 'auto', gpuMemory: null },
    settings: {},
    visible: undefined,
  };

/**
 * @param packages in the order in which they are tried
 * @throws DeviceError `ERR_DEVICE` where TensorFlow uses a GPU in this process already, in another way than asked for
 */
export async function startTensorflow(
  packages: readonly string[],
  request: TensorflowRequest,
  load: LoadPackage,
): Promise<TensorflowStart> {
  const failures: string[] = [];
  for (const name of packages) {
    try {
      const isNew = await loadWith(request, () => load(name));
      const engine = await startBackend('tensorflow');
      if (!isNew && engine.usesGpu) requireSame(request);
      return { engine, package: name, failures };
    } catch (error) {
      if (error instanceof DeviceError) throw error;
      if (!isAbsent(error, name)) {
        failures.push(`${name} does not load (${reasonOf(error).replace(/\s+/g, ' ').trim()})`);
      }
    }
  }
  return { engine: null, package: null, failures };
}

/**
 * The environment is that of before again as soon as TensorFlow has started.
 * @returns false where it had started before
 */
async function loadWith(request: TensorflowRequest, load: () => Promise<unknown>): Promise<boolean> {
  const isNew = loadTf().findBackendFactory('tensorflow') === null;
  const visible = process.env[VISIBLE_VARIABLE];
  const settings = isNew ? tensorflowSettings(request, visible) : {};
  const before = Object.keys(settings).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, settings);
  try {
    await load();
    if (isNew) begun = { request, settings, visible };
    if (CONFIG_VARIABLE in settings && process.env[CONFIG_VARIABLE] !== undefined) throw notRead();
    return isNew;
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}

/** TensorFlow listens once a process; a run that asks for nothing takes it as it is. */
function requireSame(request: TensorflowRequest): void {
  const wanted = Object.entries(tensorflowSettings(request, begun.visible));
  if (wanted.every(([name, value]) => begun.settings[name] === value)) return;
  const { device, gpuMemory } = begun.request;
  const expected = `as TensorFlow started with in this process, ${JSON.stringify({ device, gpuMemory })}`;
  const got = { device: request.device, gpuMemory: request.gpuMemory };
  throw new DeviceError('ERR_DEVICE', mustBe('device and gpuMemory', expected, got));
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
  if (!wantsGpu)
    throw new DeviceError(
      'ERR_DEVICE',
      mustBe('device', 'cuda or auto, as TensorFlow uses a GPU in this process', device),
    );
  const reason =
    name === CPU_PACKAGE ? `${name} has no part for GPUs (npx cochlea setup tensorflow --gpu)` : await gpuLog();
  throw new DeviceError('ERR_DEVICE', `${mustBe('device', 'one that TensorFlow finds', device)}: ${reason}`, {
    reason,
  });
}

/** What TensorFlow and the driver say of GPUs, from a process of its own: in this one it went to stderr. */
async function gpuLog(): Promise<string> {
  const report = await tensorflowReport(begun.settings);
  return report?.gpuLog.join(' ') || 'TensorFlow gives no reason';
}
