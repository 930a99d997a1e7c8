import { join } from 'node:path';
import { Command } from 'commander';
import { required, wholeNumber } from '../arguments.js';
import { action, type CommonOptions, withCommonOptions } from '../context.js';
import { formatBytes, formatCount } from '../format.js';
import { corpusOf, type PlanFlags, planOptions, withPlanOptions } from '../plan-options.js';

interface PlanVerbFlags extends CommonOptions, PlanFlags {
  readonly shards?: number;
}

const HELP = `
Fixes who computes what, in <folder>/plan.jsonl. Each element of an array job then runs cochlea extract <folder>/plan.jsonl
--shard auto, and cochlea merge <folder> checks that all are there. The files do not depend on the number of elements.

Example:
  cochlea plan recordings/ -o features/ --spec spec.json --labels parent-folder --shards 8`;

export function planCommand(): Command {
  const command = withCommonOptions(new Command('plan'))
    .description('fixes which element of an array job extracts what')
    .argument('<corpus>', 'folder, glob, manifest, one recording, or - for paths on stdin')
    .option('--shards <n>', 'elements of the array job', wholeNumber(1));
  return withPlanOptions(command)
    .addHelpText('after', HELP)
    .action(
      action<PlanVerbFlags>(async ([corpus = '-'], flags, { signal, onProgress, print }, verb) => {
        const { planExtraction, PLAN } = await import('../../extract/index.js');
        const shards = required(flags.shards, '--shards', 'a number');
        const options = { ...(await planOptions(flags, verb)), signal, onProgress, shards };
        const report = await planExtraction(await corpusOf(corpus), options);
        const { recordings, bytes, out, parts } = report;
        print(report, () => {
          const what = `${formatCount(recordings, 'recording')} (${formatBytes(bytes)})`;
          return `${what} in ${formatCount(report.shards, 'file')} by ${formatCount(parts, 'element')} → ${join(out, PLAN)}`;
        });
        return undefined;
      }),
    );
}
