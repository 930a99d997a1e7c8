import { mustBe, ParameterError } from '../errors.js';
import { BlockStore } from './block-store.js';
import { CellReader, placeOf } from './cells.js';
import { TableColumns, textOf } from './columns.js';
import { Growing } from './growing.js';
import { LabelReader } from './labels.js';
import { RowDecoder } from './row-decoder.js';
import type { RowBlock, TableFile } from './row-source.js';
import type { TableContent, TableItem } from './table-content.js';
import { rowsOf } from './table-files.js';
import type { RowConfig } from './table-schema.js';
import { emptyTally } from './tally.js';

/** What is known of a row beside its numbers. */
interface RowFacts {
  /** From 1. */
  readonly row: number;
  /** Row of the file that stayed, from 0. */
  readonly number: number;
  readonly id: string | undefined;
  readonly group: string | undefined;
  readonly label: string | number | undefined;
  readonly labelNumber: number;
}

/** Reads a table with a sequence per row. */
export async function readRowTable(
  config: RowConfig,
  files: readonly TableFile[],
  signal?: AbortSignal,
): Promise<TableContent> {
  const columns = new TableColumns(config);
  const cells = new CellReader(config);
  const tally = emptyTally(files.length);
  const decoder = new RowDecoder(config, columns, cells, tally);
  const store = new BlockStore(config.cacheBytes);
  const writer = new RowItems(config, store);
  for (const file of files) {
    writer.begin(file, files.length > 1);
    let number = 0;
    for await (const block of rowsOf(file, columns.choose, config, signal)) {
      const { values, kept } = decoder.decode(file, block);
      const facts = new FactsReader(config, columns, cells, file, block);
      for (let i = 0; i < kept.length; i++) {
        const row = values.subarray(i * columns.width, (i + 1) * columns.width);
        writer.add(row, facts.of(kept[i]!, number++));
      }
    }
    writer.end();
  }
  if (writer.items.length === 0) {
    const { path } = files[0]!;
    throw new ParameterError('ERR_CORPUS', mustBe(path, 'a table with at least one row', 'none'), { path });
  }
  const blocks = store.finish();
  const shape = columns.list?.shape ?? [columns.width];
  return {
    layout: 'rows',
    frameShape: shape.length > 1 ? shape.slice(1) : [1],
    framesPerRow: shape[0]!,
    rowsPerItem: config.rowsPerItem,
    rule: 'last',
    step: null,
    items: writer.items,
    blocks,
    report: { ...tally, bytes: store.bytes, spilledBytes: store.spilledBytes },
  };
}

/** Cells of a row's other columns. */
class FactsReader {
  readonly #labels: LabelReader;
  readonly #cells: CellReader;
  readonly #columns: TableColumns;
  readonly #file: TableFile;
  readonly #block: RowBlock;
  readonly #perItem: boolean;

  constructor(config: RowConfig, columns: TableColumns, cells: CellReader, file: TableFile, block: RowBlock) {
    this.#labels = new LabelReader(config.columns?.label ?? {}, cells);
    this.#cells = cells;
    this.#columns = columns;
    this.#file = file;
    this.#block = block;
    this.#perItem = config.rowsPerItem === 1;
  }

  of(i: number, number: number): RowFacts {
    const label = this.#label(i);
    return {
      row: this.#block.rows[i]!,
      number,
      id: this.#text('id', i),
      group: this.#text('group', i),
      label,
      labelNumber: typeof label === 'number' ? label : Number.NaN,
    };
  }

  #text(role: 'id' | 'group', i: number): string | undefined {
    const position = this.#columns.position(role);
    return position === undefined
      ? undefined
      : textOf(this.#columns, position, this.#cells, this.#file, this.#block, i);
  }

  #label(i: number): string | number | undefined {
    const position = this.#columns.position('label');
    if (position === undefined) return undefined;
    const place = placeOf(this.#file, this.#block, i, this.#columns.name(position));
    const cell = this.#block.columns[position]![i];
    const column = this.#columns.index(position);
    return this.#perItem ? this.#labels.value(cell, place, column) : this.#labels.number(cell, place, column);
  }
}

/** Puts rows together to items. */
class RowItems {
  readonly items: TableItem[] = [];
  readonly #config: RowConfig;
  readonly #store: BlockStore;
  readonly #labels = new Growing((length) => new Float32Array(length));
  #file: TableFile | null = null;
  #prefix = '';
  #first: RowFacts | null = null;
  #last: RowFacts | null = null;

  constructor(config: RowConfig, store: BlockStore) {
    this.#config = config;
    this.#store = store;
  }

  begin(file: TableFile, several: boolean): void {
    this.#file = file;
    this.#prefix = several ? `${file.name}:` : '';
  }

  add(values: Float32Array, facts: RowFacts): void {
    const first = this.#first;
    if (first !== null && (this.#labels.length === this.#config.rowsPerItem || first.group !== facts.group)) this.end();
    this.#store.append(values);
    this.#labels.push(facts.labelNumber);
    this.#first ??= facts;
    this.#last = facts;
  }

  /** Ends the item at hand. */
  end(): void {
    const [first, last, file] = [this.#first, this.#last, this.#file];
    if (first === null || last === null || file === null) return;
    const { rowsPerItem, stride, columns } = this.#config;
    const place = this.#store.endItem();
    const single = rowsPerItem === 1;
    const labelled = columns === undefined || columns.label !== undefined;
    this.items.push({
      id: first.id ?? `${this.#prefix}${first.row}${single ? '' : `-${last.row}`}`,
      path: columns === undefined ? undefined : file.path,
      group: first.group,
      label: single ? first.label : undefined,
      rowLabels: single || !labelled ? undefined : this.#labels.copy(),
      startSec: undefined,
      durationSec: undefined,
      nFrames: this.#labels.length * this.#framesPerRow(place.length),
      place,
      origin:
        stride === undefined
          ? { series: `${file.path}#${first.number}`, firstFrame: 0 }
          : { series: file.path, firstFrame: first.number * stride },
    });
    this.#labels.length = 0;
    this.#first = null;
  }

  #framesPerRow(numbers: number): number {
    const values = this.#config.columns?.values;
    return values !== undefined && 'shape' in values ? values.shape[0]! : numbers / this.#labels.length;
  }
}
