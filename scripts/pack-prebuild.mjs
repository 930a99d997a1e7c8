#!/usr/bin/env node
/** Run by `prepack`: puts the addon built here where the package's loader and install script look for it. */
import { copyFileSync, mkdirSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { BUILT_ADDON, PREBUILT_ADDON, whyNotLoading } from './lib/addon.mjs';
import { ROOT } from './lib/tree.mjs';

const problem = whyNotLoading(BUILT_ADDON);
if (problem === null) {
  mkdirSync(dirname(PREBUILT_ADDON), { recursive: true });
  copyFileSync(BUILT_ADDON, PREBUILT_ADDON);
  process.stderr.write(`prebuilt addon: ${relative(ROOT, PREBUILT_ADDON)}\n`);
} else {
  process.stderr.write(`prebuilt addon: the built one cannot be packed: ${problem}. Type: npm run setup\n`);
  process.exitCode = 1;
}
