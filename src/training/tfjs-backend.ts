/** tfjs's backends as engines. */
import { ModelError, mustBe } from '../errors.js';
import { loadTf } from '../model/index.js';
import type { Engine, EngineName } from './engine.js';

let lastStart: Promise<unknown> = Promise.resolve();

/** One at a time: two backends that start together leave tfjs with the name of one and the kernels of the other. */
export function startBackend(name: EngineName): Promise<Engine> {
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
  if (!ok || backend === null) {
    throw new ModelError('ERR_ENGINE', mustBe(`engine "${name}"`, 'one that starts', tf.getBackend()));
  }
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
