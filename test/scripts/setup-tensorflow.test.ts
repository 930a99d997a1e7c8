/** `cochlea setup tensorflow` on machines whose programs are stand-ins, with wheels of a few bytes. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CPU_WHEEL, CUBLAS_WHEEL, FakeTensorflowProject, GPU_WHEEL, PYTHON } from './fake-tensorflow.js';

const NPM = (name: string) =>
  `npm install --no-save --save-prod --ignore-scripts --no-audit --no-fund @tensorflow/${name}@4.22.0`;
const NODE_GYP = 'node-gyp rebuild -include context_options.h';
const here = process.platform === 'linux' && process.arch === 'x64' && PYTHON !== null;

describe.skipIf(!here)('setup tensorflow (needs Linux on x64 and python3)', () => {
  it('installs, fills, builds and proves, then has nothing to do', () => {
    const project = new FakeTensorflowProject();
    const manifest = readFileSync(join(project.root, 'package.json'), 'utf8');
    expect(project.setUp('--check')).toMatchObject({ code: 1, did: [] });
    const { code, output, did } = project.setUp();
    expect({ code, did }).toEqual({
      code: 0,
      did: [NPM('tfjs-node'), expect.stringMatching(/^pip download .*deps\.new\/wheels tensorflow-cpu$/), NODE_GYP],
    });
    expect(output).toContain('TensorFlow 2.21.0 through @tensorflow/tfjs-node 4.22.0 trains');
    expect(project.packageFile('deps/lib/libtensorflow.so')).toBe('cc');
    expect(project.packageFile('deps/lib/libtensorflow_framework.so')).toBe('framework');
    expect(project.packageFile('deps/include/tensorflow/c/c_api.h')).toBe('// C');
    expect(project.packageFile('lib/napi-v8/tfjs_binding.node')).toBe('');
    expect(project.packageFile('deps.new/wheels')).toBeNull();
    expect(readFileSync(join(project.root, 'package.json'), 'utf8')).toBe(manifest);
    expect(project.setUp()).toMatchObject({ code: 0, did: [] });
    expect(project.setUp('--check')).toMatchObject({ code: 0, did: [] });
  });

  it('takes a wheel, and another one in its place', () => {
    const project = new FakeTensorflowProject();
    expect(project.setUp('--from', `wheels/${CPU_WHEEL}`)).toMatchObject({
      code: 0,
      did: [NPM('tfjs-node'), NODE_GYP],
    });
    expect(project.setUp('--from', `wheels/${CPU_WHEEL}`)).toMatchObject({ code: 0, did: [] });
    const { code, output, did } = project.setUp('--from', `wheels/${GPU_WHEEL}`);
    expect({ code, did }).toEqual({ code: 0, did: [NODE_GYP] });
    expect(output).toContain(`libraries: they are of ${CPU_WHEEL}`);
  });

  it.each([
    ['downloads', [], 'cublas'],
    ['a folder of wheels', ['--from', 'wheels'], 'cublas'],
    ['an unpacked wheel', ['--from', 'site-packages'], 'installed'],
  ])('with --gpu fills in the libraries of CUDA from %s', (_, from, expected) => {
    const project = new FakeTensorflowProject();
    project.sitePackages();
    const { code, output, did } = project.setUp('--gpu', ...from);
    expect({ code, did: did.filter((line) => !line.startsWith('pip')) }).toEqual({
      code: 0,
      did: [NPM('tfjs-node-gpu'), NODE_GYP],
    });
    const downloads = did.filter((line) => line.startsWith('pip'));
    if (from.length > 0) expect(downloads).toEqual([]);
    else expect(downloads[1]).toMatch(/ nvidia-cublas-cu12<13\.0,>=12\.5\.3\.2$/);
    expect(project.packageFile('deps/nvidia/cublas/lib/libcublas.so.12', 'tfjs-node-gpu')).toBe(expected);
    expect(output).toContain('it finds no GPU: Could not find cuda drivers on your machine');
    expect(readFileSync(join(project.root, 'site-packages/tensorflow/libtensorflow_cc.so.2'), 'utf8')).toBe('cc');
  });

  it.each<[string, (project: FakeTensorflowProject) => void, string[], RegExp]>([
    ['compiler', (p) => p.without('c++'), [], /C\+\+ compiler: none of .*\n[\s\S]*apt-get install .* g\+\+\n/],
    [
      'make or pip',
      (p) => p.without('make').mark('no-pip'),
      [],
      /make: make is not.*\n {2}pip .*\n[\s\S]* make python3-pip\n/,
    ],
    ['Python', (p) => p.without('python3'), ['--from', 'wheels'], /Python \(for node-gyp\): python3 is not/],
    [
      'peer',
      (p) => rmSync(join(p.root, 'node_modules/@tensorflow'), { recursive: true }),
      [],
      /tfjs must be installed: npm/,
    ],
    [
      'npm',
      (p) => rmSync(join(p.root, 'node_modules/.package-lock.json')),
      [],
      /npm must have installed .*another program/,
    ],
    ['file', () => {}, ['--from', 'absent.whl'], /--from must be a wheel or folder that exists, got absent\.whl/],
    ['library', () => {}, ['--from', 'native'], /--from must hold libtensorflow_cc\.so\.2 and .*, or tensorflow_cpu/],
    [
      'other',
      (p) => p.wheel('numpy-2.0-cp311-cp311-linux_x86_64.whl', { x: '' }),
      ['--from', 'wheels/numpy-2.0-cp311-cp311-linux_x86_64.whl'],
      /a wheel of tensorflow or/,
    ],
    [
      'platform',
      (p) => p.wheel('tensorflow-2.21.0-cp311-cp311-macosx_12_0_arm64.whl', { x: '' }),
      ['--from', 'wheels/tensorflow-2.21.0-cp311-cp311-macosx_12_0_arm64.whl'],
      /must be for Linux on x86_64, got one for macosx_12_0_arm64/,
    ],
    [
      'CUDA',
      () => {},
      ['--gpu', '--from', `wheels/${CPU_WHEEL}`],
      /must be that of tensorflow with --gpu, got tensorflow_cpu/,
    ],
  ])('names what is missing or wrong before it does anything: %s', (_, change, args, message) => {
    const project = new FakeTensorflowProject();
    change(project);
    const { code, output, did } = project.setUp(...args);
    expect({ code, did }).toEqual({ code: 1, did: [] });
    expect(output).toMatch(message);
  });

  it.each<[string, (project: FakeTensorflowProject) => void, string[], RegExp]>([
    [
      'no network',
      (p) => p.mark('no-network'),
      [],
      /No matching distribution[\s\S]*pip could not download tensorflow-cpu; .*--from/,
    ],
    ['a damaged wheel', (p) => p.write(`wheels/${CPU_WHEEL}`, 'PK'), [], /python3 could not unpack .*zip/],
    [
      'a wheel without libraries',
      (p) => p.wheel(CPU_WHEEL, { 'tensorflow/x': '' }),
      [],
      /must hold tensorflow\/libtensorflow_cc/,
    ],
    [
      'no wheel of CUDA',
      (p) => rmSync(join(p.root, 'wheels', CUBLAS_WHEEL)),
      ['--gpu', '--from', 'wheels'],
      /must hold a wheel of nvidia-cublas-cu12/,
    ],
    [
      'a failing compiler',
      (p) => p.mark('compiler-fails'),
      [],
      /error: no such thing\n[\s\S]*node-gyp could not build the binding/,
    ],
    ['a crash', (p) => p.mark('crashes'), [], /tfjs-node does not work: its process ended with SIGILL/],
  ])('stops at the step that fails, with its reason: %s', (_, change, args, message) => {
    const project = new FakeTensorflowProject();
    change(project);
    const { code, output } = project.setUp(...args);
    expect(code).toBe(1);
    expect(output).toMatch(message);
  });

  it('refuses another platform before it does anything', () => {
    const project = new FakeTensorflowProject();
    project.write('arm.cjs', "Object.defineProperty(process, 'arch', { value: 'arm64' })");
    project.environment = { NODE_OPTIONS: `--require=${join(project.root, 'arm.cjs')}` };
    const { code, output, did } = project.setUp();
    expect({ code, did }).toEqual({ code: 1, did: [] });
    expect(output).toContain('this machine must be Linux on x64, got linux on arm64');
  });

  it('keeps the libraries that were there when new ones cannot be had', () => {
    const project = new FakeTensorflowProject();
    project.setUp();
    project.wheel(GPU_WHEEL, { 'tensorflow/x': '' });
    expect(project.setUp('--from', `wheels/${GPU_WHEEL}`).code).toBe(1);
    expect(project.packageFile('deps/lib/libtensorflow.so')).toBe('cc');
    expect(project.setUp()).toMatchObject({ code: 0, did: [] });
  });

  it('is no drift from the lock file of a clone', () => {
    const project = new FakeTensorflowProject('clone')
      .mark('libsndfile1-dev')
      .mark('libsoxr-dev') as FakeTensorflowProject;
    project.write('package-lock.json', '{ "packages": {} }');
    expect(project.setUp().code).toBe(0);
    expect(project.run('setup.mjs', '--check').output).toMatch(/ok +npm packages +up to date/);
  });

  it('prints its result as JSON, explains itself, and refuses other options', () => {
    const project = new FakeTensorflowProject();
    const { stdout } = project.setUp('--json');
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, tensorflow: '2.21.0', usesGpu: false, source: CPU_WHEEL });
    const failed = new FakeTensorflowProject().mark('no-network') as FakeTensorflowProject;
    expect(JSON.parse(failed.setUp('--json').stdout)).toMatchObject({
      ok: false,
      error: expect.stringContaining('pip'),
    });
    expect(project.setUp('--help')).toMatchObject({ code: 0, output: expect.stringContaining('--from <path>') });
    expect(project.setUp('--gpus')).toMatchObject({ code: 2, output: expect.stringContaining("'--gpus'") });
  });
});
