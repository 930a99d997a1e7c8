/** Cells of a time column → moments, also where the clocks change. */
import { describe, expect, it } from 'vitest';
import type { TimestampRule } from '../../src/tables/index.js';
import { parseTable } from '../../src/tables/table-schema.js';
import { TimestampReader } from '../../src/tables/timestamps.js';

/** As `parseTable` fills it in. */
function read(cell: unknown, rule: TimestampRule): number {
  const timestamp = { column: 't', ...rule };
  const config = parseTable({ table: 'x.csv', layout: 'series', columns: { values: ['a'], timestamp } });
  if (config.layout !== 'series' || config.columns.timestamp === undefined) throw new Error('no series');
  return new TimestampReader(config.columns.timestamp).ms(cell, () => ({ path: 'x.csv', row: 7, line: 8, name: 't' }));
}

const BERLIN = { format: 'iso', zone: 'Europe/Berlin' } as const;

describe('numbers', () => {
  it.each([
    ['1608426034.565', 's', 1608426034565],
    ['1608426034565', 'ms', 1608426034565],
    ['1608426034565250', 'us', 1608426034565.25],
    [1608426034565250000n, 'ns', 1608426034565.25],
    [12, 's', 12000],
    ['-5', 'ms', -5],
  ] as const)('%s in %s', (cell, unit, ms) => {
    expect(read(cell, { unit })).toBe(ms);
  });

  it.each(['', null, 'noon', 'NaN', true, '12:00'])('%j is none', (cell) => {
    expect(() => read(cell, { unit: 's' })).toThrowError(
      expect.objectContaining({
        code: 'ERR_TIMESTAMP',
        message: expect.stringContaining('x.csv row 7 (line 8) column t must be'),
      }),
    );
  });
});

describe('texts', () => {
  const at = (...parts: [number, number, number, number?, number?, number?, number?]) => Date.UTC(...parts);

  it.each([
    ['2020-12-20 01:00:34.565', { format: 'iso', zone: 'UTC' }, at(2020, 11, 20, 1, 0, 34, 565)],
    ['2014-02-26 22:05:00.000250', { format: 'iso', zone: 'UTC' }, at(2014, 1, 26, 22, 5) + 0.25],
    ['2020-12-20T01:00:34Z', { format: 'iso' }, at(2020, 11, 20, 1, 0, 34)],
    ['2020-12-20T01:00:34+05:30', { format: 'iso' }, at(2020, 11, 19, 19, 30, 34)],
    ['2020-12-20 01:00:34-0800', { format: 'iso' }, at(2020, 11, 20, 9, 0, 34)],
    ['2020-12-20T01:00:34+05:30', BERLIN, at(2020, 11, 19, 19, 30, 34)],
    ['2020-12-20', BERLIN, at(2020, 11, 19, 23)],
    ['2020-07-01T12:00', BERLIN, at(2020, 6, 1, 10)],
    ['01.02.2021 03:04', { format: 'dd.MM.yyyy HH:mm', zone: 'UTC' }, at(2021, 1, 1, 3, 4)],
    [
      '01.02.2021 03:04:05.123456',
      { format: 'dd.MM.yyyy HH:mm:ss.u', zone: 'UTC' },
      at(2021, 1, 1, 3, 4, 5, 123) + 0.456,
    ],
    ['9-Mar-20 1:02:03 PM', { format: 'd-MMM-yy h:mm:ss a', zone: 'America/New_York' }, at(2020, 2, 9, 17, 2, 3)],
    ['2020/03/09 13:02 -04:00', { format: 'yyyy/MM/dd HH:mm ZZ' }, at(2020, 2, 9, 17, 2)],
  ] as const)('%s', (cell, rule, ms) => {
    expect(read(cell, rule)).toBe(ms);
  });

  it.each([
    ['2020-02-30 00:00', BERLIN],
    ['2020-13-01', BERLIN],
    ['20.12.2020', BERLIN],
    ['31.04.2021', { format: 'dd.MM.yyyy', zone: 'UTC' }],
    [5, BERLIN],
  ] as const)('%s is none', (cell, rule) => {
    expect(() => read(cell, rule)).toThrowError(expect.objectContaining({ code: 'ERR_TIMESTAMP' }));
  });

  it('without an offset need a zone, and a unit or format has to be said', () => {
    expect(() => read('2020-12-20 01:00', { format: 'iso' })).toThrowError(
      expect.objectContaining({
        code: 'ERR_OPTION',
        message: expect.stringContaining('columns.timestamp.zone must be given'),
      }),
    );
    expect(() => read('2020-12-20 01:00', {})).toThrowError(expect.objectContaining({ code: 'ERR_OPTION' }));
  });
});

describe('where the clocks change', () => {
  /** 2021 in Berlin: 28 March 02:00 → 03:00, 31 October 03:00 → 02:00. */
  it.each([
    ['2021-03-28 01:59:59', Date.UTC(2021, 2, 28, 0, 59, 59)],
    ['2021-03-28 03:00:00', Date.UTC(2021, 2, 28, 1)],
    ['2021-10-31 01:59:59', Date.UTC(2021, 9, 30, 23, 59, 59)],
    ['2021-10-31 03:00:00', Date.UTC(2021, 9, 31, 2)],
  ])('%s is one moment', (cell, ms) => {
    expect(read(cell, BERLIN)).toBe(ms);
  });

  it('a time that comes twice is an error, or the one that is asked for', () => {
    const cell = '2021-10-31 02:30';
    expect(() => read(cell, BERLIN)).toThrowError(
      expect.objectContaining({
        code: 'ERR_TIMESTAMP',
        message:
          'x.csv row 7 (line 8) column t must be a time that there was once in Europe/Berlin (or ambiguous given), got "2021-10-31T02:30:00.000"',
      }),
    );
    expect(read(cell, { ...BERLIN, ambiguous: 'earlier' })).toBe(Date.UTC(2021, 9, 31, 0, 30));
    expect(read(cell, { ...BERLIN, ambiguous: 'later' })).toBe(Date.UTC(2021, 9, 31, 1, 30));
  });

  it('a time that is left out is an error, or as much later as the clock is put forward', () => {
    const cell = '2021-03-28 02:30';
    expect(() => read(cell, { ...BERLIN, ambiguous: 'earlier' })).toThrowError(
      expect.objectContaining({
        code: 'ERR_TIMESTAMP',
        message: expect.stringContaining('that there was in Europe/Berlin'),
      }),
    );
    expect(read(cell, { ...BERLIN, nonexistent: 'shift-forward' })).toBe(Date.UTC(2021, 2, 28, 1, 30));
  });

  it('agrees with what clocks show, every half hour of a year, in zones of every kind', () => {
    for (const zone of [
      'Europe/Berlin',
      'America/St_Johns',
      'Australia/Lord_Howe',
      'Asia/Kolkata',
      'Africa/Casablanca',
    ]) {
      const clock = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' });
      const shown = new Map<string, number[]>();
      for (let ms = Date.UTC(2021, 0, 2); ms < Date.UTC(2022, 0, 2); ms += 1_800_000) {
        const text = clock.format(ms);
        shown.set(text, [...(shown.get(text) ?? []), ms]);
      }
      expect(shown.size).toBeGreaterThan(17_000);
      const times = new TimestampReader({ format: 'iso', zone, ambiguous: 'earlier', nonexistent: 'error' });
      const later = new TimestampReader({ format: 'iso', zone, ambiguous: 'later', nonexistent: 'error' });
      const place = () => ({ path: zone, row: 1 });
      const wrong = [...shown].filter(
        ([text, moments]) => times.ms(text, place) !== moments[0] || later.ms(text, place) !== moments.at(-1),
      );
      expect(wrong).toEqual([]);
    }
  });
});
