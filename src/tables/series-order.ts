import { mustBe, ParameterError } from '../errors.js';
import { showPlace } from './cells.js';
import type { SeriesRows } from './series-rows.js';
import type { TimestampConfig } from './table-schema.js';
import type { Tally } from './tally.js';

/**
 * Numbers of the rows, group by group in the order in which groups first came, within a group by time; rows of the same
 * time stay in the order of the file.
 *
 * @throws ParameterError `ERR_TIMESTAMP` for a row before its predecessor where that is asked for, or at the same time
 */
export function orderOf(rows: SeriesRows, time: TimestampConfig | undefined, tally: Tally): Uint32Array {
  const order = Uint32Array.from({ length: rows.length }, (_, row) => row);
  if (time?.order === 'ascending') refuseDescending(rows);
  if (!isInOrder(rows)) order.sort((a, b) => rows.groupOf(a) - rows.groupOf(b) || rows.ms(a) - rows.ms(b) || a - b);
  return time === undefined || time.duplicates === 'keep'
    ? order
    : withoutDuplicates(rows, order, time.duplicates, tally);
}

function isInOrder(rows: SeriesRows): boolean {
  for (let row = 1; row < rows.length; row++) {
    const ahead = rows.groupOf(row) - rows.groupOf(row - 1);
    if (ahead < 0 || (ahead === 0 && rows.ms(row) < rows.ms(row - 1))) return false;
  }
  return true;
}

function refuseDescending(rows: SeriesRows): void {
  const lastOf = new Float64Array(rows.groups.length).fill(Number.NEGATIVE_INFINITY);
  for (let row = 0; row < rows.length; row++) {
    const group = rows.groupOf(row);
    if (rows.ms(row) < lastOf[group]!) {
      const expected = `not before the row before it of ${rows.groups[group]!.name} (${isoOf(lastOf[group]!)})`;
      throw badTime(rows, row, expected, isoOf(rows.ms(row)));
    }
    lastOf[group] = rows.ms(row);
  }
}

/** Of rows of one group with one time only the first or the last stays. */
function withoutDuplicates(
  rows: SeriesRows,
  order: Uint32Array,
  stays: 'error' | 'first' | 'last',
  tally: Tally,
): Uint32Array {
  let kept = 0;
  for (const row of order) {
    const before = order[kept - 1];
    const twice =
      before !== undefined && rows.groupOf(before) === rows.groupOf(row) && rows.ms(before) === rows.ms(row);
    if (!twice) order[kept++] = row;
    else if (stays === 'error') {
      const expected = `a time that ${rows.groups[rows.groupOf(row)]!.name} has once (or duplicates given)`;
      throw badTime(rows, row, expected, isoOf(rows.ms(row)));
    } else {
      if (stays === 'last') order[kept - 1] = row;
      tally.duplicateRows += 1;
    }
  }
  return order.subarray(0, kept);
}

function badTime(rows: SeriesRows, row: number, expected: string, got: string): ParameterError {
  const place = rows.place(row, rows.timeColumn());
  return new ParameterError('ERR_TIMESTAMP', mustBe(showPlace(place), expected, got), { ...place });
}

/** Times since a start look like those of 1970. */
function isoOf(ms: number): string {
  return Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : `${ms} ms`;
}
