/** What `npm pack` makes: its files, and that they run where nothing else of the repository is. */
import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addonPaths } from '../../src/native/loader.js';
import { codeBlocks, ROOT, readDocument } from '../docs/markdown.js';

const run = promisify(execFile);
const readme = readDocument('README.md');
const manifest: { version: string; dependencies: Record<string, string> } = JSON.parse(readDocument('package.json'));

let scratch = '';
let files: string[] = [];

async function npm(args: readonly string[], cwd: string, env: Record<string, string> = {}): Promise<string> {
  const { stdout } = await run('npm', args, { cwd, env: { ...process.env, ...env }, maxBuffer: 2 ** 26 });
  return stdout;
}

/** Writes the README's example to `folder`, runs it there, and compares what it prints. */
async function exampleRunsIn(folder: string): Promise<void> {
  writeFileSync(join(folder, 'example.mjs'), codeBlocks(readme, 'js')[0]!);
  const { stdout } = await run(process.execPath, ['example.mjs'], { cwd: folder });
  expect(stdout).toBe(codeBlocks(readme, 'text')[0]);
}

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'cochlea-package-'));
  const packed = await npm(['pack', '--json', '--ignore-scripts', '--pack-destination', scratch], ROOT);
  const [report]: { files: { path: string }[] }[] = JSON.parse(packed);
  files = report!.files.map(({ path }) => path).filter((path) => !path.startsWith('prebuilds/'));
});

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe('the tarball', () => {
  it('holds what runs, what builds and what explains', () => {
    const needed = [
      ...['LICENSE', 'README.md', 'CHANGELOG.md', 'THIRD_PARTY_NOTICES', 'docs/api.md', 'docs/beep-sequence.md'],
      ...['dist/index.js', 'dist/index.d.ts', 'dist/training/index.js', 'dist/training/index.d.ts', 'dist/cli/main.js'],
      ...[
        'dist/extract/extract.process.js',
        'dist/extract/extract.worker.js',
        'dist/chunks/LICENCES',
        'CMakeLists.txt',
        'native/binding/addon.cc',
        'native/include/cochlea/wav.h',
      ],
      ...['scripts/install.mjs', 'scripts/setup.mjs', 'scripts/build-native.mjs', 'scripts/lib/tree.mjs'],
    ];
    expect(needed.filter((file) => !files.includes(file))).toEqual([]);
  });

  it('holds nothing else', () => {
    const kinds = /^(dist\/.*\.(js|d\.ts)|native\/.*\.(cc|h)|scripts\/.*\.mjs|docs\/.*\.md)$/;
    const single = [
      'dist/chunks/LICENCES',
      'package.json',
      'LICENSE',
      'README.md',
      'CHANGELOG.md',
      'THIRD_PARTY_NOTICES',
      'CMakeLists.txt',
    ];
    expect(files.filter((file) => !kinds.test(file) && !single.includes(file))).toEqual([]);
    expect(files.filter((file) => /(^|\/)(test|bench)\//.test(file))).toEqual([]);
  });

  it('holds every C++ source that CMake compiles and every script that another imports', () => {
    const sources = readdirSync(join(ROOT, 'native'), { recursive: true, encoding: 'utf8' });
    const compiled = sources.filter((file) => /\.(cc|h)$/.test(file) && !file.startsWith('test/'));
    expect(compiled.length).toBeGreaterThan(20);
    expect(compiled.filter((file) => !files.includes(`native/${file}`))).toEqual([]);
    const scripts = files.filter((file) => file.startsWith('scripts/'));
    const imported = scripts.flatMap((file) =>
      [...readDocument(file).matchAll(/from '\.\/([^']+)'/g)].map(([, path]) => join(file, '..', path!)),
    );
    expect(imported.length).toBeGreaterThan(3);
    expect(imported.filter((file) => !scripts.includes(file))).toEqual([]);
  });

  it('runs the example, the command line and a worker with its dependencies alone', async () => {
    const folder = join(scratch, 'unpacked');
    const target = join(folder, 'node_modules', 'cochlea');
    mkdirSync(target, { recursive: true });
    await run('tar', ['-xzf', join(scratch, `cochlea-${manifest.version}.tgz`), '-C', target, '--strip-components=1']);
    const prebuilt = join(target, 'prebuilds', `${process.platform}-${process.arch}`);
    mkdirSync(prebuilt, { recursive: true });
    copyFileSync(addonPaths(ROOT)[0]!, join(prebuilt, 'cochlea.node'));
    linkDependencies(join(folder, 'node_modules'));
    await exampleRunsIn(folder);

    const cli = join(target, 'dist', 'cli', 'main.js');
    const { stdout: version } = await run(process.execPath, [cli, '--version'], { cwd: folder });
    expect(version.trim()).toBe(manifest.version);
    writeFileSync(join(folder, 'spec.yaml'), SPEC);
    const recording = join(ROOT, 'test/audio/fixtures/tone.mp3');
    const extract = [cli, 'extract', recording, '-o', 'features', '--spec', 'spec.yaml', '--json', '--quiet'];
    const { stdout } = await run(process.execPath, extract, { cwd: folder });
    expect(JSON.parse(stdout)).toMatchObject({ recordings: 1, errors: [] });
  });
});

const SPEC = `
task: detect
audio: { sampleRate: 16000 }
features: { kind: logMel, nFft: 1024, hopLength: 512, nMels: 64, topDb: null }
`;

/** All that npm would install for the package, and not what the repository installs for its tests. */
function linkDependencies(modules: string): void {
  const locked: { packages: Record<string, { dev?: boolean; link?: boolean }> } = JSON.parse(
    readDocument('package-lock.json'),
  );
  for (const [path, { dev }] of Object.entries(locked.packages)) {
    const [, name, nested] = /^node_modules\/((?:@[^/]+\/)?[^/]+)(\/.*)?$/.exec(path) ?? [];
    if (name === undefined || nested !== undefined || dev) continue;
    mkdirSync(join(modules, name, '..'), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
  }
}

const ALL = process.env.COCHLEA_TEST_PACKAGE === '1';

describe.skipIf(!ALL)('npm install (npm run test:package; needs the npm registry)', () => {
  it('installs the tarball in an empty folder, where the example runs', { timeout: 600_000 }, async () => {
    const packs = join(scratch, 'packs');
    const folder = join(scratch, 'installed');
    mkdirSync(packs);
    mkdirSync(folder);
    await npm(['pack', '--pack-destination', packs], ROOT);
    const tarball = join(packs, `cochlea-${manifest.version}.tgz`);
    await npm(['install', tarball], folder, { ONNXRUNTIME_NODE_INSTALL: 'skip' });
    await exampleRunsIn(folder);
    const installed = readdirSync(join(folder, 'node_modules'));
    expect(installed).not.toContain('vitest');
    expect(installed).not.toContain('@tensorflow');
  });
});
