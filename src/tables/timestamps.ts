import { DateTime, type TokenParser } from 'luxon';
import { mustBe, ParameterError } from '../errors.js';
import { type CellPlace, showPlace } from './cells.js';
import type { TimestampConfig } from './table-schema.js';
import { WallClock } from './time-zone.js';

/** Made only for a message: it costs more than reading the time. */
type Where = () => CellPlace;

type Rule = Pick<TimestampConfig, 'unit' | 'format' | 'zone' | 'ambiguous' | 'nonexistent'>;

/** What the cells of a time column are: as written, or, of a timestamp column, ms since the epoch or on a wall's clock. */
export type TimeCells = 'cells' | 'utcMs' | 'wallMs';

const MS_PER_UNIT = { s: 1000, ms: 1, us: 1e-3, ns: 1e-6 } as const;
const PARSE = { zone: 'utc', locale: 'en-US' } as const;
/** Of ISO 8601: an offset after a time of day. */
const HAS_OFFSET = /[T ].*(?:Z|[+-]\d{2}(?::?\d{2})?)$/i;
const PLAIN_ISO = /^(\d{4}-\d\d-(\d\d))[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)Z?$/;
/** Luxon keeps milliseconds; the digits after them, where the text may have other points. */
const BELOW_MS = { iso: /[.,]\d{3}(\d+)/, other: /:\d{2}[.,]\d{3}(\d+)/ } as const;

/** Cells of a time column → ms since the epoch or the start. Times are doubles: near today they resolve a quarter of a µs. */
export class TimestampReader {
  readonly #rule: Rule;
  readonly #clock: WallClock | null;
  readonly #tokens: TokenParser | null;
  readonly #textsHaveOffset: boolean;

  constructor(rule: Rule) {
    const { format = 'iso', zone } = rule;
    this.#rule = rule;
    this.#clock = zone === undefined ? null : new WallClock(zone);
    this.#tokens = format === 'iso' ? null : DateTime.buildFormatParser(format, { locale: PARSE.locale });
    this.#textsHaveOffset = /[Zz]/.test(format.replaceAll(/'[^']*'/g, ''));
  }

  /**
   * @param place of the cell, for messages
   * @throws ParameterError `ERR_TIMESTAMP`
   */
  ms(cell: unknown, place: Where, cells: TimeCells = 'cells'): number {
    if (cell === null || cell === undefined || cell === '') throw wrong(place, 'a time', cell ?? null);
    if (cells !== 'cells') return this.#ofTimestampColumn(Number(cell), cells, place);
    return this.#rule.unit === undefined ? this.#ofText(cell, place) : this.#ofNumber(cell, this.#rule.unit, place);
  }

  #ofTimestampColumn(ms: number, cells: 'utcMs' | 'wallMs', place: Where): number {
    const { unit, format, zone } = this.#rule;
    const idle = unit ?? format ?? (cells === 'utcMs' ? zone : undefined);
    if (idle !== undefined) {
      const kind = cells === 'utcMs' ? 'a timestamp column in UTC' : 'a timestamp column';
      throw new ParameterError(
        'ERR_OPTION',
        mustBe('columns.timestamp', `without unit, format, zone for ${kind}`, idle),
      );
    }
    return cells === 'utcMs' ? ms : this.#onTheWall(ms, place);
  }

  #ofNumber(cell: unknown, unit: keyof typeof MS_PER_UNIT, place: Where): number {
    const readable = typeof cell === 'number' || typeof cell === 'bigint' || typeof cell === 'string';
    const value = readable ? Number(cell) : Number.NaN;
    if (!Number.isFinite(value)) throw wrong(place, `a number of ${unit}`, cell);
    return value * MS_PER_UNIT[unit];
  }

  #ofText(cell: unknown, place: Where): number {
    const { format } = this.#rule;
    if (format === undefined)
      throw new ParameterError('ERR_OPTION', mustBe('columns.timestamp', 'given a unit or format', format));
    if (typeof cell !== 'string') throw wrong(place, `a text in the format ${format}`, cell);
    const wallMs = (this.#tokens === null ? plainIso(cell) : null) ?? this.#parsed(cell, place);
    const below = (this.#tokens === null ? BELOW_MS.iso : BELOW_MS.other).exec(cell)?.[1] ?? '0';
    const ms = wallMs + Number(`0.${below}`);
    const hasOffset = this.#tokens === null ? HAS_OFFSET.test(cell) : this.#textsHaveOffset;
    return hasOffset ? ms : this.#onTheWall(ms, place);
  }

  #parsed(cell: string, place: Where): number {
    const time =
      this.#tokens === null
        ? DateTime.fromISO(cell.replace(/^(\S+) (?=\d)/, '$1T'), PARSE)
        : DateTime.fromFormatParser(cell, this.#tokens, PARSE);
    if (time.isValid) return time.toMillis();
    throw wrong(place, `a time in the format ${this.#rule.format}`, cell);
  }

  #onTheWall(wallMs: number, place: Where): number {
    const { ambiguous, nonexistent, zone } = this.#rule;
    if (this.#clock === null) {
      const expected = `given, since ${showPlace(place())} has no offset of its own`;
      throw new ParameterError('ERR_OPTION', mustBe('columns.timestamp.zone', expected, zone));
    }
    const [earlier, later] = this.#clock.times(wallMs);
    if (earlier === undefined) {
      if (nonexistent === 'shift-forward') return this.#clock.shifted(wallMs);
      throw wrong(place, `a time that there was in ${zone} (or nonexistent given)`, showWall(wallMs));
    }
    if (later === undefined || ambiguous === 'earlier') return earlier;
    if (ambiguous === 'later') return later;
    throw wrong(place, `a time that there was once in ${zone} (or ambiguous given)`, showWall(wallMs));
  }
}

/** The common form, which Luxon takes twenty times as long for; `null` for every other. */
function plainIso(text: string): number | null {
  const [, date, day, time] = PLAIN_ISO.exec(text) ?? [];
  if (date === undefined) return null;
  const ms = Date.parse(`${date}T${time}Z`);
  // `Date` takes the 30th of February for the 1st of March.
  return new Date(ms).getUTCDate() === Number(day) ? ms : null;
}

function showWall(wallMs: number): string {
  return new Date(wallMs).toISOString().slice(0, -1);
}

function wrong(place: Where, expected: string, got: unknown): ParameterError {
  const where = place();
  const shown = typeof got === 'bigint' ? String(got) : got;
  return new ParameterError('ERR_TIMESTAMP', mustBe(showPlace(where), expected, shown), { ...where });
}
