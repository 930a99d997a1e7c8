#!/usr/bin/env node
/**
 * `npm run fingerprints`: writes native/test/fingerprints.txt anew, from the scalar kernels of this machine. For whoever
 * changes a bit on purpose; the numeric version in native/include/cochlea/numeric_version.h goes up with it.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { buildNativeTests, FINGERPRINTS } from './lib/native-tests.mjs';
import { capture, SetupError } from './lib/run.mjs';

try {
  const program = buildNativeTests('build-tests', ['-DCMAKE_BUILD_TYPE=Release', '-DCOCHLEA_BUILD_CODEC=OFF']);
  const { ok, output } = capture(program, ['--fingerprints', 'scalar']);
  if (!ok) throw new SetupError(`the tests could not print their fingerprints: ${output}`);
  const before = readFileSync(FINGERPRINTS, 'utf8').trim().split('\n');
  const after = output.split('\n');
  writeFileSync(FINGERPRINTS, `${output}\n`);
  const kept = new Set(before);
  process.stdout.write(
    `${after[0]}: ${after.filter((line) => !kept.has(line)).length} of ${after.length - 1} changed\n`,
  );
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`fingerprints: ${error.message}\n`);
  process.exitCode = 1;
}
