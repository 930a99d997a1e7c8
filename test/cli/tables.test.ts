/** Tables on the command line: `inspect`, and `train` on series. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isObject, parseYamlValue, type Yaml } from '../../src/cli/config-file.js';
import { openData } from '../../src/cli/train/data.js';
import { parseJob, setValue } from '../../src/cli/train/job.js';
import { smallSpec } from '../corpus/wav.js';
import { cochlea, cochleaJson, workFolder } from './cli.js';

const GOLDEN = new URL('../golden/data/parquet-files.json', import.meta.url);

async function goldenParquet(name: string): Promise<Buffer> {
  const { files }: { files: { name: string; base64: string }[] } = JSON.parse(await readFile(GOLDEN, 'utf8'));
  return Buffer.from(files.find((file) => file.name === name)!.base64, 'base64');
}

/** Sensors of 12 rows each, at irregular times; every third one rises. */
function sensorEvents(): string {
  const rows = Array.from({ length: 30 * 12 }, (_, i) => {
    const [sensor, at] = [Math.floor(i / 12), i % 12];
    const rises = sensor % 3 === 0;
    const second = String(at * 4 + (i % 3)).padStart(2, '0');
    return `${sensor},2020-12-20 01:00:${second}.500,${rises ? at / 12 : 0.2},${(i % 5) / 10},${Number(rises)}`;
  });
  return `${['sensor_id,timestamp,feature_1,feature_2,alert', ...rows].join('\n')}\n`;
}

const JOB = `data:
  table: events.csv
  layout: series
  columns:
    values: [feature_1, feature_2]
    group: sensor_id
    timestamp: { column: timestamp, format: iso, zone: UTC }
    label: alert
  timeDelta: { unit: s }
  windowing: { size: 12 }
model: { name: sequenceLstm, units: 4, length: 12, features: 3 }
split: { by: group, ratios: [0.6, 0.2, 0.2] }
optimizer: { name: adam, learningRate: 0.03 }
epochs: 8
batchSize: 6
positive: alert
engine: cpu
`;

async function readJob(text: string): Promise<Yaml> {
  const job = await parseYamlValue(text, 'job.yaml');
  if (!isObject(job)) throw new Error('a job is an object');
  return job;
}

describe('inspect', () => {
  it('says what the columns of a table hold, in CSV and in Parquet', async () => {
    const cwd = await workFolder();
    await writeFile(join(cwd, 'events.csv'), `${sensorEvents()}1,late,,0.5,1\nragged\n`);
    await writeFile(join(cwd, 'numbers.parquet'), await goldenParquet('numbers-zstd'));
    const csv = await cochleaJson<Record<string, unknown>>(['inspect', 'events.csv'], { cwd });
    expect(csv.value).toMatchObject({
      ...{ kind: 'table', format: 'csv', rows: 361, badRows: 1 },
      columns: [
        { name: 'sensor_id', kind: 'number', min: 0, max: 29 },
        { name: 'timestamp', kind: 'text', missing: 0 },
        { name: 'feature_1', kind: 'number', missing: 1 },
        { name: 'feature_2' },
        { name: 'alert' },
      ],
    });
    expect(csv.value).not.toHaveProperty('responses');
    const parquet = await cochlea(['inspect', 'numbers.parquet'], { cwd });
    expect(parquet).toMatchObject({ code: 0, stderr: '' });
    expect(parquet.stdout).toMatch(
      /^table +numbers.parquet, Parquet, [\d.]+ KiB\nrows +24\ncolumns +group: text; f64: number/m,
    );
    expect(parquet.stdout).toContain('f64: number 0 to 7.666');
    expect(parquet.stdout).toContain(', 3 empty cells;');
    await writeFile(join(cwd, 'broken.parquet'), 'PAR1');
    const broken = await cochlea(['inspect', 'broken.parquet'], { cwd });
    expect(broken).toMatchObject({ code: 1, stderr: expect.stringContaining('broken.parquet must be Parquet') });
  });
});

describe('train on series', () => {
  it('cuts windows per sensor and splits by sensor', async () => {
    const cwd = await workFolder();
    await writeFile(join(cwd, 'events.csv'), sensorEvents());
    await writeFile(join(cwd, 'job.yaml'), JOB);
    const { code, value } = await cochleaJson<Record<string, unknown>>(['train', 'job.yaml'], { cwd });
    expect(code).toBe(0);
    expect(value).toMatchObject({
      windows: { train: 18, validation: 6, test: 6 },
      metrics: { test: { n: 6, positive: 'alert' } },
      job: { data: { layout: 'series', timeDelta: { unit: 's' } } },
    });
    expect(value).not.toHaveProperty('job.data.cacheBytes');
  });

  it.each([
    ['data.columns.timestamp.zone=Mars/Olympus', 'data.columns.timestamp.zone in job.yaml must be the IANA name'],
    ['data.colums=1', 'a key of data in job.yaml must be one that exists, got "colums"'],
    [
      'data.resample={ everyMs: 0, method: mean }',
      'data.resample.everyMs in job.yaml must be a positive number, got 0',
    ],
    ['data.layout=cube', 'data.layout in job.yaml must be'],
    ['data=7', 'data in job.yaml must be a feature folder, a table'],
  ])('%s is refused', async (set, message) => {
    const job = await readJob(JOB);
    await setValue(job, set);
    expect(() => parseJob(job, 'job.yaml')).toThrowError(expect.objectContaining({ code: 'ERR_CONFIG' }));
    expect(() => parseJob(job, 'job.yaml')).toThrow(message);
  });

  it('refuses targets of intervals, windows beside those of a spec, and series without windows', async () => {
    const cwd = await workFolder();
    const table = join(cwd, 'events.csv');
    await writeFile(
      table,
      sensorEvents()
        .trimEnd()
        .replace(/\n[^\n]+$/, '\n'),
    );
    await writeFile(join(cwd, 'spec.json'), JSON.stringify(smallSpec()));
    const open = async (...sets: string[]) => {
      const job = await readJob(JOB);
      for (const set of [`data.table=${table}`, ...sets]) await setValue(job, set);
      return openData(parseJob(job, 'job.yaml'));
    };
    await expect(open('target={ label: alert }')).rejects.toThrow('target must be "label" or "input" for a table');
    await expect(open(`spec=${join(cwd, 'spec.json')}`)).rejects.toThrow('data.windowing must be left out with a spec');
    await expect(open('data.windowing=')).rejects.toThrow('data.windowing in job.yaml must be an object');
    const { train, test } = await open();
    expect([train.nItems, test?.nItems, train.width]).toEqual([18, 6, 3]);
  });

  it('knows a table by its extension', () => {
    const least = { data: 'rows.parquet', model: 'toneCnn' };
    expect(parseJob(least, 'job.yaml').data).toEqual({ table: 'rows.parquet' });
    expect(parseJob({ ...least, data: 'rows' }, 'job.yaml').data).toEqual({ features: 'rows' });
  });
});
