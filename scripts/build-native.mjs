// Builds the native addon with cmake-js: build/Release/cochlea.node. Quick when nothing changed.
//   --debug      assertions and symbols, into build-debug/Debug/
//   --sanitize   address and undefined-behaviour sanitizers, into build-sanitize/Debug/
//   --verbose    shows what the compiler says also when all goes well
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const has = (flag) => process.argv.includes(flag);

/** Runs one command; its output is shown with --verbose, or when it fails. */
function run([program, ...args], directory) {
  const result = spawnSync(program, args, {
    cwd: directory,
    encoding: 'utf8',
    stdio: has('--verbose') ? 'inherit' : 'pipe',
  });
  if (result.error)
    throw new Error(
      `${program} could not be started (${result.error.message}); npm run setup installs what is missing`,
    );
  if (result.status === 0) return;
  process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}`);
  throw new Error(`${program} ended with exit code ${result.status}`);
}

/** Whether `folder` holds a finished configuration of this very source folder (not of one it was copied from). */
function configured(folder) {
  const cache = join(folder, 'CMakeCache.txt');
  const finished = ['build.ninja', 'Makefile'].some((name) => existsSync(join(folder, name)));
  return (
    finished && existsSync(cache) && readFileSync(cache, 'utf8').includes(`CMAKE_HOME_DIRECTORY:INTERNAL=${root}\n`)
  );
}

async function build() {
  const { BuildSystem } = require('cmake-js');
  const debug = has('--debug') || has('--sanitize');
  const folder = join(root, has('--sanitize') ? 'build-sanitize' : debug ? 'build-debug' : 'build');
  const system = new BuildSystem({
    directory: root,
    out: folder,
    debug,
    noLog: true,
    parallel: availableParallelism(),
    cMakeOptions: has('--sanitize') ? { COCHLEA_SANITIZE: 'address,undefined' } : {},
  });
  // The headers come from the package node-api-headers; without this, cmake-js would download Node's own.
  system.options.isNodeApi = true;
  mkdirSync(folder, { recursive: true });
  if (!configured(folder)) {
    rmSync(join(folder, 'CMakeCache.txt'), { force: true });
    run(await system.getConfigureCommand(), folder);
  }
  run(await system.getBuildCommand(), folder);
  console.log(`native addon: ${join(folder, debug ? 'Debug' : 'Release', 'cochlea.node')}`);
}

try {
  await build();
} catch (error) {
  console.error(`The native addon did not build: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
