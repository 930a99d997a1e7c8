import { link, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeLabels } from '../../src/audio/index.js';
import type { LabelRule } from '../../src/corpus/index.js';
import { inByteOrder, listCorpus } from '../../src/corpus/index.js';
import { labelOf } from '../../src/corpus/labels.js';
import { FeatureDataset } from '../../src/dataset/index.js';
import { ParameterError } from '../../src/errors.js';
import { extract } from '../../src/extract/index.js';
import { put, smallCorpus, smallSpec, temporaryFolder, toneWav } from './wav.js';

async function idsOf(corpus: Parameters<typeof listCorpus>[0]): Promise<string[]> {
  return (await listCorpus(corpus)).recordings.map(({ id }) => id);
}

describe('listCorpus', () => {
  it('takes a folder with everything below it, in byte order', async () => {
    const folder = await temporaryFolder();
    const names = [
      'b.wav',
      'B.WAV',
      'a/z.flac',
      'a.wav',
      'é.wav',
      '10.wav',
      '9.wav',
      'notes.txt',
      '\u{1F50A}.ogg',
      '\uFF21.ogg',
    ];
    for (const name of names) await put(join(folder, name), toneWav(10));
    const expected = ['10.wav', '9.wav', 'B.WAV', 'a.wav', 'a/z.flac', 'b.wav', 'é.wav', '\uFF21.ogg', '\u{1F50A}.ogg'];
    expect(await idsOf(folder)).toEqual(expected);
    expect(inByteOrder(names.toReversed()).filter((name) => name !== 'notes.txt')).toEqual(expected);
    const { root, recordings } = await listCorpus(folder);
    expect(root).toBe(folder);
    expect(recordings[0]).toMatchObject({ path: '10.wav', bytes: 64 });
    expect(recordings[0]!.mtimeMs).toBeGreaterThan(1e12);
  });

  it('lists links that lead nowhere, so that they are told of, and does not go round in circles', async () => {
    const folder = await smallCorpus(await temporaryFolder(), 2);
    await symlink(join(folder, 'gone.wav'), join(folder, 'quiet/dangling.wav'));
    await symlink('round.wav', join(folder, 'quiet/round.wav'));
    await symlink('../quiet/clip-00.wav', join(folder, 'loud/linked.wav'));
    await symlink('.', join(folder, 'loud/here'));
    expect(await idsOf(folder)).toEqual([
      'loud/clip-01.wav',
      'quiet/clip-00.wav',
      'quiet/dangling.wav',
      'quiet/round.wav',
    ]);
    expect(await idsOf(`${folder}/quiet/*.wav`)).toEqual(['clip-00.wav', 'dangling.wav', 'round.wav']);
    const report = await extract(folder, { spec: smallSpec(), out: await temporaryFolder(), workers: 1 });
    expect(report.errors.map(({ path }) => path)).toEqual([
      join(folder, 'quiet/dangling.wav'),
      join(folder, 'quiet/round.wav'),
    ]);
  });

  describe('lists each file once,', () => {
    const PLAIN = ['loud/clip-01.wav', 'loud/clip-03.wav', 'quiet/clip-00.wav', 'quiet/clip-02.wav'];

    /** Both ways of searching, the glob's ids being paths below the folder as well. */
    async function expectIds(folder: string, expected: readonly string[]): Promise<void> {
      expect(await idsOf(folder)).toEqual(expected);
      expect(await idsOf(`${folder}/**/*.wav`)).toEqual(expected);
    }

    it.each([
      ['a link to the folder itself', '.', 'again'],
      ['a link to the parent', '..', 'loud/again'],
      ['a link to a folder beside it, whose name comes later', 'quiet', 'also'],
      ['a link to a file that is listed as well', 'quiet/clip-00.wav', 'again.wav'],
    ])('by the name that no link leads to: %s', async (_, target, from) => {
      const folder = await smallCorpus(await temporaryFolder(), 4);
      await symlink(target, join(folder, from));
      await expectIds(folder, PLAIN);
    });

    it('by its first name in byte order where links lead to all of them', async () => {
      const [folder, elsewhere] = [await smallCorpus(await temporaryFolder(), 2), await temporaryFolder()];
      await put(join(elsewhere, 'sound/x.wav'), toneWav(10));
      for (const name of ['two', 'one', 'three']) await symlink(join(elsewhere, 'sound'), join(folder, name));
      await symlink(join(elsewhere, 'sound/x.wav'), join(folder, 'quiet/x.wav'));
      await expectIds(folder, ['loud/clip-01.wav', 'one/x.wav', 'quiet/clip-00.wav']);
    });

    it('by its first name in byte order where hard links make several', async () => {
      const folder = await smallCorpus(await temporaryFolder(), 4);
      await link(join(folder, 'quiet/clip-00.wav'), join(folder, 'loud/clip-00.wav'));
      await expectIds(folder, ['loud/clip-00.wav', 'loud/clip-01.wav', 'loud/clip-03.wav', 'quiet/clip-02.wav']);
    });

    it('and none too few: two linked folders whose names begin alike', async () => {
      const [folder, elsewhere] = [await smallCorpus(await temporaryFolder(), 2), await temporaryFolder()];
      await put(join(elsewhere, 'foo/a.wav'), toneWav(10));
      await put(join(elsewhere, 'foobar/b.wav'), toneWav(10));
      await symlink(join(elsewhere, 'foo'), join(folder, 'more'));
      await symlink(join(elsewhere, 'foobar'), join(elsewhere, 'foo/rest'));
      await expectIds(folder, ['loud/clip-01.wav', 'more/a.wav', 'more/rest/b.wav', 'quiet/clip-00.wav']);
    });

    it('and refuses a list or manifest that names one twice', async () => {
      const folder = await smallCorpus(await temporaryFolder(), 2);
      await symlink('../quiet/clip-00.wav', join(folder, 'loud/linked.wav'));
      const told =
        'recordings of a list must be different files, got "quiet/clip-00.wav and loud/linked.wav, which are one"';
      const list = listCorpus([join(folder, 'quiet/clip-00.wav'), join(folder, 'loud/linked.wav')]);
      await expect(list).rejects.toMatchObject({ code: 'ERR_CORPUS', message: told });
      const csv = 'id,path\na,quiet/clip-00.wav\nb,loud/linked.wav\n';
      const manifest = listCorpus(await put(join(folder, 'list.csv'), csv));
      await expect(manifest).rejects.toMatchObject({ code: 'ERR_CORPUS', message: told });
    });
  });

  it('takes a glob, a list and a single recording', async () => {
    const folder = await smallCorpus(await temporaryFolder(), 4);
    expect(await idsOf(`${folder}/loud/*.wav`)).toEqual(['clip-01.wav', 'clip-03.wav']);
    expect(await idsOf(`${folder}/**/clip-0[01].wav`)).toEqual(['loud/clip-01.wav', 'quiet/clip-00.wav']);
    expect(await idsOf([join(folder, 'quiet/clip-02.wav'), join(folder, 'loud/clip-01.wav')])).toEqual([
      'quiet/clip-02.wav',
      'loud/clip-01.wav',
    ]);
    expect(await idsOf(join(folder, 'loud/clip-01.wav'))).toEqual(['clip-01.wav']);
  });

  it('takes a manifest, with paths relative to it', async () => {
    const folder = await smallCorpus(await temporaryFolder(), 4);
    const csv = 'id,path,label,group,fold\none,quiet/clip-00.wav,quiet,s1,1\n,"loud/clip-01.wav",loud,s2,2\n';
    const { root, recordings } = await listCorpus(await put(join(folder, 'list.csv'), csv));
    expect(root).toBe(folder);
    expect(recordings).toMatchObject([
      { id: 'one', path: 'quiet/clip-00.wav', columns: { label: 'quiet', group: 's1', fold: '1' } },
      { id: 'loud/clip-01.wav', path: 'loud/clip-01.wav', columns: { group: 's2' } },
    ]);
  });

  it('says what is wrong with a corpus', async () => {
    const folder = await temporaryFolder();
    await put(join(folder, 'empty/notes.txt'), 'x');
    await expect(listCorpus(join(folder, 'empty'))).rejects.toMatchObject({ code: 'ERR_CORPUS' });
    await expect(listCorpus(join(folder, 'gone'))).rejects.toThrow(/folder, glob, manifest, tar archive or recording/);
    await expect(listCorpus([])).rejects.toMatchObject({ code: 'ERR_CORPUS' });
    await expect(listCorpus(['a.wav', 'a.wav', 'b.wav'])).rejects.toThrow(/a\.wav twice/);
    const cases = { 'no-path.csv': 'file\na.wav\n', 'no-cell.csv': 'path,label\n,x\n' };
    for (const [name, text] of Object.entries(cases)) {
      await expect(listCorpus(await put(join(folder, name), text))).rejects.toMatchObject({ code: 'ERR_CORPUS' });
    }
    const wide = listCorpus(await put(join(folder, 'wide.csv'), 'path,label\na.wav,x,y\n'));
    await expect(wide).rejects.toMatchObject({ code: 'ERR_CSV_WIDTH', details: { row: 1, got: 3 } });
  });
});

describe('labels', () => {
  async function labels(corpus: string, rule?: LabelRule): Promise<FeatureDataset> {
    const out = await temporaryFolder();
    await extract(corpus, { spec: smallSpec(), out, workers: 1, labels: rule });
    return FeatureDataset.open(out);
  }

  it('come from a manifest, groups too', async () => {
    const folder = await smallCorpus(await temporaryFolder(), 4);
    const csv = 'path,label,group,kind\nquiet/clip-00.wav,quiet,s1,loud\nloud/clip-01.wav,,s2,quiet\n';
    const list = await put(join(folder, 'list.csv'), csv);
    const items = [...(await labels(list)).items()];
    expect(items.map(({ label, group }) => [label, group])).toEqual([
      ['quiet', 's1'],
      [undefined, 's2'],
    ]);
    expect(items[0]!.path).toBe(join(folder, 'quiet/clip-00.wav'));
    const byKind = await labels(list, { column: 'kind' });
    expect([...byKind.items()].map(({ label }) => label)).toEqual(['loud', 'quiet']);
    await expect(labels(list, { column: 'none' })).rejects.toMatchObject({ code: 'ERR_LABELS' });
  });

  it('come from Audacity files beside the recordings; a missing or wrong one is named', async () => {
    const folder = await smallCorpus(await temporaryFolder(), 4);
    const intervals = [
      { startSec: 0.01, endSec: 0.05, label: 'beep' },
      { startSec: 0.1, endSec: 0.15, label: 'tön' },
    ];
    await writeLabels(join(folder, 'loud/clip-01.txt'), intervals);
    await put(join(folder, 'loud/clip-03.txt'), '');
    await put(join(folder, 'quiet/clip-02.txt'), 'one two three');
    const out = await temporaryFolder();
    const report = await extract(folder, { spec: smallSpec(), out, workers: 1, labels: 'audacity' });
    expect(report.errors.map(({ path, code }) => [path, code])).toEqual([
      [join(folder, 'quiet/clip-00.wav'), 'ERR_LABELS'],
      [join(folder, 'quiet/clip-02.wav'), 'ERR_LABELS'],
    ]);
    const items = [...(await FeatureDataset.open(out)).items()];
    expect(items.map(({ id, labels }) => [id, labels])).toEqual([
      ['loud/clip-01.wav', intervals],
      ['loud/clip-03.wav', []],
    ]);
    // A corrected label file makes its shard again.
    await put(join(folder, 'quiet/clip-00.txt'), '');
    expect((await extract(folder, { spec: smallSpec(), out, workers: 1, labels: 'audacity' })).recordings).toBe(3);
  });

  it('come from a function', async () => {
    const folder = await smallCorpus(await temporaryFolder(), 2);
    const data = await labels(folder, async ({ id }) =>
      id.startsWith('loud') ? 'loud' : [{ startSec: 0, endSec: 1, label: 'x' }],
    );
    expect([...data.items()].map(({ label, labels }) => [label, labels])).toEqual([
      ['loud', []],
      [undefined, [{ startSec: 0, endSec: 1, label: 'x' }]],
    ]);
    const recording = { id: 'a', path: 'a.wav', bytes: 0, mtimeMs: 0 };
    await expect(labelOf(recording, () => 7 as never, folder)).rejects.toThrow(ParameterError);
  });
});
