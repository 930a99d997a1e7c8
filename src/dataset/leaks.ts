import { DatasetError, mustBe, ParameterError } from '../errors.js';
import { sameBytes } from './content-hash.js';
import type { Entries } from './entries.js';
import { framesOf } from './frames-of.js';
import type { ItemInfo } from './item.js';
import { PARTS, type Part, type Parts } from './parts.js';
import { equalRows } from './text-index.js';

export interface LeakOptions {
  /** What must not stand in two parts; undefined: the item is free. */
  readonly groupBy?: ((item: ItemInfo) => string | undefined) | undefined;
  /** Windows that a cut must have dropped on either side, as `purge` of a split by time. Default 0: no frame is shared. */
  readonly purge?: number | undefined;
  /** `'allow'`: other recordings with the same features may stand in another part, e.g. silence. Default `'refuse'`. */
  readonly duplicates?: 'refuse' | 'allow' | undefined;
}

/** An item of a part, by its place in all three. */
interface Member {
  readonly part: Part;
  readonly entries: Entries;
  readonly index: number;
}

/** Frames of a series that the windows of a part touch. */
interface Stretch extends Member {
  readonly from: number;
  readonly to: number;
}

/**
 * Refuses parts that share anything: frames of one recording or series (whatever cut or channel), frames within the purge
 * of each other, frames of recordings that are the same to the bit, or, if asked, a group.
 *
 * @throws DatasetError `ERR_LEAK` naming the two parts and what they share
 */
export async function refuseLeaks(parts: Parts<Entries>, o: LeakOptions): Promise<void> {
  checkOptions(o);
  const all = new Members(parts);
  if (o.groupBy !== undefined) refuseSharedGroups(all, o.groupBy);
  for (const rows of equalRows(all.length, (row) => all.origin(row).series)) {
    if (!all.areOfOnePart(rows))
      refuseOverlap(
        rows.flatMap((row) => all.stretch(row) ?? []),
        apart(parts, o),
      );
  }
  if (o.duplicates !== 'allow') await refuseDuplicates(all);
}

function checkOptions({ purge = 0, duplicates = 'refuse' }: LeakOptions): void {
  if (!Number.isSafeInteger(purge) || purge < 0) {
    throw new ParameterError('ERR_OPTION', mustBe('purge', 'a whole number of windows from 0', purge));
  }
  if (duplicates !== 'refuse' && duplicates !== 'allow') {
    throw new ParameterError('ERR_OPTION', mustBe('duplicates', '"refuse" or "allow"', duplicates));
  }
}

/** Items of all parts, numbered through. */
class Members {
  readonly length: number;
  readonly #parts: Parts<Entries>;

  constructor(parts: Parts<Entries>) {
    this.#parts = parts;
    this.length = PARTS.reduce((sum, part) => sum + parts[part].length, 0);
  }

  at(row: number): Member {
    let index = row;
    for (const part of PARTS) {
      const entries = this.#parts[part];
      if (index < entries.length) return { part, entries, index };
      index -= entries.length;
    }
    throw new RangeError(`row ${row} of ${this.length}`);
  }

  origin(row: number) {
    const { entries, index } = this.at(row);
    return entries.origin(index);
  }

  areOfOnePart(rows: readonly number[]): boolean {
    return rows.every((row) => this.at(row).part === this.at(rows[0]!).part);
  }

  /** `null` where the part has no window of the item. */
  stretch(row: number): Stretch | null {
    const member = this.at(row);
    const { entries, index } = member;
    const { from, to } = framesOf(entries.first(index), entries.end(index), entries.nFrames(index), entries.windowing);
    const { firstFrame, nFrames = to } = entries.origin(index);
    return to > from ? { ...member, from: firstFrame + from, to: firstFrame + Math.min(to, nFrames) } : null;
  }
}

function refuseSharedGroups(all: Members, groupBy: (item: ItemInfo) => string | undefined): void {
  const groups = new Map<string, Part>();
  for (let row = 0; row < all.length; row++) {
    const { part, entries, index } = all.at(row);
    const group = groupBy(entries.info(index));
    if (group === undefined) continue;
    const other = groups.get(group) ?? part;
    if (other !== part) throw leak(other, part, `group ${group}`);
    groups.set(group, part);
  }
}

/** Frames that must lie between two parts: what `2 · purge` windows leave of the way from one window to the next. */
function apart(parts: Parts<Entries>, { purge = 0 }: LeakOptions): number {
  const { size, stride } = parts.train.windowing;
  return purge === 0 ? 0 : Math.max(0, (2 * purge + 1) * stride - size);
}

/** A frame's place in its recording is a quotient of seconds; what is less than this is its rounding. */
const ROUNDING_FRAMES = 1e-6;

/** Sorted by start, every stretch is compared with the one of another part that reaches furthest. */
function refuseOverlap(stretches: Stretch[], apart: number): void {
  stretches.sort((a, b) => a.from - b.from);
  const reach = new Map<Part, Stretch>();
  for (const stretch of stretches) {
    for (const [part, other] of reach) {
      if (part === stretch.part || other.to + apart <= stretch.from + ROUNDING_FRAMES) continue;
      const within = other.to > stretch.from + ROUNDING_FRAMES ? '' : ` (${apart} have to lie between)`;
      const names = `${idOf(other)} and ${idOf(stretch)}`;
      throw leak(
        part,
        stretch.part,
        `frames from ${Math.floor(stretch.from + ROUNDING_FRAMES)} on of ${names}${within}`,
      );
    }
    const before = reach.get(stretch.part);
    if (before === undefined || before.to < stretch.to) reach.set(stretch.part, stretch);
  }
}

/** Items with equal hashes in several parts are compared to the bit. */
async function refuseDuplicates(all: Members): Promise<void> {
  const hash = (row: number): string | null => {
    const { entries, index } = all.at(row);
    return entries.contentHash(index);
  };
  for (const rows of equalRows(all.length, hash)) {
    if (all.areOfOnePart(rows)) continue;
    for (const [i, row] of rows.entries()) {
      for (const other of rows.slice(0, i)) await refusePair(all, other, row);
    }
  }
}

/** The same recording in two parts, cut in time, is for the check of frames; so are the parts of a duplicate's time. */
async function refusePair(all: Members, one: number, other: number): Promise<void> {
  const [a, b] = [all.stretch(one), all.stretch(other)];
  if (a === null || b === null || a.part === b.part || isSameItem(all, one, other)) return;
  const begins = [all.origin(one).firstFrame, all.origin(other).firstFrame] as const;
  const overlap = Math.min(a.to - begins[0], b.to - begins[1]) - Math.max(a.from - begins[0], b.from - begins[1]);
  if (overlap <= ROUNDING_FRAMES) return;
  const frames = [await a.entries.source(a.index).read(), await b.entries.source(b.index).read()] as const;
  if (sameBytes(...frames)) throw leak(a.part, b.part, `the same features, of ${idOf(a)} and ${idOf(b)}`);
}

function isSameItem(all: Members, one: number, other: number): boolean {
  const [a, b] = [all.at(one), all.at(other)];
  return all.origin(one).series === all.origin(other).series && idOf(a) === idOf(b);
}

function idOf({ entries, index }: Member): string {
  return entries.id(index);
}

function leak(a: Part, b: Part, shared: string): DatasetError {
  return new DatasetError('ERR_LEAK', mustBe(`parts ${a} and ${b}`, 'without anything in common', shared), {
    parts: [a, b],
    shared,
  });
}
