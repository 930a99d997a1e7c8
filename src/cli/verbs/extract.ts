import { createInterface } from 'node:readline/promises';
import { Command } from 'commander';
import type { LabelRule } from '../../corpus/index.js';
import { mustBe, ParameterError } from '../../errors.js';
import type { ExtractReport } from '../../extract/index.js';
import type { Spec } from '../../spec/index.js';
import { required, wholeNumber, workersOption } from '../arguments.js';
import { readYaml } from '../config-file.js';
import { action, type CommonOptions, ownOptions, withCommonOptions } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { formatBytes, formatCount, formatDuration } from '../format.js';

interface ExtractOptions extends CommonOptions {
  readonly out?: string;
  readonly spec?: string;
  readonly labels?: string;
  readonly workers?: number;
  readonly limit?: number;
  readonly maxErrors?: number;
  readonly strict?: boolean;
  readonly dryRun?: boolean;
  readonly resume?: boolean;
}

const HELP = `
Inputs that cannot be read are named with their reason in <folder>/errors.jsonl, and the exit code is 3. Stopped at any
point, the same command goes on where it was.

Examples:
  cochlea extract recordings/ -o features/ --spec spec.json --labels parent-folder
  find recordings -newer stamp -name '*.flac' | cochlea extract - -o features/ --spec spec.yaml`;

export function extractCommand(): Command {
  return withCommonOptions(new Command('extract'))
    .description('computes the features of a corpus in parallel into a folder of Arrow shards')
    .argument('<corpus>', 'folder, glob, CSV manifest with a column "path", one recording, or - for paths on stdin')
    .option('-o, --out <folder>', 'where the shards go')
    .option('--spec <file>', 'spec as JSON or YAML')
    .option('--labels <rule>', 'parent-folder, audacity, or column:<name> of the manifest')
    .addOption(workersOption())
    .option('--limit <n>', 'only the first n recordings', wholeNumber(1))
    .option('--max-errors <n>', 'more unreadable recordings than this end the run', wholeNumber())
    .option('--strict', 'the first unreadable recording ends the run')
    .option('--dry-run', 'say what would be read and written')
    .option('--resume', 'keep finished shards (default)')
    .option('--no-resume', 'compute finished shards again')
    .addHelpText('after', HELP)
    .action(
      action<ExtractOptions>(async ([corpus = '-'], options, context) => {
        const { out, spec, labels, ...rest } = ownOptions(options);
        const asked = {
          ...rest,
          out: required(out, '--out', 'a folder'),
          spec: await readSpec(required(spec, '--spec', 'a file')),
          labels: labels === undefined ? undefined : labelRule(labels),
          signal: context.signal,
          onProgress: context.onProgress,
        };
        const { extract } = await import('../../extract/index.js');
        const report = await extract(corpus === '-' ? await pathsOfStdin() : corpus, asked);
        context.print(report, () => reportText(report));
        return report.errors.length > 0 ? EXIT.partial : EXIT.done;
      }),
    );
}

/** @throws ParameterError `ERR_OPTION` */
export function labelRule(text: string): LabelRule {
  if (text === 'parent-folder' || text === 'audacity') return text;
  if (text.startsWith('column:') && text.length > 'column:'.length) return { column: text.slice('column:'.length) };
  throw new ParameterError('ERR_OPTION', mustBe('--labels', 'parent-folder, audacity or column:<name>', text));
}

async function readSpec(path: string): Promise<Spec> {
  const { parseSpec } = await import('../../spec/index.js');
  return parseSpec(await readYaml(path, '--spec'));
}

async function pathsOfStdin(): Promise<string[]> {
  const paths: string[] = [];
  for await (const line of createInterface({ input: process.stdin })) {
    if (line.trim() !== '') paths.push(line.trim());
  }
  return paths;
}

function reportText({ recordings, frames, audioSec, bytes, shards, errors, out, ...rest }: ExtractReport): string {
  const counts = [formatCount(recordings, 'recording'), `${formatDuration(audioSec)} of audio`];
  const what = [...counts, formatCount(frames, 'frame'), formatBytes(bytes)].join(', ');
  const how = rest.dryRun
    ? `would go to ${out}`
    : `in ${formatCount(shards.total, 'shard')} (${shards.reused} reused), ${rest.timesRealTime.toFixed(0)} × real time → ${out}`;
  const failed = rest.dryRun ? 'unreadable' : 'unreadable: see errors.jsonl';
  return [`${what} ${how}`, ...(errors.length > 0 ? [`${formatCount(errors.length, 'input')} ${failed}`] : [])].join(
    '\n',
  );
}
