import { basename, extname, join } from 'node:path';
import { Command } from 'commander';
import { deviceOption, type EngineFlag, engineOption } from '../arguments.js';
import { readYaml } from '../config-file.js';
import { action, type CommonOptions, withCommonOptions } from '../context.js';
import { metricsTable } from '../evaluate/judgement-text.js';
import { formatCount, formatFacts, formatFigure } from '../format.js';
import type { RunReport } from '../train/run-folder.js';

interface TrainVerbOptions extends CommonOptions {
  readonly engine?: EngineFlag;
  readonly device?: string;
  readonly out?: string;
  readonly set: readonly string[];
}

const HELP = `
The file says what is trained on what (paths are relative to where the command runs):
  data: features/            # a folder of \`cochlea extract\`, or a CSV table with columns 0 … n−1 and response
  target: { label: tone, rule: centre, collarMs: 25 }   # or label (of each item), or input
  model: { name: toneCnn, filters: [8, 16] }            # or sequenceLstm, or the model.json of a tfjs model
  normalize: standard
  split: { by: group, ratios: [0.7, 0.15, 0.15], groupBy: recording }
  optimizer: { name: adam, learningRate: 0.002 }
  epochs: 20
  balance: index
  earlyStopping: { patience: 5 }
  reduceLROnPlateau: { patience: 2, factor: 0.3 }
  threshold: f1
and also: spec, duplicates, loss, steps, batchSize, epochWindows, classWeight, maxSeconds, positive, engine, device,
gpuMemory (of TensorFlow: { growth: true, fraction: 0.5 } or { limitMb: 2048 }), threads, seed, out.

Examples:
  cochlea train tone.yaml --set epochs=2 --set optimizer.learningRate=0.01
  cochlea export runs/tone -o models/tone.onnx`;

export function trainCommand(): Command {
  return withCommonOptions(new Command('train'))
    .description('trains one model and leaves history, weights, graph and metrics in a folder')
    .argument('<config.yaml>', 'the job')
    .addOption(engineOption())
    .addOption(deviceOption())
    .option('--out <folder>', "where the run goes (default: the job's out, else runs/<name of the file>)")
    .option('--set <key=value>', 'a value of the job; may be given several times', collect, [])
    .addHelpText('after', HELP)
    .action(
      action<TrainVerbOptions>(async ([file = ''], options, context) => {
        const { parseJob, setValue } = await import('../train/job.js');
        const given = await readYaml(file, 'config');
        for (const assignment of options.set) await setValue(given, assignment);
        if (options.engine !== undefined) given.engine = options.engine;
        if (options.device !== undefined) given.device = options.device;
        const job = parseJob(given, file);
        const out = options.out ?? job.out ?? join('runs', basename(file, extname(file)));
        const { quietTf } = await import('../quiet-tf.js');
        quietTf();
        const { runJob } = await import('../train/run-job.js');
        const work = { signal: context.signal, onProgress: context.onProgress };
        const report = await runJob(job, out, work);
        context.print(report, () => reportText(report));
        return undefined;
      }),
    );
}

function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

function reportText({
  out,
  engine,
  history,
  bestEpoch,
  stoppedBy,
  windows,
  parameters,
  resumed,
  metrics,
}: RunReport): string {
  const best = history.find(({ epoch }) => epoch === bestEpoch);
  const parts = Object.entries({ validation: metrics.validation, test: metrics.test });
  return [
    formatFacts({
      run: `${out}${resumed ? ' (was finished already)' : ''}`,
      engine: `${engine.name} (${engine.why})`,
      windows: `${windows.train} train, ${windows.validation} validation, ${windows.test} test`,
      parameters,
      epochs: `${formatCount(history.length, 'epoch')}, stopped by ${stoppedBy}, best ${bestEpoch}`,
      loss: formatFigure(best?.loss),
      'validation loss': best?.valLoss === undefined ? null : formatFigure(best.valLoss),
      threshold: `${formatFigure(metrics.threshold)} (${metrics.thresholdChosenBy})`,
    }),
    ...parts.flatMap(([name, figures]) => (figures === null ? [] : [`\n${name}\n${metricsTable(figures)}`])),
  ].join('\n');
}
