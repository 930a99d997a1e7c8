/** docs/errors.md lists every code with its class and meaning; every code is thrown somewhere and provoked by a test. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CochleaError, ERRORS, errorFromCode, isErrorCode } from '../../src/errors.js';
import { codeBlocks, codeIn, ROOT, readDocument, sectionOf, tableRows } from './markdown.js';

const CODES = Object.keys(ERRORS).filter(isErrorCode);
const CLASSES = [...new Set(CODES.map((code) => ERRORS[code][0]))];
const document = readDocument('docs/errors.md');

/** Sources below `folder` without comments, so that a docstring does not count as a use. */
function codeBelow(folder: string, extension: RegExp, except: readonly string[] = []): string {
  const files = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' });
  const kept = files.filter((file) => extension.test(file) && !except.includes(file));
  expect(kept.length).toBeGreaterThan(10);
  return kept
    .map((file) => readFileSync(join(ROOT, folder, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, ''))
    .join('\n');
}

const codesIn = (text: string) => new Set(text.match(/\bERR_[A-Z0-9_]+\b/g));

describe('docs/errors.md', () => {
  it.each(CLASSES)('lists the codes of %s with their meaning', (name) => {
    const documented = tableRows(sectionOf(document, `## ${name}`)).map(([code = '', meaning]) => [
      codeIn(code)[0],
      meaning,
    ]);
    const declared = CODES.filter((code) => ERRORS[code][0] === name).map((code) => [code, ERRORS[code][1]]);
    expect(documented).toEqual(declared);
  });

  it('says what helps', () => {
    for (const [code, , help] of tableRows(document)) expect(help, code).toMatch(/\w{3}/);
  });

  it('has sections for the classes alone', () => {
    expect([...document.matchAll(/^## (\w+)$/gm)].map((match) => match[1])).toEqual(CLASSES);
  });

  it('shows a code that exists', () => {
    const [example = ''] = codeBlocks(document, 'ts');
    expect([...codesIn(example)].length).toBe(1);
    expect([...codesIn(example)].every(isErrorCode)).toBe(true);
  });
});

describe('every code', () => {
  it('makes an error of its class', () => {
    for (const code of CODES) {
      const error = errorFromCode(code, 'x must be y, got z', { path: 'a' });
      expect(error).toBeInstanceOf(CochleaError);
      expect([error.name, error.code, error.details]).toEqual([ERRORS[code][0], code, { path: 'a' }]);
    }
  });

  it('is thrown by the library, which throws no other', () => {
    const sources = codesIn(codeBelow('src', /\.ts$/, ['errors.ts']));
    const native = codesIn(codeBelow('native', /^(?!test\/).*\.(cc|h)$/));
    // Node's and npm's own codes begin alike.
    const foreign = new Set(['ERR_MODULE_NOT_FOUND']);
    const thrown = new Set([...sources, ...native].filter((code) => !foreign.has(code)));
    expect([...thrown].filter((code) => !isErrorCode(code))).toEqual([]);
    expect(CODES.filter((code) => !thrown.has(code))).toEqual([]);
  });

  it('is provoked by a test', () => {
    const tested = codesIn(codeBelow('test', /\.test\.ts$/, ['docs/errors.test.ts']));
    expect(CODES.filter((code) => !tested.has(code))).toEqual([]);
  });
});
