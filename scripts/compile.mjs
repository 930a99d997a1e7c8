#!/usr/bin/env node
/**
 * `src/` → `dist/`: the compiler makes the library; the programs among it (the command line, processes and workers) are
 * then bundled with the packages they start with. Node.js takes about a millisecond for each module it resolves and reads,
 * and a worker of an extraction has 430 of them.
 */
import { chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { rolldown } from 'rolldown';
import { show } from './lib/run.mjs';
import { ROOT } from './lib/tree.mjs';

const DIST = join(ROOT, 'dist');
const MAIN = join('cli', 'main.js');
const LICENCES = join(DIST, 'chunks', 'LICENCES');

/** Plain JavaScript that programs load when they start, in hundreds of modules. */
const INLINED = new Set([
  ...['apache-arrow', 'brace-expansion', 'cli-progress', 'commander', 'csv-parse', 'lru-cache', 'tar', 'tinyglobby'],
  ...['yaml', 'zod'],
]);
const MODULES = `${sep}node_modules${sep}`;

/** @param {string} id a file, or as an import says it */
const isOurs = (id) => id.startsWith(DIST) && !id.includes(MODULES);

/** @param {string} specifier */
const packageOf = (specifier) => specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');

/** Packages of inlined packages are inlined. @param {string} id @param {string | undefined} importer */
function isExternal(id, importer) {
  if (id.startsWith('.') || id.startsWith('/')) return false;
  return !INLINED.has(packageOf(id)) && !importer?.includes(MODULES);
}

/** @returns {string[]} below `dist/` */
function programs() {
  const files = readdirSync(DIST, { recursive: true, encoding: 'utf8' });
  return [MAIN, ...files.filter((file) => /\.(worker|process)\.js$/.test(file))];
}

/** The texts that the licences of inlined packages ask to be handed on. @param {string[]} files bundled ones */
function licencesOf(files) {
  const inlined = files.filter((file) => file.includes(MODULES));
  const folders = inlined.map((file) => {
    const inside = file.lastIndexOf(MODULES) + MODULES.length;
    return join(file.slice(0, inside), packageOf(file.slice(inside).replaceAll(sep, '/')));
  });
  const texts = [...new Set(folders)].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    if (file === undefined) throw new Error(`${name} has no licence text to hand on`);
    return `${name} ${version} (${license})\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`;
  });
  return `The files beside this one contain these packages.\n\n${texts.join(`\n${'-'.repeat(80)}\n\n`)}`;
}

async function bundlePrograms() {
  const bundle = await rolldown({
    cwd: ROOT,
    platform: 'node',
    input: Object.fromEntries(programs().map((file) => [file.slice(0, -'.js'.length), join(DIST, file)])),
    external: isExternal,
    // None of our modules does anything by being imported.
    treeshake: { moduleSideEffects: (id) => !isOurs(id) },
  });
  const { output } = await bundle.write({
    dir: DIST,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name]-[hash].js',
  });
  const files = output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []));
  writeFileSync(LICENCES, licencesOf(files));
}

// What was compiled from a file that is gone must not stay.
rmSync(DIST, { recursive: true, force: true });
const compiler = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
if (show(process.execPath, [compiler, '-p', ROOT], { cwd: ROOT })) {
  await bundlePrograms();
  chmodSync(join(DIST, MAIN), 0o755);
} else {
  process.exitCode = 1;
}
