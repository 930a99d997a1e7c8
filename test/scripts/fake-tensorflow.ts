/** A project on a fake machine where TensorFlow can be set up: small wheels, and programs that leave what the real ones leave. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from 'vitest';
import { FakeMachine } from './fake-machine.js';

export const CPU_WHEEL = 'tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl';
export const GPU_WHEEL = 'tensorflow-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl';
export const CUBLAS_WHEEL = 'nvidia_cublas_cu12-12.9.1-py3-none-manylinux_2_27_x86_64.whl';

/** The real one unpacks wheels; null where there is none. */
export const PYTHON = (() => {
  const { status, stdout } = spawnSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : null;
})();

const PYTHON3 = `
  [ "$1" = --version ] && { echo Python 3.11; exit 0; }
  [ "$1" = -c ] && exec ${PYTHON} "$@"
  [ -e "$STATE/no-pip" ] && exit 1
  [ "$4" = --version ] || [ "$3" = --version ] && exit 0
  [ -e "$STATE/no-network" ] && { echo "ERROR: No matching distribution found" >&2; exit 1; }
  shift 3
  echo "pip download $*" >> "$STATE/log"
  while [ "$1" != -d ]; do shift; done
  folder=$2; shift 2
  for requirement in "$@"; do
    name=$(echo "$requirement" | /bin/sed 's/[<>=].*//; s/-/_/g')
    /bin/cp wheels/"$name"-[0-9]* "$folder"
  done`;
const NPM = `
  [ "$1" = exec ] && { echo "npm warn something" >&2; echo "$STATE/node-gyp.js"; exit 0; }
  echo "npm $*" >> "$STATE/log"
  for last; do :; done
  name=\${last%@*}
  /bin/mkdir -p "node_modules/$name"
  echo "{ \\"name\\": \\"$name\\", \\"version\\": \\"\${last##*@}\\" }" > "node_modules/$name/package.json"
  echo "{ \\"packages\\": { \\"node_modules/$name\\": { \\"version\\": \\"4.22.0\\" } } }" > node_modules/.package-lock.json`;
const NODE_GYP = `
  const { appendFileSync, existsSync, mkdirSync, writeFileSync } = require('node:fs');
  const flag = (name) => process.argv.find((one) => one.startsWith('--' + name + '=')).split('=')[1];
  appendFileSync(process.env.STATE + '/log', 'node-gyp ' + process.argv[2] + process.env.CXXFLAGS + '\\n');
  if (existsSync(process.env.STATE + '/compiler-fails')) { console.log('error: no such thing'); process.exit(1); }
  for (const file of ['lib/libtensorflow.so', 'lib/libtensorflow_framework.so', 'include/context_options.h'])
    if (!existsSync('deps/' + file)) throw new Error(file + ' is missing');
  mkdirSync(flag('module_path'), { recursive: true });
  writeFileSync(flag('module_path') + '/' + flag('module_name') + '.node', '');
`;
const REPORT = `
  import { existsSync } from 'node:fs';
  const failure = existsSync(process.env.STATE + '/crashes') ? 'its process ended with SIGILL' : null;
  export const tensorflowReport = async () => ({
    package: '@tensorflow/tfjs-node', packageVersion: '4.22.0', tensorflow: '2.21.0', usesGpu: false,
    gpuLog: ['Could not find cuda drivers on your machine, GPU will not be used.'], failure,
  });
`;

export class FakeTensorflowProject extends FakeMachine {
  constructor(kind: 'clone' | 'package' = 'package') {
    super(kind);
    this.program('make', 'echo GNU Make 4.3');
    this.program('python3', PYTHON3);
    this.program('npm', NPM);
    this.write('.state/node-gyp.js', NODE_GYP);
    this.write('.state/package.json', '{ "type": "commonjs" }');
    this.write('native/tensorflow/context_options.h', '// options');
    this.write('dist/training/tensorflow-report.js', REPORT);
    this.write('node_modules/@tensorflow/tfjs/package.json', '{ "version": "4.22.0" }');
    this.write('node_modules/.package-lock.json', '{ "packages": {} }');
    cpSync(standardWheels(), join(this.root, 'wheels'), { recursive: true });
  }

  /** Another wheel in the folder `wheels`. */
  wheel(name: string, files: Readonly<Record<string, string>>): void {
    makeWheel(join(this.root, 'wheels'), name, files);
  }

  setUp(...args: string[]) {
    return this.run('setup-tensorflow.mjs', ...args);
  }

  /** A file of the package, or null. */
  packageFile(path: string, name = 'tfjs-node'): string | null {
    const file = join(this.root, 'node_modules', '@tensorflow', name, path);
    return existsSync(file) ? readFileSync(file, 'utf8') : null;
  }

  /** What `pip install` would leave. */
  sitePackages(): string {
    const folder = join(this.root, 'site-packages');
    for (const [path, text] of Object.entries({ ...LIBRARIES, 'nvidia/cublas/lib/libcublas.so.12': 'installed' })) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    return folder;
  }
}

/** A wheel is a zip archive. */
export function makeWheel(folder: string, name: string, files: Readonly<Record<string, string>>): void {
  const script =
    'import json,sys,zipfile\nwith zipfile.ZipFile(sys.argv[1],"w") as z:\n for p,t in json.loads(sys.argv[2]).items(): z.writestr(p,t)';
  mkdirSync(folder, { recursive: true });
  if (PYTHON !== null) spawnSync(PYTHON, ['-c', script, join(folder, name), JSON.stringify(files)]);
}

let made: string | null = null;

afterAll(() => {
  if (made !== null) rmSync(made, { recursive: true, force: true });
});

/** Made once, as Python takes its time to start. */
function standardWheels(): string {
  if (made !== null) return made;
  const folder = mkdtempSync(join(tmpdir(), 'cochlea-wheels-'));
  const needs = 'Requires-Dist: nvidia-cublas-cu12 <13.0,>=12.5.3.2; extra == "and-cuda"\n';
  const metadata = `Requires-Dist: numpy>=1.26.0\n${needs}`;
  makeWheel(folder, CPU_WHEEL, { ...LIBRARIES, 'tensorflow_cpu-2.21.0.dist-info/METADATA': metadata });
  makeWheel(folder, GPU_WHEEL, { ...LIBRARIES, 'tensorflow-2.21.0.dist-info/METADATA': metadata });
  makeWheel(folder, CUBLAS_WHEEL, { 'nvidia/cublas/lib/libcublas.so.12': 'cublas', 'nvidia/cublas/__init__.py': '' });
  made = folder;
  return folder;
}

const LIBRARIES = {
  'tensorflow/libtensorflow_cc.so.2': 'cc',
  'tensorflow/libtensorflow_framework.so.2': 'framework',
  'tensorflow/include/tensorflow/c/c_api.h': '// C',
  'tensorflow/python/much_else.py': 'x = 1',
};
