/** Recordings on a disk that breaks in the middle of them. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeAudio } from '../../src/audio/index.js';
import { cochlea } from '../cli/cli.js';
import { smallCorpus, smallSpec, temporaryFolder } from '../corpus/wav.js';
import { faults, faultsMissing } from './faults.js';

const missing = await faultsMissing();
const BAD_FROM = 30_000;

describe.skipIf(missing !== '')(`a disk that breaks in the middle of a recording${missing}`, () => {
  it.each(['wav', 'flac'])('costs that recording: %s', async (extension) => {
    const folder = await temporaryFolder();
    const corpus = await smallCorpus(join(folder, 'in'), 3);
    const samples = Float32Array.from({ length: 60_000 }, (_, i) => 0.3 * Math.sin((i * i) / 1000));
    const path = join(corpus, `long.${extension}`);
    await writeAudio(path, { samples, sampleRate: 8000 });
    await writeFile(join(folder, 'spec.json'), JSON.stringify(smallSpec()));

    const { env, counts } = await faults({ read: { file: path, fromByte: BAD_FROM } });
    const args = ['extract', corpus, '-o', join(folder, 'out'), '--spec', join(folder, 'spec.json'), '--quiet'];
    const { code, stdout, stderr } = await cochlea(args, { env });
    expect({ code, stderr }).toEqual({ code: 3, stderr: '' });
    expect(counts().read).toBeGreaterThan(0);
    expect(stdout).toContain('3 recordings');
    const errors = (await readFile(join(folder, 'out', 'errors.jsonl'), 'utf8')).trim().split('\n');
    expect(errors.map((line) => JSON.parse(line))).toMatchObject([{ path, code: 'ERR_AUDIO_READ' }]);
  });

  it('is no end of a list of recordings', async () => {
    const folder = await temporaryFolder();
    const corpus = await smallCorpus(join(folder, 'in'), 4);
    await writeFile(join(folder, 'spec.json'), JSON.stringify(smallSpec()));
    const rows = ['path', 'quiet/clip-00.wav', 'loud/clip-01.wav', 'quiet/clip-02.wav', 'loud/clip-03.wav'];
    const list = join(corpus, 'list.csv');
    await writeFile(list, `${rows.join('\n')}\n`);
    // Where a row begins, so that what comes before is a table by itself.
    const { env, counts } = await faults({ read: { file: list, fromByte: rows.slice(0, 3).join('\n').length + 1 } });
    const args = ['extract', list, '-o', join(folder, 'out'), '--spec', join(folder, 'spec.json'), '--quiet'];
    const { code, stderr } = await cochlea(args, { env });
    expect(code).toBe(1);
    expect(stderr).toContain('EIO');
    expect(counts().read).toBeGreaterThan(0);
  });
});
