#!/usr/bin/env node
/**
 * Builds the C++ tests under the address and undefined-behaviour sanitizers into build-asan/ and runs them. Needs a
 * compiler, CMake, libsndfile and libsoxr, not Node's headers. Exits with the tests' own status.
 */
import { existsSync, readFileSync } from 'node:fs';
import { buildNativeTests } from './lib/native-tests.mjs';
import { SetupError, show } from './lib/run.mjs';

const CPUINFO = '/proc/cpuinfo';
/** Where the processor has AVX-512 itself, the slowest file to compile would only test the same lanes again. */
const hasAvx512 = existsSync(CPUINFO) && readFileSync(CPUINFO, 'utf8').includes('avx512f');
const OPTIONS = [
  '-DCMAKE_BUILD_TYPE=Debug',
  '-DCMAKE_CXX_FLAGS_DEBUG=-O1',
  '-DCOCHLEA_SANITIZE=address,undefined',
  `-DCOCHLEA_TEST_JOINED_AVX2=${hasAvx512 ? 'OFF' : 'ON'}`,
];

try {
  process.exitCode = show(buildNativeTests('build-asan', OPTIONS), []) ? 0 : 1;
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`the C++ tests: ${error.message}\n`);
  process.exitCode = 1;
}
