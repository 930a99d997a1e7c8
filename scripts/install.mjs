#!/usr/bin/env node
/**
 * The package's `install` script: makes sure that the native addon loads on the machine that installs the package.
 * A prebuilt addon that loads is taken; otherwise it is built from source. Nothing is installed on the system here:
 * where something is missing, the one command that brings it is printed. In a clone, `npm run setup` does all this.
 */
import { existsSync } from 'node:fs';
import { buildAddon, PREBUILT_ADDON, whyNotLoading } from './lib/addon.mjs';
import { commandFor } from './lib/packages.mjs';
import { inspectMachine } from './lib/requirements.mjs';
import { SetupError } from './lib/run.mjs';
import { isClone } from './lib/tree.mjs';

const LIBRARIES = ['libsndfile', 'libsoxr'];

function install() {
  const problem = whyNotLoading(PREBUILT_ADDON);
  if (problem === null) return;
  if (existsSync(PREBUILT_ADDON)) process.stdout.write(`cochlea: the prebuilt addon does not load: ${problem}\n`);
  const machine = inspectMachine();
  const gaps = machine.filter((finding) => finding.problem !== null);
  if (gaps.length === 0) return buildAddon(machine);

  // A prebuilt addon needs the two libraries alone, so a compiler is asked for only where there is none.
  const missing = gaps.filter((gap) => LIBRARIES.includes(gap.key));
  const wanted = existsSync(PREBUILT_ADDON) && missing.length > 0 ? missing : gaps;
  const names = wanted.map((gap) => `${gap.name} (${gap.problem})`).join(', ');
  throw new SetupError(`its native part needs ${names}. Type\n\n  ${commandFor(wanted)}\n\nand install again.`);
}

try {
  if (!isClone()) install();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`cochlea: ${error.message}\n`);
  process.exitCode = 1;
}
