import type { BenchReport } from './bench-report.js';

type ContestOfReport = BenchReport['contests'][number];
type ResultOfReport = ContestOfReport['results'][number];

/** How contests of a report are compared with an earlier report of the same suite. */
export type Earlier = ReadonlyMap<string, number>;

/** Values of an earlier report by contest and contestant. */
export function valuesOf(report: BenchReport): Earlier {
  return new Map(
    report.contests.flatMap((contest) =>
      contest.results.map((result): [string, number] => [keyOf(contest, result), result.value]),
    ),
  );
}

function keyOf(contest: ContestOfReport, result: ResultOfReport): string {
  return `${contest.title}\n${result.contestant}`;
}

const HEAD = ['contestant', 'value', 'p10', 'p90', 'ratio', 'of limit', 'quiet'];

/** A report for the terminal. `earlier` adds a column with this run's value over that one's. */
export function reportTable(report: BenchReport, earlier?: Earlier): string {
  return [
    ...headLines(report),
    ...report.contests.map((contest) => contestTable(contest, earlier)),
    ...(report.absent.length > 0 ? [`not here: ${absentText(report.absent)}`] : []),
  ].join('\n\n');
}

function headLines({
  suite,
  machine,
  processor,
  clock,
  engine,
  commit,
  date,
  durationSec,
  quick,
}: BenchReport): string[] {
  const bound = processor === null ? 'not bound to a processor' : `processor ${processor}`;
  return [
    `${suite}${quick ? ' (quick)' : ''}: ${machine.cpu}, ${bound}, ${clock} clock, kernels ${engine.kernels}, ` +
      `node ${machine.node}, commit ${commit}, ${date}, ${Math.round(durationSec)} s`,
  ];
}

/** One contest: a line per contestant, the goals, and who was not here. */
export function contestTable(contest: ContestOfReport, earlier?: Earlier): string {
  const head = earlier === undefined ? HEAD : [...HEAD, 'now / then'];
  const rows = contest.results.map((result) => {
    const cells = resultCells(result);
    if (earlier === undefined) return cells;
    const then = earlier.get(keyOf(contest, result));
    return [...cells, then === undefined ? 'new' : (result.value / then).toFixed(2)];
  });
  const limit = contest.limit === null ? '' : `; limit ${short(contest.limit.value)} (${contest.limit.what})`;
  return [
    `${contest.title}  [${contest.unit}; ratio to ${contest.baseline}${limit}]`,
    ...aligned([head, ...rows]),
    ...contest.goals.map(goalLine),
    ...(contest.absent.length > 0 ? [`  not here: ${absentText(contest.absent)}`] : []),
  ].join('\n');
}

function resultCells(r: ResultOfReport): string[] {
  const at = (seconds: number) => short((r.value * r.medianSec) / seconds);
  return [
    r.contestant,
    short(r.value),
    at(r.p90Sec),
    at(r.p10Sec),
    r.ratio.toFixed(2),
    r.ofLimit === null ? '' : `${Math.round(r.ofLimit * 100)} %`,
    `${r.quietRounds}/${r.rounds}`,
  ];
}

function goalLine({ what, unit, value, wanted, met }: ContestOfReport['goals'][number]): string {
  if (value === null) return `  goal ${what}: not measured (wanted ${wanted} ${unit})`;
  return `  goal ${what}: ${short(value)} ${unit}, wanted ${wanted}: ${met ? 'met' : 'missed'}`;
}

function absentText(absent: BenchReport['absent']): string {
  return absent.map(({ name, reason }) => `${name} (${reason})`).join('; ');
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    `  ${row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  ')}`.trimEnd(),
  );
}

/** Three digits, or whole numbers from 100 up. */
export function short(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en');
  return value === 0 ? '0' : value.toPrecision(3);
}

/** A report as Markdown, for README and docs, so that no figure there is copied by hand. */
export function reportMarkdown(report: BenchReport): string {
  const { machine, engine, commit, date, clock } = report;
  const where = `${machine.cpu}, one core, ${clock} clock, kernels \`${engine.kernels}\`, commit ${commit}, ${date.slice(0, 10)}`;
  return `${report.contests.map(contestMarkdown).join('\n\n')}\n\n${where}.\n`;
}

function contestMarkdown(contest: ContestOfReport): string {
  const head = `| ${contest.title} | ${contest.unit} | ratio | of limit |\n|---|---:|---:|---:|`;
  const rows = contest.results.map((result) => {
    const [name, value, , , ratio, ofLimit] = resultCells(result);
    return `| ${name} | ${value} | ${ratio} | ${ofLimit} |`;
  });
  return [head, ...rows].join('\n');
}
