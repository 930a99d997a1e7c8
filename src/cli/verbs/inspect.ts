import { Command } from 'commander';
import { action, type CommonOptions, withCommonOptions } from '../context.js';
import { formatFacts } from '../format.js';

export function inspectCommand(): Command {
  return withCommonOptions(new Command('inspect'))
    .description('says what a recording, feature folder, run, bundle, .onnx, spec or table holds')
    .argument('<anything>', 'a file or folder')
    .addHelpText(
      'after',
      '\nExamples:\n  cochlea inspect kitchen.flac\n  cochlea inspect runs/beep-sequence/bundle --json',
    )
    .action(
      action<CommonOptions>(async ([path = ''], _, context) => {
        const { inspect } = await import('../inspect/index.js');
        const { kind, value, facts } = await inspect(path);
        context.print({ kind, path, ...value }, () => formatFacts({ [kind]: path, ...facts }));
        return undefined;
      }),
    );
}
