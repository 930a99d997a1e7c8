import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { labelRule } from '../../src/cli/label-rule.js';
import { FeatureDataset } from '../../src/dataset/index.js';
import type { ExtractReport } from '../../src/extract/index.js';
import { bytesOf, GOLDEN } from '../audio/labels/golden-labels.js';
import { put, smallCorpus, smallSpec } from '../corpus/wav.js';
import { cochlea, cochleaJson, workFolder } from './cli.js';

describe('--labels', () => {
  it.each([
    ['parent-folder', undefined, 'parent-folder'],
    ['mimii', undefined, 'mimii'],
    ['dcase', undefined, 'dcase'],
    ['column:a:b', undefined, { column: 'a:b' }],
    ['audacity', 'x', { audacity: { folder: resolve('x') } }],
    ['textgrid', undefined, { textgrid: {} }],
    ['textgrid:words', 'x', { textgrid: { tier: 'words', folder: resolve('x') } }],
    ['textgrid:2', undefined, { textgrid: { tier: 2 } }],
    ['cgn', undefined, { cgn: {} }],
    ['cgn:awd', 'x', { cgn: { extension: 'awd', folder: resolve('x') } }],
    ['timit:WRD', undefined, { timit: { extension: 'WRD' } }],
    ['rttm', 'x', { rttm: { folder: resolve('x') } }],
    ['rttm:all.rttm', undefined, { rttm: { file: resolve('all.rttm') } }],
  ])('%s, --label-folder %s', (text, folder, rule) => {
    expect(labelRule(text, folder)).toEqual(rule);
  });

  it.each(['', 'column', 'column:', 'textgrid:', 'audacity:x', 'parent-folder:x', 'toString', 'toString:x', 'csv'])(
    '%j is refused',
    (text) => {
      expect(() => labelRule(text)).toThrow(/--labels must be parent-folder, mimii, .*, got/);
    },
  );

  it.each(['parent-folder', 'dcase', 'column:a', 'rttm:all.rttm'])('%s looks into no folder of labels', (text) => {
    expect(() => labelRule(text, 'x')).toThrow(`--label-folder must be left out with --labels ${text}, got "x"`);
  });

  it('and --label-folder reach the features; the folder alone is refused', async () => {
    const cwd = await workFolder();
    await put(join(cwd, 'spec.json'), JSON.stringify(smallSpec()));
    await smallCorpus(join(cwd, 'corpus'), 2);
    const golden = GOLDEN.grids[0]!;
    await put(join(cwd, 'grids/loud/clip-01.TextGrid'), bytesOf(golden));
    const args = ['extract', 'corpus', '-o', 'features', '--spec', 'spec.json', '--label-folder', 'grids'];
    const { code, value } = await cochleaJson<ExtractReport>([...args, '--labels', 'textgrid:woorden'], { cwd });
    expect(code).toBe(3);
    expect(value.errors.map(({ code, path }) => [code, path])).toEqual([
      ['ERR_LABELS', join(cwd, 'corpus/quiet/clip-00.wav')],
    ]);
    const items = [...(await FeatureDataset.open(join(cwd, 'features'))).items()];
    const spoken = golden.grid.tiers[0]!.intervals.filter(({ label }) => label !== '');
    expect(items.map(({ labels }) => labels)).toEqual([spoken]);
    const alone = await cochlea(args, { cwd });
    expect(alone).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--label-folder must be left out without --labels'),
    });
  });
});
