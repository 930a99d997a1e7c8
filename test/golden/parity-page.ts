/** docs/parity.md: the distances of `parityRows` as a page. The same rows give the same page. */
import { goldenOriginals, loadGolden } from './golden-data.js';
import { NEAR_PEAK_DB, type ParityRow } from './parity.js';

const HEADER = `# Parity

How far the engine is from the originals of its presets, over the whole grid of golden data (\`test/golden/\`). Written by
\`npm run test:parity\`; a test holds this page to what the engine computes. All kernels give the same bits, so the figures
are those of every machine. What each preset means is in [presets.md](presets.md).

- **error**: the largest distance from an expected value, in the unit of the row. Expected values are the original's
  arithmetic in float64 where it can do that; a float32 original's own rounding is part of the distance.
- **of the peak**: the largest error of a case as a part of that case's largest magnitude. \`istft\` of librosa has one case
  without \`center\`, whose first and last samples are divided by a window of nearly nothing; the others are below 3e-7.
- **near the peak**: for logarithms, the largest distance among values within ${NEAR_PEAK_DB} dB of the case's largest. Below that,
  the rounding of a float32 transform, which is some 1e-7 of the peak in every bin, is what both sides print.
- The logarithm itself is off by at most 0.92 units in the last place (ln), 1.94 (log10, decibels), over every normal
  float32, measured one by one.
- **original**: the distance of the original's own float32 result from the same expected values, where it was recorded.
`;

const digits = (value: number | null) => (value === null ? '–' : value === 0 ? '0' : value.toExponential(1));

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}

function computedTable(rows: readonly ParityRow[]): string {
  return table(
    ['preset', 'kind', 'original', 'unit', 'cases', 'error', 'of the peak', 'near the peak', 'original'],
    rows.map((row) => [
      row.preset,
      `\`${row.kind}\``,
      row.original,
      row.unit,
      row.computed === row.cases ? String(row.cases) : `${row.computed} of ${row.cases}`,
      digits(row.error),
      digits(row.errorOfPeak),
      digits(row.errorNearPeak),
      digits(row.originalError),
    ]),
  );
}

function missingTable(rows: readonly ParityRow[]): string {
  return table(
    ['preset', 'kind', 'original', 'cases', 'what the engine says'],
    rows.map((row) => [
      row.preset,
      `\`${row.kind}\``,
      row.original,
      `${row.cases - row.computed} of ${row.cases}`,
      row.missing.join('; ').replaceAll('|', '\\|'),
    ]),
  );
}

function versionsList(): string {
  const lines = goldenOriginals().map((original) => {
    const { versions, generator } = loadGolden(original);
    const named = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
    return `- **${original}** (\`${generator}\`): ${named.join(', ')}`;
  });
  return lines.join('\n');
}

export function parityPage(rows: readonly ParityRow[]): string {
  const computed = rows.filter((row) => row.computed > 0);
  const missing = rows.filter((row) => row.computed < row.cases);
  const counted = (key: 'computed' | 'cases') => rows.reduce((sum, row) => sum + row[key], 0);
  const parts = [
    HEADER,
    `## Computed\n\n${counted('computed')} of ${counted('cases')} cases.\n\n${computedTable(computed)}\n`,
    missing.length === 0 ? '' : `## Not computed\n\n${missingTable(missing)}\n`,
    `## Versions\n\n${versionsList()}\n`,
  ];
  return parts.filter((part) => part !== '').join('\n');
}
