/** Checks how a table is described. Each rule's message is the `<expected>` of `<name> must be <expected>`. */
import { IANAZone } from 'luxon';
import { z } from 'zod';
import { mustBe, ParameterError } from '../errors.js';
import type { TableSource } from './table-source.js';

const oneOf = <const T extends readonly string[]>(values: T) =>
  z.enum(values, { error: values.map((value) => JSON.stringify(value)).join(' or ') });
const text = (expected: string) => z.string({ error: expected }).min(1, { error: expected });
const count = z.int({ error: 'a positive whole number' }).min(1, { error: 'a positive whole number' });
const positive = z.number({ error: 'a positive number' }).gt(0, { error: 'a positive number' });
const column = text('the name of a column');
const names = z
  .array(column, { error: 'a list of names of columns' })
  .min(1, { error: 'at least one name' })
  .readonly();
const path = z.union([text('a path'), z.instanceof(URL)], { error: 'a path or URL' });
const fill = z.number({ error: 'a finite number' });
const object = (keys: string) => ({ error: `an object with ${keys}` });

/** Numbers in memory by default: reading takes about three times as much beside it. */
export const TABLE_CACHE_BYTES = 2 ** 27;

/** What CSV files of pandas, R and SQL write where nothing is. */
const MISSING = ['NaN', 'nan', 'NA', 'N/A', 'null', 'NULL', 'None'];

const csv = z.strictObject(
  {
    delimiter: z.string().length(1, { error: 'one character' }).default(','),
    decimal: oneOf(['.', ',']).default('.'),
    missing: z
      .array(z.string({ error: 'a text' }), { error: 'a list of texts' })
      .readonly()
      .default(MISSING),
  },
  object('delimiter, decimal, missing'),
);

const files = {
  table: z.union([path, z.array(path).min(1).readonly()], { error: 'a path, a glob, a URL or a list of them' }),
  format: oneOf(['csv', 'parquet']).optional(),
  csv: csv.prefault({}),
  onBadRow: oneOf(['error', 'skip']).default('error'),
  cacheBytes: count.default(TABLE_CACHE_BYTES),
};

const labelValues = {
  positive: text('the text of the positive class').optional(),
  classes: z.array(text('a text')).min(2, { error: 'at least two texts' }).readonly().optional(),
};

const listedValues = z.strictObject({
  column,
  separator: text('a text').optional(),
  shape: z.array(count, { error: 'a list of whole numbers' }).min(1, { error: 'a shape' }).readonly(),
});

const labelColumn = z.strictObject({ column, ...labelValues });
const rowLabel = z.union([column.transform((name) => ({ column: name })).pipe(labelColumn), labelColumn], {
  error: 'a column, or an object with column, positive, classes',
});

/** A table with a sequence per row. */
export const rowTableSchema = z.strictObject({
  ...files,
  layout: z.literal('rows').default('rows'),
  columns: z
    .strictObject(
      {
        values: z.union([names, listedValues], { error: 'a list of columns, or { column, separator, shape }' }),
        group: column.optional(),
        label: rowLabel.optional(),
        id: column.optional(),
      },
      object('values, group, label, id'),
    )
    .optional(),
  stride: count.optional(),
  rowsPerItem: count.default(1),
  missing: z.union([oneOf(['error', 'drop-row']), fill], { error: '"error", "drop-row" or a number' }).default('error'),
});

const timestamp = z.strictObject(
  {
    column,
    unit: oneOf(['s', 'ms', 'us', 'ns']).optional(),
    format: text('"iso", or tokens such as dd.MM.yyyy HH:mm:ss').optional(),
    zone: z
      .string({ error: 'the name of a time zone' })
      .refine((name) => IANAZone.isValidZone(name), { error: 'the IANA name of a time zone, e.g. Europe/Berlin' })
      .optional(),
    ambiguous: oneOf(['error', 'earlier', 'later']).optional(),
    nonexistent: oneOf(['error', 'shift-forward']).optional(),
    order: oneOf(['sort', 'ascending']).default('sort'),
    duplicates: oneOf(['error', 'keep', 'first', 'last']).default('error'),
  },
  object('column, and unit or format'),
);

const windowRule = oneOf(['any', 'all', 'last']);
const groupLabel = z.strictObject({ column, per: z.literal('group').default('group'), ...labelValues });
const seriesLabel = z.union(
  [
    column.transform((name) => ({ column: name })).pipe(groupLabel),
    groupLabel,
    z.strictObject({ column, per: z.literal('row'), rule: windowRule, ...labelValues }),
    z.strictObject({ windows: path, rule: windowRule }),
  ],
  { error: 'a column, { column, per: row, rule: any | all | last } or { windows, rule }' },
);

/** A table with a row per moment. */
export const seriesTableSchema = z.strictObject({
  ...files,
  layout: z.literal('series'),
  columns: z.strictObject(
    { values: names, group: column.optional(), timestamp: timestamp.optional(), label: seriesLabel.optional() },
    object('values, group, timestamp, label'),
  ),
  missing: z
    .union([oneOf(['error', 'drop-row', 'forward-fill']), fill], {
      error: '"error", "drop-row", "forward-fill" or a number',
    })
    .default('error'),
  maxGapMs: positive.optional(),
  onGap: oneOf(['split', 'error']).optional(),
  resample: z
    .strictObject(
      { everyMs: positive, method: oneOf(['mean', 'last', 'linear', 'nearest']) },
      object('everyMs and method'),
    )
    .optional(),
  timeDelta: z
    .strictObject(
      { unit: oneOf(['ms', 's', 'min', 'h']), scale: oneOf(['linear', 'log1p']).default('linear') },
      object('unit and scale'),
    )
    .optional(),
});

export type RowConfig = z.output<typeof rowTableSchema>;
export type SeriesConfig = z.output<typeof seriesTableSchema>;
export type TableConfig = RowConfig | SeriesConfig;
export type TimestampConfig = z.output<typeof timestamp>;

/**
 * A description with its defaults.
 *
 * @throws ParameterError `ERR_UNKNOWN_OPTION`, `ERR_OPTION` naming the option, also one that another leaves without effect
 */
export function parseTable(source: TableSource): TableConfig {
  const { layout = 'rows' } = source;
  if (layout !== 'rows' && layout !== 'series') {
    throw new ParameterError('ERR_OPTION', mustBe('layout', '"rows" or "series"', layout));
  }
  const config = layout === 'rows' ? checked(rowTableSchema, source) : checked(seriesTableSchema, source);
  refuseIdle(config);
  return config;
}

function checked<S extends z.ZodType>(schema: S, source: unknown): z.output<S> {
  const result = schema.safeParse(source);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const where = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    const of = where === '' ? 'a table' : `${where} of a table`;
    const message = mustBe(`an option of ${of}`, 'one that exists', issue.keys.join(', '));
    throw new ParameterError('ERR_UNKNOWN_OPTION', message, { option: issue.keys[0] });
  }
  const got = issue.path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    source,
  );
  throw new ParameterError('ERR_OPTION', mustBe(where, issue.message, got), { path: where });
}

/** Options that something else needs, or leaves without effect. */
function refuseIdle(config: TableConfig): void {
  const refuse = (name: string, expected: string, got: unknown): never => {
    throw new ParameterError('ERR_OPTION', mustBe(name, expected, got));
  };
  const { label } = config.columns ?? {};
  if (label && 'column' in label && label.positive !== undefined && label.classes !== undefined) {
    refuse('columns.label.classes', 'left out with positive', label.classes);
  }
  if (config.layout === 'rows') {
    const { rowsPerItem, columns, stride } = config;
    if (rowsPerItem > 1 && columns?.id !== undefined) refuse('columns.id', 'left out with rowsPerItem', columns.id);
    if (rowsPerItem > 1 && stride !== undefined) refuse('stride', 'left out with rowsPerItem', stride);
    return;
  }
  const { columns, maxGapMs, onGap, resample, timeDelta } = config;
  const { timestamp: time } = columns;
  const timed = { maxGapMs, resample, timeDelta };
  for (const [name, value] of Object.entries(timed)) {
    if (value !== undefined && time === undefined) refuse(name, 'left out without columns.timestamp', value);
  }
  if (label && 'windows' in label && time === undefined) {
    refuse('columns.label.windows', 'left out without columns.timestamp', label.windows);
  }
  if (onGap !== undefined && maxGapMs === undefined) refuse('onGap', 'left out without maxGapMs', onGap);
  if (resample !== undefined && maxGapMs === undefined) refuse('maxGapMs', 'given with resample', maxGapMs);
  if (resample !== undefined && timeDelta !== undefined) refuse('timeDelta', 'left out with resample', timeDelta);
  if (time?.unit !== undefined && (time.format ?? time.zone) !== undefined) {
    refuse('columns.timestamp', 'given either unit or format and zone', time);
  }
  for (const name of ['ambiguous', 'nonexistent'] as const) {
    const value = time?.[name];
    if (value !== undefined && time?.zone === undefined)
      refuse(`columns.timestamp.${name}`, 'left out without zone', value);
  }
}
