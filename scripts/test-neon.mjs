#!/usr/bin/env node
/**
 * `npm run test:neon`: the C++ tests built for AArch64, linked statically and run under QEMU, on an AArch64 machine
 * by itself. They hold `neon` to the bits of `scalar`, and both to native/test/fingerprints.txt, which is what x86-64
 * computes. Installs the cross compiler and QEMU where that needs no password, else prints the one command.
 */
import { readFileSync } from 'node:fs';
import { COMPILER, emulatorHere, inspectCrossTools } from './lib/aarch64.mjs';
import { buildNativeTests, FINGERPRINTS } from './lib/native-tests.mjs';
import { commandFor, installPackages } from './lib/packages.mjs';
import { capture, SetupError, show } from './lib/run.mjs';

const TABLES = ['scalar', 'neon'];
const NATIVE = process.arch === 'arm64';
const CROSS = ['-DCMAKE_SYSTEM_NAME=Linux', '-DCMAKE_SYSTEM_PROCESSOR=aarch64', `-DCMAKE_CXX_COMPILER=${COMPILER}`];
// libsndfile and libsoxr of the other machine are not needed for what is looked at here.
const COMMON = ['-DCMAKE_BUILD_TYPE=Release', '-DCOCHLEA_BUILD_CODEC=OFF'];

/** @param {string} line */
const say = (line) => process.stdout.write(`neon: ${line}\n`);
const gapsHere = () => inspectCrossTools().filter((tool) => tool.problem !== null);

function completeTools() {
  const gaps = gapsHere();
  if (gaps.length === 0) return;
  for (const gap of gaps) say(`${gap.name} is missing: ${gap.problem}`);
  if (!installPackages(gaps, say) || gapsHere().length > 0)
    throw new SetupError(`to install what is missing, type\n\n  ${commandFor(gaps)}\n\nand run this again.`);
}

/**
 * @param {string[]} command the test program, with what runs it
 * @param {string} table
 * @returns {number} how many lines differ from the committed file
 */
function compareFingerprints([program, ...args], table) {
  const { ok, output } = capture(String(program), [...args, '--fingerprints', table]);
  if (!ok) throw new SetupError(`the fingerprints of ${table} could not be computed: ${output}`);
  const expected = readFileSync(FINGERPRINTS, 'utf8').trim().split('\n');
  const found = output.split('\n');
  const wrong = expected.filter((line) => !found.includes(line));
  for (const line of wrong) say(`${table} differs from x86-64: ${line}`);
  if (found.length !== expected.length) say(`${table} has ${found.length} lines, not ${expected.length}`);
  say(`${table}: ${expected.length - 1 - wrong.length} of ${expected.length - 1} fingerprints are those of x86-64`);
  return wrong.length + Math.abs(found.length - expected.length);
}

function main() {
  if (!NATIVE) completeTools();
  const program = buildNativeTests('build-neon', [
    ...COMMON,
    ...(NATIVE ? [] : [...CROSS, '-DCMAKE_EXE_LINKER_FLAGS=-static']),
  ]);
  const command = NATIVE ? [program] : [emulatorHere() ?? '', program];
  const passed = show(String(command[0]), command.slice(1));
  const differences = TABLES.map((table) => compareFingerprints(command, table));
  process.exitCode = passed && differences.every((n) => n === 0) ? 0 : 1;
}

try {
  main();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`neon: ${error.message}\n`);
  process.exitCode = 1;
}
