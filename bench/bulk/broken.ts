/** Files of a corpus replaced by broken ones, every kind that people's disks have, and a list of what was done. */
import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { loadAddon } from '../../src/native/index.js';
import { SAMPLE_RATE } from './recordings.js';

export interface BrokenFile {
  /** Below the corpus's folder. */
  readonly path: string;
  readonly kind: BrokenKind;
}

/** Part of a truncated file that is left. */
const LEFT = 0.6;
/** Where a WAV file of one `fmt ` and one `data` chunk has them. */
const WAV = { riffBytes: 4, sampleRate: 24, bytesPerSec: 28, dataBytes: 40 };
const NEARLY_4_GB = 0xf000_0000;

const BREAKERS = {
  truncated: (path) => replace(path, (bytes) => bytes.subarray(0, Math.floor(bytes.length * LEFT))),
  'wrong header': (path) => replace(path, (bytes) => Buffer.concat([Buffer.alloc(64, 'JUNK'), bytes.subarray(64)])),
  empty: (path) => writeFileSync(path, ''),
  directory: (path) => {
    rmSync(path);
    mkdirSync(path);
  },
  unreadable,
  text: (path) => writeFileSync(path, 'This was meant to be a recording.\n'.repeat(200)),
  '0 Hz': (path) => writeFileSync(path, patchedWav({ [WAV.sampleRate]: 0, [WAV.bytesPerSec]: 0 })),
  'lying sizes': (path) =>
    writeFileSync(path, patchedWav({ [WAV.riffBytes]: NEARLY_4_GB + 36, [WAV.dataBytes]: NEARLY_4_GB })),
} satisfies Record<string, (path: string) => void>;
export type BrokenKind = keyof typeof BREAKERS;

const isKind = (name: string): name is BrokenKind => Object.hasOwn(BREAKERS, name);
export const BROKEN_KINDS: readonly BrokenKind[] = Object.keys(BREAKERS).filter(isKind);

/**
 * Breaks a share of the files, kinds in turn, at least one of each.
 *
 * @param files below `folder`, in any order
 * @returns what was broken, in the order of its paths
 * @throws RangeError where there are fewer files than kinds
 */
export function breakSome(folder: string, files: readonly string[], share: number, seed: number): BrokenFile[] {
  const count = Math.max(BROKEN_KINDS.length, Math.round(files.length * share));
  if (count > files.length) throw new RangeError(`files must be ${count} or more to break some, got ${files.length}`);
  const broken = chosen(files, count, seed).map((path, i) => ({ path, kind: BROKEN_KINDS[i % BROKEN_KINDS.length]! }));
  for (const { path, kind } of broken) BREAKERS[kind](join(folder, path));
  return broken.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** `count` different ones: the beginning of a seeded shuffle. */
function chosen(files: readonly string[], count: number, seed: number): string[] {
  const random = xoroshiro128plus(seed);
  const left = [...files];
  for (let i = 0; i < count; i += 1) {
    const other = uniformInt(random, i, left.length - 1);
    [left[i], left[other]] = [left[other]!, left[i]!];
  }
  return left.slice(0, count);
}

/** Without rights for anybody; root reads that all the same, so for root it is a link to a file that is gone. */
function unreadable(path: string): void {
  if (process.getuid?.() === 0) {
    rmSync(path);
    symlinkSync(`${path}.gone`, path);
  } else chmodSync(path, 0o000);
}

function replace(path: string, change: (bytes: Buffer) => Uint8Array): void {
  writeFileSync(path, change(readFileSync(path)));
}

/** A second of near silence, with other numbers in its header: by byte, 32 bits each. */
function patchedWav(numbers: Readonly<Record<number, number>>): Buffer {
  const bytes = Buffer.from(loadAddon().codecEncode(new Float32Array(SAMPLE_RATE).fill(0.01), 1, SAMPLE_RATE, 'wav'));
  for (const [at, value] of Object.entries(numbers)) bytes.writeUInt32LE(value, Number(at));
  return bytes;
}
