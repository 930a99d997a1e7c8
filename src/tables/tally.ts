import type { TableReport } from './table-source.js';

/** A report while it is being counted. */
export type Tally = { -readonly [K in keyof TableReport]: TableReport[K] };

export function emptyTally(files: number): Tally {
  return {
    files,
    rows: 0,
    badRows: 0,
    droppedRows: 0,
    duplicateRows: 0,
    filledCells: 0,
    gaps: 0,
    emptyStretches: 0,
    bytes: 0,
    spilledBytes: 0,
  };
}
