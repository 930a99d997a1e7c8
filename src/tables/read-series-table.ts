import { mustBe, ParameterError } from '../errors.js';
import { BlockStore } from './block-store.js';
import { badCell, showPlace } from './cells.js';
import { type Resampler, resampler } from './resample.js';
import type { TableFile } from './row-source.js';
import { SeriesItems } from './series-items.js';
import { orderOf } from './series-order.js';
import { readSeriesRows, type SeriesRows } from './series-rows.js';
import type { TableContent, WindowCut } from './table-content.js';
import { stopIfAborted } from './table-files.js';
import type { SeriesConfig } from './table-schema.js';
import type { TimeDelta, WindowRule } from './table-source.js';
import { emptyTally, type Tally } from './tally.js';
import { LabelledWindows } from './window-labels.js';

const MS_PER_SEC = 1000;
/** How often the signal is looked at. */
const ROWS_BETWEEN_LOOKS = 4096;
const MS_PER_UNIT: Readonly<Record<TimeDelta['unit'], number>> = { ms: 1, s: 1000, min: 60_000, h: 3_600_000 };

export interface SeriesReading {
  /** How windows will be cut: a long series is cut accordingly; `null` where nobody knows. */
  readonly cut: WindowCut | null;
  readonly signal?: AbortSignal | undefined;
  /** Of a series that is cut, for tests. */
  readonly pieceBytes?: number | undefined;
}

/** Reads a table with a row per moment. */
export async function readSeriesTable(
  config: SeriesConfig,
  files: readonly TableFile[],
  { cut, signal, pieceBytes }: SeriesReading,
): Promise<TableContent> {
  const { label, timestamp, values } = config.columns;
  const tally = emptyTally(files.length);
  const windows =
    label !== undefined && 'windows' in label && timestamp !== undefined
      ? await LabelledWindows.read(label.windows, timestamp)
      : null;
  const rows = await readSeriesRows(config, files, { windows, tally, signal });
  const order = orderOf(rows, timestamp, tally);
  const rule = label !== undefined && 'rule' in label ? label.rule : null;
  const width = values.length + (config.timeDelta === undefined ? 0 : 1);
  const store = new BlockStore(config.cacheBytes);
  const items = new SeriesItems(store, {
    ...{ width, cut, pieceBytes },
    ...{ labelled: rule !== null, timed: timestamp !== undefined },
  });
  await new SeriesBuilder(config, rows, items, tally, rule ?? 'last').build(order, signal);
  if (items.items.length === 0) {
    const { path } = files[0]!;
    throw new ParameterError('ERR_CORPUS', mustBe(path, 'a table with at least one frame', 'none'), { path });
  }
  const blocks = store.finish();
  return {
    layout: 'series',
    frameShape: [width],
    framesPerRow: null,
    rowsPerItem: 1,
    rule: rule ?? 'last',
    step: stepOf(config),
    items: items.items,
    blocks,
    report: { ...tally, bytes: store.bytes, spilledBytes: store.spilledBytes },
  };
}

function stepOf({ resample }: SeriesConfig): TableContent['step'] {
  if (resample === undefined) return null;
  const stepSec = resample.everyMs / MS_PER_SEC;
  return { stepSec, spanSec: resample.method === 'mean' ? stepSec : 0 };
}

/** Rows in order → frames: fills, cuts at gaps, adds the time since the row before, resamples. */
class SeriesBuilder {
  readonly #config: SeriesConfig;
  readonly #rows: SeriesRows;
  readonly #items: SeriesItems;
  readonly #tally: Tally;
  readonly #resampler: Resampler | null;
  /** A row as it was read, and as a frame. */
  readonly #row: Float32Array;
  readonly #frame: Float32Array;
  #group = -1;
  #beforeMs = Number.NaN;

  constructor(config: SeriesConfig, rows: SeriesRows, items: SeriesItems, tally: Tally, rule: WindowRule) {
    const width = config.columns.values.length;
    this.#config = config;
    this.#rows = rows;
    this.#items = items;
    this.#tally = tally;
    this.#resampler = config.resample === undefined ? null : resampler(config.resample, width, rule, items.frame);
    this.#row = new Float32Array(width);
    this.#frame = new Float32Array(width + 1);
  }

  async build(order: Uint32Array, signal: AbortSignal | undefined): Promise<void> {
    let at = 0;
    for await (const values of this.#rows.store.rows(order)) {
      if (at % ROWS_BETWEEN_LOOKS === 0) stopIfAborted(signal);
      const row = order[at++]!;
      if (this.#rows.groupOf(row) !== this.#group) this.#nextGroup(this.#rows.groupOf(row));
      this.#fill(values, row);
      this.#cutAtGap(row);
      this.#add(row);
    }
    this.#endGroup();
  }

  #nextGroup(group: number): void {
    this.#endGroup();
    this.#group = group;
    this.#items.beginGroup(this.#rows.groups[group]!);
    this.#beforeMs = Number.NaN;
    this.#row.fill(Number.NaN);
  }

  #endGroup(): void {
    if (this.#group < 0) return;
    this.#endStretch();
    this.#items.endGroup();
  }

  #endStretch(): void {
    this.#resampler?.finish();
    if (!this.#items.endStretch()) this.#tally.emptyStretches += 1;
    this.#beforeMs = Number.NaN;
  }

  #fill(values: Float32Array, row: number): void {
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      if (!Number.isNaN(value)) this.#row[i] = value;
      else if (Number.isNaN(this.#row[i])) {
        const place = this.#rows.place(row, this.#config.columns.values[i]);
        throw badCell(place, 'a number, as no row of the group comes before', null, this.#rows.columnOf(i));
      } else this.#tally.filledCells += 1;
    }
  }

  #cutAtGap(row: number): void {
    const { maxGapMs, onGap } = this.#config;
    const gapMs = this.#rows.ms(row) - this.#beforeMs;
    if (maxGapMs === undefined || !(gapMs > maxGapMs)) return;
    if (onGap === 'error') {
      const place = this.#rows.place(row, this.#rows.timeColumn());
      const expected = `at most ${maxGapMs} ms after the row before it`;
      throw new ParameterError('ERR_TIMESTAMP', mustBe(showPlace(place), expected, `${gapMs} ms`), { ...place, gapMs });
    }
    this.#tally.gaps += 1;
    this.#endStretch();
  }

  #add(row: number): void {
    const [ms, label] = [this.#rows.ms(row), this.#rows.label(row)];
    const { timeDelta } = this.#config;
    if (this.#resampler !== null) this.#resampler.push(ms, this.#row, label);
    else if (timeDelta === undefined) this.#items.frame(this.#row, label, ms);
    else {
      this.#frame.set(this.#row);
      this.#frame[this.#row.length] = deltaOf(timeDelta, Number.isNaN(this.#beforeMs) ? 0 : ms - this.#beforeMs);
      this.#items.frame(this.#frame, label, ms);
    }
    this.#beforeMs = ms;
  }
}

function deltaOf({ unit, scale }: TimeDelta, ms: number): number {
  const delta = ms / MS_PER_UNIT[unit];
  return scale === 'log1p' ? Math.log1p(delta) : delta;
}
