import { mustBe, ParameterError } from '../errors.js';
import { drawFront, type Random, random, shuffle } from './random.js';
import type { WindowTable } from './window-table.js';

export interface OrderOptions {
  /** Default: true with `balance: 'index'`, else false. */
  readonly shuffle?: boolean | undefined;
  /**
   * `'index'`: each epoch draws equally many windows of each class (value of the target), as numbers: nothing is copied.
   * A class that is too small is gone through again and again, one that is too large gives another part each epoch.
   */
  readonly balance?: 'none' | 'index' | undefined;
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
  return shuffle ?? balance === 'index';
}

/**
 * Window numbers of one epoch, in the order to go through them; unscored windows are left out.
 *
 * Shuffling is over all windows when their features fit into half the cache. Otherwise blocks of features are shuffled
 * and put together into groups that fit, and windows are shuffled within each group: any number of recordings is read
 * once an epoch, not once a window.
 */
export function epochOrder(table: WindowTable, epoch: number, o: OrderOptions): Uint32Array {
  const { balance = 'none', seed = 0 } = o;
  const draw = random(seed, epoch);
  if (balance !== 'none' && balance !== 'index') {
    throw new ParameterError('ERR_OPTION', mustBe('balance', '"none" or "index"', balance));
  }
  const scored = table.scored();
  const nWindows = windowsOf(o, scored.length);
  const numbers =
    balance === 'index'
      ? balanced(classesOf(table, scored), nWindows, draw)
      : nWindows < scored.length
        ? drawFront(scored, nWindows, draw)
        : scored;
  if (!shuffles(o)) return numbers;
  const groups = groupsThatFit(table, numbers, draw);
  return groups === null ? shuffle(numbers.slice(), draw) : groups;
}

/** @throws ParameterError `ERR_OPTION` */
function windowsOf(o: OrderOptions, scored: number): number {
  const { epochWindows } = o;
  if (epochWindows === undefined) return scored;
  if (!Number.isSafeInteger(epochWindows) || epochWindows < 1) {
    throw new ParameterError('ERR_OPTION', mustBe('epochWindows', 'a positive whole number', epochWindows));
  }
  if (shuffles(o) || o.balance === 'index') return epochWindows;
  throw new ParameterError(
    'ERR_OPTION',
    mustBe('epochWindows', 'absent without shuffle or balance "index"', epochWindows),
  );
}

/** Equal numbers of each class, class by class in turn. */
function balanced(classes: readonly Uint32Array[], nWindows: number, draw: Random): Uint32Array {
  const each = Math.ceil(nWindows / classes.length);
  const order = new Uint32Array(each * classes.length);
  classes.forEach((members, c) => {
    for (let i = 0; i < each; ) {
      const round = drawFront(members, Math.min(members.length, each - i), draw);
      for (const number of round) order[i++ * classes.length + c] = number;
    }
  });
  return order;
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

function groupsThatFit(table: WindowTable, numbers: Uint32Array, draw: Random): Uint32Array | null {
  const room = table.cacheBytes / 2;
  const runs = table.blockRuns(numbers.slice().sort());
  if (runs.reduce((sum, run) => sum + run.bytes, 0) <= room) return null;
  const order = new Uint32Array(numbers.length);
  let [at, group, bytes] = [0, 0, 0];
  const close = (): void => {
    shuffle(order.subarray(group, at), draw);
    group = at;
    bytes = 0;
  };
  for (const run of shuffle(runs, draw)) {
    if (bytes > 0 && bytes + run.bytes > room) close();
    order.set(run.numbers, at);
    at += run.numbers.length;
    bytes += run.bytes;
  }
  close();
  return order;
}
