/** The import rule of docs/architecture.md: a folder of `src/` imports only what stands to its left. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { codeIn, readDocument, sectionOf, tableRows } from '../docs/markdown.js';

const SRC = fileURLToPath(new URL('../../src', import.meta.url));

const RULE = sectionOf(readDocument('docs/architecture.md'), '## Import rule');
const rows = tableRows(RULE).map(([name = '', allowed = '']) => ({
  name: codeIn(name)[0] ?? '',
  allowed: codeIn(allowed),
}));
const packageRows = rows.findIndex(({ name }) => name === '@tensorflow/*');

/** Files that import nothing and may be imported everywhere. */
const LEAVES = ['errors', 'types', 'floats', 'packages'];

/** Folder → the folders it may import, beside itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = Object.fromEntries([
  ...LEAVES.map((name) => [name, []]),
  ...rows.slice(0, packageRows).map(({ name, allowed }) => [name, [...LEAVES, ...allowed]]),
]);

/** Packages that only some folders may import. */
const OWNED_PACKAGES = rows.slice(packageRows).map(({ name, allowed }) => ({
  owns: (specifier: string) =>
    specifier === name || specifier.startsWith(name.endsWith('/*') ? name.slice(0, -1) : `${name}/`),
  folders: allowed,
}));

interface Import {
  readonly file: string;
  readonly folder: string;
  readonly specifier: string;
}

function sources(): string[] {
  return readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .sort();
}

const folderOf = (file: string): string => file.split('/')[0]!.replace(/\.ts$/, '');

function importsOf(file: string): Import[] {
  const text = readFileSync(join(SRC, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
  const pattern = /(?:\bfrom\s+|\bimport\s*\(\s*|^\s*import\s+)['"]([^'"]+)['"]/gm;
  return [...text.matchAll(pattern)].map((match) => ({ file, folder: folderOf(file), specifier: match[1]! }));
}

function targetOf({ file, specifier }: Import): string | null {
  if (!specifier.startsWith('.')) return null;
  return relative(SRC, resolve(SRC, dirname(file), specifier)).replace(/\.js$/, '.ts');
}

const files = sources();
const imports = files.flatMap(importsOf);

describe('imports', () => {
  it('finds sources to check', () => {
    expect(files.length).toBeGreaterThan(50);
    expect(imports.length).toBeGreaterThan(files.length);
  });

  it('reads the rule from docs/architecture.md', () => {
    expect(MAY_IMPORT.training).toContain('dataset');
    expect(Object.keys(MAY_IMPORT).length).toBeGreaterThan(15);
    expect(OWNED_PACKAGES.length).toBeGreaterThan(5);
    const named = Object.values(MAY_IMPORT)
      .concat(OWNED_PACKAGES.map(({ folders }) => folders))
      .flat();
    expect(named.filter((folder) => MAY_IMPORT[folder] === undefined)).toEqual([]);
  });

  it('is a rule without circles', () => {
    const visit = (folder: string, path: readonly string[]): string[] =>
      path.includes(folder)
        ? [[...path, folder].join(' → ')]
        : MAY_IMPORT[folder]!.flatMap((next) => visit(next, [...path, folder]));
    expect(Object.keys(MAY_IMPORT).flatMap((folder) => visit(folder, []))).toEqual([]);
  });

  it('knows every folder of src', () => {
    const unknown = [...new Set(files.map(folderOf))].filter((folder) => MAY_IMPORT[folder] === undefined);
    expect(unknown).toEqual([]);
  });

  it('go from right to left', () => {
    const wrong = imports.flatMap((one) => {
      const target = targetOf(one);
      if (target === null) return [];
      const folder = folderOf(target);
      const allowed = folder === one.folder || MAY_IMPORT[one.folder]!.includes(folder);
      return allowed ? [] : [`${one.file} imports ${target}`];
    });
    expect(wrong).toEqual([]);
  });

  it('enter another folder by its index', () => {
    const wrong = imports.flatMap((one) => {
      const target = targetOf(one);
      if (target === null || !target.includes('/')) return [];
      const inside = folderOf(target) === one.folder;
      return inside || target === `${folderOf(target)}/index.ts` ? [] : [`${one.file} imports ${target}`];
    });
    expect(wrong).toEqual([]);
  });

  it('keep each heavy package behind its folder', () => {
    const wrong = imports.flatMap(({ file, folder, specifier }) => {
      const owner = OWNED_PACKAGES.find(({ owns }) => owns(specifier));
      return owner === undefined || owner.folders.includes(folder) ? [] : [`${file} imports ${specifier}`];
    });
    expect(wrong).toEqual([]);
  });

  it('never name napi.h outside the binding', () => {
    const native = fileURLToPath(new URL('../../native', import.meta.url));
    const sources = readdirSync(native, { recursive: true, encoding: 'utf8' }).filter((file) => /\.(cc|h)$/.test(file));
    const wrong = sources.filter(
      (file) => !file.startsWith('binding/') && /#include\s*[<"]napi\.h/.test(readFileSync(join(native, file), 'utf8')),
    );
    expect(sources.length).toBeGreaterThan(10);
    expect(wrong).toEqual([]);
  });
});
