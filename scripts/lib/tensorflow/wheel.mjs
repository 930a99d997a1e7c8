/** Python wheels: zip archives that carry TensorFlow's and CUDA's libraries. */
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { capture, SetupError, show } from '../run.mjs';

export const LIBRARIES = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];
const PLATFORM = /linux.*x86_64/;
const PIPS = [['python3', '-m', 'pip'], ['pip3'], ['pip']];
/** Reads the archive at argv[1] into the folder argv[2], only what begins with one of the other arguments. */
const PYTHON_UNZIP = `
import sys, zipfile
archive = zipfile.ZipFile(sys.argv[1])
archive.extractall(sys.argv[2], [name for name in archive.namelist() if name.startswith(tuple(sys.argv[3:]))])
`;

/**
 * Where TensorFlow's libraries come from: a wheel, or the folder `tensorflow` that one was unpacked to, with the wheels or
 * the folder of CUDA's libraries beside it.
 * @typedef {{ wheel: string | null, unpacked: string | null, beside: string, name: string }} Source
 */

/**
 * What `--from` names.
 * @param {string} from
 * @param {boolean} gpu
 * @returns {Source}
 * @throws {SetupError}
 */
export function sourceNamed(from, gpu) {
  const path = resolve(from);
  if (!existsSync(path)) throw new SetupError(`--from must be a wheel or folder that exists, got ${from}`);
  if (!statSync(path).isDirectory()) return wheelSource(path, gpu);
  for (const unpacked of [path, join(path, 'tensorflow')]) {
    if (LIBRARIES.every((library) => existsSync(join(unpacked, library))))
      return { wheel: null, unpacked, beside: dirname(unpacked), name: unpacked };
  }
  const wheels = readdirSync(path).filter((file) => /^tensorflow(_cpu)?-.*\.whl$/.test(file));
  const [wheel = null] = wheels.filter((file) => file.startsWith('tensorflow-') || !gpu).sort();
  if (wheel !== null) return wheelSource(join(path, wheel), gpu);
  const wanted = gpu ? 'tensorflow-*.whl' : 'tensorflow_cpu-*.whl or tensorflow-*.whl';
  throw new SetupError(`--from must hold ${LIBRARIES.join(' and ')}, or ${wanted}, got ${from}`);
}

/** @param {string} path @param {boolean} gpu @returns {Source} */
function wheelSource(path, gpu) {
  const name = basename(path);
  const [, cpu, platform] = /^tensorflow(_cpu)?-[^-]+-[^-]+-[^-]+-(.+)\.whl$/.exec(name) ?? [];
  if (platform === undefined)
    throw new SetupError(`--from must be a wheel of tensorflow or tensorflow-cpu, got ${name}`);
  if (!PLATFORM.test(platform)) throw new SetupError(`the wheel must be for Linux on x86_64, got one for ${platform}`);
  if (gpu && cpu !== undefined) throw new SetupError(`the wheel must be that of tensorflow with --gpu, got ${name}`);
  return { wheel: path, unpacked: null, beside: dirname(path), name };
}

/** @returns {string[] | null} how pip is run here */
export function findPip() {
  return PIPS.find(([program = '', ...args]) => capture(program, [...args, '--version']).ok) ?? null;
}

/**
 * The newest wheels that pip finds.
 * @param {string[]} requirements
 * @param {string} folder
 * @param {1 | 2} stdout
 * @throws {SetupError}
 */
export function downloadWheels(requirements, folder, stdout) {
  const pip = findPip();
  if (pip === null) throw new SetupError('pip must be on the PATH to download wheels, or --from name one, got neither');
  mkdirSync(folder, { recursive: true });
  const [program = '', ...args] = [
    ...pip,
    'download',
    '--no-deps',
    '--only-binary=:all:',
    '-d',
    folder,
    ...requirements,
  ];
  if (!show(program, args, { stdout }))
    throw new SetupError(
      `pip could not download ${requirements.join(' ')}; its output is above. Where there is no network, download on another machine and give the folder with --from.`,
    );
}

/**
 * By Python, which node-gyp needs anyway.
 * @param {string} wheel
 * @param {string} folder
 * @param {string[]} beginnings of the names of what is taken out
 * @throws {SetupError} where there is no Python, or the file is damaged
 */
export function unpackWheel(wheel, folder, beginnings) {
  mkdirSync(folder, { recursive: true });
  const { ok, output } = capture('python3', ['-c', PYTHON_UNZIP, wheel, folder, ...beginnings]);
  if (!ok) throw new SetupError(`python3 could not unpack ${wheel}: ${output.split('\n').at(-1) ?? ''}`);
}

/**
 * CUDA's wheels that an unpacked wheel of TensorFlow asks for.
 * @param {string} folder with its `.dist-info`
 * @returns {string[]} as pip takes them
 */
export function cudaRequirements(folder) {
  const info = readdirSync(folder).find((name) => /^tensorflow(_cpu)?-.*\.dist-info$/.test(name));
  const metadata = info === undefined ? '' : readFileSync(join(folder, info, 'METADATA'), 'utf8');
  const lines = metadata.matchAll(/^Requires-Dist: (nvidia-[^;]+);.*extra == ["']and-cuda["']/gm);
  return [...lines].map(([, requirement = '']) => requirement.replaceAll(' ', ''));
}
