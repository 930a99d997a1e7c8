import { mustBe, ParameterError } from '../errors.js';
import { drawFront, type Random, random, shuffle } from './random.js';
import type { WindowTable } from './window-table.js';

/** Stratified sampling: how much of an epoch comes from each kind of window. */
export interface Strata {
  /** `[size]`: the stratum of every window, a place in `shares`; −1 for one that is never drawn. */
  readonly strata: Int32Array;
  /** Parts of an epoch, in any unit: `[1, 3]` draws three of the second stratum for each of the first. */
  readonly shares: readonly number[];
}

/** How an epoch draws windows, by number: nothing is copied. */
export type Balance = 'none' | 'index' | Strata;

export interface OrderOptions {
  /** Default: true with a balance, else false. */
  readonly shuffle?: boolean | undefined;
  /**
   * `'index'`: each epoch draws equally many windows of each class (value of the target); `Strata`: as many of each as
   * its share says. What is too small is gone through again and again, what is too large gives another part each epoch.
   */
  readonly balance?: Balance | undefined;
  /**
   * Windows an epoch draws, of those that are scored; default: as many as there are. Without balance no more than that,
   * each epoch others; needs `shuffle`.
   */
  readonly epochWindows?: number | undefined;
  /** Of whatever is drawn: without `shuffle` and `balance` nothing is. Default 0. */
  readonly seed?: number | undefined;
}

/** More distinct targets than this are values to predict, not classes to balance. */
const MAX_CLASSES = 1000;

export function shuffles({ shuffle, balance }: OrderOptions): boolean {
  return shuffle ?? isBalanced(balance);
}

function isBalanced(balance: Balance | undefined): balance is 'index' | Strata {
  return balance !== undefined && balance !== 'none';
}

/** Blocks of features whose windows are shuffled together. */
export interface BlockGroup {
  /** Windows of the epoch up to and with this group. */
  readonly end: number;
  /** An item of each block. */
  readonly items: readonly number[];
}

export interface EpochOrder {
  /** Window numbers, in the order to go through them. */
  readonly numbers: Uint32Array;
  /** Empty where all windows were shuffled together, or none. */
  readonly groups: readonly BlockGroup[];
}

/**
 * The windows of one epoch; unscored ones are left out.
 *
 * Shuffling is over all windows when their features fit into half the cache. Otherwise blocks of features are shuffled
 * and put together into groups that fit, and windows are shuffled within each group: any number of recordings is read
 * once an epoch, not once a window.
 */
export function epochOrder(table: WindowTable, epoch: number, o: OrderOptions): EpochOrder {
  const { balance = 'none', seed = 0 } = o;
  const draw = random(seed, epoch);
  checkBalance(balance, table.size);
  const scored = table.scored();
  const nWindows = windowsOf(o, scored.length);
  const numbers = isBalanced(balance)
    ? balanced(strataOf(balance, table, scored), nWindows, draw)
    : nWindows < scored.length
      ? drawFront(scored, nWindows, draw)
      : scored;
  if (!shuffles(o)) return { numbers, groups: [] };
  return groupsThatFit(table, numbers, draw) ?? { numbers: shuffle(numbers.slice(), draw), groups: [] };
}

/** @throws ParameterError `ERR_OPTION` */
function windowsOf(o: OrderOptions, scored: number): number {
  const { epochWindows } = o;
  if (epochWindows === undefined) return scored;
  if (!Number.isSafeInteger(epochWindows) || epochWindows < 1) {
    throw new ParameterError('ERR_OPTION', mustBe('epochWindows', 'a positive whole number', epochWindows));
  }
  if (shuffles(o) || isBalanced(o.balance)) return epochWindows;
  throw new ParameterError('ERR_OPTION', mustBe('epochWindows', 'absent without shuffle or balance', epochWindows));
}

/**
 * @param size windows of the data set
 * @throws ParameterError `ERR_OPTION`, `ERR_SHAPE`
 */
export function checkBalance(balance: Balance, size: number): Balance {
  if (balance === 'none' || balance === 'index') return balance;
  const { strata, shares } = (balance ?? {}) as Partial<Strata>;
  if (!(strata instanceof Int32Array) || !Array.isArray(shares)) {
    throw new ParameterError('ERR_OPTION', mustBe('balance', '"none", "index" or { strata, shares }', balance));
  }
  if (strata.length !== size) {
    throw new ParameterError('ERR_SHAPE', mustBe('balance.strata', `one per window, ${size}`, strata.length));
  }
  if (!shares.every((share) => Number.isFinite(share) && share >= 0) || !shares.some((share) => share > 0)) {
    throw new ParameterError('ERR_OPTION', mustBe('balance.shares', 'numbers from 0 on, not all 0', shares));
  }
  const wrong = strata.find((stratum) => stratum < -1 || stratum >= shares.length);
  if (wrong !== undefined) {
    throw new ParameterError('ERR_OPTION', mustBe('balance.strata', `from -1 to ${shares.length - 1}`, wrong));
  }
  return balance;
}

interface Stratum {
  readonly members: Uint32Array;
  readonly share: number;
}

/** Of each stratum its share, to the whole number; they take turns, as often as the share is large. */
function balanced(strata: readonly Stratum[], nWindows: number, draw: Random): Uint32Array {
  const whole = strata.reduce((sum, { share }) => sum + share, 0);
  const turns = new Float64Array(nWindows);
  const drawn = new Uint32Array(nWindows);
  let at = 0;
  let upTo = 0;
  for (const { members, share } of strata) {
    upTo += share;
    const first = at;
    const end = Math.round((upTo / whole) * nWindows);
    while (at < end) {
      for (const number of drawFront(members, Math.min(members.length, end - at), draw)) {
        turns[at] = (at - first) / (end - first);
        drawn[at++] = number;
      }
    }
  }
  return Uint32Array.from(drawn.keys())
    .sort((a, b) => turns[a]! - turns[b]!)
    .map((place) => drawn[place]!);
}

function strataOf(balance: 'index' | Strata, table: WindowTable, scored: Uint32Array): Stratum[] {
  if (balance === 'index') return classesOf(table, scored).map((members) => ({ members, share: 1 }));
  return balance.shares.flatMap((share, s) => {
    if (share === 0) return [];
    const members = scored.filter((number) => balance.strata[number] === s);
    if (members.length > 0) return [{ members, share }];
    throw new ParameterError('ERR_OPTION', mustBe(`balance.shares[${s}]`, '0 for a stratum without windows', share));
  });
}

function classesOf(table: WindowTable, scored: Uint32Array): Uint32Array[] {
  if (table.targetWidth !== 1) {
    throw new ParameterError('ERR_OPTION', mustBe('balance', '"none" without one target per window', 'index'));
  }
  const counts = new Map<number, number>();
  for (const number of scored) {
    const value = table.target(number);
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  if (counts.size < 2 || counts.size > MAX_CLASSES) {
    const message = mustBe('balance', `"none" where targets have ${counts.size} distinct values`, 'index');
    throw new ParameterError('ERR_OPTION', message, { classes: counts.size });
  }
  const members = new Map([...counts].sort(([a], [b]) => a - b).map(([value, n]) => [value, new Uint32Array(n)]));
  const filled = new Map<number, number>();
  for (const number of scored) {
    const value = table.target(number);
    const at = filled.get(value) ?? 0;
    members.get(value)![at] = number;
    filled.set(value, at + 1);
  }
  return [...members.values()];
}

/** `null` where everything fits. */
function groupsThatFit(table: WindowTable, drawn: Uint32Array, draw: Random): EpochOrder | null {
  const room = table.cacheBytes / 2;
  const runs = table.blockRuns(drawn.slice().sort());
  if (runs.reduce((sum, run) => sum + run.bytes, 0) <= room) return null;
  const numbers = new Uint32Array(drawn.length);
  const groups: BlockGroup[] = [];
  let items: number[] = [];
  let [at, begin, bytes] = [0, 0, 0];
  const close = (): void => {
    shuffle(numbers.subarray(begin, at), draw);
    groups.push({ end: at, items });
    items = [];
    begin = at;
    bytes = 0;
  };
  for (const run of shuffle(runs, draw)) {
    if (bytes > 0 && bytes + run.bytes > room) close();
    numbers.set(run.numbers, at);
    at += run.numbers.length;
    bytes += run.bytes;
    items.push(run.item);
  }
  close();
  return { numbers, groups };
}
