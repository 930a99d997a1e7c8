import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  BENCH_REPORT,
  type BenchReport,
  commitOf,
  machine,
  readReport,
  reportMarkdown,
  reportTable,
  saveReport,
  short,
  valuesOf,
} from '../../src/bench/index.js';

function result(contestant: string, value: number, ratio: number): BenchReport['contests'][number]['results'][number] {
  const medianSec = 600 / value;
  return {
    ...{ contestant, value, ratio, medianSec, p10Sec: medianSec / 1.1, p90Sec: medianSec * 1.2 },
    ...{ samples: 50, rounds: 5, quietRounds: 4, ofLimit: value / 100_000 },
  };
}

const REPORT: BenchReport = {
  schema: 1,
  suite: 'dsp',
  commit: 'abcdef0',
  date: '2026-01-02T03:04:05.678Z',
  durationSec: 61.4,
  machine: machine(),
  processor: 1,
  clock: 'wall',
  audioSec: 600,
  quick: false,
  engine: { kernels: 'scalar', version: '0.1.0', numericVersion: 1 },
  versions: { FFTW: '3.3.10' },
  contests: [
    {
      id: 'W1',
      title: 'W1 log-mel',
      unit: '× real time',
      baseline: 'FFTW loop',
      limit: { value: 100_000, what: 'multiply-add, avx2' },
      results: [result('cochlea', 50_000, 2.5), result('FFTW loop', 20_000, 1)],
      goals: [
        { what: 'cochlea / FFTW loop', unit: '×', value: 2.5, wanted: '≥ 2.2', met: true },
        { what: 'cochlea / librosa', unit: '×', value: null, wanted: '≥ 10', met: null },
      ],
      absent: [{ name: 'Meyda', reason: 'not installed' }],
    },
  ],
  absent: [{ name: 'W6', reason: 'this version has no preset' }],
};

describe('a report', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'cochlea-bench-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is saved under suite and date, and read back as it was', () => {
    const path = saveReport(join(folder, 'results'), REPORT);
    expect(path).toBe(join(folder, 'results', 'dsp-2026-01-02-03-04-05.json'));
    expect(readReport(path)).toEqual(REPORT);
  });

  it('is refused where it does not follow the schema', () => {
    expect(BENCH_REPORT.safeParse({ ...REPORT, schema: 2 }).success).toBe(false);
    expect(BENCH_REPORT.safeParse({ ...REPORT, commit: undefined }).success).toBe(false);
    const broken = { ...REPORT.contests[0]!, results: [{ ...REPORT.contests[0]!.results[0]!, value: -1 }] };
    expect(() => saveReport(folder, { ...REPORT, contests: [broken] })).toThrow(/value/);
    const path = join(folder, 'other.json');
    writeFileSync(path, '{"suite":"dsp"}');
    expect(() => readReport(path)).toThrow(/schema/);
  });

  it('is a table with the place, the figures, the goals, and who was not here', () => {
    const table = reportTable(REPORT);
    expect(table).toContain(`${REPORT.machine.cpu}, processor 1, wall clock, kernels scalar`);
    expect(table).toContain('W1 log-mel  [× real time; ratio to FFTW loop; limit 100,000 (multiply-add, avx2)]');
    expect(table).toMatch(/^ {2}cochlea +50,000 +41,667 +55,000 +2\.50 +50 % +4\/5$/m);
    expect(table).toContain('goal cochlea / FFTW loop: 2.50 ×, wanted ≥ 2.2: met');
    expect(table).toContain('goal cochlea / librosa: not measured (wanted ≥ 10 ×)');
    expect(table).toContain('not here: Meyda (not installed)');
    expect(table).toContain('not here: W6 (this version has no preset)');
  });

  it('is compared with an earlier one by contest and contestant', () => {
    const [contest] = REPORT.contests;
    const earlier = { ...REPORT, contests: [{ ...contest!, results: [result('cochlea', 25_000, 1)] }] };
    const table = reportTable(REPORT, valuesOf(earlier));
    expect(table).toMatch(/now \/ then$/m);
    expect(table).toMatch(/cochlea .* 2\.00$/m);
    expect(table).toMatch(/FFTW loop .* new$/m);
  });

  it('is Markdown with the line that a figure needs', () => {
    const markdown = reportMarkdown(REPORT);
    expect(markdown).toContain('| cochlea | 50,000 | 2.50 | 50 % |');
    expect(markdown).toContain('one core, wall clock, kernels `scalar`, commit abcdef0, 2026-01-02.');
  });
});

describe('the place', () => {
  it('names processor, cores and commit', () => {
    expect(machine().cpu.length).toBeGreaterThan(0);
    expect(machine().node).toBe(process.version);
    expect(commitOf(process.cwd())).toMatch(/^([0-9a-f]{7,}\+?|unknown)$/);
    expect(commitOf(tmpdir())).toBe('unknown');
  });

  it('writes numbers with three digits, from 100 up whole', () => {
    expect([0, 0.01234, 1.005, 99.44, 123.6, 12345.6].map(short)).toEqual([
      '0',
      '0.0123',
      '1.00',
      '99.4',
      '124',
      '12,346',
    ]);
  });
});
