import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { listCorpus } from '../../src/corpus/index.js';
import { extract } from '../../src/extract/index.js';
import { isReadableName, nameBytes, nameFromBytes, shownName } from '../../src/files/index.js';
import { put, smallSpec, temporaryFolder, toneWav } from './wav.js';

/** Linux takes any bytes; elsewhere file names are text. */
const takesBytes = process.platform === 'linux';

describe('names', () => {
  it.skipIf(!takesBytes)('that are not UTF-8 are listed, and are errors with their reason', async () => {
    const folder = await temporaryFolder();
    const raw = (name: Buffer) => Buffer.concat([Buffer.from(`${folder}/`), name]);
    await put(join(folder, 'fine.wav'), toneWav(1600));
    await writeFile(raw(Buffer.from('caf\xe9.wav', 'latin1')), toneWav(1600));
    // What a name that is no text is shown as is a name as well, and another file.
    await put(join(folder, 'caf\uFFFD.wav'), toneWav(1600));
    await mkdir(raw(Buffer.from('\xe9t\xe9', 'latin1')));
    await writeFile(raw(Buffer.from('\xe9t\xe9/in.wav', 'latin1')), toneWav(1600));
    const ids = ['caf\\xe9.wav', 'caf\uFFFD.wav', 'fine.wav', '\\xe9t\\xe9/in.wav'];
    const { recordings } = await listCorpus(folder);
    expect(recordings.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
    expect((await listCorpus(`${folder}/**/*.wav`)).recordings.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
    const out = await temporaryFolder();
    const report = await extract(folder, { spec: smallSpec(), out, workers: 1 });
    expect(report.recordings).toBe(2);
    expect(report.errors.toSorted((a, b) => (a.id < b.id ? -1 : 1))).toEqual([
      {
        id: '\\xe9t\\xe9/in.wav',
        path: `${folder}/\udce9t\udce9/in.wav`,
        code: 'ERR_AUDIO_READ',
        message: `${folder}/\\xe9t\\xe9/in.wav: its name is not valid UTF-8`,
      },
      expect.objectContaining({ id: 'caf\\xe9.wav', message: `${folder}/caf\\xe9.wav: its name is not valid UTF-8` }),
    ]);
    // The bytes can be had back from the file of errors.
    const written = (await readFile(join(out, 'errors.jsonl'), 'utf8')).trim().split('\n');
    const paths = written.map((line) => nameBytes((JSON.parse(line) as { path: string }).path).toString('latin1'));
    expect(paths.toSorted()).toEqual([`${folder}/caf\xe9.wav`, `${folder}/\xe9t\xe9/in.wav`]);
  });

  it('of any bytes become text and come back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const name = nameFromBytes(bytes);
        expect(Buffer.compare(nameBytes(name), bytes)).toBe(0);
        expect(isReadableName(name)).toBe(Buffer.compare(Buffer.from(Buffer.from(bytes).toString()), bytes) === 0);
      }),
      { numRuns: 2000 },
    );
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(nameFromBytes(Buffer.from(text))).toBe(text);
      }),
    );
    expect(shownName(nameFromBytes(Buffer.from('a\xff\x80é', 'latin1')))).toBe('a\\xff\\x80\\xe9');
  });

  it('of folders that are those of recordings are errors; what lies in them is found', async () => {
    const folder = await temporaryFolder();
    await put(join(folder, 'x.wav/in.wav'), toneWav(1600));
    await put(join(folder, 'plain/a.wav'), toneWav(1600));
    await mkdir(join(folder, 'empty.flac'));
    const ids = ['empty.flac', 'plain/a.wav', 'x.wav', 'x.wav/in.wav'];
    const found = await listCorpus(folder);
    expect(found.recordings.map(({ id }) => id)).toEqual(ids);
    expect((await listCorpus(`${folder}/**/*.{wav,flac}`)).recordings.map(({ id }) => id)).toEqual(ids);
    const report = await extract(folder, { spec: smallSpec(), out: await temporaryFolder(), workers: 1 });
    expect(report.recordings).toBe(2);
    expect(report.errors).toEqual(
      ['empty.flac', 'x.wav'].map((id) => {
        const path = join(folder, id);
        return { id, path, code: 'ERR_AUDIO_READ', message: `${path}: is a folder` };
      }),
    );
  });
});
