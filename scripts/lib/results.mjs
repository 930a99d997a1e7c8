/** Figures of a long run, in `bench/results`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './tree.mjs';

const { commitOf, machine } = await import(join(ROOT, 'dist/bench/machine.js'));

/**
 * Writes `bench/results/<name>.json`: commit (with `+` where the tree has changes), machine, date, duration, then figures.
 * @param {string} name
 * @param {string} suite
 * @param {number} durationSec
 * @param {object} figures
 */
export function saveResult(name, suite, durationSec, figures) {
  const result = {
    suite,
    commit: commitOf(ROOT),
    ...machine(),
    date: new Date().toISOString(),
    durationSec: Math.round(durationSec),
    ...figures,
  };
  const folder = join(ROOT, 'bench', 'results');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(result, null, 2)}\n`);
}
