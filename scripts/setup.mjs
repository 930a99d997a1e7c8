#!/usr/bin/env node
/**
 * `npm run setup`: brings this machine to the point where cochlea runs, and does nothing where it does.
 * Uses `node:` modules only, as it runs before `npm ci`.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { addonDrift, BUILT_ADDON, buildAddon, PREBUILT_ADDON, whyNotLoading } from './lib/addon.mjs';
import { npmCommand } from './lib/npm.mjs';
import { commandFor, installPackages } from './lib/packages.mjs';
import { inspectMachine } from './lib/requirements.mjs';
import { SetupError, show } from './lib/run.mjs';
import { fingerprint, isClone, lockfileDrift, ROOT, readStamp, writeStamp } from './lib/tree.mjs';

const HELP = `Usage: npm run setup [-- options]      (or: node scripts/setup.mjs [options])

Checks the compiler, CMake, pkg-config, libsndfile and libsoxr and installs what is missing where that needs no
password (apt-get as root or through sudo, Homebrew); then installs the npm packages, builds the native addon and
compiles the TypeScript. Steps whose result is up to date are left out, so a second run takes a moment.

  --check     only say what is there and what is missing; exit 1 if something is
  --system    only the system's packages, e.g. for one layer of a container
  --help      this text

Exit codes: 0 ready, 1 something is missing and the one command to type is printed, 2 wrong usage.
`;
const OPTIONS = ['--check', '--system', '--help'];
const COMPILE = join(ROOT, 'scripts', 'compile.mjs');
const TYPESCRIPT_STAMP = join(ROOT, 'node_modules', '.cache', 'cochlea', 'typescript.stamp');

/** @typedef {import('./lib/requirements.mjs').Finding} Finding */
/** @typedef {{ name: string, problem: () => string | null, fix: () => void }} Step */

/** @param {string} line */
const say = (line) => process.stdout.write(`setup: ${line}\n`);

/** @param {Finding[]} machine */
const gapsIn = (machine) => machine.filter((finding) => finding.problem !== null);

/**
 * Installs what the machine lacks.
 * @param {Finding[]} machine
 * @returns {Finding[]} the machine as it is afterwards, without gaps
 */
function completeMachine(machine) {
  const gaps = gapsIn(machine);
  if (gaps.length === 0) return machine;
  for (const gap of gaps) say(`${gap.name} is missing: ${gap.problem}`);
  if (!installPackages(gaps, say)) {
    throw new SetupError(`to install what is missing, type\n\n  ${commandFor(gaps)}\n\nand run this again.`);
  }
  const completed = inspectMachine();
  const left = gapsIn(completed).map((gap) => `${gap.name}: ${gap.problem}`);
  if (left.length > 0) throw new SetupError(`installed, and still missing:\n  ${left.join('\n  ')}`);
  return completed;
}

/** @param {Finding[]} machine */
function stepsOfClone(machine) {
  return [
    { name: 'npm packages', problem: lockfileDrift, fix: installNpmPackages },
    { name: 'native addon', problem: () => addonDrift(machine), fix: () => buildAddon(machine) },
    { name: 'TypeScript', problem: typescriptDrift, fix: compileTypescript },
  ];
}

/** @param {Finding[]} machine */
function stepsOfPackage(machine) {
  const problem = () => (whyNotLoading(PREBUILT_ADDON) === null ? null : whyNotLoading(BUILT_ADDON));
  return [{ name: 'native addon', problem, fix: () => buildAddon(machine) }];
}

/**
 * onnxruntime-node's install script fetches a CUDA provider and fails the whole install where its host cannot be
 * reached; the CPU binaries are inside the package.
 */
function installNpmPackages() {
  const env = { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' };
  const { program, first } = npmCommand();
  if (!show(program, [...first, 'ci', '--no-audit', '--no-fund'], { cwd: ROOT, env })) {
    throw new SetupError('`npm ci` failed; its output is above');
  }
}

const typescriptFingerprint = () => fingerprint(['src', 'scripts/compile.mjs', 'tsconfig.json', 'package-lock.json']);

function typescriptDrift() {
  if (!existsSync(join(ROOT, 'dist'))) return 'dist is missing';
  return readStamp(TYPESCRIPT_STAMP) === typescriptFingerprint() ? null : 'its sources have changed';
}

function compileTypescript() {
  const before = typescriptFingerprint();
  if (!show(process.execPath, [COMPILE], { cwd: ROOT })) {
    throw new SetupError('the TypeScript did not compile; the messages are above');
  }
  writeStamp(TYPESCRIPT_STAMP, before);
}

/**
 * @param {Finding[]} machine
 * @param {(machine: Finding[]) => Step[]} stepsFor
 * @returns {boolean} whether nothing is missing
 */
function report(machine, stepsFor) {
  for (const { name, found, problem } of machine)
    say(`${problem === null ? 'ok     ' : 'MISSING'} ${name.padEnd(14)} ${problem ?? found}`);
  const gaps = gapsIn(machine);
  const left = gaps.length > 0 ? [] : stepsFor(machine).map((step) => ({ name: step.name, problem: step.problem() }));
  for (const { name, problem } of left)
    say(`${problem === null ? 'ok     ' : 'TO DO  '} ${name.padEnd(14)} ${problem ?? 'up to date'}`);
  if (gaps.length > 0) say(`to install what is missing: ${commandFor(gaps)}`);
  else if (left.some((step) => step.problem !== null)) say('to do what is left: npm run setup');
  return gaps.length === 0 && left.every((step) => step.problem === null);
}

/** @param {string[]} args */
function main(args) {
  const unknown = args.find((arg) => !OPTIONS.includes(arg));
  if (unknown !== undefined) {
    process.stderr.write(`setup: an option must be one of ${OPTIONS.join(', ')}, got ${JSON.stringify(unknown)}\n`);
    return 2;
  }
  if (args.includes('--help')) {
    process.stdout.write(HELP);
    return 0;
  }
  const stepsFor = args.includes('--system') ? () => [] : isClone() ? stepsOfClone : stepsOfPackage;
  const machine = inspectMachine();
  if (args.includes('--check')) return report(machine, stepsFor) ? 0 : 1;

  const started = performance.now();
  const complete = completeMachine(machine);
  for (const { name, problem, fix } of stepsFor(complete)) {
    const reason = problem();
    if (reason === null) continue;
    say(`${name}: ${reason}`);
    fix();
  }
  say(`ready (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  return 0;
}

try {
  process.exitCode = main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`setup: ${error.message}\n`);
  process.exitCode = 1;
}
