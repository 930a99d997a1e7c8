import { Command } from 'commander';
import { number, wholeNumber } from '../arguments.js';
import { action, type CommonOptions, ownOptions, withCommonOptions } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { formatTable } from '../format.js';

interface CheckVerbOptions extends CommonOptions {
  readonly against?: string;
  readonly data?: string;
  readonly tolerance?: number;
  readonly seed?: number;
}

const HELP = `
A model is read, run in onnxruntime on random numbers (batch 1 and 7, several lengths of open axes), and its outputs have
to be finite; a bundle's spec and hashes have to fit; shards of features have to have the bytes of their manifest.
--against compares outputs on the same inputs: a number may be --tolerance away from the expected one, times that where it
is above 1. Exit code 1 says that something is wrong.

Examples:
  cochlea check model.onnx --against tfjs-model/model.json
  cochlea check runs/beep-sequence/bundle
  cochlea check model-int8.onnx --against model.onnx --tolerance 0.02 --data features/fan
  cochlea check features/fan --json`;

const MARKS = { passed: 'ok', failed: 'FAILED', skipped: '-' } as const;

export function checkCommand(): Command {
  return withCommonOptions(new Command('check'))
    .description('whether an .onnx, bundle, run or feature folder is whole, and a model computes what another does')
    .argument('<anything>', 'a file or folder')
    .option('--against <model>', 'an .onnx, a bundle, a model.json of tfjs, or a folder of `cochlea train`')
    .option(
      '--data <path>',
      'folder of features or CSV table to compare on, beside random numbers (the first model of a chain)',
    )
    .option('--tolerance <difference>', 'the largest that passes (default: 1e-5)', number(0))
    .option('--seed <n>', 'of the random numbers (default: 0)', wholeNumber())
    .addHelpText('after', HELP)
    .action(
      action<CheckVerbOptions>(async ([path = ''], options, context) => {
        const { check } = await import('../check/index.js');
        const { signal, onProgress } = context;
        const report = await check(path, { ...ownOptions(options), signal, onProgress });
        context.print({ path, ...report }, () =>
          formatTable([
            ['', report.kind, path],
            ...report.findings.map(({ status, name, found }) => [MARKS[status], name, found]),
          ]),
        );
        return report.ok ? EXIT.done : EXIT.failed;
      }),
    );
}
