import { createInterface } from 'node:readline/promises';
import { Command, Option } from 'commander';
import { extract, type LabelRule } from '../../dataset/index.js';
import { mustBe, ParameterError } from '../../errors.js';
import { parseSpec } from '../../spec/index.js';
import { wholeNumber } from '../arguments.js';
import { readYaml } from '../config-file.js';
import { action, type CommonOptions, withCommonOptions } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { formatDuration, formatCount } from '../format.js';

interface ExtractOptions extends CommonOptions {
  readonly out?: string;
  readonly spec?: string;
  readonly labels?: string;
  readonly workers?: number;
  readonly limit?: number;
  readonly maxErrors?: number;
  readonly strict?: boolean;
  readonly dryRun?: boolean;
  readonly resume: boolean;
}

export function extractCommand(): Command {
  return withCommonOptions(new Command('extract'))
    .description('computes the features of a corpus in parallel into a folder of Arrow shards')
    .argument('<corpus>', 'folder, glob, CSV manifest with a column "path", one recording, or - for paths on stdin')
    .option('-o, --out <folder>', 'where the shards go')
    .option('--spec <file>', 'spec as JSON or YAML')
    .addOption(new Option('--labels <rule>', 'parent-folder, audacity, or column:<name> of the manifest'))
    .option('--workers <n>', 'threads (default: the cores this process may use)', wholeNumber(1))
    .option('--limit <n>', 'only the first n recordings', wholeNumber(1))
    .option('--max-errors <n>', 'more unreadable recordings than this end the run', wholeNumber())
    .option('--strict', 'the first unreadable recording ends the run')
    .option('--dry-run', 'say what would be read and written')
    .option('--no-resume', 'compute finished shards again')
    .addHelpText('after', '\nExample:\n  cochlea extract recordings/ -o features/ --spec spec.json --labels parent-folder')
    .action(
      action<ExtractOptions>(async ([corpus = '-'], options, context) => {
        const { out, spec, labels, json: _, quiet: _q, config: _c, ...rest } = options;
        if (out === undefined) throw new ParameterError('ERR_OPTION', mustBe('--out', 'a folder', 'nothing'));
        if (spec === undefined) throw new ParameterError('ERR_OPTION', mustBe('--spec', 'a file', 'nothing'));
        const report = await extract(corpus === '-' ? await pathsOfStdin() : corpus, {
          ...rest,
          out,
          spec: parseSpec(await readYaml(spec)),
          labels: labels === undefined ? undefined : labelRule(labels),
          signal: context.signal,
          onProgress: context.onProgress,
        });
        context.print(report, () => {
          const { recordings, frames, audioSec, timesRealTime, shards, errors } = report;
          const what = `${formatCount(recordings, 'recording')}, ${formatDuration(audioSec)} of audio, ${formatCount(frames, 'frame')}`;
          const how = report.dryRun
            ? `would be written to ${report.out} (${(report.bytes / 2 ** 20).toFixed(1)} MiB)`
            : `in ${formatCount(shards.total, 'shard')} (${shards.reused} reused), ${timesRealTime.toFixed(0)} × real time → ${report.out}`;
          return `${what} ${how}${errors.length > 0 ? `\n${formatCount(errors.length, 'unreadable input')}: see errors.jsonl` : ''}`;
        });
        return report.errors.length > 0 ? EXIT.partial : EXIT.done;
      }),
    );
}

export function labelRule(text: string): LabelRule {
  if (text === 'parent-folder' || text === 'audacity') return text;
  if (text.startsWith('column:') && text.length > 'column:'.length) return { column: text.slice('column:'.length) };
  throw new ParameterError('ERR_OPTION', mustBe('--labels', 'parent-folder, audacity or column:<name>', text));
}

async function pathsOfStdin(): Promise<string[]> {
  const paths: string[] = [];
  for await (const line of createInterface({ input: process.stdin })) {
    if (line.trim() !== '') paths.push(line.trim());
  }
  return paths;
}
