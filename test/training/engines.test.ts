/** Which engine is taken, and the reason given, with stand-ins for the TensorFlow packages. */
import { afterEach, describe, expect, it } from 'vitest';
import { ModelError, mustBe } from '../../src/errors.js';
import { loadTf } from '../../src/model/index.js';
import { chooseEngine, type LoadPackage, type Probe } from '../../src/training/engines.js';

const tf = loadTf();
const GPU_PACKAGE = '@tensorflow/tfjs-node-gpu';
const CPU_PACKAGE = '@tensorflow/tfjs-node';

afterEach(async () => {
  await tf.setBackend('cpu');
  if (tf.findBackendFactory('tensorflow') !== null) tf.removeBackend('tensorflow');
});

it('takes TensorFlow with a usable GPU', async () => {
  const engine = await chooseEngine('auto', probe(), packages({ [GPU_PACKAGE]: backend({ gpu: true }) }));
  expect(engine).toMatchObject({ name: 'tensorflow', usesGpu: true, why: 'TensorFlow is installed and finds a GPU' });
});

it('takes native before TensorFlow without a GPU', async () => {
  const engine = await chooseEngine('auto', probe(), packages({ [CPU_PACKAGE]: backend({ gpu: false }) }));
  expect(engine.name).toBe('native');
  expect(engine.why).toBe('TensorFlow finds no GPU; the native engine covers this model');
});

describe('where native does not cover the model', () => {
  const installed = () => packages({ [CPU_PACKAGE]: backend({ gpu: false }) });

  it('takes TensorFlow without a GPU before wasm', async () => {
    const engine = await chooseEngine('auto', probe('native'), installed());
    expect(engine.name).toBe('tensorflow');
    expect(engine.why).toBe(
      'TensorFlow finds no GPU; native is out: layer "rare" must be covered, got "Rare"; tensorflow has every kernel this model needs',
    );
  });

  it('takes wasm where TensorFlow is not installed, or lacks a kernel', async () => {
    const none = await chooseEngine('auto', probe('native'), packages({}));
    expect(none.name).toBe('wasm');
    expect(none.why).toMatch(
      /^TensorFlow is not installed; native is out: .*; wasm has every kernel this model needs$/,
    );
    const lacking = await chooseEngine('auto', probe('native', 'tensorflow'), installed());
    expect(lacking.name).toBe('wasm');
    expect(lacking.why).toMatch(/tensorflow is out: no kernel Rare; wasm has/);
  });

  it('takes cpu where all others lack a kernel', async () => {
    const engine = await chooseEngine('auto', probe('native', 'wasm', 'tensorflow'), installed());
    expect(engine.name).toBe('cpu');
    expect(engine.why).toMatch(/tensorflow is out: no kernel Rare; wasm is out: no kernel Rare$/);
  });

  it('refuses native by name, with the layer', async () => {
    await expect(chooseEngine('native', probe('native'), packages({}))).rejects.toMatchObject({
      code: 'ERR_ENGINE',
      message: expect.stringMatching(/got "?layer \\?"rare/),
    });
  });
});

it('passes over a GPU that lacks a kernel', async () => {
  const load = packages({ [GPU_PACKAGE]: backend({ gpu: true }) });
  const engine = await chooseEngine('auto', probe('tensorflow'), load);
  expect(engine.name).toBe('native');
  expect(engine.why).toMatch(/^tensorflow is out: no kernel Rare; the native engine/);
});

describe('a TensorFlow package that is installed but does not load', () => {
  const broken = () => {
    throw new Error('libtensorflow.so.2: cannot open\n shared object file');
  };
  const failure = `${CPU_PACKAGE} does not load (libtensorflow.so.2: cannot open shared object file)`;

  it('is named with its failure by auto', async () => {
    const engine = await chooseEngine('auto', probe(), packages({ [CPU_PACKAGE]: broken }));
    expect(engine.name).toBe('native');
    expect(engine.why).toBe(`${failure}; the native engine covers this model`);
  });

  it('is refused by name with its failure', async () => {
    await expect(chooseEngine('tensorflow', probe(), packages({ [CPU_PACKAGE]: broken }))).rejects.toMatchObject({
      code: 'ERR_ENGINE',
      message: expect.stringMatching(/one that loads, got .*tfjs-node does not load \(libtensorflow/),
    });
  });

  it('gives way to the other package, and is still named', async () => {
    const load = packages({ [GPU_PACKAGE]: broken, [CPU_PACKAGE]: backend({ gpu: false }) });
    const engine = await chooseEngine('tensorflow', probe(), load);
    expect(engine.name).toBe('tensorflow');
    expect(engine.why).toMatch(/^asked for; @tensorflow\/tfjs-node-gpu does not load/);
  });

  it.each([
    ['imports', 'ERR_MODULE_NOT_FOUND'],
    ['requires', 'MODULE_NOT_FOUND'],
  ])('is not taken for absent when a package that it %s is', async (_, code) => {
    const load = packages({
      [CPU_PACKAGE]: () => {
        throw Object.assign(new Error("Cannot find package 'google-protobuf'"), { code });
      },
    });
    const engine = await chooseEngine('auto', probe(), load);
    expect(engine.why).toMatch(/tfjs-node does not load \(Cannot find package 'google-protobuf'\)/);
  });
});

it('says what to install where no TensorFlow package is', async () => {
  await expect(chooseEngine('tensorflow', probe(), packages({}))).rejects.toMatchObject({
    code: 'ERR_ENGINE',
    message: expect.stringMatching(/npm install @tensorflow\/tfjs-node-gpu \(with a GPU\) or @tensorflow\/tfjs-node/),
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

/** Registers tfjs's own cpu backend under TensorFlow's name. */
function backend({ gpu }: { gpu: boolean }): () => void {
  return () => {
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
