/** The C++ test program, built for this machine or another. */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { capture, SetupError } from './run.mjs';
import { ROOT } from './tree.mjs';

/** What every machine must compute, by the bits: `cochlea_tests --fingerprints` prints the same text. */
export const FINGERPRINTS = join(ROOT, 'native', 'test', 'fingerprints.txt');

/**
 * @param {string} folder below the package's own, e.g. `build-asan`
 * @param {string[]} options of CMake, e.g. `-DCOCHLEA_SANITIZE=address`
 * @returns {string} the program
 * @throws {SetupError} with the compiler's words where it does not build
 */
export function buildNativeTests(folder, options) {
  const tree = join(ROOT, folder);
  const common = ['-DCOCHLEA_BUILD_ADDON=OFF', '-DCOCHLEA_BUILD_TESTS=ON'];
  step('cmake', ['-S', ROOT, '-B', tree, ...common, ...options]);
  step('cmake', ['--build', tree, '--parallel', String(availableParallelism())]);
  return join(tree, 'cochlea_tests');
}

/**
 * @param {string} program
 * @param {string[]} args
 */
function step(program, args) {
  const { found, ok, output } = capture(program, args, { cwd: ROOT });
  if (!found) throw new SetupError(`${program} is not on the PATH; npm run setup installs what is missing`);
  if (!ok) throw new SetupError(`${program} ${args[0]} failed:\n${output}`);
}
