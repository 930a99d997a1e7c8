/** The import rule of docs/architecture.md: a folder of `src/` imports only what stands to its left. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const SRC = fileURLToPath(new URL('../../src', import.meta.url));

const LEAVES = ['errors', 'types'];
const CORE = ['spec', 'graph', 'native', 'audio', 'features', 'pool', 'dataset'];
const MODELLING = ['evaluation', 'report', 'bundle', 'model', 'onnx', 'training', 'inference'];

/** Folder → the folders it may import, beside itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  errors: [],
  types: [],
  spec: LEAVES,
  graph: LEAVES,
  native: [...LEAVES, 'spec', 'graph'],
  audio: [...LEAVES, 'spec', 'graph', 'native'],
  features: [...LEAVES, 'spec', 'graph', 'native', 'audio'],
  pool: [...LEAVES, 'spec', 'graph', 'native', 'audio', 'features'],
  dataset: [...LEAVES, 'spec', 'graph', 'native', 'audio', 'features', 'pool'],
  evaluation: LEAVES,
  report: [...LEAVES, 'evaluation'],
  bundle: [...LEAVES, 'spec'],
  model: [...LEAVES, 'graph'],
  onnx: [...LEAVES, 'graph', 'spec', 'native', 'bundle'],
  training: [...LEAVES, 'graph', 'native', 'pool', 'dataset', 'evaluation', 'spec', 'model', 'onnx', 'bundle'],
  inference: [...LEAVES, 'spec', 'native', 'audio', 'features', 'pool', 'bundle'],
  recipes: [...LEAVES, ...CORE, ...MODELLING],
  server: [...LEAVES, 'inference'],
  bench: LEAVES,
  cli: [...LEAVES, ...CORE, ...MODELLING, 'recipes', 'server', 'bench', 'index'],
  index: [...LEAVES, ...CORE, 'evaluation', 'bundle', 'inference'],
};

/** Packages that only one folder may import. */
const OWNED_PACKAGES: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^@tensorflow\//, ['model', 'training']],
  [/^onnxruntime-node$/, ['inference']],
  [/^onnx-proto$/, ['onnx']],
  [/^piscina$/, ['pool']],
  [/^apache-arrow$/, ['dataset']],
  [/^(vega|vega-lite|fast-png)$/, ['report']],
  [/^commander$/, ['cli']],
];

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
      const owner = OWNED_PACKAGES.find(([pattern]) => pattern.test(specifier));
      return owner === undefined || owner[1].includes(folder) ? [] : [`${file} imports ${specifier}`];
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
