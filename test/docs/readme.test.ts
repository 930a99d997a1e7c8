/** The README says what is true: its example runs, its commands and verbs exist. */
import { execFile } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { makeProgram } from '../../src/cli/program.js';
import { codeBlocks, codeIn, ROOT, readDocument, sectionOf, tableRows } from './markdown.js';
import { packageFolder } from './package-folder.js';

const run = promisify(execFile);
const readme = readDocument('README.md');
const manifest: Record<string, unknown> = JSON.parse(readDocument('package.json'));

describe('the library example', () => {
  const [example = ''] = codeBlocks(readme, 'js');

  it('has at most 15 lines', () => {
    expect(example).toContain("from 'cochlea'");
    expect(example.trimEnd().split('\n').length).toBeLessThanOrEqual(15);
  });

  it('prints in plain node what the README says', async () => {
    const folder = packageFolder();
    writeFileSync(join(folder, 'example.mjs'), example);
    const { stdout, stderr } = await run(process.execPath, ['example.mjs'], { cwd: folder });
    expect(stderr).toBe('');
    expect(stdout).toBe(codeBlocks(readme, 'text')[0]);
  });

  it('takes a compressed recording as well', async () => {
    const folder = packageFolder();
    writeFileSync(join(folder, 'example.mjs'), example);
    const recording = join(ROOT, 'test/audio/fixtures/tone.mp3');
    const { stdout } = await run(process.execPath, ['example.mjs', recording], { cwd: folder });
    expect(stdout).toMatch(/^\[ \d+, 64 \] 0\.32 \[ \d+, 5, 64 \]\n\[ \d+, 5, 64 \]\n$/);
  });
});

it('names npm scripts that exist', () => {
  const scripts = Object.keys(manifest.scripts as object);
  const named = [...readme.matchAll(/\bnpm (?:run ([a-z]+)|(start|test)\b)/g)].map((match) => match[1] ?? match[2]!);
  expect(new Set(named).size).toBeGreaterThan(4);
  expect(named.filter((name) => !scripts.includes(name))).toEqual([]);
});

it('lists the verbs of the command line', () => {
  const listed = tableRows(sectionOf(readme, '## Command line')).map(([verb = '']) => codeIn(verb)[0]?.split(' ')[0]);
  expect(listed).toEqual(makeProgram().commands.map((command) => command.name()));
});

it('names the variables of the environment that the sources read', () => {
  const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' }).filter((file) =>
    /\.ts$/.test(file),
  );
  const read = sources.flatMap((file) => readDocument(`src/${file}`).match(/\bCOCHLEA_[A-Z]+/g) ?? []);
  expect([...new Set(readme.match(/\bCOCHLEA_[A-Z]+/g))].sort()).toEqual([...new Set(read)].sort());
});

it('names the Node.js version and the peers of package.json', () => {
  const { engines, peerDependencies } = manifest as Record<string, Record<string, string>>;
  expect(readme).toContain(`Node.js ${engines!.node!.replace('>=', '')} or newer`);
  for (const [name, version] of Object.entries(peerDependencies!)) expect(readme).toContain(`${name}@${version}`);
});
