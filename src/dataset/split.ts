import { mustBe, type OptionKeys, ParameterError, refuseUnknown } from '../errors.js';
import type { Entries, Entry } from './entries.js';
import type { ItemInfo } from './item.js';
import { emptyPart, PARTS, type Part, type Parts, type Ratios, sharesOf } from './parts.js';
import { random, shuffle } from './random.js';
import { type Span, splitByTime, type TimeSplit } from './split-by-time.js';

export interface GroupSplit {
  readonly by: 'group';
  readonly ratios: Ratios;
  /** Default: the item's `group`. Cuts of one recording may be of several groups, e.g. speakers. */
  readonly groupBy?: ((item: ItemInfo) => string) | undefined;
  readonly seed?: number | undefined;
}

/** Deals out whole recordings: cuts and channels of one file stay together. */
export interface StratifiedSplit {
  readonly by: 'stratified';
  readonly ratios: Ratios;
  /**
   * What each part has the same share of; default: the item's `label`. A recording of several items counts as what most
   * of them are.
   */
  readonly groupBy?: ((item: ItemInfo) => string) | undefined;
  readonly seed?: number | undefined;
}

export interface FileListSplit {
  readonly by: 'file-list';
  /** Ids or paths of items; every item stands in one list. */
  readonly files: {
    readonly train: readonly string[];
    readonly validation?: readonly string[];
    readonly test?: readonly string[];
  };
}

export type SplitOptions = TimeSplit | GroupSplit | StratifiedSplit | FileListSplit;

type Files = FileListSplit['files'];

const FILES_KEYS: OptionKeys<Files> = { train: true, validation: true, test: true };

type SplitKeys = { readonly [S in SplitOptions as S['by']]: OptionKeys<S> };

const KEYS: SplitKeys = {
  time: { by: true, ratios: true, cutoff: true, purge: true },
  group: { by: true, ratios: true, groupBy: true, seed: true },
  stratified: { by: true, ratios: true, groupBy: true, seed: true },
  'file-list': { by: true, files: true },
};

/**
 * Deals items (by time: windows) out to three parts, in their order.
 *
 * @throws ParameterError `ERR_SPLIT` when a part that should hold something would be empty, or a list does not fit
 */
export function splitEntries(entries: Entries, o: SplitOptions): Parts<Span[]> {
  if (Object.hasOwn(KEYS, o.by)) refuseUnknown(o, KEYS[o.by], `a split by ${o.by}`);
  switch (o.by) {
    case 'time':
      return splitByTime(entries, o);
    case 'group':
      return deal(entries, byGroup(entries, o), o.ratios);
    case 'stratified':
      return deal(entries, byClass(entries, o), o.ratios);
    case 'file-list':
      return byFileList(entries, o);
    default: {
      const given: { by?: unknown } = o;
      throw new ParameterError('ERR_OPTION', mustBe('by', '"time", "group", "stratified" or "file-list"', given.by));
    }
  }
}

type Assignment = (entry: Entry) => Part;

function deal(entries: Entries, assign: Assignment, ratios: Ratios): Parts<Span[]> {
  const parts: Parts<Span[]> = { train: [], validation: [], test: [] };
  for (const entry of entries) parts[assign(entry)].push(spanOf(entry));
  sharesOf(ratios).forEach((share, i) => {
    const part = PARTS[i]!;
    if (share > 0 && parts[part].length === 0) throw emptyPart(part);
  });
  return parts;
}

function spanOf({ index, first, end }: Entry): Span {
  return { index, first, end };
}

/** Whole groups in random order, each to the part that lacks most of its share of windows. */
function byGroup(entries: Entries, o: GroupSplit): Assignment {
  const shares = sharesOf(o.ratios);
  const keyOf = ({ info }: Entry): string => {
    const key = o.groupBy ? o.groupBy(info) : info.group;
    if (key !== undefined) return key;
    throw new ParameterError('ERR_SPLIT', mustBe(`group of ${info.id}`, 'there (or groupBy given)', key));
  };
  const sizes = new Map<string, number>();
  for (const entry of entries) {
    const key = keyOf(entry);
    sizes.set(key, (sizes.get(key) ?? 0) + entry.end - entry.first);
  }
  const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  const lacks = shares.map((share) => share * total);
  const partOf = new Map<string, Part>();
  const wanting = PARTS.filter((_, i) => shares[i]! > 0);
  for (const key of shuffle([...sizes.keys()], random(o.seed ?? 0))) {
    // As long as parts are still without a group there may be only groups enough for those.
    const without = wanting.filter((part) => ![...partOf.values()].includes(part));
    const open = sizes.size - partOf.size <= without.length ? without : wanting;
    const part = open.reduce((a, b) => (lacks[PARTS.indexOf(b)]! > lacks[PARTS.indexOf(a)]! ? b : a), open[0]!);
    partOf.set(key, part);
    lacks[PARTS.indexOf(part)]! -= sizes.get(key)!;
  }
  return (entry) => partOf.get(keyOf(entry))!;
}

/** Recordings of each class in random order, cut where the shares say. */
function byClass(entries: Entries, o: StratifiedSplit): Assignment {
  const shares = sharesOf(o.ratios);
  const draw = random(o.seed ?? 0);
  const partOf = new Map<string, Part>();
  for (const [, members] of [...recordingsOfClasses(entries, o)].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const cuts = [
      Math.round(shares[0] * members.length),
      Math.round((shares[0] + shares[1]) * members.length),
    ] as const;
    shuffle(members, draw).forEach((series, i) => {
      partOf.set(series, i < cuts[0] ? 'train' : i < cuts[1] ? 'validation' : 'test');
    });
  }
  return ({ origin }) => partOf.get(origin.series)!;
}

/** Each recording, in the order of its first item, with the class that most of its items are of. */
function recordingsOfClasses(entries: Entries, { groupBy }: StratifiedSplit): Map<string, string[]> {
  const votes = new Map<string, string | Map<string, number>>();
  for (const { info, origin } of entries) {
    const key = groupBy ? groupBy(info) : info.label;
    if (key === undefined) {
      throw new ParameterError('ERR_SPLIT', mustBe(`label of ${info.id}`, 'there (or groupBy given)', key));
    }
    const before = votes.get(origin.series);
    if (before === undefined) votes.set(origin.series, String(key));
    else votes.set(origin.series, voted(before, String(key)));
  }
  const classes = new Map<string, string[]>();
  for (const [series, vote] of votes) {
    const key = typeof vote === 'string' ? vote : mostOf(vote);
    const members = classes.get(key) ?? [];
    classes.set(key, members);
    members.push(series);
  }
  return classes;
}

/** A recording of one item needs no count. */
function voted(before: string | Map<string, number>, key: string): Map<string, number> {
  const counts = typeof before === 'string' ? new Map([[before, 1]]) : before;
  return counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** Of equally many the one that came first. */
function mostOf(counts: ReadonlyMap<string, number>): string {
  return [...counts].reduce((most, one) => (one[1] > most[1] ? one : most))[0];
}

function byFileList(entries: Entries, { files }: FileListSplit): Parts<Span[]> {
  if (typeof files !== 'object' || files === null) {
    throw new ParameterError('ERR_OPTION', mustBe('files', 'an object with train, validation and test', files));
  }
  refuseUnknown(files, FILES_KEYS, 'files of a split by file-list');
  const listed = new Map<string, Part>();
  for (const part of PARTS) {
    for (const name of files[part] ?? []) {
      if (listed.has(name)) {
        throw new ParameterError('ERR_SPLIT', mustBe('files', 'lists without a common entry', `${name} twice`), {
          name,
        });
      }
      listed.set(name, part);
    }
  }
  const parts: Parts<Span[]> = { train: [], validation: [], test: [] };
  const used = new Set<string>();
  for (const entry of entries) {
    const { id, path } = entry.info;
    const name = listed.has(id) ? id : (path ?? id);
    const part = listed.get(name);
    if (part === undefined)
      throw new ParameterError('ERR_SPLIT', mustBe('files', 'lists that name every item', `none with ${id}`), { id });
    used.add(name);
    parts[part].push(spanOf(entry));
  }
  const unknown = [...listed.keys()].find((name) => !used.has(name));
  if (unknown !== undefined)
    throw new ParameterError('ERR_SPLIT', mustBe('files', 'names of items', unknown), { name: unknown });
  return parts;
}
