/**
 * `npm run bench -- features [--seconds 60] [--quick] [--save] [--json]`: feature extraction, native against plain TypeScript.
 * Prints a table (or JSON); `--save` also writes bench/results/.
 */
import { parseArgs } from 'node:util';
import { benchReport, benchTable, contest, saveReport } from '../src/bench/index.js';
import { loadAddon } from '../src/native/index.js';
import { featureWorkloads } from './workloads.js';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    quick: { type: 'boolean', default: false },
    save: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const seconds = Number(values.seconds);
if (!(seconds >= 1)) throw new RangeError(`--seconds must be a number >= 1, got ${values.seconds}`);

const addon = loadAddon();
const rounds = values.quick ? 1 : 5;
const timings = featureWorkloads(seconds).flatMap((workload) => contest(workload, { rounds }));
const engine = { kernels: addon.kernels().selected, version: addon.version, numericVersion: addon.numericVersion };
const report = benchReport('features', engine, timings);
console.log(values.json ? JSON.stringify(report, null, 2) : benchTable(timings));
if (!values.json) console.log(`${report.cpu}, node ${report.node}, kernels ${engine.kernels}, commit ${report.commit}`);
if (values.save) console.error(`saved ${saveReport('bench/results', report)}`);
