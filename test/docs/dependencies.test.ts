/** docs/dependencies.md and THIRD_PARTY_NOTICES name what package.json and the recipe need, with the packages' own licences. */
import { expect, it } from 'vitest';
import { PACKAGES } from '../../src/recipes/corpora/index.js';
import { codeIn, readDocument, sectionOf, tableRows } from './markdown.js';

const manifest: Record<string, Record<string, string>> = JSON.parse(readDocument('package.json'));
const dependencies = readDocument('docs/dependencies.md');
const notices = readDocument('THIRD_PARTY_NOTICES');

it.each([
  ['## npm packages at run time', 'dependencies'],
  ['## Peers', 'peerDependencies'],
  ['## For development', 'devDependencies'],
])('%s', (heading, key) => {
  const rows = tableRows(sectionOf(dependencies, heading));
  expect(rows.map(([name = '']) => codeIn(name)[0])).toEqual(Object.keys(manifest[key]!).sort());
  for (const row of rows) for (const cell of row) expect(cell).toMatch(/\w{2}/);
});

it('THIRD_PARTY_NOTICES gives every package its own licence', () => {
  const listed = tableRows(sectionOf(notices, '## npm packages')).map(([name, licence]) => [name, licence]);
  const peers = Object.keys(manifest.peerDependencies!).filter((name) => name in manifest.devDependencies!);
  const needed = [...Object.keys(manifest.dependencies!), ...peers]; // other peers are installed by who wants them
  const own = needed.map((name) => [name, JSON.parse(readDocument(`node_modules/${name}/package.json`)).license]);
  expect(listed.sort()).toEqual(own.sort());
});

it("THIRD_PARTY_NOTICES lists the recordings' packages with their licences", () => {
  const listed = tableRows(sectionOf(notices, '## Recordings')).map(([name, licence]) => [name, licence]);
  expect(listed).toEqual([...PACKAGES.apt, ...PACKAGES.npm].map(({ name, licence }) => [name, licence]));
});

it('README.md says how much the recipe fetches', () => {
  const megabytes = (packages: typeof PACKAGES.apt) =>
    Math.round(packages.reduce((sum, pkg) => sum + pkg.megabytes, 0));
  expect(readDocument('README.md')).toContain(`The recordings (${megabytes(PACKAGES.apt)} MB)`);
  expect(readDocument('README.md')).toContain(`from npm packages (${megabytes(PACKAGES.npm)} MB)`);
});
