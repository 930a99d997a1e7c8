import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { html } from '../../src/report/html.js';
import {
  code,
  confusionChart,
  facts,
  formatClock,
  formatFigure,
  keyFigures,
  lineChart,
  paragraph,
  reportPage,
  table,
  writeReport,
} from '../../src/report/index.js';

const NASTY = `<script>alert("x")</script> & 'y'`;

describe('html', () => {
  it('escapes text and leaves markup alone', () => {
    const inner = html`<b>${'a < b'}</b>`;
    expect(html`<p title="${NASTY}">${inner}${[inner, inner]}</p>`.markup).toBe(
      '<p title="&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; &#39;y&#39;">' +
        '<b>a &lt; b</b><b>a &lt; b</b><b>a &lt; b</b></p>',
    );
  });
});

describe('formatFigure', () => {
  it.each([
    [null, '–'],
    [Number.NaN, '–'],
    [Number.POSITIVE_INFINITY, '∞'],
    [0, '0'],
    [2411, '2411'],
    [-3, '−3'],
    [0.994_824, '0.9948'],
    [0.000_000_32, '3.20e−7'],
    [123_456_789, '1.23e+8'],
    [12.5, '12.5'],
  ])('%d → %s', (value, text) => {
    expect(formatFigure(value)).toBe(text);
  });

  it('writes clock times', () => {
    expect([0, 65.4, 3723].map(formatClock)).toEqual(['0:00', '1:05', '1:02:03']);
  });
});

describe('table', () => {
  it('shows figures to the right, undefined ones as a dash, text escaped', () => {
    const { markup } = table({
      columns: ['kind', 'n'],
      rows: [
        ['<b>', 3],
        ['b', null],
      ],
      caption: 'counts',
    });
    expect(markup).toContain('<td class="text">&lt;b&gt;</td><td class="number">3</td>');
    expect(markup).toContain('<td class="number">–</td>');
    expect(markup).toContain('<caption>counts</caption>');
  });

  it('refuses a row of another width, naming it', () => {
    expect(() => table({ columns: ['a', 'b'], rows: [['x', 1], ['y']] })).toThrow(/rows\[1\] must be 2 cells, got 1/);
  });
});

describe('reportPage', () => {
  async function page(): Promise<string> {
    return reportPage({
      title: NASTY,
      summary: [keyFigures([{ label: 'Recall', value: 0.955, note: 'at least .97', state: 'bad' }])],
      sections: [
        { title: 'One', blocks: [paragraph(NASTY), facts({ seed: 1337 }), code('a < b')] },
        {
          title: 'Two',
          blocks: [
            await lineChart({
              title: NASTY,
              x: { title: 'epoch' },
              y: { title: 'loss' },
              series: [
                {
                  name: NASTY,
                  points: [
                    [1, 1],
                    [2, 0.5],
                  ],
                },
              ],
            }),
            await confusionChart({
              title: 'c',
              positive: '<p>',
              negative: 'n',
              matrix: { tp: 1, fp: 2, fn: 3, tn: 4 },
            }),
          ],
        },
      ],
    });
  }

  it('needs nothing from the network and runs no script', async () => {
    const document = await page();
    expect(document).not.toMatch(/<(script|link|iframe|object|embed)\b/i);
    expect(document).not.toMatch(/\b(src|href)="(?!#|data:)/);
    expect(document).not.toMatch(/url\((?!#)|@import/);
    const addresses = [...document.matchAll(/https?:[^"'\s)]*/g)].map(([address]) => address);
    expect(new Set(addresses)).toEqual(new Set(['http://www.w3.org/2000/svg', 'http://www.w3.org/1999/xlink']));
  });

  it('is well formed: every element closed in order', async () => {
    const open: string[] = [];
    const VOID = new Set(['meta', 'br', '!doctype']);
    for (const [, slash, name, rest] of (await page()).matchAll(/<(\/?)([!\w-]+)((?:"[^"]*"|[^>"])*)>/g)) {
      if (VOID.has(name!.toLowerCase()) || rest!.endsWith('/')) continue;
      if (slash) expect(open.pop()).toBe(name);
      else open.push(name!);
    }
    expect(open).toEqual([]);
  });

  it('links its sections and shows its figures', async () => {
    const document = await page();
    expect(document).toContain('<a href="#s1">Two</a>');
    expect(document).toContain('<section id="s1"><h2>Two</h2>');
    expect(document).toContain('<dd>0.955</dd>');
    expect(document).toContain('a &lt; b');
  });

  it('is written whole, with no file beside it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'cochlea-report-'));
    try {
      await writeReport(join(folder, 'report.html'), { title: 'T', sections: [] });
      expect(await readdir(folder)).toEqual(['report.html']);
      expect(await readFile(join(folder, 'report.html'), 'utf8')).toBe(reportPage({ title: 'T', sections: [] }));
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
