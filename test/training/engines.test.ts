/** Which engine is taken, on which device, and the reason given, with stand-ins for the TensorFlow packages. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ModelError, mustBe } from '../../src/errors.js';
import { loadTf } from '../../src/model/index.js';
import { chooseEngine, type EngineRequest, type Probe } from '../../src/training/engines.js';
import type { LoadPackage } from '../../src/training/tensorflow-package.js';

const tf = loadTf();
const GPU_PACKAGE = '@tensorflow/tfjs-node-gpu';
const CPU_PACKAGE = '@tensorflow/tfjs-node';
const SAYS = 'failed call to cuInit: UNKNOWN ERROR (303)';

vi.mock('../../src/training/tensorflow-report.js', () => ({ tensorflowReport: async () => ({ gpuLog: [SAYS] }) }));

afterEach(async () => {
  await tf.setBackend('cpu');
  if (tf.findBackendFactory('tensorflow') !== null) tf.removeBackend('tensorflow');
});

const choose = (engine: EngineRequest['engine'], each: Probe, load: LoadPackage, o: Partial<EngineRequest> = {}) =>
  chooseEngine({ engine, device: 'auto', gpuMemory: null, ...o }, each, load);

it('takes TensorFlow with a usable GPU', async () => {
  const engine = await choose('auto', probe(), packages({ [GPU_PACKAGE]: backend({ gpu: true }) }));
  expect(engine).toMatchObject({ name: 'tensorflow', usesGpu: true, why: 'TensorFlow is installed and finds a GPU' });
});

it('takes native before TensorFlow without a GPU, and leaves the active backend as it was', async () => {
  const load = packages({ [GPU_PACKAGE]: backend({ gpu: false }) });
  const engine = await choose('auto', probe(), load);
  expect(engine.name).toBe('native');
  expect(engine.why).toBe('TensorFlow finds no GPU; the native engine covers this model');
  expect(tf.getBackend()).toBe('cpu');
});

it('does not load the package without CUDA where native will do', async () => {
  const load = vi.fn(packages({ [CPU_PACKAGE]: backend({ gpu: false }) }));
  const engine = await choose('auto', probe(), load);
  expect(engine.why).toBe('TensorFlow for GPUs is not installed; the native engine covers this model');
  expect(load.mock.calls).toEqual([[GPU_PACKAGE]]);
});

describe('where native does not cover the model', () => {
  const installed = () => packages({ [CPU_PACKAGE]: backend({ gpu: false }) });

  it.each([CPU_PACKAGE, GPU_PACKAGE])('takes TensorFlow without a GPU: %s', async (name) => {
    const engine = await choose('auto', probe('native'), packages({ [name]: backend({ gpu: false }) }));
    expect(engine.name).toBe('tensorflow');
    expect(engine.why).toMatch(
      /^TensorFlow (for GPUs is not installed|finds no GPU); native is out: layer "rare" must be covered, got "Rare"; tensorflow has every kernel this model needs$/,
    );
  });

  it.each<[string, Probe, () => LoadPackage, RegExp]>([
    [
      'is not installed',
      probe('native'),
      () => packages({}),
      /install TensorFlow \(npx cochlea setup tensorflow\) or choose/,
    ],
    ['lacks a kernel', probe('native', 'tensorflow'), installed, /model: choose .*tensorflow is out: no kernel Rare/],
    [
      'lacks a kernel on the GPU',
      probe('native', 'tensorflow'),
      () => packages({ [GPU_PACKAGE]: backend({ gpu: true }) }),
      /model: choose .*tensorflow is out: no kernel Rare/,
    ],
  ])('is an error that names the layer where TensorFlow %s', async (_, each, load, message) => {
    const choice = choose('auto', each, load());
    await expect(choice).rejects.toMatchObject({
      name: 'ModelError',
      code: 'ERR_ENGINE',
      message: expect.stringMatching(message),
    });
    await expect(choice).rejects.toThrow(/choose "wasm" or "cpu" by name, got .*native is out: layer .*rare/);
  });

  it('refuses native by name, with the layer', async () => {
    await expect(choose('native', probe('native'), packages({}))).rejects.toMatchObject({
      code: 'ERR_ENGINE',
      message: expect.stringMatching(/got "?layer \\?"rare/),
    });
  });
});

it('passes over a GPU that lacks a kernel', async () => {
  const load = packages({ [GPU_PACKAGE]: backend({ gpu: true }) });
  const engine = await choose('auto', probe('tensorflow'), load);
  expect(engine.name).toBe('native');
  expect(engine.why).toMatch(/^tensorflow is out: no kernel Rare; the native engine/);
});

describe('a device', () => {
  const gpu = () => packages({ [GPU_PACKAGE]: backend({ gpu: true }) });
  const noGpu = () => packages({ [GPU_PACKAGE]: backend({ gpu: false }) });

  it.each(['auto', 'tensorflow'] as const)("of CUDA is TensorFlow's with the engine %s", async (engine) => {
    const chosen = await choose(engine, probe(), gpu(), { device: 'cuda:0' });
    expect(chosen).toMatchObject({ name: 'tensorflow', usesGpu: true });
  });

  it.each(['auto', 'tensorflow'] as const)(
    "that is not there is an error with the driver's reason: %s",
    async (engine) => {
      await expect(choose(engine, probe(), noGpu(), { device: 'cuda' })).rejects.toMatchObject({
        name: 'DeviceError',
        code: 'ERR_DEVICE',
        message: `device must be one that TensorFlow finds, got "cuda": ${SAYS}`,
        details: { reason: SAYS },
      });
    },
  );

  it('that the package has no part for is an error that says what to do', async () => {
    const load = packages({ [CPU_PACKAGE]: backend({ gpu: false }) });
    await expect(choose('auto', probe(), load, { device: 'cuda:1' })).rejects.toThrow(
      /npx cochlea setup tensorflow --gpu/,
    );
    await expect(choose('auto', probe(), packages({}), { device: 'cuda:1' })).rejects.toThrow(
      'engine "tensorflow" must be installed: npx cochlea setup tensorflow --gpu',
    );
  });

  it.each(['native', 'wasm', 'cpu'] as const)('of CUDA is none for %s', async (engine) => {
    await expect(choose(engine, probe(), gpu(), { device: 'cuda' })).rejects.toMatchObject({ code: 'ERR_DEVICE' });
  });

  it('cpu leaves GPUs alone', async () => {
    const load = vi.fn(gpu());
    const engine = await choose('auto', probe(), load, { device: 'cpu' });
    expect(engine).toMatchObject({ name: 'native', why: 'the device asked for; the native engine covers this model' });
    expect(load).not.toHaveBeenCalled();
    await expect(choose('tensorflow', probe(), gpu(), { device: 'cpu' })).rejects.toThrow(/must be cuda or auto/);
  });

  it('cpu is where TensorFlow without a GPU computes, however it started', async () => {
    const load = noGpu();
    await choose('tensorflow', probe(), load);
    expect((await choose('tensorflow', probe(), load, { device: 'cpu' })).usesGpu).toBe(false);
  });

  it('and memory are told to TensorFlow before it starts, in an environment that is put back', async () => {
    vi.stubEnv('CUDA_VISIBLE_DEVICES', '4,7');
    let seen: (string | undefined)[] = [];
    const load = packages({
      [GPU_PACKAGE]: () => {
        const { CUDA_VISIBLE_DEVICES, TFJS_NODE_CONFIG_PROTO } = process.env;
        seen = [CUDA_VISIBLE_DEVICES, TFJS_NODE_CONFIG_PROTO];
        delete process.env.TFJS_NODE_CONFIG_PROTO; // as the binding does
        backend({ gpu: true })();
      },
    });
    await choose('tensorflow', probe(), load, { device: 'cuda:1', gpuMemory: { growth: true, fraction: 0.5 } });
    // gpu_options (6) { per_process_gpu_memory_fraction (1): .5, allow_growth (4): true }
    expect(seen).toEqual(['7', '320b09000000000000e03f2001']);
    expect(process.env.CUDA_VISIBLE_DEVICES).toBe('4,7');
    vi.unstubAllEnvs();
  });

  it('stays that of the process', async () => {
    const load = gpu();
    await choose('tensorflow', probe(), load, { device: 'cuda:1' });
    await choose('tensorflow', probe(), load, { device: 'cuda:1' });
    expect((await choose('tensorflow', probe(), load)).usesGpu).toBe(true);
    await expect(choose('tensorflow', probe(), load, { device: 'cuda:0' })).rejects.toThrow(
      'device and gpuMemory must be as TensorFlow started with in this process, {"device":"cuda:1","gpuMemory":null',
    );
  });

  it('whose memory limit nobody reads is an error', async () => {
    const gpuMemory = { limitMb: 1024 };
    await expect(choose('tensorflow', probe(), gpu(), { gpuMemory })).rejects.toThrow(
      /gpuMemory must be left out with/,
    );
    expect(process.env.TFJS_NODE_CONFIG_PROTO).toBeUndefined();
  });
});

describe('a TensorFlow package that is installed but does not load', () => {
  const broken = () => {
    throw new Error('libtensorflow.so.2: cannot open\n shared object file');
  };
  const failure = `${GPU_PACKAGE} does not load (libtensorflow.so.2: cannot open shared object file)`;

  it('is named with its failure by auto', async () => {
    const engine = await choose('auto', probe(), packages({ [GPU_PACKAGE]: broken }));
    expect(engine.name).toBe('native');
    expect(engine.why).toBe(`${failure}; the native engine covers this model`);
    const both = choose('auto', probe('native'), packages({ [GPU_PACKAGE]: broken, [CPU_PACKAGE]: broken }));
    await expect(both).rejects.toThrow(/tfjs-node-gpu does not load .*native is out.*tfjs-node does not load/);
  });

  it('is refused by name with its failure', async () => {
    await expect(choose('tensorflow', probe(), packages({ [CPU_PACKAGE]: broken }))).rejects.toMatchObject({
      code: 'ERR_ENGINE',
      message: expect.stringMatching(/one that loads, got .*tfjs-node does not load \(libtensorflow/),
    });
  });

  it('gives way to the other package, and is still named', async () => {
    const load = packages({ [GPU_PACKAGE]: broken, [CPU_PACKAGE]: backend({ gpu: false }) });
    const engine = await choose('tensorflow', probe(), load);
    expect(engine.name).toBe('tensorflow');
    expect(engine.why).toMatch(/^asked for; @tensorflow\/tfjs-node-gpu does not load/);
  });

  it.each([
    ['imports', 'ERR_MODULE_NOT_FOUND'],
    ['requires', 'MODULE_NOT_FOUND'],
  ])('is not taken for absent when a package that it %s is', async (_, code) => {
    const load = packages({
      [GPU_PACKAGE]: () => {
        throw Object.assign(new Error("Cannot find package 'google-protobuf'"), { code });
      },
    });
    const engine = await choose('auto', probe(), load);
    expect(engine.why).toMatch(/tfjs-node-gpu does not load \(Cannot find package 'google-protobuf'\)/);
  });
});

it('says what to install where no TensorFlow package is', async () => {
  await expect(choose('tensorflow', probe(), packages({}))).rejects.toMatchObject({
    code: 'ERR_ENGINE',
    message: 'engine "tensorflow" must be installed: npx cochlea setup tensorflow (--gpu with a GPU), got "none"',
  });
});

/** Loads the packages given and finds no other. */
function packages(installed: Record<string, () => void>): LoadPackage {
  return async (name) => {
    const load = installed[name];
    if (load !== undefined) return load();
    const message = `Cannot find package '${name}' imported from engines.js`;
    throw Object.assign(new Error(message), { code: 'ERR_MODULE_NOT_FOUND' });
  };
}

/** Registers tfjs's own cpu backend under TensorFlow's name, once, as a package does. */
function backend({ gpu }: { gpu: boolean }): () => void {
  return () => {
    if (tf.findBackendFactory('tensorflow') !== null) return;
    tf.registerBackend('tensorflow', () =>
      Object.assign(Object.create(tf.findBackend('cpu')), { isUsingGpuDevice: gpu }),
    );
  };
}

/** A model with a layer or kernel that some engines lack. */
function probe(...lacking: readonly string[]): Probe {
  return ({ name }) => {
    if (lacking.includes(name) && name === 'native')
      throw new ModelError('ERR_LAYER', mustBe('layer "rare"', 'covered', 'Rare'));
    if (lacking.includes(name)) throw new Error(`Kernel 'Rare' not registered for backend '${name}'`);
  };
}
