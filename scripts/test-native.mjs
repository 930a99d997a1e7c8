// Builds the C++ tests under the address and undefined-behaviour sanitizers into build-asan/ and runs them.
// Needs a compiler, CMake, libsndfile and libsoxr, not Node's headers. Exits with the tests' own status.
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = join(root, 'build-asan');

/** Returns the exit code; shows the output where `show`, or where the command fails. */
function run(program, args, show) {
  const result = spawnSync(program, args, { cwd: root, encoding: 'utf8' });
  if (result.error) throw new Error(`${program} could not be started: ${result.error.message}`);
  if (show || result.status !== 0) process.stdout.write(`${result.stdout}${result.stderr}`);
  return result.status ?? 1;
}

const configure = [
  ...['-S', root, '-B', folder, '-DCMAKE_BUILD_TYPE=Debug', '-DCMAKE_CXX_FLAGS_DEBUG=-O1'],
  ...['-DCOCHLEA_BUILD_ADDON=OFF', '-DCOCHLEA_BUILD_TESTS=ON', '-DCOCHLEA_SANITIZE=address,undefined'],
];
const steps = [
  () => run('cmake', configure, false),
  () => run('cmake', ['--build', folder, '--parallel', String(availableParallelism())], false),
  () => run(join(folder, 'cochlea_tests'), [], true),
];
process.exitCode = steps.reduce((status, step) => status || step(), 0);
