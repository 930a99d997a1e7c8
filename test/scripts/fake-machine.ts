import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

/** What a complete machine answers. `$STATE` is a folder in which installing a package leaves a file. */
const PROGRAMS: Readonly<Record<string, string>> = {
  'c++': 'echo "c++ 12.2.0"',
  ninja: 'echo 1.11.1',
  cmake: '[ -e "$STATE/cmake-is-gone" ] && [ ! -e "$STATE/cmake" ] && exit 127; echo "cmake version 3.25.1"',
  'pkg-config': `
    case "$1:$2" in
      --version:*) echo 1.8.1;;
      *:sndfile) [ -e "$STATE/libsndfile1-dev" ] && echo 1.2.0;;
      *:soxr) [ -e "$STATE/libsoxr-dev" ] && echo 0.1.3;;
    esac`,
  'apt-get': `
    [ "$1" = --version ] && exit 0
    echo "apt-get $*" >> "$STATE/log"
    [ -e "$STATE/apt-fails" ] && { echo "E: no network" >&2; exit 100; }
    [ "$1" = install ] && for package in "$@"; do : > "$STATE/$package"; done
    exit 0`,
  sudo: 'shift; exec "$@"',
  npm: `
    echo "npm $* ONNXRUNTIME_NODE_INSTALL=$ONNXRUNTIME_NODE_INSTALL" >> "$STATE/log"
    /bin/mkdir -p node_modules && /bin/cp package-lock.json node_modules/.package-lock.json`,
};

/** What the project's own build steps do here: say that they ran, and leave what the real ones leave. */
const BUILD_NATIVE = `
  import { appendFileSync, cpSync } from 'node:fs';
  appendFileSync(process.env.STATE + '/log', 'build-native\\n');
  cpSync(process.env.ADDON, new URL('../build/Release/cochlea.node', import.meta.url), { recursive: true });
`;
const COMPILE = `
  import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
  appendFileSync(process.env.STATE + '/log', 'compile\\n');
  mkdirSync('dist', { recursive: true });
  writeFileSync('dist/index.js', '');
`;

type Script = 'setup.mjs' | 'setup-tensorflow.mjs' | 'install.mjs';

/** A copy of the scripts in a folder of its own, on a machine that has only the programs it is given. */
export class FakeMachine {
  readonly root = mkdtempSync(join(tmpdir(), 'cochlea-setup-'));
  readonly #programs = join(this.root, '.programs');
  readonly #state = join(this.root, '.state');

  /** Beside what every machine's has. */
  environment: Readonly<Record<string, string>> = {};

  constructor(kind: 'clone' | 'package') {
    onTestFinished(() => rmSync(this.root, { recursive: true, force: true }));
    for (const part of ['setup.mjs', 'setup-tensorflow.mjs', 'install.mjs', 'lib']) {
      cpSync(join(PROJECT, 'scripts', part), join(this.root, 'scripts', part), { recursive: true });
    }
    mkdirSync(this.#state);
    mkdirSync(this.#programs);
    for (const [name, body] of Object.entries(PROGRAMS)) this.program(name, body);
    this.write('package.json', '{ "type": "module" }');
    this.write('scripts/build-native.mjs', BUILD_NATIVE);
    this.write('native/core.cc', 'int x;');
    if (kind === 'package') return;
    this.write('tsconfig.json', '{}');
    this.write('src/index.ts', 'export {};');
    this.write('scripts/compile.mjs', COMPILE);
    this.lock({ a: '1.0.0' });
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), text);
  }

  /** Replaces a program of this machine. */
  program(name: string, body: string): void {
    writeFileSync(join(this.#programs, name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  }

  without(...names: string[]): this {
    for (const name of names) rmSync(join(this.#programs, name));
    return this;
  }

  /** Marks something as so, e.g. a package as installed. */
  mark(name: string): this {
    writeFileSync(join(this.#state, name), '');
    return this;
  }

  lock(versions: Readonly<Record<string, string>>): void {
    const packages = Object.entries(versions).map(([name, version]) => [`node_modules/${name}`, { version }]);
    this.write('package-lock.json', JSON.stringify({ packages: Object.fromEntries([['', {}], ...packages]) }));
  }

  /** The addon this project built, as if a release had brought it. */
  addPrebuilt(): void {
    cpSync(addonFile(), join(this.root, 'prebuilds', `${process.platform}-${process.arch}`, 'cochlea.node'));
  }

  run(script: Script, ...args: string[]): { code: number | null; output: string; did: string[]; stdout: string } {
    const log = join(this.#state, 'log');
    rmSync(log, { force: true });
    const env = { PATH: this.#programs, STATE: this.#state, ADDON: addonFile(), ...this.environment };
    const path = join(this.root, 'scripts', script);
    const result = spawnSync(process.execPath, [path, ...args], { cwd: this.root, env, encoding: 'utf8' });
    const did = existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : [];
    return { code: result.status, output: result.stdout + result.stderr, did, stdout: result.stdout };
  }
}

function addonFile(): string {
  return join(PROJECT, 'build', 'Release', 'cochlea.node');
}
