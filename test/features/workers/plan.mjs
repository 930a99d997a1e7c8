// Computes one clip on another thread; built on dist/ as every worker is.
import { parentPort } from 'node:worker_threads';
import { createPlan } from '../../../dist/features/index.js';

parentPort.on('message', ({ config, clip }) => {
  const { data } = createPlan(config).process(clip);
  parentPort.postMessage(data, [data.buffer]);
});
