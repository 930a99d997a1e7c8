/** A training job whose parts would have something in common. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openData } from '../../src/cli/train/data.js';
import { parseJob } from '../../src/cli/train/job.js';
import { extract } from '../../src/extract/index.js';
import { put, smallSpec, toneWav } from '../corpus/wav.js';

let folder: string;

/** Two recordings of anna's, one of ben's, and a copy of his under another name and group. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cochlea-train-leaks-'));
  const files = [
    ['anna-1.wav', 'anna', 1],
    ['anna-2.wav', 'anna', 2],
    ['ben.wav', 'ben', 3],
    ['copy.wav', 'carl', 3],
  ] as const;
  for (const [name, , seed] of files) await put(join(folder, 'in', name), toneWav(4000, { seed }));
  const rows = files.map(([name, group], i) => `${name},${i % 2 === 0 ? 'loud' : 'quiet'},${group}`);
  await put(join(folder, 'in', 'list.csv'), ['path,label,group', ...rows, ''].join('\n'));
  await extract(join(folder, 'in', 'list.csv'), { spec: smallSpec(), out: join(folder, 'features') });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const open = (split: object, more = {}) =>
  openData(parseJob({ data: join(folder, 'features'), model: 'toneCnn', split, ...more }, 'job.yaml'));
const files = (train: string[], test: string[]) => ({ by: 'file-list', files: { train, test } });

describe('a split of a job', () => {
  it('is refused where parts share a group, but for one in time', async () => {
    const torn = files(['anna-1.wav', 'ben.wav', 'copy.wav'], ['anna-2.wav']);
    await expect(open(torn)).rejects.toMatchObject({
      code: 'ERR_LEAK',
      message: expect.stringContaining('group anna'),
    });
    const whole = files(['anna-1.wav', 'anna-2.wav'], ['ben.wav', 'copy.wav']);
    expect(await open(whole)).toMatchObject({ validation: null, test: { nItems: 2 } });
    expect((await open({ by: 'time', ratios: [0.3, 0.7] })).test!.size).toBeGreaterThan(0);
  });

  it('is refused where parts share a duplicate, unless the job allows it', async () => {
    const torn = files(['anna-1.wav', 'anna-2.wav', 'ben.wav'], ['copy.wav']);
    const message = expect.stringContaining('the same features, of ben.wav and copy.wav');
    await expect(open(torn)).rejects.toMatchObject({ code: 'ERR_LEAK', message });
    expect((await open(torn, { duplicates: 'allow' })).test!.nItems).toBe(1);
    expect(() => parseJob({ data: 'x', model: 'toneCnn', duplicates: 'maybe' }, 'job.yaml')).toThrow(
      /"refuse" or "allow"/,
    );
  });
});
