/** The programs of `dist/`, and what they are bundled with. */
import { readdirSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT, readDocument } from '../docs/markdown.js';

const STATIC = /^(?:import|export) (?:[^"\n]* from )?"([^"\n]+)";$/gm;
const DYNAMIC = /\bimport\("([^"\n]+)"\)/g;
const INSIDE = /^\/\/ (?:.*\/)?node_modules\/((?:@[^/\n]+\/)?[^/\n]+)/gm;
const PROGRAMS = ['cli/main.js', 'extract/extract.process.js', 'extract/extract.worker.js'];

const chunks = readdirSync(join(ROOT, 'dist/chunks')).filter((file) => file.endsWith('.js'));
const files = [...PROGRAMS, ...chunks.map((file) => `chunks/${file}`)];

const found = (pattern: RegExp, file: string): string[] =>
  [...readDocument(`dist/${file}`).matchAll(pattern)].map(([, name]) => name!);

/** Files and packages that a program loads when it starts. */
function reached(file: string, known = new Set<string>()): Set<string> {
  known.add(file);
  for (const from of found(STATIC, file)) {
    if (isBuiltin(from)) continue;
    if (!from.startsWith('.')) known.add(from);
    else if (!known.has(join(file, '..', from))) reached(join(file, '..', from), known);
  }
  return known;
}

const packagesOf = (file: string): string[] => [...reached(file)].filter((name) => !name.endsWith('.js'));

it('a worker of an extraction starts with few files and no package', () => {
  expect(packagesOf('extract/extract.worker.js')).toEqual([]);
  expect(reached('extract/extract.worker.js').size).toBeLessThan(60);
});

it('its process starts with the pool alone', () => {
  expect(packagesOf('extract/extract.process.js')).toEqual(['piscina']);
});

it('the command line starts without any', () => {
  expect(packagesOf('cli/main.js')).toEqual([]);
});

it('what is not inside is what npm installs with the library', () => {
  const { dependencies, peerDependencies } = JSON.parse(readDocument('package.json'));
  const installed = Object.keys({ ...dependencies, ...peerDependencies });
  const outside = files
    .flatMap((file) => [...found(STATIC, file), ...found(DYNAMIC, file)])
    .filter((name) => !name.startsWith('.') && !isBuiltin(name));
  expect(outside).toContain('onnxruntime-node');
  const known = (name: string): boolean => installed.some((one) => name === one || name.startsWith(`${one}/`));
  expect(outside.filter((name) => !known(name))).toEqual([]);
});

it('the licence texts of what is inside lie beside it', () => {
  const inside = new Set(files.flatMap((file) => found(INSIDE, file)));
  expect([...inside]).toEqual(expect.arrayContaining(['apache-arrow', 'zod']));
  const licences = readDocument('dist/chunks/LICENCES');
  expect([...inside].filter((name) => !licences.includes(`\n${name} `))).toEqual([]);
});
