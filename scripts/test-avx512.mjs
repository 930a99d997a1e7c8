#!/usr/bin/env node
/**
 * `npm run test:avx512`: holds the AVX-512 kernels to native/test/fingerprints.txt, which every other table gives too.
 * On a processor that has them, directly. Elsewhere a static test program is booted under Linux on Bochs, which needs
 * Bochs, ISOLINUX, xorriso and a Linux kernel image; what is missing is named, and the run counts as skipped. Twenty
 * minutes at most.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bootOnBochs, inspectBochs } from './lib/bochs.mjs';
import { makeBootDisc } from './lib/boot-disc.mjs';
import { buildNativeTests, FINGERPRINTS } from './lib/native-tests.mjs';
import { commandFor } from './lib/packages.mjs';
import { capture, SetupError } from './lib/run.mjs';
import { ROOT } from './lib/tree.mjs';

const LIMIT_SEC = 1200;
const KERNEL_FOLDERS = ['/boot', join(ROOT, '.cache', 'linux')];
const STATIC = ['-DCMAKE_BUILD_TYPE=Release', '-DCOCHLEA_BUILD_CODEC=OFF', '-DCMAKE_EXE_LINKER_FLAGS=-static'];
const ARGS = ['--fingerprints', 'avx512'];

/** @param {string} line */
const say = (line) => process.stdout.write(`avx512: ${line}\n`);
const expected = () => readFileSync(FINGERPRINTS, 'utf8').trim().split('\n');

/** @returns {string | null} a Linux kernel image: COCHLEA_LINUX_KERNEL, or the newest that lies about */
function kernelImage() {
  if (process.env.COCHLEA_LINUX_KERNEL) return process.env.COCHLEA_LINUX_KERNEL;
  const images = KERNEL_FOLDERS.filter(existsSync).flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => /(^|\/)vmlinuz-/.test(name))
      .map((name) => join(folder, name)),
  );
  return images.sort().at(-1) ?? null;
}

/** @returns {string[]} what this machine lacks, each with how to get it */
function missingHere() {
  if (process.arch !== 'x64' || process.platform !== 'linux') return [`Linux on x86-64 (this is ${process.platform})`];
  const gaps = inspectBochs().filter((tool) => tool.problem !== null);
  const missing = gaps.map((gap) => `${gap.name}: ${gap.problem}`);
  if (gaps.length > 0) missing.push(`to install what is missing: ${commandFor(gaps)}`);
  if (kernelImage() === null)
    missing.push(
      'a Linux kernel image: set COCHLEA_LINUX_KERNEL, or unpack one into .cache/linux (Debian: apt-get download ' +
        'the package that linux-image-cloud-amd64 depends on, then dpkg -x)',
    );
  return missing;
}

/** @param {string[]} found lines of `--fingerprints` */
function compare(found) {
  const wanted = expected();
  const wrong = wanted.filter((line) => !found.includes(line));
  for (const line of wrong) say(`differs: ${line}`);
  say(`${wanted.length - 1 - wrong.length} of ${wanted.length - 1} fingerprints are those of the other kernels`);
  return wrong.length === 0;
}

/** @param {string} program */
function runHere(program) {
  const { ok, output } = capture(program, ARGS);
  if (!ok) throw new SetupError(output);
  return compare(output.split('\n'));
}

/** @param {string} program */
async function runOnBochs(program) {
  const missing = missingHere();
  if (missing.length > 0) {
    for (const line of missing) say(`skipped: ${line}`);
    return true;
  }
  const folder = join(ROOT, 'build-avx512', 'bochs');
  const disc = makeBootDisc({ folder, kernel: kernelImage() ?? '', program, args: ARGS });
  const last = expected().at(-1)?.slice(17) ?? '';
  const finished = (/** @type {string} */ text) => text.includes(`${last}\n`);
  say('this processor has no AVX-512: booting the test on Bochs');
  const { text, ended } = await bootOnBochs({ folder, disc, limitSec: LIMIT_SEC, finished });
  if (!ended) throw new SetupError(`the emulated machine did not come to the end; it said:\n${text.slice(-2000)}`);
  return compare(text.split('\n'));
}

try {
  const program = buildNativeTests('build-avx512', STATIC);
  const direct = capture(program, ARGS).ok;
  process.exitCode = (direct ? runHere(program) : await runOnBochs(program)) ? 0 : 1;
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`avx512: ${error.message}\n`);
  process.exitCode = 1;
}
