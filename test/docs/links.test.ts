/** In every document: links lead somewhere, examples compile. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { expect, it } from 'vitest';
import { codeBlocks, ROOT, readDocument } from './markdown.js';
import { packageFolder } from './package-folder.js';

const DOCUMENTS = ['README.md', 'CHANGELOG.md', ...readdirSync(join(ROOT, 'docs')).map((name) => `docs/${name}`)];

function anchorsOf(path: string): string[] {
  return [...readDocument(path).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

it.each(DOCUMENTS)('%s links to files and headings that exist', (path) => {
  const links = [...readDocument(path).matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map((match) => match[1]!);
  const broken = links.filter((link) => {
    const [file = '', anchor] = link.split('#');
    const target = file === '' ? path : posix.join(dirname(path), file);
    if (!existsSync(join(ROOT, target))) return true;
    return anchor !== undefined && !anchorsOf(target).includes(anchor);
  });
  expect(broken).toEqual([]);
});

it('examples compile against the package as it is built', () => {
  const folder = packageFolder();
  const files: string[] = [];
  for (const path of DOCUMENTS) {
    codeBlocks(readDocument(path), 'ts').forEach((code, i) => {
      // Lists of signatures import nothing and are no programs.
      if (!code.includes('import ')) return;
      files.push(`${path.replaceAll(/\W/g, '-')}-${i}.ts`);
      writeFileSync(join(folder, files.at(-1)!), code);
    });
  }
  expect(files.length).toBeGreaterThan(2);
  const options = {
    module: 'nodenext',
    target: 'es2022',
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: ['node'],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files }));
  const compiler = join(ROOT, 'node_modules', '.bin', 'tsc');
  const { stdout, status } = spawnSync(compiler, ['-p', folder], { encoding: 'utf8' });
  expect(stdout).toBe('');
  expect(status).toBe(0);
});
