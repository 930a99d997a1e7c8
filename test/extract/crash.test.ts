import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ExtractReport } from '../../src/extract/index.js';
import type { Manifest } from '../../src/shards/index.js';
import { cochlea, cochleaJson, workFolder } from '../cli/cli.js';
import { put, smallCorpus, smallSpec, toneWav } from '../corpus/wav.js';
import { faults, faultsMissing, smallDisk, smallDiskMissing } from './faults.js';

const noFaults = await faultsMissing();
const noDisk = await smallDiskMissing();

const COUNT = 12;

async function corpusFolder(): Promise<string> {
  const cwd = await workFolder();
  await put(join(cwd, 'spec.json'), JSON.stringify(smallSpec()));
  await smallCorpus(join(cwd, 'corpus'), COUNT);
  return cwd;
}

const command = (out: string, ...more: string[]) => [
  ...['extract', 'corpus', '-o', out, '--spec', 'spec.json', '--shard-mb', '0.008', '--workers', '2'],
  ...more,
];

/** Checksums of the files of the folder. */
async function checksums(folder: string): Promise<Record<string, string>> {
  const manifest: Manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'));
  expect(manifest.complete).toBe(true);
  return Object.fromEntries(manifest.shards.flatMap(({ files }) => files.map(({ file, sha256 }) => [file, sha256])));
}

describe.skipIf(noFaults !== '')(`a recording that brings the process down${noFaults}`, () => {
  it('costs itself and nothing else', async () => {
    const cwd = await corpusFolder();
    await put(join(cwd, 'corpus/loud/bad.wav'), toneWav(1600));
    const { env, counts } = await faults({ crash: { file: 'loud/bad.wav' } });
    const { code, value } = await cochleaJson<ExtractReport>(command('out'), { cwd, env });
    expect(counts().crash).toBeGreaterThanOrEqual(2);
    expect(value.errors).toEqual([
      {
        id: 'loud/bad.wav',
        path: join(cwd, 'corpus/loud/bad.wav'),
        code: 'ERR_CRASHED',
        message: 'a recording must be one that leaves the process alive, got "SIGSEGV"',
      },
    ]);
    expect({ code, recordings: value.recordings }).toEqual({ code: 3, recordings: COUNT });
    expect((await readdir(join(cwd, 'out'))).filter((name) => !/^shard-\d+\.(arrow|json)$/.test(name)).sort()).toEqual([
      'errors.jsonl',
      'manifest.json',
      'plan.jsonl',
    ]);
    // It is not asked again as long as it stays what it is.
    const before = counts().crash;
    const again = await cochleaJson<ExtractReport>(command('out'), { cwd, env });
    expect(again.value).toMatchObject({ errors: value.errors, shards: { reused: value.shards.total } });
    expect(counts().crash).toBe(before);
    // Without the fault it is a recording like others.
    const healed = await cochleaJson<ExtractReport>(command('out', '--no-resume'), { cwd });
    expect(healed).toMatchObject({ code: 0, value: { recordings: COUNT + 1 } });
  });

  it('is only unlucky where it is not to blame: the work goes on', async () => {
    const cwd = await corpusFolder();
    const { env, counts } = await faults({ crash: { file: 'loud/clip-03.wav', times: 1 } });
    const { code, value } = await cochleaJson<ExtractReport>(command('out'), { cwd, env });
    // The run, the trial, and the run again.
    expect(counts().crash).toBe(3);
    expect({ code, recordings: value.recordings }).toEqual({ code: 0, recordings: COUNT });
  });

  it('ends a strict run with its name', async () => {
    const cwd = await corpusFolder();
    const { env } = await faults({ crash: { file: 'loud/clip-03.wav' } });
    const { code, stderr } = await cochlea(command('out', '--strict'), { cwd, env });
    expect(code).toBe(1);
    expect(stderr).toContain('[ERR_CRASHED]');
  });
});

describe.skipIf(noFaults !== '')(`the process with the workers${noFaults}`, () => {
  it('starts again where it is killed', async () => {
    const cwd = await corpusFolder();
    await cochlea(command('whole'), { cwd });
    const out = join(cwd, 'out');
    await put(join(out, '.keep'), '');
    const { env, counts } = await faults({ kill: { below: out, atOperation: 40 } });
    const { code } = await cochlea(command('out'), { cwd, env });
    expect(counts().kill).toBe(1);
    expect(code).toBe(0);
    expect(await checksums(out)).toEqual(await checksums(join(cwd, 'whole')));
  });
});

describe('a disk that takes no more', () => {
  it.skipIf(noDisk !== '')(`ends the run with nothing half-written${noDisk}`, async () => {
    const cwd = await corpusFolder();
    const disk = await smallDisk(64 * 1024);
    const out = join(disk, 'out');
    const { code, stderr } = await cochlea(command(out), { cwd });
    expect(code).toBe(1);
    expect(stderr).toMatch(/ENOSPC.*\[ERR_WRITE\]/);
    expect((await readdir(out)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it.skipIf(noFaults !== '')(`or breaks${noFaults}`, async () => {
    const cwd = await corpusFolder();
    const out = join(cwd, 'out');
    await put(join(out, '.keep'), '');
    const { env, counts } = await faults({ write: { below: out, error: 'EIO', afterBytes: 40_000 } });
    const { code, stderr } = await cochlea(command('out'), { cwd, env });
    expect(counts().write).toBeGreaterThan(0);
    expect(code).toBe(1);
    expect(stderr).toMatch(/EIO.*\[ERR_WRITE\]/);
    expect((await readdir(out)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    expect((await cochlea(command('out'), { cwd })).code).toBe(0);
  });
});
