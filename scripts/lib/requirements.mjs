/** What the machine must have before cochlea can be built, and how each gap shows. */
import { capture } from './run.mjs';

export const OLDEST_NODE = [20, 0];
/** As `CMakeLists.txt` asks. */
const OLDEST_CMAKE = [3, 21];

/** Needs no header to compile, so the probe takes milliseconds; `<span>` came with the first usable C++20 library. */
const CPP20_PROBE = `
#if !__has_include(<span>) || !__has_include(<numbers>)
#error "no C++20 standard library"
#endif
template <class T> concept Sized = sizeof(T) > 0;
int main() { return []<Sized T>(T x) { return x; }(0); }
`;

/**
 * @typedef {{ name: string, found: string | null, problem: string | null, key: string }} Finding
 * `key` names the row of `PACKAGES` that closes the gap; `found` is what to show when all is well.
 */

/** @returns {Finding[]} one for each requirement, in the order in which gaps should be closed */
export function inspectMachine() {
  return [
    nodeJs(),
    compiler(),
    buildProgram(),
    cmake(),
    pkgConfig(),
    library('libsndfile', 'sndfile'),
    library('libsoxr', 'soxr'),
  ];
}

/** @returns {Finding} */
function nodeJs() {
  const found = process.versions.node;
  const problem = atLeast(found, OLDEST_NODE) ? null : `needs ${OLDEST_NODE[0]} or newer, this is ${found}`;
  return { key: 'node', name: 'Node.js', found, problem };
}

/** @returns {Finding} */
export function compiler() {
  const name = 'C++ compiler';
  const candidates = process.env.CXX ? [process.env.CXX] : ['c++', 'g++', 'clang++'];
  let problem = `none of ${candidates.join(', ')} is on the PATH`;
  for (const candidate of candidates) {
    const probe = capture(candidate, ['-std=c++20', '-fsyntax-only', '-x', 'c++', '-'], { input: CPP20_PROBE });
    if (probe.ok)
      return { key: 'compiler', name, found: firstLine(capture(candidate, ['--version']).output), problem: null };
    if (probe.found) problem = `${candidate} does not compile C++20: ${firstLine(probe.output)}`;
  }
  return { key: 'compiler', name, found: null, problem };
}

/** @returns {Finding} */
function buildProgram() {
  for (const candidate of ['ninja', 'make']) {
    const version = capture(candidate, ['--version']);
    if (version.ok)
      return { key: 'make', name: 'make or ninja', found: `${candidate} ${versionIn(version.output)}`, problem: null };
  }
  return { key: 'make', name: 'make or ninja', found: null, problem: 'neither is on the PATH' };
}

/** @returns {Finding} */
function cmake() {
  const version = capture('cmake', ['--version']);
  const found = version.ok ? versionIn(version.output) : null;
  const wanted = OLDEST_CMAKE.join('.');
  if (found === null)
    return { key: 'cmake', name: 'CMake', found, problem: `not on the PATH (needs ${wanted} or newer)` };
  const problem = atLeast(found, OLDEST_CMAKE) ? null : `needs ${wanted} or newer, this is ${found}`;
  return { key: 'cmake', name: 'CMake', found, problem };
}

/** @returns {Finding} */
function pkgConfig() {
  const version = capture('pkg-config', ['--version']);
  if (!version.ok) return { key: 'pkg-config', name: 'pkg-config', found: null, problem: 'not on the PATH' };
  return { key: 'pkg-config', name: 'pkg-config', found: versionIn(version.output), problem: null };
}

/**
 * @param {string} name
 * @param {string} module its name for pkg-config
 * @returns {Finding}
 */
function library(name, module) {
  const version = capture('pkg-config', ['--modversion', module]);
  if (version.ok) return { key: name, name, found: firstLine(version.output), problem: null };
  const problem = version.found
    ? `pkg-config finds no ${module}.pc (headers and library)`
    : 'pkg-config is needed to find it';
  return { key: name, name, found: null, problem };
}

/** @param {string} text */
function firstLine(text) {
  return text.split('\n', 1)[0] ?? '';
}

/** @param {string} text */
function versionIn(text) {
  return /\d+(\.\d+)*/.exec(text)?.[0] ?? 'of unknown version';
}

/**
 * @param {string} version
 * @param {number[]} oldest
 */
function atLeast(version, oldest) {
  const parts = version.split('.').map(Number);
  for (const [i, wanted] of oldest.entries()) {
    const part = parts[i] ?? 0;
    if (part !== wanted) return part > wanted;
  }
  return true;
}
