/** The command line of `npm run bench:bulk`. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

export const BULK_IDS = ['W1-wav', 'W3-wav', 'W3-flac', 'W3-mp3', 'disk', 'memory'] as const;
export type BulkId = (typeof BULK_IDS)[number];

export interface BulkOptions {
  /** Empty means all. */
  readonly only: readonly BulkId[];
  readonly quick: boolean;
  /** Of audio in a corpus of WAV. */
  readonly hours: number;
  /** Of audio in a corpus of FLAC or MP3, which takes longer to make and to read. */
  readonly codedHours: number;
  /** Of the larger corpus of `memory`; the smaller is its tenth part. */
  readonly memoryHours: number;
  /** Of audio that Python libraries are given, at most. */
  readonly peerHours: number;
  readonly clipSec: number;
  readonly rounds: number;
  /** Where corpora and joined recordings are kept. */
  readonly corpora: string;
  /** A folder in memory, for shards. */
  readonly ram: string;
  /** A folder on a disk, for shards. */
  readonly disk: string;
  readonly save: boolean;
  readonly json: boolean;
  readonly markdown: boolean;
  readonly compare: string | null;
  readonly from: string | null;
}

export const HELP = `Usage: npm run bench:bulk -- [options]

  --only <ids>          cases, e.g. W1-wav,disk (${BULK_IDS.join(', ')})
  --quick               0.1 h of audio, one round: to see that everything runs
  --hours <h>           of audio in the corpora of WAV (default 10: 1.2 GB)
  --coded-hours <h>     of audio in those of FLAC and MP3 (default --hours)
  --memory-hours <h>    of the larger corpus of "memory", the smaller has its tenth part (default --hours; 100: 11.5 GB)
  --peer-hours <h>      of audio that Python libraries are given at most, as they are slower (default 1)
  --clip <s>            length of a clip (default 10)
  --rounds <n>          turns of each contestant, one run each (default 3)
  --corpora <folder>    where corpora are made and kept (default .cache/bulk)
  --ram <folder>        a folder in memory for shards (default /dev/shm)
  --disk <folder>       a folder on a disk for shards (default the system's for temporary files)
  --save                write the report to bench/results/
  --json, --markdown    print the report as JSON, or as Markdown tables
  --compare <file>      an earlier report: adds this run's figures over its
  --from <file>         show a saved report, measure nothing
  --help                this text
`;

const TEXT = { type: 'string' } as const;
const FLAG = { type: 'boolean', default: false } as const;

/** @throws RangeError for a value that is not one of those above; TypeError for an option that is not there */
export function bulkOptions(args: readonly string[]): BulkOptions {
  const { values } = parseArgs({
    args: args.filter((arg) => arg !== 'bulk'),
    options: {
      ...{
        only: { ...TEXT, default: '' },
        quick: FLAG,
        save: FLAG,
        json: FLAG,
        markdown: FLAG,
        compare: TEXT,
        from: TEXT,
      },
      ...{ hours: TEXT, 'coded-hours': TEXT, 'memory-hours': TEXT, 'peer-hours': TEXT, clip: TEXT, rounds: TEXT },
      ...{ corpora: TEXT, ram: TEXT, disk: TEXT },
    },
  });
  const { quick, save, json, markdown, compare = null, from = null } = values;
  const hours = positive('--hours', values.hours ?? (quick ? '0.1' : '10'));
  const { 'coded-hours': codedHours = String(hours), 'memory-hours': memoryHours } = values;
  return {
    ...{ quick, save, json, markdown, compare, from, hours },
    only: values.only.split(',').filter(Boolean).map(knownId),
    codedHours: positive('--coded-hours', codedHours),
    memoryHours: positive('--memory-hours', memoryHours ?? String(hours)),
    peerHours: positive('--peer-hours', values['peer-hours'] ?? '1'),
    clipSec: positive('--clip', values.clip ?? '10'),
    rounds: whole('--rounds', values.rounds ?? (quick ? '1' : '3')),
    corpora: values.corpora ?? join('.cache', 'bulk'),
    ram: values.ram ?? '/dev/shm',
    disk: values.disk ?? tmpdir(),
  };
}

function knownId(text: string): BulkId {
  const found = BULK_IDS.find((id) => id === text);
  if (found === undefined) throw new RangeError(`--only must be one of ${BULK_IDS.join(', ')}, got ${text}`);
  return found;
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new RangeError(`${name} must be a positive number, got ${text}`);
}

function whole(name: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new RangeError(`${name} must be a whole number from 1, got ${text}`);
}
