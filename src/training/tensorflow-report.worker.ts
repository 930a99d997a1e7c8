/** Run by `tensorflowReport` in a process of its own: prints what it finds as one line of JSON. */
import { loadTf } from '../model/index.js';
import { packageVersion } from '../packages.js';
import { importPackage, isAbsent, reasonOf, TENSORFLOW_PACKAGES } from './tensorflow-package.js';
import type { WorkerReport } from './tensorflow-report.js';
import { startBackend } from './tfjs-backend.js';

async function report(): Promise<WorkerReport> {
  let broken: WorkerReport = null;
  for (const name of TENSORFLOW_PACKAGES) {
    try {
      await importPackage(name);
      return { ...(await trainOneStep()), package: name, packageVersion: packageVersion(name), failure: null };
    } catch (error) {
      if (isAbsent(error, name)) continue;
      const failure = reasonOf(error).trim();
      broken ??= { package: name, packageVersion: packageVersion(name), tensorflow: '', usesGpu: false, failure };
    }
  }
  return broken;
}

async function trainOneStep() {
  const { usesGpu } = await startBackend('tensorflow');
  const tf = loadTf();
  const lstm = tf.layers.lstm({ units: 2, inputShape: [3, 1] });
  const model = tf.sequential({ layers: [lstm, tf.layers.dense({ units: 1 })] });
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  const { history } = await model.fit(tf.ones([2, 3, 1]), tf.ones([2, 1]), { epochs: 1, verbose: 0 });
  const loss = Number(history.loss?.[0]);
  if (!Number.isFinite(loss)) throw new Error(`loss of one step must be a finite number, got ${loss}`);
  const binding: unknown = Reflect.get(tf.backend(), 'binding');
  const version = typeof binding === 'object' && binding !== null ? Reflect.get(binding, 'TF_Version') : null;
  return { tensorflow: String(version), usesGpu };
}

process.stdout.write(`${JSON.stringify(await report())}\n`);
