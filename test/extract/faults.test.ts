/** The faults themselves, each on a small Node.js program. */
import { spawn } from 'node:child_process';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../corpus/wav.js';
import { type FaultPlan, faults, faultsMissing, killAtRandom, smallDisk, smallDiskMissing } from './faults.js';

interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly said: string;
}

/** Runs a module's text, which has `fs`, `fsp`, `file` and `folder`; it prints, and exits with 7 where it throws. */
function node(text: string, o: { folder: string; env?: Readonly<Record<string, string>> }): Promise<Outcome> {
  const program = `
    import fs from 'node:fs';
    import fsp from 'node:fs/promises';
    import { Worker } from 'node:worker_threads';
    const folder = ${JSON.stringify(o.folder)};
    const file = folder + '/file';
    try { ${text} } catch (error) { console.log(error.code); process.exitCode = 7; }`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    env: { ...process.env, ...o.env },
    detached: true,
  });
  let said = '';
  const listen = (chunk: Buffer): void => {
    said += chunk;
  };
  child.stdout.on('data', listen);
  child.stderr.on('data', listen);
  return new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal, said: said.trim() })));
}

async function run(text: string, planOf: (folder: string) => FaultPlan, folder?: string) {
  const where = folder ?? (await temporaryFolder());
  const { env, counts } = await faults(planOf(where));
  return { ...(await node(text, { folder: where, env })), counts: counts(), folder: where };
}

const missing = await faultsMissing();

describe.skipIf(missing !== '')(`faults${missing}`, () => {
  const WRITERS = [
    ['writeFileSync', 'fs.writeFileSync(file, Buffer.alloc(5000));'],
    ['writeFile', 'await fsp.writeFile(file, Buffer.alloc(5000));'],
    [
      'writev',
      "const h = await fsp.open(file, 'w'); for (let i = 0; i < 5; i++) await h.writev([Buffer.alloc(400), Buffer.alloc(600)]); await h.close();",
    ],
    [
      'pwrite',
      "const h = await fsp.open(file, 'w'); for (let i = 0; i < 5; i++) { const { bytesWritten } = await h.write(Buffer.alloc(1000), 0, 1000, i * 1000); console.log(bytesWritten); }",
    ],
    [
      'a stream',
      "const s = fs.createWriteStream(file); await new Promise((ok, no) => { s.on('error', no).on('finish', ok); s.end(Buffer.alloc(5000)); });",
    ],
  ] as const;

  it.each(WRITERS)('a full disk: %s fails with ENOSPC after what fits', async (_, text) => {
    const { code, said, counts, folder } = await run(text, (below) => ({
      write: { below, error: 'ENOSPC', afterBytes: 2500 },
    }));
    expect({ code, last: said.split('\n').at(-1) }).toEqual({ code: 7, last: 'ENOSPC' });
    expect(counts.write).toBeGreaterThan(0);
    expect((await stat(join(folder, 'file'))).size).toBe(2500);
  });

  it('a full disk gives a write that fits in part its count, and nothing to the next', async () => {
    const text = WRITERS[3][1].replace('} const', '} ');
    const { said } = await run(text, (below) => ({ write: { below, error: 'EIO', afterBytes: 2500 } }));
    expect(said.split('\n')).toEqual(['1000', '1000', '500', 'EIO']);
  });

  it('a full disk stays full for the next process, and other folders are spared', async () => {
    const folder = await temporaryFolder();
    const other = await temporaryFolder();
    const { env, counts } = await faults({ write: { below: folder, error: 'EIO', afterBytes: 100 } });
    const text = 'fs.writeFileSync(file, Buffer.alloc(80)); console.log("written")';
    expect(await node(text, { folder: other, env })).toMatchObject({ code: 0, said: 'written' });
    expect(await node(text, { folder, env })).toMatchObject({ code: 0, said: 'written' });
    expect(await node(text, { folder, env })).toMatchObject({ code: 7, said: 'EIO' });
    expect(await node(text, { folder, env })).toMatchObject({ code: 7, said: 'EIO' });
    expect(counts().write).toBeGreaterThanOrEqual(2);
  });

  it.each(['fsyncSync', 'fdatasyncSync'])(
    '%s fails once the disk is broken, and on one that keeps nothing',
    async (call) => {
      const text = `const fd = fs.openSync(file, 'w'); fs.writeSync(fd, Buffer.alloc(200)); fs.${call}(fd); console.log('synced')`;
      const kept = await run(text, (below) => ({ write: { below, error: 'EIO', afterBytes: 200 } }));
      expect(kept).toMatchObject({ code: 0, said: 'synced', counts: { write: 0 } });
      const broken = await run(text, (below) => ({ write: { below, error: 'EIO', afterBytes: 199 } }));
      expect(broken).toMatchObject({ code: 7, said: 'EIO', counts: { write: 3 } });
      const lost = await run(text, (below) => ({ sync: { below, error: 'ENOSPC' } }));
      expect(lost).toMatchObject({ code: 7, said: 'ENOSPC', counts: { sync: 1, write: 0 } });
    },
  );

  it.each([
    ['readFileSync', 'console.log(fs.readFileSync(file).length);'],
    [
      'pread',
      'const fd = fs.openSync(file); console.log(fs.readSync(fd, Buffer.alloc(10), 0, 10, 2995));  fs.readSync(fd, Buffer.alloc(10), 0, 10, 3000);',
    ],
    [
      'readv',
      'const h = await fsp.open(file); console.log((await h.readv([Buffer.alloc(2000), Buffer.alloc(2000)])).bytesRead); await h.readv([Buffer.alloc(1)]);',
    ],
    [
      'a stream',
      'let n = 0; for await (const chunk of fs.createReadStream(file, { highWaterMark: 1000 })) n += chunk.length; console.log(n);',
    ],
  ])('%s meets EIO where a file is bad', async (_, text) => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'file'), Buffer.alloc(5000));
    const whole = await run(text, () => ({ read: { file: 'file', fromByte: 5000 } }), folder);
    expect(whole).toMatchObject({ code: 0, counts: { read: 0 } });
    const other = await run(text, () => ({ read: { file: 'a-file', fromByte: 3000 } }), folder);
    expect(other).toMatchObject({ code: 0, said: whole.said });
    const bad = await run(text, () => ({ read: { file: join(folder, 'file'), fromByte: 3000 } }), folder);
    expect({ code: bad.code, last: bad.said.split('\n').at(-1) }).toEqual({ code: 7, last: 'EIO' });
    expect(bad.counts.read).toBeGreaterThan(0);
  });

  it('a file that is bad from its beginning gives readFile nothing but EIO', async () => {
    // Not from its middle: there `fs/promises` takes a short read for the end of the file (Node.js 20).
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'file'), Buffer.alloc(5000));
    const bad = await run('await fsp.readFile(file)', () => ({ read: { file: 'file' } }), folder);
    expect(bad).toMatchObject({ code: 7, said: 'EIO' });
  });

  it('opening a file crashes the process, also in a worker thread, as often as it is told', async () => {
    const folder = await temporaryFolder();
    for (const name of ['file', 'good']) await writeFile(join(folder, name), 'x');
    const { env, counts } = await faults({ crash: { file: 'file', times: 2 } });
    const good = 'console.log(fs.readFileSync(folder + "/good", "utf8"))';
    expect(await node(good, { folder, env })).toMatchObject({ code: 0, said: 'x' });
    const direct = 'console.log(fs.readFileSync(file, "utf8"))';
    const worker = `const w = new Worker('require("fs").readFileSync("' + file + '")', { eval: true, execArgv: [] });
      await new Promise((ok) => w.on('error', ok).on('exit', ok)); console.log('lives')`;
    for (const text of [worker, 'await fsp.open(file)']) {
      expect(await node(text, { folder, env })).toMatchObject({ code: null, signal: 'SIGSEGV', said: '' });
    }
    expect(await node(direct, { folder, env })).toMatchObject({ code: 0, said: 'x' });
    expect(counts().crash).toBe(3);
  });

  it('opening a file hangs until somebody kills the process', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'file'), 'x');
    const { env, counts } = await faults({ hang: { file: 'file' } });
    const program = `require('fs').openSync(${JSON.stringify(join(folder, 'file'))})`;
    const child = spawn(process.execPath, ['-e', program], { env: { ...process.env, ...env }, stdio: 'ignore' });
    await expect.poll(() => counts().hang, { timeout: 20_000 }).toBe(1);
    expect(await killAtRandom(child, 1, { withinMs: [0, 10] })).toBeLessThanOrEqual(10);
    expect(child.signalCode).toBe('SIGKILL');
  });

  it('kills before every operation that changes the disk, one after the other', async () => {
    const text = `fs.mkdirSync(folder + '/a'); const fd = fs.openSync(folder + '/a/tmp', 'w'); fs.writeSync(fd, 'text');
      fs.fsyncSync(fd); fs.closeSync(fd); fs.renameSync(folder + '/a/tmp', folder + '/a/file'); console.log('done')`;
    const whole = await run(text, (below) => ({ kill: { below, atOperation: 0 } }));
    expect(whole).toMatchObject({ code: 0, said: 'done', counts: { operations: 5, kill: 0 } });
    const left: string[] = [];
    for (let atOperation = 1; atOperation <= 5; atOperation++) {
      const cut = await run(text, (below) => ({ kill: { below, atOperation } }));
      expect(cut).toMatchObject({ signal: 'SIGKILL', said: '', counts: { operations: atOperation, kill: 1 } });
      const files = await readdir(cut.folder, { recursive: true });
      const written = files.includes('a/tmp') ? await readFile(join(cut.folder, 'a/tmp'), 'utf8') : '';
      left.push(`${files.sort().join(' ')} ${written}`.trim());
    }
    expect(left).toEqual(['', 'a', 'a a/tmp', 'a a/tmp text', 'a a/tmp text']);
  });

  it('kills the process group, so that no parent lives on', async () => {
    const text = `const { spawnSync } = await import('node:child_process');
      const child = "require('fs').writeFileSync('" + file + "', '')";
      spawnSync(process.execPath, ['-e', child]); console.log('parent lives')`;
    const alone = await run(text, (below) => ({ kill: { below, atOperation: 1 } }));
    expect(alone).toMatchObject({ code: 0, said: 'parent lives', counts: { kill: 1 } });
    const all = await run(text, (below) => ({ kill: { below, atOperation: 1, group: true } }));
    expect(all).toMatchObject({ signal: 'SIGKILL', said: '', counts: { kill: 1 } });
  });
});

describe('killAtRandom', () => {
  const idle = () => spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });

  it('kills at the moment that the seed draws', async () => {
    const withinMs = [20, 400] as const;
    const moments = [];
    for (const seed of [1, 2, 1]) {
      const child = idle();
      moments.push(await killAtRandom(child, seed, { withinMs }));
      expect(child.signalCode).toBe('SIGKILL');
    }
    expect(moments[0]).toBe(moments[2]);
    expect(moments[0]).not.toBe(moments[1]);
    for (const moment of moments) expect(moment).toBeGreaterThanOrEqual(withinMs[0]);
    for (const moment of moments) expect(moment).toBeLessThanOrEqual(withinMs[1]);
  });

  it('says so where the child ended by itself', async () => {
    const child = spawn(process.execPath, ['-e', ''], { stdio: 'ignore' });
    expect(await killAtRandom(child, 1, { withinMs: [30_000, 40_000] })).toBeNull();
    expect(await killAtRandom(child, 1)).toBeNull();
    expect(child.exitCode).toBe(0);
  });
});

const noDisk = await smallDiskMissing();

describe.skipIf(noDisk !== '')(`a small disk${noDisk}`, () => {
  it('takes what it has room for, then ENOSPC', async () => {
    const folder = await smallDisk(64 * 1024);
    expect(await readdir(folder)).toEqual([]);
    const text =
      'fs.writeFileSync(file, Buffer.alloc(40_000)); console.log("fits"); fs.writeFileSync(file + 2, Buffer.alloc(40_000));';
    expect(await node(text, { folder })).toMatchObject({ code: 7, said: 'fits\nENOSPC' });
    expect((await stat(join(folder, 'file'))).size).toBe(40_000);
  });
});
