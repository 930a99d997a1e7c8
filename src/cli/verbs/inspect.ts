import { Command } from 'commander';
import { action, type CommonOptions, withCommonOptions } from '../context.js';
import { formatFacts } from '../format.js';

interface InspectVerbOptions extends CommonOptions {
  readonly plot?: string | true;
}

export function inspectCommand(): Command {
  return withCommonOptions(new Command('inspect'))
    .description('says what a recording, feature folder, run, bundle, .onnx, spec or table holds')
    .argument('<anything>', 'a file or folder')
    .option(
      '--plot [path]',
      'draws its models with their shapes: file.svg, or a folder for several (default: <model>.svg); of features charts ' +
        'of durations, labels and bands and one recording, into a folder (default: <features>-plots)',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  cochlea inspect kitchen.flac\n  cochlea inspect runs/beep-sequence/bundle --json\n  cochlea inspect tone.onnx --plot tone.svg\n  cochlea inspect features/fan --plot pictures',
    )
    .action(
      action<InspectVerbOptions>(async ([path = ''], options, context) => {
        const { inspect } = await import('../inspect/index.js');
        const { kind, value, facts } = await inspect(path, options.plot === undefined ? {} : { plot: options.plot });
        context.print({ kind, path, ...value }, () => formatFacts({ [kind]: path, ...facts }));
        return undefined;
      }),
    );
}
