import { mustBe, type OptionKeys, ParameterError, refuseUnknown } from '../errors.js';
import type { Windowing } from '../spec/index.js';
import type { Entry, ItemInfo } from './item.js';
import { emptyPart, PARTS, type Part, type Parts, type Ratios, sharesOf } from './parts.js';
import { random, shuffle } from './random.js';
import { splitByTime, type TimeSplit } from './split-by-time.js';

export interface GroupSplit {
  readonly by: 'group';
  readonly ratios: Ratios;
  /** Default: the item's `group`. */
  readonly groupBy?: ((item: ItemInfo) => string) | undefined;
  readonly seed?: number | undefined;
}

export interface StratifiedSplit {
  readonly by: 'stratified';
  readonly ratios: Ratios;
  /** What each part has the same share of; default: the item's `label`. */
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
export function splitEntries(entries: readonly Entry[], windowing: Windowing, o: SplitOptions): Parts<Entry[]> {
  if (Object.hasOwn(KEYS, o.by)) refuseUnknown(o, KEYS[o.by], `a split by ${o.by}`);
  switch (o.by) {
    case 'time':
      return splitByTime(entries, windowing, o);
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

function deal(entries: readonly Entry[], assign: Assignment, ratios: Ratios): Parts<Entry[]> {
  const parts: Parts<Entry[]> = { train: [], validation: [], test: [] };
  for (const entry of entries) parts[assign(entry)].push(entry);
  sharesOf(ratios).forEach((share, i) => {
    const part = PARTS[i]!;
    if (share > 0 && parts[part].length === 0) throw emptyPart(part);
  });
  return parts;
}

/** Whole groups in random order, each to the part that lacks most of its share of windows. */
function byGroup(entries: readonly Entry[], o: GroupSplit): Assignment {
  const shares = sharesOf(o.ratios);
  const keyOf = (entry: Entry): string => {
    const key = o.groupBy ? o.groupBy(entry.info) : entry.info.group;
    if (key !== undefined) return key;
    throw new ParameterError('ERR_SPLIT', mustBe(`group of ${entry.info.id}`, 'there (or groupBy given)', key));
  };
  const sizes = new Map<string, number>();
  for (const entry of entries) sizes.set(keyOf(entry), (sizes.get(keyOf(entry)) ?? 0) + entry.end - entry.first);
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

/** Items of each class in random order, cut where the shares say. */
function byClass(entries: readonly Entry[], o: StratifiedSplit): Assignment {
  const shares = sharesOf(o.ratios);
  const draw = random(o.seed ?? 0);
  const classes = new Map<string, Entry[]>();
  for (const entry of entries) {
    const key = o.groupBy ? o.groupBy(entry.info) : entry.info.label;
    if (key === undefined) {
      throw new ParameterError('ERR_SPLIT', mustBe(`label of ${entry.info.id}`, 'there (or groupBy given)', key));
    }
    const members = classes.get(String(key)) ?? [];
    classes.set(String(key), members);
    members.push(entry);
  }
  const partOf = new Map<Entry, Part>();
  for (const [, members] of [...classes].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const cuts = [
      Math.round(shares[0] * members.length),
      Math.round((shares[0] + shares[1]) * members.length),
    ] as const;
    shuffle(members, draw).forEach((entry, i) => {
      partOf.set(entry, i < cuts[0] ? 'train' : i < cuts[1] ? 'validation' : 'test');
    });
  }
  return (entry) => partOf.get(entry)!;
}

function byFileList(entries: readonly Entry[], { files }: FileListSplit): Parts<Entry[]> {
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
  const parts: Parts<Entry[]> = { train: [], validation: [], test: [] };
  const used = new Set<string>();
  for (const entry of entries) {
    const { id, path } = entry.info;
    const name = listed.has(id) ? id : (path ?? id);
    const part = listed.get(name);
    if (part === undefined)
      throw new ParameterError('ERR_SPLIT', mustBe('files', 'lists that name every item', `none with ${id}`), { id });
    used.add(name);
    parts[part].push(entry);
  }
  const unknown = [...listed.keys()].find((name) => !used.has(name));
  if (unknown !== undefined)
    throw new ParameterError('ERR_SPLIT', mustBe('files', 'names of items', unknown), { name: unknown });
  return parts;
}
