/** Rows in time → series: groups, order, gaps, labels. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FeatureDataset, type WindowingInput } from '../../src/dataset/index.js';
import type { SeriesTable } from '../../src/tables/index.js';
import { put, temporaryFolder } from '../corpus/wav.js';

const TIME = { column: 'timestamp', unit: 'ms' } as const;

type Options = Partial<Omit<SeriesTable, 'table' | 'layout' | 'columns'>> & {
  columns?: Partial<SeriesTable['columns']>;
};

async function open(text: string, o: Options = {}, windowing: WindowingInput = { size: 1 }): Promise<FeatureDataset> {
  const table = await put(join(await temporaryFolder(), 'events.csv'), text);
  const { columns, ...rest } = o;
  const series: SeriesTable = {
    table,
    layout: 'series',
    columns: { values: ['a'], timestamp: TIME, ...columns },
    ...rest,
  };
  return FeatureDataset.from(series, { windowing });
}

async function numbers(data: FeatureDataset): Promise<Record<string, number[]>> {
  const found: Record<string, number[]> = {};
  for (const { id } of data.items()) found[id] = [...(await data.get(id)).features.data];
  return found;
}

const lines = (...rows: string[]): string => `${rows.join('\n')}\n`;

describe('the table of seed 4', () => {
  const rows = [
    'sensor_id,timestamp,feature_1,feature_2,10_days_alert_label',
    '1,2020-12-20 01:00:34.565,0.25,0.125,1',
    '2,2020-12-20 01:03:13.897,0.5,1,0',
    '1,2020-12-20 01:03:13.897,0.375,0.5,1',
    '2,2020-12-20 01:00:34.565,0.75,0.0625,0',
  ];
  const columns = {
    values: ['feature_1', 'feature_2'],
    group: 'sensor_id',
    timestamp: { column: 'timestamp', format: 'iso', zone: 'UTC' },
    label: '10_days_alert_label',
  } as const;

  it('gives a series per sensor, in the order of time, with its label', async () => {
    const data = await open(lines(...rows), { columns }, { size: 2 });
    expect(await numbers(data)).toEqual({ 1: [0.25, 0.125, 0.375, 0.5], 2: [0.75, 0.0625, 0.5, 1] });
    expect(data.frameShape).toEqual([2]);
    const startSec = Date.UTC(2020, 11, 20, 1, 0, 34, 565) / 1000;
    expect([...data.items()]).toMatchObject([
      { id: '1', group: '1', label: 1, startSec, durationSec: 159.332, nFrames: 2 },
      { id: '2', group: '2', label: 0, startSec, nFrames: 2 },
    ]);
    expect([...data.targets()]).toEqual([1, 0]);
  });

  it('adds the time since the row before', async () => {
    const linear = await open(lines(...rows), { columns, timeDelta: { unit: 's' } });
    expect(linear.frameShape).toEqual([3]);
    expect((await numbers(linear))[1]).toEqual([0.25, 0.125, 0, 0.375, 0.5, Math.fround(159.332)]);
    const log = await open(lines(...rows), { columns, timeDelta: { unit: 'min', scale: 'log1p' } });
    expect((await numbers(log))[2]!.at(-1)).toBe(Math.fround(Math.log1p(159.332 / 60)));
  });

  it('refuses a label that changes within a sensor, by row', async () => {
    const changed = lines(...rows.slice(0, 3), '1,2020-12-20 01:03:13.897,0.375,0.5,0');
    await expect(open(changed, { columns })).rejects.toMatchObject({
      code: 'ERR_LABELS',
      message: expect.stringContaining(
        'row 3 (line 4) column 10_days_alert_label must be 1, as in the other rows of 1',
      ),
    });
  });
});

describe('rows of a group', () => {
  it('are sorted by time, and those of one time keep their order', async () => {
    const text = lines('timestamp,a', '3,30', '1,10', '2,20', '1,11');
    const data = await open(text, { columns: { timestamp: { ...TIME, duplicates: 'keep' } } });
    expect(await numbers(data)).toEqual({ 'events.csv': [10, 11, 20, 30] });
  });

  it.each([
    ['first', [10, 20]],
    ['last', [11, 20]],
  ] as const)('with one time: the %s one stays, the others are counted', async (duplicates, expected) => {
    const text = lines('timestamp,a', '1,10', '2,20', '1,11');
    const data = await open(text, { columns: { timestamp: { ...TIME, duplicates } } });
    expect(await numbers(data)).toEqual({ 'events.csv': [...expected] });
    expect(data.tableReport).toMatchObject({ rows: 3, duplicateRows: 1 });
  });

  it('with one time are refused otherwise, also out of order where order is asked for', async () => {
    await expect(open(lines('timestamp,a', '1,10', '2,20', '1,11'))).rejects.toMatchObject({
      code: 'ERR_TIMESTAMP',
      details: { row: 3, line: 4, name: 'timestamp' },
    });
    const ascending = { columns: { timestamp: { ...TIME, order: 'ascending' } } } as const;
    await expect(open(lines('timestamp,a', '2,20', '1,10'), ascending)).rejects.toMatchObject({
      code: 'ERR_TIMESTAMP',
      message: expect.stringContaining('row 2 (line 3) column timestamp must be not before the row before it'),
    });
  });

  it('of several files are one series where they have a group, else each file is one', async () => {
    const folder = await temporaryFolder();
    await put(join(folder, 'x/one.csv'), lines('t,g,a', '2,p,20'));
    await put(join(folder, 'y/two.csv'), lines('t,g,a', '1,p,10', '3,q,30'));
    const timestamp = { column: 't', unit: 's' } as const;
    const source = { table: join(folder, '**/*.csv'), layout: 'series' } as const;
    const windowing = { size: 1 };
    const grouped = await FeatureDataset.from(
      { ...source, columns: { values: ['a'], group: 'g', timestamp } },
      { windowing },
    );
    expect(await numbers(grouped)).toEqual({ p: [10, 20], q: [30] });
    const byFile = await FeatureDataset.from({ ...source, columns: { values: ['a'], timestamp } }, { windowing });
    expect(await numbers(byFile)).toEqual({ 'x/one.csv': [20], 'y/two.csv': [10, 30] });
  });

  it('without times stay in the order of the file', async () => {
    const data = await open(lines('a', '3', '1', '2'), { columns: { timestamp: undefined } });
    expect(await numbers(data)).toEqual({ 'events.csv': [3, 1, 2] });
    expect([...data.items()][0]).not.toHaveProperty('startSec');
  });
});

describe('a gap', () => {
  const text = lines('timestamp,a', '0,1', '10,2', '50,3', '60,4', '70,5');

  it('cuts a series, so that no window crosses it, and no split tears the group apart', async () => {
    const data = await open(text, { maxGapMs: 20 }, { size: 2 });
    expect(await numbers(data)).toEqual({ 'events.csv#0': [1, 2], 'events.csv#1': [3, 4, 5] });
    expect([...data.items()].map(({ group, startSec }) => [group, startSec])).toEqual([
      ['events.csv', 0],
      ['events.csv', 0.05],
    ]);
    expect(data.size).toBe(3);
    expect(data.tableReport).toMatchObject({ gaps: 1 });
  });

  it('is an error where asked', async () => {
    await expect(open(text, { maxGapMs: 20, onGap: 'error' })).rejects.toMatchObject({
      code: 'ERR_TIMESTAMP',
      details: { row: 3, line: 4, gapMs: 40 },
    });
  });
});

describe('cells without a number', () => {
  const text = lines('timestamp,a,b', '0,1,10', '1,,20', '2,3,NaN', '3,4,40');
  const columns = { values: ['a', 'b'] };

  it('are an error that names the row', async () => {
    await expect(open(text, { columns })).rejects.toMatchObject({
      code: 'ERR_CSV_VALUE',
      message: expect.stringContaining('row 2 (line 3) column a must be a finite number, got ""'),
    });
  });

  it.each([
    ['forward-fill', [1, 10, 1, 20, 3, 20, 4, 40], { filledCells: 2, droppedRows: 0 }],
    ['drop-row', [1, 10, 4, 40], { filledCells: 0, droppedRows: 2 }],
    [-1, [1, 10, -1, 20, 3, -1, 4, 40], { filledCells: 2, droppedRows: 0 }],
  ] as const)('%s', async (missing, expected, report) => {
    const data = await open(text, { columns, missing });
    expect(await numbers(data)).toEqual({ 'events.csv': [...expected] });
    expect(data.tableReport).toMatchObject(report);
  });

  it('cannot be filled before the first row of a group', async () => {
    await expect(open(lines('timestamp,a', '5,1', '1,'), { missing: 'forward-fill' })).rejects.toMatchObject({
      code: 'ERR_CSV_VALUE',
      details: { row: 2, line: 3, name: 'a' },
    });
  });

  it('are not those with something else in them', async () => {
    for (const cell of ['x', 'Infinity', '1e39', '1;2']) {
      await expect(open(lines('timestamp,a', `0,${cell}`), { missing: 0 })).rejects.toMatchObject({
        code: 'ERR_CSV_VALUE',
      });
    }
  });
});

describe('labels of rows', () => {
  const text = lines('timestamp,a,y', '0,1,0', '1,2,1', '2,3,0', '3,4,0');

  it.each([
    ['any', [1, 1, 0]],
    ['all', [0, 0, 0]],
    ['last', [1, 0, 0]],
  ] as const)('%s of a window decides', async (rule, expected) => {
    const data = await open(text, { columns: { label: { column: 'y', per: 'row', rule } } }, { size: 2 });
    expect([...data.targets()]).toEqual([...expected]);
  });

  it('are texts only with a rule', async () => {
    const words = text.replace(/,([01])$/gm, (_, y) => (y === '1' ? ',bad' : ',good'));
    const label = { column: 'y', per: 'row', rule: 'last' } as const;
    await expect(open(words, { columns: { label } })).rejects.toMatchObject({ code: 'ERR_CSV_VALUE' });
    const positive = await open(words, { columns: { label: { ...label, positive: 'bad' } } });
    expect([...positive.targets()]).toEqual([0, 1, 0, 0]);
    const classes = await open(words, { columns: { label: { ...label, classes: ['bad', 'good'] } } });
    expect([...classes.targets()]).toEqual([1, 0, 1, 1]);
    await expect(open(words, { columns: { label: { ...label, classes: ['bad', 'ugly'] } } })).rejects.toMatchObject({
      code: 'ERR_CSV_VALUE',
      message: expect.stringContaining('row 1 (line 2) column y must be one of bad, ugly, got "good"'),
    });
  });
});

describe('options', () => {
  it.each([
    [{ resample: { everyMs: 10, method: 'mean' } }, 'maxGapMs must be given with resample'],
    [{ onGap: 'error' }, 'onGap must be left out without maxGapMs'],
    [
      { resample: { everyMs: 10, method: 'mean' }, maxGapMs: 100, timeDelta: { unit: 's' } },
      'timeDelta must be left out with resample',
    ],
    [{ columns: { timestamp: undefined }, maxGapMs: 5 }, 'maxGapMs must be left out without columns.timestamp'],
    [
      { columns: { timestamp: { column: 't', unit: 's', zone: 'UTC' } } },
      'columns.timestamp must be given either unit',
    ],
    [{ columns: { timestamp: { column: 't', format: 'iso', zone: 'Mars/Olympus' } } }, 'must be the IANA name'],
    [{ missing: 'guess' as 'error' }, 'missing must be "error", "drop-row", "forward-fill" or a number, got "guess"'],
  ] as const satisfies readonly (readonly [Options, string])[])('%j', async (o, message) => {
    await expect(open(lines('timestamp,a', '1,2'), o)).rejects.toMatchObject({
      code: 'ERR_OPTION',
      message: expect.stringContaining(message),
    });
  });

  it('that do not exist, and columns that do not', async () => {
    const misspelt: Options = JSON.parse('{"resmaple":{"everyMs":1}}');
    await expect(open('timestamp,a\n1,2\n', misspelt)).rejects.toMatchObject({ code: 'ERR_UNKNOWN_OPTION' });
    const text = lines('timestamp,a,b,b', '1,2,3,4');
    await expect(open(text, { columns: { values: ['c'] } })).rejects.toMatchObject({
      code: 'ERR_COLUMN',
      message: expect.stringContaining('must be one of timestamp, a, b, b, got "c"'),
    });
    await expect(open(text, { columns: { values: ['b'] } })).rejects.toMatchObject({ code: 'ERR_COLUMN' });
  });

  it('a window for series of different lengths', async () => {
    const table = await put(join(await temporaryFolder(), 'x.csv'), lines('g,a', 'p,1', 'p,2', 'q,3'));
    const series = { table, layout: 'series', columns: { values: ['a'], group: 'g' } } as const;
    await expect(FeatureDataset.from(series)).rejects.toMatchObject({ code: 'ERR_OPTION' });
  });
});
