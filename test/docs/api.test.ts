/** docs/api.md names exactly what the package exports, and every public member of its classes. */
import { describe, expect, it } from 'vitest';
import * as cochlea from '../../src/index.js';
import { COVERED_LAYERS } from '../../src/model/index.js';
import * as training from '../../src/training/index.js';
import { codeIn, readDocument, sectionOf, tableRows } from './markdown.js';

const document = readDocument('docs/api.md');
const ENTRIES = [
  { name: 'cochlea', file: 'src/index.ts', values: { ...cochlea } },
  { name: 'cochlea/training', file: 'src/training/index.ts', values: { ...training } },
] as const;

/** Names in the `export { … }` lists of a file that has nothing else. */
function exportedNames(file: string): string[] {
  const text = readDocument(file).replace(/\/\*[\s\S]*?\*\//g, '');
  const lists = [...text.matchAll(/export (?:type )?\{([^}]*)\} from '[^']+';/g)];
  expect(text.replaceAll(/export (?:type )?\{[^}]*\} from '[^']+';/g, '').trim(), `${file} beside its lists`).toBe('');
  return lists.flatMap((list) =>
    list[1]!
      .split(',')
      .map((name) => name.trim().replace(/^type /, ''))
      .filter((name) => name !== ''),
  );
}

const documentedIn = (name: string): { name: string; row: string }[] =>
  tableRows(sectionOf(document, `## \`${name}\``)).map((cells) => ({
    name: codeIn(cells[0] ?? '')[0] ?? '',
    row: cells.join(' '),
  }));

describe.each(ENTRIES)('$name', ({ name, file, values }) => {
  const documented = documentedIn(name);

  it('documents every export once, and nothing else', () => {
    const exported = exportedNames(file);
    expect(exported.length).toBeGreaterThan(15);
    expect(documented.map((row) => row.name).sort()).toEqual(exported.sort());
  });

  it('exports values where the index says so', () => {
    const typeless = Object.keys(values);
    expect(typeless.length).toBeGreaterThan(2);
    expect(typeless.filter((value) => !documented.some((row) => row.name === value))).toEqual([]);
  });

  it('documents every public member of a class', () => {
    const classes = Object.entries(values).filter(([key, value]) => /^[A-Z]/.test(key) && typeof value === 'function');
    expect(classes.length).toBeGreaterThan(0);
    const plan = documented.find((row) => row.name === 'FeaturePlan')?.row ?? '';
    for (const [key, value] of classes) {
      const members = [...publicMembers(value), ...publicMembers(Reflect.get(value, 'prototype'))];
      const row = `${documented.find((one) => one.name === key)?.row}${plan}`;
      const named = codeIn(row).flatMap((code) => code.split(/\W+/));
      expect(
        members.filter((member) => !named.includes(member)),
        key,
      ).toEqual([]);
    }
  });
});

/** Own methods and accessors of a class or prototype. */
function publicMembers(owner: object): string[] {
  const builtIn = ['constructor', 'length', 'name', 'prototype', 'stackTraceLimit'];
  return Object.getOwnPropertyNames(owner).filter((name) => !builtIn.includes(name));
}

it('lists the layers that the graph covers, and no others', () => {
  const named = codeIn(sectionOf(document, '### Layers')).filter((code) => /^[A-Z][A-Za-z0-9]+$/.test(code));
  // An operator of ONNX, of which some layers are made.
  expect([...new Set(named)].filter((name) => name !== 'Scan').sort()).toEqual([...COVERED_LAYERS].sort());
});
