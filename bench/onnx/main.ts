/** `npm run bench:onnx`: exported models in float32, float16 and int8, timed in turns on one processor. Started by bench/run.mjs. */
import { parseArgs } from 'node:util';
import {
  type BenchReport,
  type Clock,
  type ContestResult,
  commitOf,
  machine,
  pinToProcessor,
  reportMarkdown,
  reportTable,
  runContest,
  saveReport,
} from '../../src/bench/index.js';
import { loadAddon } from '../../src/native/index.js';
import { packageVersion } from '../../src/packages.js';
import { precisionContests, precisionModels } from './precision-cases.js';

const HELP = `Usage: npm run bench:onnx -- [options]

  --only <ids>          models, e.g. M1,tone (M1, M2, M3, tone, wide)
  --quick               two short rounds: to see that everything runs
  --clock <wall|cpu>    cpu leaves out what other programs took of the processor (default wall)
  --save                write the report to bench/results/
  --json, --markdown    print the report as JSON, or as Markdown tables
  --help                this text
`;

const { values } = parseArgs({
  args: process.argv.slice(2),
  allowPositionals: true,
  options: {
    only: { type: 'string', default: '' },
    quick: { type: 'boolean', default: false },
    clock: { type: 'string', default: 'wall' },
    save: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    markdown: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const CLOCKS: readonly Clock[] = ['wall', 'cpu'];
const clock = CLOCKS.find((each) => each === values.clock);

if (values.help) {
  process.stdout.write(HELP);
} else if (clock === undefined) {
  process.stderr.write(`bench: --clock must be one of ${CLOCKS.join(', ')}, got ${values.clock}\n`);
  process.exitCode = 2;
} else {
  await main(clock);
}

async function main(clock: Clock): Promise<void> {
  const report = await measure(clock);
  if (values.json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  else process.stdout.write(`${values.markdown ? reportMarkdown(report) : reportTable(report)}\n`);
  if (values.save) process.stderr.write(`saved ${saveReport('bench/results', report)}\n`);
}

async function measure(clock: Clock): Promise<BenchReport> {
  const started = performance.now();
  const processor = pinToProcessor(null);
  const rounds = values.quick ? { rounds: 2, secondsPerRound: 0.1 } : { rounds: 7, secondsPerRound: 0.3 };
  const only = values.only.split(',').filter(Boolean);
  const results: ContestResult[] = [];
  for (const model of precisionModels()) {
    if (only.length > 0 && !only.includes(model.id)) continue;
    for (const contest of await precisionContests(model)) {
      process.stderr.write(`bench: ${contest.title} …\n`);
      results.push(await runContest(contest, { ...rounds, clock }));
    }
  }
  const addon = loadAddon();
  return {
    schema: 1,
    suite: 'onnx',
    commit: commitOf(process.cwd()),
    date: new Date().toISOString(),
    durationSec: (performance.now() - started) / 1e3,
    machine: machine(),
    processor,
    clock,
    audioSec: null,
    quick: values.quick,
    engine: { kernels: addon.kernels().selected, version: addon.version, numericVersion: addon.numericVersion },
    versions: { 'onnxruntime-node': packageVersion('onnxruntime-node') },
    contests: results.map((each) => ({
      ...each,
      results: [...each.results],
      goals: [...each.goals],
      absent: [...each.absent],
    })),
    absent: [],
  };
}
