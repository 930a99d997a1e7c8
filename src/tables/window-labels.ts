/** Labelled stretches of time beside a table, as the Numenta Anomaly Benchmark has them. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { mustBe, ParameterError } from '../errors.js';
import type { TableFile } from './row-source.js';
import type { TimestampConfig } from './table-schema.js';
import { TimestampReader } from './timestamps.js';

type Stretch = readonly [number, number];

const fileSchema = z.record(
  z.string(),
  z.array(z.tuple([z.union([z.string(), z.number()]), z.union([z.string(), z.number()])])),
);

/** Stretches of time by the file of the table that they are in. */
export class LabelledWindows {
  readonly #path: string;
  readonly #stretches: ReadonlyMap<string, readonly Stretch[]>;

  private constructor(path: string, stretches: ReadonlyMap<string, readonly Stretch[]>) {
    this.#path = path;
    this.#stretches = stretches;
  }

  /**
   * @param times how the table's own times are written: its zone, or its unit, holds here too
   * @throws ParameterError `ERR_LABELS` for a file of another form, `ERR_TIMESTAMP` for a time in it
   */
  static async read(source: string | URL, times: TimestampConfig): Promise<LabelledWindows> {
    const path = source instanceof URL ? fileURLToPath(source) : source;
    const given = parse(path, await readFile(path, 'utf8'));
    const { unit, ...rule } = times;
    const numbers = new TimestampReader({ ...rule, unit: unit ?? 'ms' });
    const texts = new TimestampReader({ ...rule, unit: undefined, format: 'iso' });
    const stretches = new Map<string, readonly Stretch[]>();
    for (const [name, list] of Object.entries(given)) {
      const ms = (time: string | number) =>
        (typeof time === 'string' ? texts : numbers).ms(time, () => ({ path, row: 0, name }));
      stretches.set(
        name,
        list.map(([from, to]) => [ms(from), ms(to)]),
      );
    }
    return new LabelledWindows(path, stretches);
  }

  /** @throws ParameterError `ERR_LABELS` for a file that the labels do not name, or name twice */
  of(file: TableFile): readonly Stretch[] {
    const names = [...this.#stretches.keys()].filter((name) => `/${file.path}`.endsWith(`/${name}`));
    const [name] = names;
    if (name !== undefined && names.length === 1) return this.#stretches.get(name)!;
    const expected = `named once in ${this.#path}`;
    throw new ParameterError('ERR_LABELS', mustBe(file.path, expected, `${names.length} times`), { path: file.path });
  }
}

export function windowLabel(stretches: readonly Stretch[], ms: number): number {
  return stretches.some(([from, to]) => from <= ms && ms <= to) ? 1 : 0;
}

function parse(path: string, text: string): z.output<typeof fileSchema> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new ParameterError('ERR_LABELS', mustBe(path, 'JSON', error instanceof Error ? error.message : error), {
      path,
    });
  }
  const result = fileSchema.safeParse(json);
  if (result.success) return result.data;
  const where = result.error.issues[0]!.path.map(String).join('.');
  throw new ParameterError('ERR_LABELS', mustBe(`${where} of ${path}`, 'a list of [from, to]', 'another value'), {
    path,
  });
}
