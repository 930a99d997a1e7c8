/** Numbers as people read them. */
const SEC_PER_MIN = 60;
const SEC_PER_HOUR = 3600;
const BYTES_PER_UNIT = 1024;
const BYTE_UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

export function formatDuration(sec: number): string {
  if (sec >= SEC_PER_HOUR) return `${(sec / SEC_PER_HOUR).toFixed(2)} h`;
  if (sec >= SEC_PER_MIN) return `${(sec / SEC_PER_MIN).toFixed(1)} min`;
  return `${sec.toFixed(1)} s`;
}

export function formatBytes(bytes: number): string {
  const power = Math.min(BYTE_UNITS.length - 1, Math.floor(Math.log(Math.max(1, bytes)) / Math.log(BYTES_PER_UNIT)));
  return `${(bytes / BYTES_PER_UNIT ** power).toFixed(power === 0 ? 0 : 1)} ${BYTE_UNITS[power]}`;
}

export function formatCount(n: number, noun: string): string {
  return `${n.toLocaleString('en')} ${noun}${n === 1 ? '' : 's'}`;
}

/** A figure with `digits` decimals, or a dash where it is not defined. */
export function formatFigure(value: number | null | undefined, digits = 4): string {
  return value === null || value === undefined ? '–' : value.toFixed(digits);
}

/** Columns aligned by spaces; the first row is the heading. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** One line a fact, aligned; facts without a value are left out. */
export type Facts = Readonly<Record<string, string | number | null | undefined>>;

export function formatFacts(facts: Facts): string {
  const told = Object.entries(facts).filter(([, value]) => value !== null && value !== undefined && value !== '');
  return formatTable(told.map(([name, value]) => [name, String(value)]));
}
