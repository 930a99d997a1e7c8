import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type CorpusPackage, fetchCorpora, PACKAGES } from '../../src/recipes/corpora/index.js';

const pkg: CorpusPackage = { name: 'bells', holds: 'bells', licence: 'CC0-1.0', megabytes: 1, version: '2.0' };

/** Stand-ins for the package tools: they log their calls, and `dpkg-deb -x` makes one file. */
const TOOLS = {
  'apt-cache': 'echo "apt-cache $*" >> "$TOOL_LOG"; echo "  Candidate: $TOOL_CANDIDATE"',
  'apt-get': `echo "apt-get $*" >> "$TOOL_LOG"
case "$*" in *download*) [ -z "$TOOL_FAIL" ] || { echo "E: no route" >&2; exit 100; }; : > bells_2.0_all.deb;; esac`,
  'dpkg-deb': `echo "dpkg-deb $*" >> "$TOOL_LOG"
case "$1" in -f) echo 2.0;; -x) /bin/mkdir -p "$3/usr"; echo ding > "$3/usr/bell.wav";; esac`,
};

const before = { ...process.env };
let root: string;
let log: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'cochlea-corpora-'));
  log = join(root, 'log');
  await mkdir(join(root, 'bin'));
  for (const [name, body] of Object.entries(TOOLS)) {
    const path = join(root, 'bin', name);
    await writeFile(path, `#!/bin/sh\n${body}\n`);
    await chmod(path, 0o755);
  }
  process.env.PATH = join(root, 'bin');
  process.env.TOOL_LOG = log;
  process.env.TOOL_CANDIDATE = '2.0';
});
afterEach(async () => {
  process.env = { ...before };
  await rm(root, { recursive: true });
});

const fetch = () => fetchCorpora({ cache: join(root, 'cache'), packages: [pkg] });
const calls = async () => (await readFile(log, 'utf8')).trim().split('\n');

describe('fetchCorpora', () => {
  test('downloads, unpacks and stamps a package, and does nothing the second time', async () => {
    const first = await fetch();
    expect(first.packages).toEqual([
      {
        name: 'bells',
        version: '2.0',
        licence: 'CC0-1.0',
        holds: 'bells',
        notice: 'bells/usr/share/doc/bells/copyright',
      },
    ]);
    expect(await readFile(join(first.folder, 'bells/usr/bell.wav'), 'utf8')).toBe('ding\n');
    const count = (await calls()).length;
    expect(await fetch()).toEqual(first);
    expect(await calls()).toHaveLength(count);
  });

  test.each([
    ['never stamped', (path: string) => rm(path)],
    ['stamped by half', (path: string) => writeFile(path, '{"versi')],
  ])('fetches again what was unpacked but %s', async (_, damage) => {
    const { folder } = await fetch();
    await damage(join(folder, 'bells.json'));
    const count = (await calls()).length;
    expect((await fetch()).packages[0]!.version).toBe('2.0');
    expect((await calls()).length).toBeGreaterThan(count);
  });

  test('says what apt said when a download fails, and leaves nothing half done', async () => {
    process.env.TOOL_FAIL = '1';
    await expect(fetch()).rejects.toMatchObject({ code: 'ERR_FETCH', message: expect.stringContaining('E: no route') });
    delete process.env.TOOL_FAIL;
    expect((await fetch()).packages).toHaveLength(1);
  });

  test('names the command that makes the lists when a package is in none', async () => {
    process.env.TOOL_CANDIDATE = '(none)';
    await expect(fetch()).rejects.toMatchObject({
      code: 'ERR_FETCH',
      message: expect.stringContaining('apt-get update'),
    });
  });

  test('says what to do on a machine without apt', async () => {
    process.env.PATH = join(root, 'nowhere');
    await expect(fetch()).rejects.toMatchObject({ code: 'ERR_FETCH', message: expect.stringContaining('synthetic') });
  });

  test('every package states its licence', () => {
    expect(PACKAGES.length).toBeGreaterThan(5);
    for (const { licence, version } of PACKAGES) {
      expect(licence).not.toBe('');
      expect(version).not.toBe('');
    }
  });
});
