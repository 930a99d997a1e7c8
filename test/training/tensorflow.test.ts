/** What TensorFlow is told before it starts, what it says, and what Node.js no longer has for it. */
import util from 'node:util';
import { describe, expect, it } from 'vitest';
import { type DeviceOption, train } from '../../src/training/index.js';
import { supplyIsNullOrUndefined } from '../../src/training/tensorflow-package.js';
import { gpuLines, tensorflowReport } from '../../src/training/tensorflow-report.js';
import { configProto, tensorflowSettings } from '../../src/training/tensorflow-settings.js';
import { xorModel } from './models.js';
import { xorTable } from './window-table.js';

describe('util.isNullOrUndefined', () => {
  const supplied = (given: object) => {
    supplyIsNullOrUndefined(given);
    return given as { isNullOrUndefined(value: unknown): boolean };
  };

  it('is supplied where Node.js lacks it', () => {
    const { isNullOrUndefined } = supplied({});
    expect([null, undefined, 0, '', Number.NaN, false, {}].map(isNullOrUndefined)).toEqual([
      ...[true, true],
      ...Array.from({ length: 5 }, () => false),
    ]);
  });

  it('is left as it is where Node.js has it', () => {
    const own = { isNullOrUndefined: () => 'its own' };
    expect(supplied(own).isNullOrUndefined(1)).toBe('its own');
  });

  it('can be written to the module that CommonJS sees', () => {
    expect(Object.isExtensible(util)).toBe(true);
  });
});

describe('settings', () => {
  it.each<[DeviceOption, string | undefined, object]>([
    ['auto', '0,1', {}],
    ['cpu', '0,1', { CUDA_VISIBLE_DEVICES: '-1' }],
    ['cuda', undefined, { CUDA_VISIBLE_DEVICES: '0' }],
    ['cuda:2', undefined, { CUDA_VISIBLE_DEVICES: '2' }],
    ['cuda:1', '3,GPU-8932f937', { CUDA_VISIBLE_DEVICES: 'GPU-8932f937' }],
    ['cuda:2', '3,5', { CUDA_VISIBLE_DEVICES: '-1' }],
  ])('of the device %s among %s', (device, visible, expected) => {
    expect(tensorflowSettings({ device, gpuMemory: null }, visible)).toEqual(expected);
  });

  // Keys are (field << 3) | wire type: 0 a number, 1 a double, 2 what has a length, 5 a float.
  it.each([
    [{ growth: true }, '32022001'],
    [{ fraction: 0.5 }, '320909000000000000e03f'],
    [{ limitMb: 1024 }, '320a4a080a060a0400008044'],
  ])('of the memory %j as a ConfigProto', (memory, expected) => {
    expect(configProto(memory)).toBe(expected);
    expect(tensorflowSettings({ device: 'auto', gpuMemory: memory }, undefined)).toEqual({
      TFJS_NODE_CONFIG_PROTO: expected,
    });
  });
});

it('finds what TensorFlow says of GPUs in its log, in both of its forms', () => {
  const log = `WARNING: All log messages before absl::InitializeLog() is called are written to STDERR
I0000 00:00:1795727771.384171   14592 port.cc:153] oneDNN custom operations are on.
E0000 00:00:1795727771.426141   14592 cuda_platform.cc:51] failed call to cuInit: UNKNOWN ERROR (303)
E0000 00:00:1795727771.426199   14592 cuda_platform.cc:51] failed call to cuInit: UNKNOWN ERROR (303)
2026-11-26 20:00:00.123456: I external/local_xla/xla/tsl/cuda/cudart_stub.cc:31] Could not find cuda drivers on your machine, GPU will not be used.
a line about GPUs that is not TensorFlow's`;
  expect(gpuLines(log)).toEqual([
    'failed call to cuInit: UNKNOWN ERROR (303)',
    'Could not find cuda drivers on your machine, GPU will not be used.',
  ]);
});

it.skipIf(process.env.COCHLEA_ENGINE !== 'tensorflow')(
  'hears what a run says of memory, through the binding that the set-up builds (needs TensorFlow: npm run test:tensorflow)',
  async () => {
    const o = { loss: 'binaryCrossentropy', steps: 1, engine: 'tensorflow', gpuMemory: { growth: true } } as const;
    expect((await train(xorModel(), xorTable(8, 1), o)).engine.name).toBe('tensorflow');
    expect(process.env.TFJS_NODE_CONFIG_PROTO).toBeUndefined();
  },
);

it('reports whether TensorFlow works here, and nothing where it is not installed', async () => {
  const report = await tensorflowReport();
  if (report === null) expect(process.env.COCHLEA_ENGINE).not.toBe('tensorflow');
  else expect(report).toMatchObject({ failure: null, tensorflow: expect.stringMatching(/^\d+\.\d+\.\d+/) });
});
