import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FakeMachine } from './fake-machine.js';

const INSTALL = 'apt-get install -y --no-install-recommends';
const NPM_CI = 'npm ci --no-audit --no-fund ONNXRUNTIME_NODE_INSTALL=skip';

const ready = () => new FakeMachine('clone').mark('libsndfile1-dev').mark('libsoxr-dev');

// The programs of these machines are shell scripts, and apt-get is Linux's.
describe.skipIf(process.platform !== 'linux')('setup', () => {
  it('installs, builds and compiles once, then has nothing to do', () => {
    const machine = new FakeMachine('clone').mark('cmake-is-gone');
    const first = machine.run('setup.mjs');
    expect(first).toMatchObject({
      code: 0,
      did: [`${INSTALL} cmake libsndfile1-dev libsoxr-dev`, NPM_CI, 'build-native', 'compile'],
    });
    const started = performance.now();
    expect(machine.run('setup.mjs')).toMatchObject({ code: 0, did: [] });
    expect(performance.now() - started).toBeLessThan(2000);
    expect(machine.run('setup.mjs', '--check')).toMatchObject({ code: 0, did: [] });
  });

  it.each<[string, (machine: FakeMachine) => void, string[]]>([
    ['the lock file asks for another version', (m) => m.lock({ a: '2.0.0' }), [NPM_CI, 'compile']],
    ['a native source changed', (m) => m.write('native/core.cc', 'int changed;'), ['build-native']],
    ['the addon is gone', (m) => rmSync(join(m.root, 'build'), { recursive: true }), ['build-native']],
    ['a TypeScript source was added', (m) => m.write('src/more.ts', 'export {};'), ['compile']],
    ['dist is gone', (m) => rmSync(join(m.root, 'dist'), { recursive: true }), ['compile']],
  ])('does again only what it must where %s', (_, change, expected) => {
    const machine = ready();
    expect(machine.run('setup.mjs').code).toBe(0);
    change(machine);
    expect(machine.run('setup.mjs', '--check')).toMatchObject({ code: 1, did: [] });
    expect(machine.run('setup.mjs')).toMatchObject({ code: 0, did: expected });
  });

  it('--check names what is missing and the one command, and changes nothing', () => {
    const { code, output, did } = new FakeMachine('clone').without('c++').run('setup.mjs', '--check');
    expect(code).toBe(1);
    expect(did).toEqual([]);
    expect(output).toMatch(/MISSING C\+\+ compiler +none of c\+\+, g\+\+, clang\+\+ is on the PATH/);
    expect(output).toMatch(/MISSING libsoxr +pkg-config finds no soxr\.pc/);
    expect(output).toMatch(/apt-get update && .*apt-get install .* g\+\+ libsndfile1-dev libsoxr-dev\n/);
  });

  it('--system leaves the project alone', () => {
    const { code, did } = new FakeMachine('clone').run('setup.mjs', '--system');
    expect({ code, did }).toEqual({ code: 0, did: [`${INSTALL} libsndfile1-dev libsoxr-dev`] });
  });

  it('prints the one command where it may not install, and stops', () => {
    const machine = new FakeMachine('clone').without('apt-get', 'pkg-config');
    machine.program('dnf', 'exit 0');
    const { code, output, did } = machine.run('setup.mjs');
    expect(code).toBe(1);
    expect(did).toEqual([]);
    expect(output).toMatch(/type\n\n {2}(sudo )?dnf install -y pkgconf-pkg-config libsndfile-devel soxr-devel\n/);
  });

  it('refreshes the package lists when an install fails, and says what to type when that fails too', () => {
    const { code, output, did } = new FakeMachine('clone').mark('apt-fails').run('setup.mjs');
    expect(code).toBe(1);
    expect(did).toEqual([`${INSTALL} libsndfile1-dev libsoxr-dev`, 'apt-get update']);
    expect(output).toContain('E: no network');
    expect(output).toContain('apt-get could not install libsndfile1-dev libsoxr-dev');
  });

  it('says so when what the system offers is too old', () => {
    const machine = ready();
    machine.program('cmake', 'echo "cmake version 3.13.4"');
    const { code, output } = machine.run('setup.mjs');
    expect(code).toBe(1);
    expect(output).toContain('installed, and still missing:\n  CMake: needs 3.21 or newer, this is 3.13.4');
  });

  it('stops at the step that fails', () => {
    const machine = ready();
    machine.program('npm', 'echo "npm error code E404"; exit 1');
    const { code, output, did } = machine.run('setup.mjs');
    expect({ code, did }).toEqual({ code: 1, did: [] });
    expect(output).toContain('npm error code E404');
    expect(output).toContain('`npm ci` failed; its output is above');
  });

  it('explains itself and refuses other options', () => {
    expect(ready().run('setup.mjs', '--help')).toMatchObject({ code: 0, did: [] });
    const { code, output, did } = ready().run('setup.mjs', '--chek');
    expect({ code, did }).toEqual({ code: 2, did: [] });
    expect(output).toContain('must be one of --check, --system, --help, got "--chek"');
  });
});

describe.skipIf(process.platform !== 'linux')('install', () => {
  it('leaves a clone to setup', () => {
    expect(new FakeMachine('clone').run('install.mjs')).toMatchObject({ code: 0, output: '', did: [] });
  });

  it('takes a prebuilt addon that loads', () => {
    const machine = new FakeMachine('package').without('c++', 'cmake', 'pkg-config');
    machine.addPrebuilt();
    expect(machine.run('install.mjs')).toMatchObject({ code: 0, output: '', did: [] });
    expect(machine.run('setup.mjs', '--system').code).toBe(1);
  });

  it('builds from source where there is none', () => {
    const machine = new FakeMachine('package').mark('libsndfile1-dev').mark('libsoxr-dev');
    expect(machine.run('install.mjs')).toMatchObject({ code: 0, did: ['build-native'] });
  });

  it('installs nothing on the system, but prints the one command', () => {
    const machine = new FakeMachine('package').without('cmake');
    machine.write(`prebuilds/${process.platform}-${process.arch}/cochlea.node`, 'not a library');
    const { code, output, did } = machine.run('install.mjs');
    expect({ code, did }).toEqual({ code: 1, did: [] });
    expect(output).toContain('the prebuilt addon does not load');
    // With a prebuilt addon the libraries come first; CMake is asked for only if it still does not load.
    expect(output).toMatch(/apt-get install .* libsndfile1-dev libsoxr-dev\n/);
  });
});
