import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { mustBe, ParameterError } from '../../errors.js';
import { Detector } from '../../inference/index.js';
import type { Spec } from '../../spec/index.js';
import { number } from '../arguments.js';
import { action, type CommonOptions, type Context, withCommonOptions } from '../context.js';
import { findRecordings, hasSidecar, parentFolder } from '../evaluate/find-recordings.js';
import {
  type EventJudgement,
  judgeEvents,
  judgeFolders,
  type RecordingJudgement,
} from '../evaluate/judge-recordings.js';
import { judgeTable, type TableJudgement } from '../evaluate/judge-table.js';
import { judgementText } from '../evaluate/judgement-text.js';
import { EXIT } from '../exit-codes.js';

export type Judgement = EventJudgement | RecordingJudgement | TableJudgement;

const LABELS = ['audacity', 'parent-folder'] as const;
/** mir_eval and sed_eval allow 50 to 250 ms for an onset; the beep recipe's own figure is the wide one. */
const DEFAULT_COLLAR_MS = 250;

interface EvaluateOptions extends CommonOptions {
  readonly positive?: string;
  readonly threshold?: number;
  readonly collarMs: number;
  readonly labels?: (typeof LABELS)[number];
  readonly out?: string;
}

const HELP = `
What is measured follows from the data:
  recordings with Audacity label files beside them (a.wav, a.txt)   events, by onset, and false alarms per hour
  recordings in folders that are named for their class              one score a recording (the spec's aggregate)
  a CSV table with columns 0 … n−1 and response                     windows, through the bundle's last model

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
    .option('--collar-ms <ms>', 'a found onset may lie this far from the true one', number(0), DEFAULT_COLLAR_MS)
    .addOption(
      new Option('--labels <rule>', 'where the truth is (default: label files, if there is one)').choices(LABELS),
    )
    .option('-o, --out <folder>', 'writes metrics.json, and errors.jsonl if need be')
    .addHelpText('after', HELP)
    .action(
      action<EvaluateOptions>(async ([bundle = '', data = ''], options, context) => {
        const judgement = await judge(bundle, data, options, context);
        const errors = 'errors' in judgement ? judgement.errors : [];
        const { out } = options;
        if (out !== undefined) {
          await mkdir(out, { recursive: true });
          await writeFile(join(out, 'metrics.json'), `${JSON.stringify(judgement, null, 2)}\n`);
          const lines = errors.map((error) => `${JSON.stringify(error)}\n`);
          if (lines.length > 0) await writeFile(join(out, 'errors.jsonl'), lines.join(''));
        }
        context.print(judgement, () => judgementText(judgement));
        for (const { message } of errors) context.note(`cochlea: ${message}`);
        return errors.length > 0 ? EXIT.partial : EXIT.done;
      }),
    );
}

async function judge(bundle: string, data: string, options: EvaluateOptions, context: Context): Promise<Judgement> {
  const { threshold, collarMs } = options;
  const work = { signal: context.signal, onProgress: context.onProgress };
  await using detector = await Detector.load(bundle);
  const positive = options.positive ?? detector.spec.positive;
  if (positive === null) {
    throw new ParameterError(
      'ERR_OPTION',
      mustBe('--positive', 'given, as the bundle names no positive class', 'nothing'),
    );
  }
  if (/\.csv$/i.test(data)) return judgeTable(bundle, data, { positive, threshold, ...work });
  const paths = await findRecordings(data);
  const asked = { positive, threshold, collarMs, ...work };
  const labels = options.labels ?? labelsOf(paths, positive, detector.spec);
  return labels === 'audacity' ? judgeEvents(detector, paths, asked) : judgeFolders(detector, paths, asked);
}

/** @throws ParameterError `ERR_LABELS` where neither files nor folders say what is true */
function labelsOf(paths: readonly string[], positive: string, spec: Spec): (typeof LABELS)[number] {
  if (paths.some(hasSidecar)) return 'audacity';
  const folders = [...new Set(paths.map(parentFolder))];
  const known = new Set([...spec.labels, positive]);
  if (folders.every((folder) => known.has(folder))) return 'parent-folder';
  const expected = `recordings with label files beside them (a.wav, a.txt), or in folders named ${[...known].join(', ')}`;
  throw new ParameterError('ERR_LABELS', mustBe('data', expected, `folders ${folders.slice(0, 5).join(', ')}`));
}
