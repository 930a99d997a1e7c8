import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ExtractReport } from '../../src/extract/index.js';
import { put, smallCorpus, smallSpec, toneWav, wav } from '../corpus/wav.js';
import { cochlea, cochleaJson, workFolder } from './cli.js';

async function folderWithSpec(): Promise<string> {
  const cwd = await workFolder();
  await writeFile(join(cwd, 'spec.json'), JSON.stringify(smallSpec()));
  return cwd;
}

describe('extract', () => {
  it('names unreadable inputs, does the rest and exits with 3', async () => {
    const cwd = await folderWithSpec();
    await smallCorpus(join(cwd, 'corpus'), 4);
    await put(join(cwd, 'corpus/loud/text.wav'), 'not a recording');
    await put(join(cwd, 'corpus/loud/empty.wav'), '');
    await put(join(cwd, 'corpus/quiet/cut.wav'), wav(new Uint8Array(100), { dataBytes: 4000 }));
    await put(
      join(cwd, 'corpus/quiet/nan.wav'),
      wav(new Uint8Array(new Float32Array(4000).fill(Number.NaN).buffer), { format: 3, bits: 32 }),
    );
    const args = ['extract', 'corpus', '-o', 'features', '--spec', 'spec.json', '--labels', 'parent-folder'];
    const { code, value } = await cochleaJson<ExtractReport>(args, { cwd });
    expect(code).toBe(3);
    expect(value.recordings).toBe(4);
    const lines = (await readFile(join(cwd, 'features/errors.jsonl'), 'utf8')).trim().split('\n');
    const errors = lines.map((line): { path: string; code: string; message: string } => JSON.parse(line));
    expect(errors.map(({ path }) => path.slice(path.lastIndexOf('/') + 1)).sort()).toEqual([
      'cut.wav',
      'empty.wav',
      'nan.wav',
      'text.wav',
    ]);
    for (const { code: reason, message } of errors) expect(`${reason}: ${message}`).toMatch(/^ERR_(AUDIO|WAV)_.*: .+/);
    expect(value.errors).toEqual(errors);

    const stricter = (out: string, ...flags: string[]) =>
      cochlea(['extract', 'corpus', '-o', out, '--spec', 'spec.json', '--workers', '1', ...flags], { cwd });
    const [strict, few] = await Promise.all([stricter('a', '--strict'), stricter('b', '--max-errors', '3')]);
    expect(strict).toMatchObject({ code: 1, stdout: '' });
    expect(few).toMatchObject({ code: 1, stderr: expect.stringContaining('[ERR_TOO_MANY_ERRORS]') });
  });

  it('reads paths from stdin, and says what it would do', async () => {
    const cwd = await folderWithSpec();
    for (const name of ['a', 'b', 'c']) await put(join(cwd, `${name}.wav`), toneWav(1600));
    const args = ['extract', '-', '-o', 'features', '--spec', 'spec.json'];
    const input = 'a.wav\n\n  c.wav  \n';
    const dry = await cochleaJson<ExtractReport>([...args, '--dry-run'], { cwd, input });
    expect(dry).toMatchObject({ code: 0, value: { dryRun: true, recordings: 2 } });
    expect(existsSync(join(cwd, 'features'))).toBe(false);
    const { code, stdout, stderr } = await cochlea(args, { cwd, input });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^2 recordings, 0\.4 s of audio, .* in 1 shard \(0 reused\)/);
    // Not a terminal: plain lines.
    expect(stderr).toMatch(/^extract: \d\/2 /);
    expect(stderr).not.toContain('\u001b');
    await put(join(cwd, ' d.wav\n'), toneWav(1600));
    const raw = await cochleaJson<ExtractReport>([...args, '--dry-run'], { cwd, input: 'a.wav\0b.wav\0 d.wav\n\0' });
    expect(raw).toMatchObject({ code: 0, value: { recordings: 3, errors: [] } });
    const empty = await cochlea(args, { cwd, input: '' });
    expect(empty).toMatchObject({ code: 1, stderr: expect.stringContaining('[ERR_CORPUS]') });
  });

  it('stops at an interrupt with 130, and goes on from there', async () => {
    const cwd = await folderWithSpec();
    const count = 50;
    await mkdir(join(cwd, 'corpus'));
    const first = await put(join(cwd, 'corpus/00.wav'), toneWav(8000 * 30));
    for (let i = 1; i < count; i++) await copyFile(first, join(cwd, 'corpus', `${String(i).padStart(2, '0')}.wav`));
    const spec = smallSpec({
      features: { kind: 'logMel', nFft: 2048, hopLength: 80, nMels: 8, topDb: null, center: false },
    });
    await writeFile(join(cwd, 'spec.json'), JSON.stringify(spec));
    const args = ['extract', 'corpus', '-o', 'features', '--spec', 'spec.json', '--workers', '1'];

    const stopped = await cochlea(args, { cwd, onFirstWord: (child) => child.kill('SIGINT') });
    expect(stopped).toMatchObject({ code: 130, stdout: '' });
    expect(stopped.stderr).toContain('cochlea: interrupted; the same command goes on from here [ERR_TASK_ABORTED]');
    const state = await cochleaJson<{ kind: string; complete: boolean }>(['inspect', 'features'], { cwd });
    expect(state.value).toMatchObject({ kind: 'features', complete: false });

    const { code, value } = await cochleaJson<ExtractReport>(args, { cwd });
    expect({ code, recordings: value.recordings }).toEqual({ code: 0, recordings: count });
    const again = await cochleaJson<ExtractReport>(args, { cwd });
    expect(again.value.shards.reused).toBe(again.value.shards.total);
  });
});
