import { Command } from 'commander';
import { action, type CommonOptions, withCommonOptions } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { formatBytes, formatCount, formatDuration } from '../format.js';

const HELP = `
Checks that every part of the folder's plan.jsonl is there, and writes manifest.json and errors.jsonl. Exit code 3: all
there, with some inputs in errors.jsonl; 1: parts are missing, and named.

Example:
  cochlea merge features/`;

export function mergeCommand(): Command {
  return withCommonOptions(new Command('merge'))
    .description('puts the shards of an array job together')
    .argument('<folder>', 'of the plan')
    .addHelpText('after', HELP)
    .action(
      action<CommonOptions>(async ([folder = ''], _flags, { print }) => {
        const { mergeShards } = await import('../../extract/index.js');
        const report = await mergeShards(folder);
        const { recordings, audioSec, bytes, shards, errors, out } = report;
        print(report, () => {
          const what = `${formatCount(recordings, 'recording')}, ${formatDuration(audioSec)} of audio, ${formatBytes(bytes)}`;
          const failed =
            errors.length > 0 ? `\n${formatCount(errors.length, 'input')} unreadable: see errors.jsonl` : '';
          return `${what} in ${formatCount(shards, 'shard')} → ${out}${failed}`;
        });
        return errors.length > 0 ? EXIT.partial : EXIT.done;
      }),
    );
}
