import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { number } from '../arguments.js';
import { action, type CommonOptions, withCommonOptions } from '../context.js';
import type { LabelsFrom } from '../evaluate/judge.js';
import type { Unreadable } from '../evaluate/judge-recordings.js';
import { judgementText } from '../evaluate/judgement-text.js';
import { EXIT } from '../exit-codes.js';

const LABELS: readonly LabelsFrom[] = ['audacity', 'parent-folder'];

interface EvaluateOptions extends CommonOptions {
  readonly positive?: string;
  readonly threshold?: number;
  readonly collarMs?: number;
  readonly labels?: LabelsFrom;
  readonly out?: string;
}

const HELP = `
What is measured follows from the data:
  recordings with Audacity label files beside them (a.wav, a.txt)   events, by onset, and false alarms per hour
  recordings in folders that are named for their class              one score a recording (the spec's aggregate)
  a CSV table with columns 0 … n−1 and response                     windows, through the bundle's last model

Recordings that cannot be judged are left out, the exit code is 3, and each is named with its reason on stderr;
with --out they are in errors.jsonl there as well.

Examples:
  cochlea evaluate runs/beep-sequence/bundle recordings/ --collar-ms 100
  cochlea evaluate models/fan.onnx data/fan --positive abnormal --json`;

export function evaluateCommand(): Command {
  return withCommonOptions(new Command('evaluate'))
    .description('metrics of a bundle on data whose truth is known')
    .argument('<bundle>', 'a folder or an .onnx file')
    .argument('<data>', 'folder of recordings, one recording, or CSV table')
    .option('--positive <label>', "the class that is looked for (default: the bundle's)")
    .option('--threshold <score>', "scores from here on count as found (default: the bundle's)", number())
    .option('--collar-ms <ms>', 'of events: a found onset may lie this far from the true one (default: 250)', number(0))
    .addOption(
      new Option(
        '--labels <rule>',
        'where the truth about recordings is (default: label files, if there is one)',
      ).choices(LABELS),
    )
    .option('-o, --out <folder>', 'writes metrics.json, and errors.jsonl if need be')
    .addHelpText('after', HELP)
    .action(
      action<EvaluateOptions>(async ([bundle = '', data = ''], options, context) => {
        const { judge } = await import('../evaluate/judge.js');
        const { positive, threshold, collarMs, labels } = options;
        const { signal, onProgress } = context;
        const asked = { positive, threshold, collarMs, labels, signal, onProgress };
        const judgement = await judge(bundle, data, asked);
        const errors = 'errors' in judgement ? judgement.errors : [];
        const { out } = options;
        if (out !== undefined) {
          await mkdir(out, { recursive: true });
          await writeFile(join(out, 'metrics.json'), `${JSON.stringify(judgement, null, 2)}\n`);
          const lines = errors.map((error) => `${JSON.stringify(error)}\n`);
          if (lines.length > 0) await writeFile(join(out, 'errors.jsonl'), lines.join(''));
        }
        context.print(judgement, () => judgementText(judgement));
        for (const error of errors) context.note(`cochlea: ${reasonOf(error)}`);
        return errors.length > 0 ? EXIT.partial : EXIT.done;
      }),
    );
}

/** Most messages begin with the path already. */
function reasonOf({ path, code, message }: Unreadable): string {
  return `${message.includes(path) ? message : `${path}: ${message}`} [${code}]`;
}
