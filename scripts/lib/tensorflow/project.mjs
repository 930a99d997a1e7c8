/** The project that TensorFlow is set up for, and the package of tfjs that brings it there. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { npmCommand } from '../npm.mjs';
import { SetupError, show } from '../run.mjs';
import { npmRecord, ROOT, writeTensorflowPackages } from '../tree.mjs';

const TFJS = '@tensorflow/tfjs';

/** @typedef {{ folder: string, tfjs: string, name: string, package: string }} Project `package` is the folder of `name` */

/**
 * @param {string} cwd
 * @param {boolean} gpu
 * @returns {Project}
 * @throws {SetupError} where cochlea and its peer tfjs are not those of the project around `cwd`
 */
export function findProject(cwd, gpu) {
  const [here, ours] = [manifestOf(TFJS, cwd), manifestOf(TFJS, ROOT)];
  if (here === null || ours === null)
    throw new SetupError(`${TFJS} must be installed: npm install ${TFJS}@4.22\nin the project that uses cochlea`);
  if (here !== ours)
    throw new SetupError(
      `cochlea must be installed in this project (npm install cochlea), got the one in ${ROOT}, which uses another ${TFJS}`,
    );
  const name = gpu ? '@tensorflow/tfjs-node-gpu' : '@tensorflow/tfjs-node';
  const modules = dirname(dirname(dirname(here)));
  return { folder: dirname(modules), tfjs: versionIn(here), name, package: join(modules, name) };
}

/** @param {Project} project @returns {string | null} */
export function packageDrift({ tfjs, package: folder }) {
  const manifest = join(folder, 'package.json');
  if (!existsSync(manifest)) return 'it is not installed';
  const version = versionIn(manifest);
  return version === tfjs ? null : `it is ${version}, and ${TFJS} is ${tfjs}`;
}

/**
 * Without its install script, which downloads an old TensorFlow; and without a line in package.json, as an install from
 * that line would run the script on every other machine, and bring none of what is done here.
 * @param {Project} project
 * @param {1 | 2} stdout
 */
export function installPackage(project, stdout) {
  const { folder, name, tfjs } = project;
  const before = npmRecord(folder);
  if (before === null)
    throw new SetupError(
      `npm must have installed ${folder}/node_modules, got another program's. Have that one install ${name}@${tfjs} without its scripts, and run this again.`,
    );
  const { program, first } = npmCommand();
  // --save-prod: what is an optional peer of the project itself, npm would leave out.
  const flags = ['--no-save', '--save-prod', '--ignore-scripts', '--no-audit', '--no-fund'];
  const done = show(program, [...first, 'install', ...flags, `${name}@${tfjs}`], { cwd: folder, stdout });
  if (!done || packageDrift(project) !== null)
    throw new SetupError(`npm did not install ${name}@${tfjs}; its output is above`);
  const added = Object.keys(npmRecord(folder) ?? {}).filter((path) => !(path in before));
  writeTensorflowPackages(folder, added);
}

/** @param {string} name @param {string} folder @returns {string | null} the package.json that code in `folder` finds */
function manifestOf(name, folder) {
  try {
    return createRequire(join(folder, 'from-here.js')).resolve(`${name}/package.json`);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND') return null;
    throw error;
  }
}

/** @param {string} manifest @returns {string} */
const versionIn = (manifest) => JSON.parse(readFileSync(manifest, 'utf8')).version;
