/** What `extract` and `plan` ask alike: which corpus, which features, where to. */
import { type Command, Option } from 'commander';
import type { PlanCorpusOptions } from '../extract/index.js';
import { nameFromBytes } from '../files/index.js';
import { SHARD_COMPRESSIONS, SHARD_FORMATS, type ShardCompression, type ShardFormat } from '../shards/index.js';
import type { Spec } from '../spec/index.js';
import { number, refuseWithout, required, wholeNumber } from './arguments.js';
import { readYaml } from './config-file.js';
import { LABELS_HELP, labelRule } from './label-rule.js';

export interface PlanFlags {
  readonly out?: string;
  readonly spec?: string;
  readonly labels?: string;
  readonly labelFolder?: string;
  readonly limit?: number;
  readonly format?: ShardFormat;
  readonly compression?: ShardCompression;
  readonly shardMb?: number;
  readonly standardize?: 'column' | 'all';
}

const BYTES_PER_MB = 1e6;
const LINE_FEED = 10;

export function withPlanOptions(command: Command): Command {
  return command
    .option('-o, --out <folder>', 'where the shards go')
    .option('--spec <file>', 'spec as JSON or YAML')
    .option('--labels <rule>', LABELS_HELP)
    .option('--label-folder <folder>', 'holds the label files, in the same folders as the recordings')
    .option('--limit <n>', 'only the first n recordings', wholeNumber(1))
    .addOption(new Option('--format <name>', 'of the shards (default: arrow)').choices(SHARD_FORMATS))
    .addOption(
      new Option('--compression <name>', 'of features in Arrow files (default: none)').choices(SHARD_COMPRESSIONS),
    )
    .addOption(
      new Option('--standardize <per>', "mean and deviation of the corpus into the folder's spec").choices([
        'column',
        'all',
      ]),
    )
    .option(
      '--shard-mb <n>',
      'audio per shard file (default: as before, else a 32nd of all, from 8.4 to 67)',
      number(0),
    );
}

export async function planOptions(
  flags: PlanFlags,
  verb: Command,
): Promise<Omit<PlanCorpusOptions, 'signal' | 'onProgress'>> {
  const { out, spec, labels, labelFolder, limit, format, compression, standardize, shardMb } = flags;
  if (labels === undefined) refuseWithout(verb, 'labelFolder', '--labels');
  return {
    out: required(out, '--out', 'a folder'),
    spec: await readSpec(required(spec, '--spec', 'a file')),
    labels: labels === undefined ? undefined : labelRule(labels, labelFolder),
    limit,
    format,
    compression,
    standardize,
    shardBytes: shardMb === undefined ? undefined : Math.ceil(shardMb * BYTES_PER_MB),
  };
}

/** What the word stands for: paths on stdin, or itself. */
export function corpusOf(word: string): Promise<string[]> | string {
  return word === '-' ? pathsOfStdin() : word;
}

async function readSpec(path: string): Promise<Spec> {
  const { parseSpec } = await import('../spec/index.js');
  return parseSpec(await readYaml(path, '--spec'));
}

/** A path a line, or each with a NUL behind it as `find -print0` gives them: then whatever bytes a name has. */
async function pathsOfStdin(): Promise<string[]> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  if (bytes.includes(0)) return pieces(bytes, 0).map(nameFromBytes);
  return pieces(bytes, LINE_FEED)
    .map((line) => nameFromBytes(line).trim())
    .filter((path) => path !== '');
}

function pieces(bytes: Buffer, end: number): Buffer[] {
  const found: Buffer[] = [];
  for (let start = 0; start < bytes.length; ) {
    const at = bytes.indexOf(end, start);
    const stop = at < 0 ? bytes.length : at;
    found.push(bytes.subarray(start, stop));
    start = stop + 1;
  }
  return found;
}
