/** Tables as they are published, in miniature: the Numenta Anomaly Benchmark, SKAB, and those of the seeds. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FeatureDataset } from '../../src/dataset/index.js';
import { put, temporaryFolder } from '../corpus/wav.js';

const lines = (...rows: string[]): string => `${rows.join('\n')}\n`;

describe('the Numenta Anomaly Benchmark', () => {
  const LABELS = {
    'realKnownCause/ambient_temperature_system_failure.csv': [
      ['2013-07-04 01:00:00.000000', '2013-07-04 02:00:00.000000'],
    ],
    'artificialNoAnomaly/art_flatline.csv': [],
  };

  async function benchmark(labels: object = LABELS): Promise<string> {
    const folder = await temporaryFolder();
    const hours = (values: readonly number[]) =>
      lines('timestamp,value', ...values.map((value, hour) => `2013-07-04 0${hour}:00:00,${value}`));
    for (const path of Object.keys(LABELS)) await put(join(folder, 'data', path), hours([69.88, 71.22, 70.87, 68.95]));
    await put(join(folder, 'labels/combined_windows.json'), JSON.stringify(labels));
    return folder;
  }

  const open = (folder: string) =>
    FeatureDataset.from(
      {
        table: join(folder, 'data/**/*.csv'),
        layout: 'series',
        columns: {
          values: ['value'],
          timestamp: { column: 'timestamp', format: 'iso', zone: 'UTC' },
          label: { windows: join(folder, 'labels/combined_windows.json'), rule: 'any' },
        },
      },
      { windowing: { size: 2 } },
    );

  it('gives a series per file, windows labelled by the JSON file', async () => {
    const data = await open(await benchmark());
    const [flat, failure] = [...data.items()];
    expect([flat, failure].map((item) => item?.id)).toEqual(Object.keys(LABELS).sort());
    expect([...(flat?.targets ?? [])]).toEqual([0, 0, 0]);
    expect([...(failure?.targets ?? [])]).toEqual([1, 1, 1]);
    expect(failure).toMatchObject({ startSec: Date.UTC(2013, 6, 4) / 1000, durationSec: 3 * 3600, nFrames: 4 });
    expect([...(await data.get(failure!.id)).features.data]).toEqual([69.88, 71.22, 70.87, 68.95].map(Math.fround));
  });

  it('refuses a file that the labels do not name, labels of another form, and times that are none', async () => {
    const only = Object.fromEntries(Object.entries(LABELS).slice(0, 1));
    for (const [labels, message] of [
      [only, 'art_flatline.csv must be named once in'],
      [{ ...LABELS, 'artificialNoAnomaly/art_flatline.csv': [['2013-07-04']] }, 'must be a list of [from, to]'],
      [
        { ...LABELS, 'artificialNoAnomaly/art_flatline.csv': [['2013-07-04', 'later']] },
        'must be a time in the format iso, got "later"',
      ],
    ] as const) {
      await expect(open(await benchmark(labels))).rejects.toThrow(message);
    }
  });
});

it('SKAB: semicolons, a series per experiment, a label a row', async () => {
  const folder = await temporaryFolder();
  const header =
    'datetime;Accelerometer1RMS;Accelerometer2RMS;Current;Pressure;Temperature;Thermocouple;Voltage;Volume Flow RateRMS;anomaly;changepoint';
  const row = (second: number, anomaly: string) =>
    `2020-03-09 10:14:3${second};0.026${second}88;0.040111;1.3302;0.054711;79.3366;26.0199;233.062;32.0;${anomaly};0.0`;
  await put(join(folder, 'valve1/0.csv'), lines(header, row(3, '0.0'), row(4, '0.0'), row(5, '1.0'), row(6, '1.0')));
  await put(join(folder, 'valve1/1.csv'), lines(header, row(0, '0.0'), row(1, '0.0'), row(2, '0.0')));
  const values = header.split(';').slice(1, 9);
  const data = await FeatureDataset.from(
    {
      table: join(folder, 'valve*/*.csv'),
      layout: 'series',
      csv: { delimiter: ';' },
      columns: {
        values,
        timestamp: { column: 'datetime', format: 'iso', zone: 'UTC' },
        label: { column: 'anomaly', per: 'row', rule: 'last' },
      },
      resample: { everyMs: 1000, method: 'mean' },
      maxGapMs: 5000,
    },
    { windowing: { size: 3 } },
  );
  expect([...data.items()].map(({ id, group, nFrames }) => [id, group, nFrames])).toEqual([
    ['0.csv', '0.csv', 4],
    ['1.csv', '1.csv', 3],
  ]);
  expect([data.size, data.width, ...data.targets()]).toEqual([3, 8, 1, 1, 0]);
  const parts = data.split({ by: 'group', ratios: [0.6, 0.4], seed: 1 });
  expect([parts.train.nItems, parts.test.nItems]).toEqual([1, 1]);
  FeatureDataset.refuseLeaks(parts, { groupBy: (item) => item.group });
  expect((await data.get('0.csv')).features.data.subarray(0, 2)).toEqual(Float32Array.of(0.026388, 0.040111));
});

describe('the table of seed 2', () => {
  const region = (row: number) => Array.from({ length: 130 }, (_, i) => row + i / 1000);
  const line = (row: number, cell = region(row).join('|')) =>
    `${cell},${row % 2},16000,${row}.25,${row}.5,comp-a/nl/fn00${Math.floor(row / 4)}.wav`;
  const rows = Array.from({ length: 10 }, (_, row) => line(row));
  const text = lines('region,label,sample_rate,begin,end,audiopath', ...rows);
  const columns = {
    values: { column: 'region', separator: '|', shape: [10, 13] },
    label: 'label',
    group: 'audiopath',
  } as const;

  it('gives ten frames of thirteen numbers a row, its label and its recording', async () => {
    const table = await put(join(await temporaryFolder(), 'regions.csv'), text);
    const data = await FeatureDataset.from({ table, columns });
    expect([data.size, data.nItems, data.frameShape, data.windowing.size]).toEqual([10, 10, [13], 10]);
    expect([...data.items()][5]).toMatchObject({ id: '6', group: 'comp-a/nl/fn001.wav', label: 1 });
    for await (const { x, xShape, y } of data.batches({ batchSize: 10 })) {
      expect(xShape).toEqual([10, 10, 13]);
      expect([...x]).toEqual(rows.flatMap((_, row) => region(row).map(Math.fround)));
      expect([...y]).toEqual([0, 1, 0, 1, 0, 1, 0, 1, 0, 1]);
    }
  });

  it('gives an item per recording, or less, where many rows are asked to be one', async () => {
    const table = await put(join(await temporaryFolder(), 'regions.csv'), text);
    const data = await FeatureDataset.from({ table, columns, rowsPerItem: 3 });
    expect([...data.items()].map(({ id, group, nWindows }) => [id, group, nWindows])).toEqual([
      ['1-3', 'comp-a/nl/fn000.wav', 3],
      ['4-4', 'comp-a/nl/fn000.wav', 1],
      ['5-7', 'comp-a/nl/fn001.wav', 3],
      ['8-8', 'comp-a/nl/fn001.wav', 1],
      ['9-10', 'comp-a/nl/fn002.wav', 2],
    ]);
    expect(data.size).toBe(10);
    expect([...data.targets()]).toEqual([0, 1, 0, 1, 0, 1, 0, 1, 0, 1]);
    const seen: number[] = [];
    for await (const { x } of data.batches({ batchSize: 4 })) seen.push(...x);
    expect(seen).toEqual(rows.flatMap((_, row) => region(row).map(Math.fround)));
    await expect(
      FeatureDataset.from({ table, columns, rowsPerItem: 3 }, { windowing: { size: 2 } }),
    ).rejects.toMatchObject({
      code: 'ERR_OPTION',
    });
  });

  it('refuses the ragged row by row and line, or leaves it out and counts it', async () => {
    const ragged = lines(...text.trimEnd().split('\n'), line(10, region(10).slice(1).join('|')), line(11));
    const table = await put(join(await temporaryFolder(), 'regions.csv'), ragged);
    await expect(FeatureDataset.from({ table, columns })).rejects.toMatchObject({
      code: 'ERR_CSV_WIDTH',
      details: { row: 11, line: 12, name: 'region', expected: 130, got: 129 },
    });
    const data = await FeatureDataset.from({ table, columns, onBadRow: 'skip' });
    expect([data.size, [...data.items()].at(-1)?.id]).toEqual([11, '12']);
    expect(data.tableReport).toMatchObject({ rows: 12, badRows: 1 });
    const short = await put(join(await temporaryFolder(), 'short.csv'), `${text}1|2\n`);
    expect((await FeatureDataset.from({ table: short, columns, onBadRow: 'skip' })).tableReport).toMatchObject({
      rows: 11,
      badRows: 1,
    });
  });
});

it('decimal commas, other words for nothing, ids of rows', async () => {
  const table = await put(join(await temporaryFolder(), 'x.txt'), lines('id;a;b;class', 'p;1,5;-;cat', 'q;2;3,25;dog'));
  const data = await FeatureDataset.from({
    table,
    csv: { delimiter: ';', decimal: ',', missing: ['-'] },
    columns: { values: ['a', 'b'], id: 'id', label: 'class' },
    missing: 0,
  });
  expect([...data.items()]).toMatchObject([
    { id: 'p', label: 'cat', nFrames: 2 },
    { id: 'q', label: 'dog' },
  ]);
  expect([...(await data.get('p')).features.data, ...(await data.get('q')).features.data]).toEqual([1.5, 0, 2, 3.25]);
  const sentinel = { table, csv: { delimiter: ';', decimal: ',', missing: ['-', '2', '3,25'] } } as const;
  const dropped = await FeatureDataset.from({ ...sentinel, columns: { values: ['a', 'b'] }, missing: -1 });
  expect([...(await dropped.get('2')).features.data]).toEqual([-1, -1]);
  const same = await put(join(await temporaryFolder(), 'x.csv'), lines('id,a', 'p,1', 'p,2'));
  await expect(FeatureDataset.from({ table: same, columns: { values: ['a'], id: 'id' } })).rejects.toMatchObject({
    code: 'ERR_CORPUS',
  });
});
