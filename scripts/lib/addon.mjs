/** Building the native addon and seeing whether it loads. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { capture, SetupError, show } from './run.mjs';
import { fingerprint, ROOT, readStamp, writeStamp } from './tree.mjs';

export const BUILT_ADDON = join(ROOT, 'build', 'Release', 'cochlea.node');
export const PREBUILT_ADDON = join(ROOT, 'prebuilds', `${process.platform}-${process.arch}`, 'cochlea.node');
const LOAD = 'try { require(process.argv[1]) } catch (error) { console.log(error.message); process.exitCode = 1 }';
const STAMP = join(ROOT, 'build', '.setup-stamp');

/**
 * @param {string} file
 * @returns {string | null} why it does not load, or null
 */
export function whyNotLoading(file) {
  if (!existsSync(file)) return 'it is not there';
  // In a process of its own: this one would go on seeing the first file it loaded after a build replaced it.
  // Whether a choice of kernels fits is not its question.
  const env = { ...process.env, COCHLEA_KERNELS: '' };
  const attempt = capture(process.execPath, ['-e', LOAD, file], { env });
  return attempt.ok ? null : attempt.output;
}

/** @param {import('./requirements.mjs').Finding[]} machine versions that the addon is compiled and linked with */
function currentFingerprint(machine) {
  const versions = machine
    .filter((finding) => finding.key !== 'node')
    .map((finding) => `${finding.key} ${finding.found}`);
  return fingerprint(['native', 'CMakeLists.txt', 'scripts/build-native.mjs'], versions);
}

/**
 * @param {import('./requirements.mjs').Finding[]} machine
 * @returns {string | null} why the addon must be built, or null
 */
export function addonDrift(machine) {
  if (!existsSync(BUILT_ADDON)) return 'it has not been built';
  if (readStamp(STAMP) !== currentFingerprint(machine)) return 'its sources or its tools have changed';
  return whyNotLoading(BUILT_ADDON);
}

/**
 * @param {import('./requirements.mjs').Finding[]} machine
 * @throws {SetupError}
 */
export function buildAddon(machine) {
  if (!show(process.execPath, [join(ROOT, 'scripts', 'build-native.mjs'), '--quiet'], { cwd: ROOT })) {
    throw new SetupError(
      'the native addon did not build; the compiler says why above. To see every step: node scripts/build-native.mjs',
    );
  }
  const problem = whyNotLoading(BUILT_ADDON);
  if (problem !== null) throw new SetupError(`the native addon was built and does not load: ${problem}`);
  writeStamp(STAMP, currentFingerprint(machine));
}
