#!/usr/bin/env node
/** `npm run setup`: brings this machine to the point where cochlea runs. Uses `node:` modules only, as it runs before `npm ci`. */
import { commandFor, installPackages } from './lib/packages.mjs';
import { inspectMachine } from './lib/requirements.mjs';
import { SetupError } from './lib/run.mjs';

const say = (line) => process.stdout.write(`setup: ${line}\n`);

function prepareMachine() {
  const gaps = inspectMachine().filter((finding) => finding.problem !== null);
  if (gaps.length === 0) return;
  for (const gap of gaps) say(`${gap.name}: ${gap.problem}`);
  if (!installPackages(gaps, say)) throw new SetupError(`these are missing; type this, then run the command again:\n\n  ${commandFor(gaps)}\n`);
  const left = inspectMachine().filter((finding) => finding.problem !== null);
  if (left.length > 0) throw new SetupError(`still missing after installing: ${left.map((gap) => `${gap.name} (${gap.problem})`).join(', ')}`);
}

try {
  prepareMachine();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`setup: ${error.message}\n`);
  process.exitCode = 1;
}
