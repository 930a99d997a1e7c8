import { Command, Option } from 'commander';
import { mustBe, ParameterError } from '../../errors.js';
import { statOrNull } from '../../files/index.js';
import { required, wholeNumber } from '../arguments.js';
import { action, type CommonOptions, withCommonOptions } from '../context.js';
import { formatBytes, formatTable } from '../format.js';

interface ExportVerbOptions extends CommonOptions {
  readonly out?: string;
  readonly opset?: number;
  readonly frontEnd: 'none' | 'inside';
  readonly precision: 'float32' | 'float16' | 'int8';
}

const HELP = `
<run> is a folder of \`cochlea train\`, of \`cochlea run\`, or a bundle. A spec with one model fits in one .onnx file, which
then carries it; several models take a folder. With --front-end inside the file takes PCM [batch, samples] at the spec's
rate and gives the scores of the last model [batch, window, ...], in standard operators alone: for runtimes without cochlea.

Examples:
  cochlea export runs/tone -o models/tone.onnx
  cochlea export runs/beep-sequence -o models/beep-sequence
  cochlea export runs/beep-sequence -o models/beep-sequence.onnx --front-end inside`;

export function exportCommand(): Command {
  return withCommonOptions(new Command('export'))
    .description('writes the bundle of a run')
    .argument('<run>', 'folder of a run, or a bundle')
    .option('-o, --out <path>', 'file.onnx, or a folder')
    .option('--opset <n>', "ONNX operator set (default: the writer's own)", wholeNumber(1))
    .addOption(
      new Option('--front-end <where>', 'features outside (none) or inside the model')
        .choices(['none', 'inside'])
        .default('none'),
    )
    .addOption(
      new Option('--precision <type>', "of the models' weights")
        .choices(['float32', 'float16', 'int8'])
        .default('float32'),
    )
    .addHelpText('after', HELP)
    .action(
      action<ExportVerbOptions>(async ([source = ''], options, context) => {
        const out = required(options.out, '--out', 'file.onnx or a folder');
        if ((await statOrNull(source)) === null) {
          throw new ParameterError('ERR_OPTION', mustBe('run', 'a folder of a run, or a bundle', source));
        }
        const { exportBundle, exportRun } = await import('../export.js');
        const { readRun } = await import('../train/run-folder.js');
        const run = await readRun(source);
        const { opset, frontEnd, precision } = options;
        const report = await (run === null
          ? exportBundle(source, out, { opset, frontEnd, precision })
          : exportRun(run, out, { opset, frontEnd, precision }));
        context.print(report, () => {
          const files = report.files.map(({ path, bytes, opset }) => [path, formatBytes(bytes), `opset ${opset}`]);
          const spec = report.spec === null ? 'no spec: it serves windows, not recordings' : `spec ${report.spec}`;
          return `${formatTable(files)}\n${spec}`;
        });
        return undefined;
      }),
    );
}
