/** TensorFlow's libraries in the folder `deps` of a tfjs package, where its binding looks for them. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { SetupError } from '../run.mjs';
import { cudaRequirements, downloadWheels, LIBRARIES, sourceNamed, unpackWheel } from './wheel.mjs';

/** The names that the linker asks for → those in the wheel. */
const LINKS = {
  'libtensorflow.so': 'libtensorflow_cc.so.2',
  'libtensorflow_framework.so': 'libtensorflow_framework.so.2',
};
const STAMP = 'cochlea.json';

/** @typedef {import('./project.mjs').Project} Project */
/** @typedef {{ gpu: boolean, from: string | null, stdout: 1 | 2, say: (line: string) => void }} Request */

/** @param {Project} project @returns {string | null} the wheel or folder that the libraries there came from */
export function librariesFrom(project) {
  const stamp = join(project.package, 'deps', STAMP);
  return existsSync(stamp) ? JSON.parse(readFileSync(stamp, 'utf8')).source : null;
}

/**
 * @param {Project} project
 * @param {Request} request
 * @returns {string | null} why they must be put there, or null
 */
export function librariesDrift(project, { gpu, from }) {
  const source = librariesFrom(project);
  if (source === null) return 'they are not there';
  if (from === null) return null;
  const wanted = sourceNamed(from, gpu).name;
  return source === wanted ? null : `they are of ${basename(source)}`;
}

/**
 * All of it is made beside `deps` and takes its place at the end, so that an interruption leaves what was.
 * @param {Project} project
 * @param {Request} request
 * @throws {SetupError}
 */
export function fillLibraries(project, request) {
  const scratch = join(project.package, 'deps.new');
  rmSync(scratch, { recursive: true, force: true });
  mkdirSync(scratch, { recursive: true });
  try {
    const source = request.from === null ? download(request, scratch) : sourceNamed(request.from, request.gpu);
    const unpacked = unpackedLibraries(source, scratch, request);
    const deps = join(scratch, 'deps');
    mkdirSync(join(deps, 'lib'), { recursive: true });
    for (const name of LIBRARIES) place(unpacked, join(unpacked.folder, name), join(deps, 'lib', name));
    for (const [link, name] of Object.entries(LINKS)) symlinkSync(name, join(deps, 'lib', link));
    place(unpacked, join(unpacked.folder, 'include'), join(deps, 'include'));
    if (request.gpu) fillCuda(source, scratch, deps, request);
    writeFileSync(join(deps, STAMP), `${JSON.stringify({ source: source.name })}\n`);
    rmSync(join(project.package, 'deps'), { recursive: true, force: true });
    renameSync(deps, join(project.package, 'deps'));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** @param {Request} request @param {string} scratch */
function download({ gpu, stdout }, scratch) {
  const folder = join(scratch, 'wheels');
  downloadWheels([gpu ? 'tensorflow' : 'tensorflow-cpu'], folder, stdout);
  return sourceNamed(folder, gpu);
}

/**
 * @param {import('./wheel.mjs').Source} source
 * @param {string} scratch
 * @param {Request} request
 * @returns {{ folder: string, isOurs: boolean }} a folder with libraries and headers; `isOurs` where it may be emptied
 */
function unpackedLibraries({ wheel, unpacked, name }, scratch, { say }) {
  if (unpacked !== null) return { folder: unpacked, isOurs: false };
  say(`unpacking ${name}`);
  const folder = join(scratch, 'unpacked');
  unpackWheel(wheel ?? '', folder, [
    'tensorflow/libtensorflow',
    'tensorflow/include/',
    'tensorflow-',
    'tensorflow_cpu-',
  ]);
  const missing = [...LIBRARIES, 'include'].find((part) => !existsSync(join(folder, 'tensorflow', part)));
  if (missing !== undefined) throw new SetupError(`${name} must hold tensorflow/${missing}, got none`);
  return { folder: join(folder, 'tensorflow'), isOurs: true };
}

/** Moves what was unpacked for this, and copies what is the user's. @param {{ isOurs: boolean }} unpacked @param {string} from @param {string} to */
function place({ isOurs }, from, to) {
  if (isOurs) renameSync(from, to);
  else cpSync(from, to, { recursive: true, dereference: true });
}

/**
 * @param {import('./wheel.mjs').Source} source
 * @param {string} scratch
 * @param {string} deps
 * @param {Request} request
 */
function fillCuda({ unpacked, beside, name }, scratch, deps, { from, stdout, say }) {
  const there = join(beside, 'nvidia');
  if (unpacked !== null && existsSync(there)) return cpSync(there, join(deps, 'nvidia'), { recursive: true });
  const requirements = cudaRequirements(unpacked === null ? join(scratch, 'unpacked') : beside);
  if (requirements.length === 0) throw new SetupError(`${name} must name CUDA's wheels (extra "and-cuda"), got none`);
  const folder = from === null ? join(scratch, 'wheels') : beside;
  if (from === null) downloadWheels(requirements, folder, stdout);
  const files = readdirSync(folder);
  for (const requirement of requirements) {
    const distribution = (/^[\w-]+/.exec(requirement)?.[0] ?? '').replaceAll('-', '_');
    const wheel = files.find((file) => file.startsWith(`${distribution}-`) && file.endsWith('.whl'));
    if (wheel === undefined) throw new SetupError(`${folder} must hold a wheel of ${requirement}, got none`);
    say(`unpacking ${wheel}`);
    unpackWheel(join(folder, wheel), deps, ['nvidia/']);
  }
}
