/** What TensorFlow is told before it starts: it listens to the environment, once a process. */
import protobuf from 'protobufjs';
import { type DeviceOption, type GpuMemory, gpuIndex } from './device.js';

/** The fields of tensorflow/core/protobuf/config.proto that decide over a GPU's memory. */
const CONFIG = protobuf.Root.fromJSON({
  nested: {
    ConfigProto: { fields: { gpuOptions: { type: 'GpuOptions', id: 6 } } },
    GpuOptions: {
      fields: {
        perProcessGpuMemoryFraction: { type: 'double', id: 1 },
        allowGrowth: { type: 'bool', id: 4 },
        experimental: { type: 'Experimental', id: 9 },
      },
    },
    Experimental: { fields: { virtualDevices: { rule: 'repeated', type: 'VirtualDevices', id: 1 } } },
    VirtualDevices: { fields: { memoryLimitMb: { rule: 'repeated', type: 'float', id: 1 } } },
  },
}).lookupType('ConfigProto');

/** Read by `native/tensorflow/context_options.h`, which takes it out of the environment. */
export const CONFIG_VARIABLE = 'TFJS_NODE_CONFIG_PROTO';
export const VISIBLE_VARIABLE = 'CUDA_VISIBLE_DEVICES';
/** What CUDA takes for "none". */
const NO_GPU = '-1';

export type Settings = Readonly<Record<string, string>>;

/** Where TensorFlow is to compute. */
export interface TensorflowRequest {
  readonly device: DeviceOption;
  readonly gpuMemory: GpuMemory | null;
}

/**
 * @param visible GPUs that the process may use, where somebody said so before
 * @returns variables of the environment
 */
export function tensorflowSettings({ device, gpuMemory }: TensorflowRequest, visible: string | undefined): Settings {
  return {
    ...(device !== 'auto' && { [VISIBLE_VARIABLE]: visibleDevices(device, visible) }),
    ...(gpuMemory !== null && { [CONFIG_VARIABLE]: configProto(gpuMemory) }),
  };
}

function visibleDevices(device: DeviceOption, visible: string | undefined): string {
  const index = gpuIndex(device);
  if (index === null) return NO_GPU;
  return visible === undefined ? String(index) : (visible.split(',')[index] ?? NO_GPU);
}

/** A ConfigProto as hexadecimal digits. */
export function configProto({ growth, fraction, limitMb }: GpuMemory): string {
  const gpuOptions = {
    ...(growth !== undefined && { allowGrowth: growth }),
    ...(fraction !== undefined && { perProcessGpuMemoryFraction: fraction }),
    ...(limitMb !== undefined && { experimental: { virtualDevices: [{ memoryLimitMb: [limitMb] }] } }),
  };
  return Buffer.from(CONFIG.encode(CONFIG.fromObject({ gpuOptions })).finish()).toString('hex');
}
