import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { writeAudio } from '../../src/audio/index.js';
import { type CorpusItem, listCorpus } from '../../src/corpus/index.js';
import { FeatureDataset } from '../../src/dataset/index.js';
import { CochleaError } from '../../src/errors.js';
import { extract } from '../../src/extract/index.js';
import { put, smallCorpus, smallSpec, temporaryFolder } from './wav.js';

const QUIET = 'quiet/clip-00.wav';
const LOUD = 'loud/clip-01.wav';

async function listed(name: string, text: string) {
  const folder = await smallCorpus(await temporaryFolder(), 2);
  return listCorpus(await put(join(folder, name), text));
}

const lines = (...rows: readonly unknown[]) => rows.map((row) => JSON.stringify(row)).join('\n');

describe('manifests', () => {
  const expected = [
    { id: 'a', path: QUIET, durationSec: 0.1, bytes: 3200, columns: { label: 'one', fold: '1' } },
    { id: 'b', path: QUIET, startSec: 0.1, durationSec: 0.05, bytes: 1600 },
    { id: 'c', path: QUIET, startSec: 0.15, bytes: 3244 },
    { id: LOUD, path: LOUD, channel: 'mean' },
  ];

  it('of CSV hold several cuts of one file', async () => {
    const csv = [
      'id,path,start_sec,duration_sec,channel,label,fold',
      `a,${QUIET},0,0.1,,one,1`,
      `b,${QUIET},0.1,5e-2,0,two,2`,
      `c,${QUIET},.15,,,,`,
      `,${LOUD},,,mean,,`,
    ].join('\n');
    const { recordings } = await listed('list.csv', csv);
    expect(recordings).toMatchObject(expected);
    expect(recordings[1]!.channel).toBe(0);
    for (const field of ['startSec', 'channel']) expect(recordings[0]).not.toHaveProperty(field);
  });

  it('of JSON lines hold the same, and intervals', async () => {
    const labels = [{ start_sec: 0.01, end_sec: 0.02, label: 'x' }];
    const text = lines(
      { id: 'a', path: QUIET, start_sec: 0, duration_sec: 0.1, label: 'one', fold: 1, labels },
      { id: 'b', path: QUIET, startSec: 0.1, durationSec: 0.05, channel: 0 },
      { id: 'c', path: QUIET, start_sec: 0.15, duration_sec: null, note: null, more: { deep: true } },
      { path: LOUD, channel: 'mean' },
    );
    const { recordings } = await listed('list.jsonl', `\n${text}\r\n\n`);
    expect(recordings).toMatchObject(expected);
    expect(recordings[0]!.labels).toEqual([{ startSec: 0.01, endSec: 0.02, label: 'x' }]);
    expect(recordings[2]!.columns).toEqual({ id: 'c', path: QUIET, start_sec: '0.15', more: '{"deep":true}' });
  });

  it.each([
    [
      'a.csv',
      `path,start_sec\n${QUIET},-1`,
      /start in .*a\.csv row 1 \(line 2\) must be a number of seconds from 0, got "-1"/,
    ],
    ['a.csv', `path,start_sec\n${QUIET},0x10`, /must be a number of seconds from 0/],
    ['a.csv', `path,duration_sec\n${QUIET},0`, /duration in .* must be a positive number of seconds/],
    ['a.csv', `path,channel\n${QUIET},left`, /channel in .* must be a number from 0 or 'mean', got "left"/],
    ['a.csv', `path,channel\n${QUIET},1.5`, /channel in/],
    ['a.csv', `id,path,start_sec\na,${QUIET},0.1\nb,${QUIET},0.10`, /a and b, which are one/],
    ['a.csv', `id,path,start_sec\na,${QUIET},0\na,${QUIET},1`, /ids of a corpus must be different, got "a twice"/],
    ['a.jsonl', '{"path": 3}', /path in .*a\.jsonl line 1 must be a file, got 3/],
    ['a.jsonl', '{"path": "a.wav"}\n{"path"', /a\.jsonl line 2 must be JSON/],
    ['a.jsonl', '["a.wav"]', /a\.jsonl line 1 must be a JSON object/],
    ['a.jsonl', '{"path": "a.wav", "labels": [{"start_sec": 1}]}', /labels in .* must be intervals/],
    ['a.jsonl', '{"file": "a.wav"}', /path in .*line 1 must be a file/],
    ['a.jsonl', '\n', /must be a manifest of JSON lines, got "an empty file"/],
  ])('are refused with the place: %s %s', async (name, text, message) => {
    await expect(listed(name, text)).rejects.toMatchObject({ code: 'ERR_CORPUS' });
    await expect(listed(name, text)).rejects.toThrow(message);
  });

  it('are told where they are not UTF-8', async () => {
    const folder = await temporaryFolder();
    const latin1 = await put(join(folder, 'a.jsonl'), Buffer.from('{"path": "é.wav"}', 'latin1'));
    await expect(listCorpus(latin1)).rejects.toThrow(/a\.jsonl must be UTF-8/);
  });

  it('of whatever bytes are read or refused', async () => {
    const folder = await temporaryFolder();
    const word = fc.constantFrom(
      '"path"',
      '"start_sec"',
      '"sources"',
      '"type"',
      ':',
      ',',
      '{',
      '}',
      '[',
      ']',
      '1',
      '"a"',
      '\n',
      'null',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(word, { maxLength: 30 }), async (words) => {
        const path = await put(join(folder, 'any.jsonl'), words.join(' '));
        const found = await listCorpus(path).catch((error: unknown) => error);
        if (found instanceof Error) expect((found as CochleaError).code).toBe('ERR_CORPUS');
        else expect((found as Awaited<ReturnType<typeof listCorpus>>).recordings.length).toBeGreaterThan(0);
      }),
      { numRuns: 200 },
    );
  });

  it('whose cuts cannot be are errors that name the recording', async () => {
    const folder = await temporaryFolder();
    const samples = new Float32Array(16_000).fill(0.1);
    await writeAudio(join(folder, 'a.wav'), { samples, sampleRate: 8000, channels: 2 });
    const csv = 'id,path,start_sec,channel\nright,a.wav,0.5,1\nlate,a.wav,1.5,\nthird,a.wav,,2\n';
    const out = await temporaryFolder();
    const report = await extract(await put(join(folder, 'list.csv'), csv), { spec: smallSpec(), out, workers: 1 });
    expect(report.recordings).toBe(1);
    const path = join(folder, 'a.wav');
    expect(report.errors).toEqual([
      {
        id: 'late',
        path,
        code: 'ERR_OPTION',
        message: `${path}: startSec must be before the recording's end at 1 s, got 1.5`,
      },
      {
        id: 'third',
        path,
        code: 'ERR_AUDIO_CHANNEL',
        message: expect.stringMatching(/channel must be .* 0 to 1.*, got 2$/),
      },
    ]);
  });
});

describe('iterables', () => {
  it('give items one by one', async () => {
    const folder = await smallCorpus(await temporaryFolder(), 2);
    const at = (name: string) => join(folder, name);
    async function* items(): AsyncGenerator<string | CorpusItem> {
      yield at(LOUD);
      yield { path: at(QUIET), startSec: 0, durationSec: 0.1, label: 'one', group: 'g', columns: { fold: '1' } };
      yield {
        path: at(QUIET),
        id: 'own',
        startSec: 0.1,
        labels: [{ startSec: 0, endSec: 0.05, label: 'x' }],
        channel: 0,
      };
    }
    const { root, recordings } = await listCorpus(items());
    expect(root).toBe(folder);
    expect(recordings).toMatchObject([
      { id: LOUD, path: LOUD },
      { id: QUIET, path: QUIET, durationSec: 0.1, columns: { label: 'one', group: 'g', fold: '1' } },
      { id: 'own', path: QUIET, startSec: 0.1, channel: 0, labels: [{ label: 'x' }] },
    ]);
    expect(Object.keys(recordings[0]!)).toEqual(['id', 'path', 'bytes', 'mtimeMs']);
    const out = await temporaryFolder();
    await extract(items(), { spec: smallSpec(), out, workers: 1 });
    const made = [...(await FeatureDataset.open(out)).items()];
    expect(made.map(({ id, label, group, startSec }) => [id, label, group, startSec])).toEqual([
      [LOUD, undefined, undefined, undefined],
      [QUIET, 'one', 'g', undefined],
      ['own', undefined, undefined, 0.1],
    ]);
  });

  it.each([
    [{ path: 3 }, /item 0 of the corpus must be a path or \{ path, … \}, got "path: /],
    [{ path: 'a.wav', start: 3 }, /Unrecognized key/],
    [{ path: 'a.wav', startSec: -1 }, /start in item 0 of the corpus/],
    [7, /item 0 of the corpus must be/],
    [null, /item 0 of the corpus must be/],
  ])('are refused by the item: %o', async (item, message) => {
    const refused = listCorpus([item as never]);
    await expect(refused).rejects.toBeInstanceOf(CochleaError);
    await expect(refused).rejects.toThrow(message);
  });
});
