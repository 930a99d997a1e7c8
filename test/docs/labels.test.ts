/** docs/labels.md: every rule of its table is one, and errors say what the page says they say. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatTextGrid, parseLabels, parseRttm, parseTextGrid, parseTimit } from '../../src/audio/index.js';
import { LABELS_HELP, labelRule } from '../../src/cli/label-rule.js';
import { intervalsOf, type LabelRule, labelOf } from '../../src/corpus/index.js';
import { put, temporaryFolder } from '../corpus/wav.js';
import { codeIn, readDocument, tableRows } from './markdown.js';

const document = readDocument('docs/labels.md');
const rows = tableRows(document).filter((cells) => cells.length === 4);
const flowing = document.replaceAll(/\s+/g, ' ');

describe('rules', () => {
  const said = rows.flatMap(([, flag = '']) => codeIn(flag));

  it('that the page says to pass to --labels are taken', () => {
    expect(said.length).toBeGreaterThan(12);
    for (const rule of said) expect(labelRule(rule), rule).toBeDefined();
  });

  it('that --labels takes are on the page', () => {
    const words = [...LABELS_HELP.matchAll(/(?:^|[ ,])([a-z-]+)(?=[,:[]|$)/g)].map(([, word]) => word);
    expect(words).toEqual(expect.arrayContaining(['parent-folder', 'column', 'cgn', 'rttm']));
    const known = new Set(said.map((rule) => rule.split(':')[0]));
    expect(words.filter((word) => word !== 'files' && !known.has(word!))).toEqual([]);
  });

  it('by name alone, of the page, are taken by labelOf', async () => {
    const named = rows.flatMap(([rule = '']) => codeIn(rule)).filter((code) => /^'[a-z-]+'$/.test(code));
    expect(named.length).toBe(8);
    for (const name of named) {
      const rule = name.slice(1, -1) as LabelRule;
      expect(await labelOf({ id: 'a', path: 'a.wav', bytes: 0, mtimeMs: 0 }, rule, '/data')).toBeDefined();
    }
  });
});

describe('errors', () => {
  const said = (error: unknown, root = '/nowhere'): void => {
    const message = error instanceof Error ? error.message.replaceAll(root, '…').replaceAll(/\s+/g, ' ') : '';
    expect(message.length).toBeGreaterThan(20);
    expect(flowing.includes(message), message).toBe(true);
  };
  const thrown = (act: () => unknown): unknown => {
    try {
      return act();
    } catch (error) {
      return error;
    }
  };
  /** Why a recording has no labels. */
  const failed = async (path: string, rule: unknown, root = '/data'): Promise<unknown> => {
    const recording = { id: path, path, bytes: 0, mtimeMs: 0, columns: { path, label: '' } };
    const labels = labelOf(recording, rule as LabelRule, root).then((source) => intervalsOf(source, root));
    return labels.then(
      () => undefined,
      (error: unknown) => error,
    );
  };

  it('of rules', async () => {
    said(await failed('a.wav', { textgrid: { teir: 'words' } }));
    said(await failed('a.wav', { column: 'kind' }));
    said(await failed('fan/a.wav', 'mimii'));
    said(await failed('fan/train/a.wav', 'dcase'));
    said(thrown(() => labelRule('mimii', 'x')));
  });

  it('of recordings', async () => {
    const root = await temporaryFolder();
    await put(join(root, 'all.rttm'), '');
    await put(join(root, 'a.TextGrid'), grid('words', 'phones'));
    await put(join(root, 'fn000001.wrd'), grid().replace('size = 0', 'size = 1 "TextTier" "x" 0 2 0'));
    said(await failed('day1/a.wav', { rttm: { file: 'all.rttm' } }, root), root);
    said(await failed('a.wav', 'audacity', root), root);
    said(await failed('a.wav', 'textgrid', root), root);
    said(await failed('fn000001.wav', 'cgn', root), root);
  });

  it('of lines', () => {
    const wrong = grid('words').replace('text = ""', 'text = 1.5');
    said(thrown(() => parseTextGrid(wrong, '…/a.TextGrid')));
    said(thrown(() => parseLabels('0\t1\ta\n\n2\t1\tb', '…/a.txt')));
    said(thrown(() => parseTimit('0 10 a\n10 b 20', 16_000, '…/SA1.PHN')));
    said(thrown(() => parseRttm(`${';;\n'.repeat(6)}SPEAKER a 1 0 1 <NA> <NA> x`, '…/all.rttm')));
    said(thrown(() => parseTextGrid('"Praat chronological TextGrid text file"\n0 1', '…/a.TextGrid')));
    const overlapping = [0, 0.5].map((startSec) => ({ startSec, endSec: startSec + 1, label: 'a' }));
    const tiers = [{ kind: 'interval' as const, name: 'words', intervals: overlapping }];
    said(thrown(() => formatTextGrid({ startSec: 0, endSec: 2, tiers })));
  });
});

function grid(...names: string[]): string {
  const tiers = names.map((name) => ({ kind: 'interval' as const, name, intervals: [] }));
  return formatTextGrid({ startSec: 0, endSec: 2, tiers });
}
