import { Command, type Command as CommandType } from 'commander';
import { mustBe, ParameterError } from '../../errors.js';
import type { ComputeOptions, ExtractReport } from '../../extract/index.js';
import { number, refuseBeside, wholeNumber, workersOption } from '../arguments.js';
import { action, type CommonOptions, type Context, withCommonOptions } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { formatBytes, formatCount, formatDuration } from '../format.js';
import { corpusOf, type PlanFlags, planOptions, withPlanOptions } from '../plan-options.js';

interface ExtractFlags extends CommonOptions, PlanFlags {
  readonly workers?: number;
  readonly maxErrors?: number;
  readonly strict?: boolean;
  readonly dryRun?: boolean;
  readonly resume?: boolean;
  readonly timeoutSec?: number;
  readonly shard?: string;
}

const HELP = `
Inputs that cannot be read are named with their reason in <folder>/errors.jsonl, and the exit code is 3. Stopped at any
point, the same command goes on where it was. With --json, progress comes as JSON lines on stderr.

Of a plan (cochlea plan), one shard is computed into the plan's folder; auto takes its number from the variables of a Slurm
array, a Kubernetes indexed Job or an AWS Batch array job.

Examples:
  cochlea extract recordings/ -o features/ --spec spec.json --labels parent-folder
  cochlea extract cgn/wav/ -o features/ --spec spec.json --labels cgn --label-folder cgn/wrd
  find recordings -newer stamp -name '*.flac' | cochlea extract - -o features/ --spec spec.yaml
  cochlea extract features/plan.jsonl --shard auto`;

/** What the plan says. */
const PLANNED = [
  'out',
  'spec',
  'labels',
  'labelFolder',
  'limit',
  'format',
  'compression',
  'standardize',
  'shardMb',
  'dryRun',
] as const;

export function extractCommand(): Command {
  const command = withCommonOptions(new Command('extract'))
    .description('computes the features of a corpus in parallel into a folder of shards')
    .argument('<corpus>', 'folder, glob, manifest, one recording, - for paths on stdin, or plan.jsonl');
  return withPlanOptions(command)
    .addOption(workersOption())
    .option('--max-errors <n>', 'more unreadable recordings than this end the run', wholeNumber())
    .option('--strict', 'the first unreadable recording ends the run')
    .option('--timeout-sec <s>', 'a recording that takes longer counts as unreadable', number(0))
    .option('--dry-run', 'say what would be read and written, and how long it would take')
    .option('--resume', 'keep finished shards (default)')
    .option('--no-resume', 'compute finished shards again')
    .option('--shard <i>', 'of a plan: which shard, from 0, or auto')
    .addHelpText('after', HELP)
    .action(
      action<ExtractFlags>(async ([corpus = '-'], flags, context, verb) => {
        const report =
          flags.shard === undefined
            ? await ofCorpus(corpus, flags, context, verb)
            : await ofPlan(corpus, flags.shard, flags, context, verb);
        context.print(report, () => reportText(report));
        return report.errors.length > 0 ? EXIT.partial : EXIT.done;
      }),
    );
}

async function ofCorpus(
  corpus: string,
  flags: ExtractFlags,
  context: Context,
  verb: CommandType,
): Promise<ExtractReport> {
  const { extract } = await import('../../extract/index.js');
  const { dryRun } = flags;
  const options = { ...(await planOptions(flags, verb)), ...computing(flags, context), dryRun };
  return extract(await corpusOf(corpus), options);
}

async function ofPlan(
  plan: string,
  shard: string,
  flags: ExtractFlags,
  context: Context,
  verb: CommandType,
): Promise<ExtractReport> {
  for (const name of PLANNED) refuseBeside(verb, name, 'shard');
  const { extractShard } = await import('../../extract/index.js');
  return extractShard(plan, { ...computing(flags, context), shard: shard === 'auto' ? shard : shardNumber(shard) });
}

function shardNumber(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new ParameterError('ERR_OPTION', mustBe('--shard', 'a whole number from 0, or auto', text));
}

function computing(
  { workers, maxErrors, strict, resume, timeoutSec }: ExtractFlags,
  { signal, onProgress }: Context,
): ComputeOptions {
  return { workers, maxErrors, strict, resume, timeoutSec, signal, onProgress };
}

function reportText({ recordings, frames, audioSec, bytes, shards, errors, out, ...rest }: ExtractReport): string {
  const counts = [formatCount(recordings, 'recording'), `${formatDuration(audioSec)} of audio`];
  const what = [...counts, formatCount(frames, 'frame'), formatBytes(bytes)].join(', ');
  const speed = `${rest.timesRealTime.toFixed(0)} × real time`;
  const how = rest.dryRun
    ? `would go to ${out} in about ${formatDuration(rest.elapsedSec)} (${speed})`
    : `in ${formatCount(shards.total, 'shard')} (${shards.reused} reused), ${speed} → ${out}`;
  const failed = rest.dryRun ? 'unreadable' : 'unreadable: see errors.jsonl';
  return [`${what} ${how}`, ...(errors.length > 0 ? [`${formatCount(errors.length, 'input')} ${failed}`] : [])].join(
    '\n',
  );
}
