import type { CellReader } from './cells.js';
import { badCell, type CellPlace } from './cells.js';

export interface LabelRule {
  readonly positive?: string | undefined;
  readonly classes?: readonly string[] | undefined;
}

/** Cells of a label column → numbers, or, without a rule for texts, texts. */
export class LabelReader {
  readonly #rule: LabelRule;
  readonly #cells: CellReader;

  constructor(rule: LabelRule, cells: CellReader) {
    this.#rule = rule;
    this.#cells = cells;
  }

  /** @throws ParameterError `ERR_CSV_VALUE` for an empty cell, or a text that is not one of the classes */
  value(cell: unknown, place: CellPlace, column: number): number | string {
    if (this.#cells.isMissing(cell)) throw badCell(place, 'a label', cell, column);
    const { positive, classes } = this.#rule;
    const text = String(cell);
    if (positive !== undefined) return text === positive ? 1 : 0;
    if (classes !== undefined) {
      const index = classes.indexOf(text);
      if (index < 0) throw badCell(place, `one of ${classes.join(', ')}`, text, column);
      return index;
    }
    const value = this.#cells.number(cell);
    return Number.isFinite(value) ? value : text;
  }

  /** @throws ParameterError `ERR_CSV_VALUE` also for a text */
  number(cell: unknown, place: CellPlace, column: number): number {
    const value = this.value(cell, place, column);
    if (typeof value === 'number') return value;
    throw badCell(place, 'a number (or positive or classes given for the label)', value, column);
  }
}
