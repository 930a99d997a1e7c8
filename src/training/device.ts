/** Which device trains, and how much of a GPU's memory TensorFlow takes. */
import { mustBe, type OptionKeys, ParameterError, refuseUnknown } from '../errors.js';

/** `'cuda'` is `'cuda:0'`, the first GPU that the process may use. */
export type DeviceOption = 'auto' | 'cpu' | 'cuda' | `cuda:${number}`;

export interface GpuMemory {
  /** Takes memory as it is needed, not all at once. */
  readonly growth?: boolean;
  /** Most of a GPU's memory that the process takes, in (0, 1]. */
  readonly fraction?: number;
  /** The same in MiB; alone, as TensorFlow takes it all at once. */
  readonly limitMb?: number;
}

const GPU_MEMORY_KEYS: OptionKeys<GpuMemory> = { growth: true, fraction: true, limitMb: true };

/** @throws ParameterError `ERR_OPTION` */
export function checkDevice(device: string): DeviceOption {
  if (isDevice(device)) return device;
  throw new ParameterError('ERR_OPTION', mustBe('device', 'auto | cpu | cuda | cuda:<n>', device));
}

export function isDevice(device: unknown): device is DeviceOption {
  return typeof device === 'string' && /^(auto|cpu|cuda(:\d+)?)$/.test(device);
}

/** Number of the GPU that is asked for, or null. */
export function gpuIndex(device: DeviceOption): number | null {
  return device.startsWith('cuda') ? Number(device.split(':')[1] ?? 0) : null;
}

/** @throws ParameterError `ERR_OPTION`, `ERR_UNKNOWN_OPTION` */
export function checkGpuMemory(memory: GpuMemory): GpuMemory {
  refuseUnknown(memory, GPU_MEMORY_KEYS, 'gpuMemory');
  const { growth, fraction, limitMb } = memory;
  if (growth !== undefined && typeof growth !== 'boolean') throw wrong('growth', 'true or false', growth);
  if (fraction !== undefined && !(fraction > 0 && fraction <= 1))
    throw wrong('fraction', 'a number in (0, 1]', fraction);
  if (limitMb === undefined) return memory;
  if (!(Number.isFinite(limitMb) && limitMb > 0)) throw wrong('limitMb', 'a positive number', limitMb);
  if (growth === undefined && fraction === undefined) return memory;
  throw wrong('limitMb', 'left out beside growth and fraction', limitMb);
}

function wrong(option: string, expected: string, value: unknown): ParameterError {
  return new ParameterError('ERR_OPTION', mustBe(`gpuMemory.${option}`, expected, value));
}
