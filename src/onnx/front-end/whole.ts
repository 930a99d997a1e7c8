/** Whole numbers that are known only once a signal's length is: int64 `[1]` values of a graph. */
import { int, type OnnxBuilder } from '../builder.js';

/** A name of such a value, or a number that is known now. */
export type Whole = string | number;

type Operator = 'Add' | 'Sub' | 'Mul' | 'Div' | 'Mod' | 'Max' | 'Min';

/** Arithmetic under one prefix of names. `Div` cuts off, so its operands are never negative here. */
export class WholeNumbers {
  readonly #builder: OnnxBuilder;
  readonly #prefix: string;

  constructor(builder: OnnxBuilder, prefix: string) {
    this.#builder = builder;
    this.#prefix = prefix;
  }

  /** Any of the two as the name of a value. */
  name(value: Whole): string {
    return typeof value === 'number' ? this.#builder.int64([value]) : value;
  }

  apply(operator: Operator, a: Whole, b: Whole): Whole {
    if (typeof b === 'number' && isNeutral(operator, b)) return a;
    return this.#builder.op(operator, `${this.#prefix}/${operator.toLowerCase()}`, [this.name(a), this.name(b)]);
  }

  /** Length of an axis. */
  dim(x: string, axis: number): string {
    const shape = this.#builder.op('Shape', `${this.#prefix}/shape`, [x]);
    const attributes = { axis: int(0) };
    return this.#builder.op('Gather', `${this.#prefix}/dim`, [shape, this.#builder.int64([axis])], { attributes });
  }

  /** `[from, from + 1, …, to)` */
  range(from: Whole, to: Whole): string {
    const ends = [from, to].map((end) =>
      this.#builder.op('Squeeze', `${this.#prefix}/scalar`, [this.name(end), this.#builder.int64([0])]),
    );
    return this.#builder.op('Range', `${this.#prefix}/range`, [...ends, this.#builder.int64Scalar(1)]);
  }

  /** Values one after the other, as shapes and padding take them. */
  list(values: readonly Whole[]): string {
    if (values.every((value) => typeof value === 'number')) return this.#builder.int64(values);
    const names = values.map((value) => this.name(value));
    return this.#builder.op('Concat', `${this.#prefix}/list`, names, { attributes: { axis: int(0) } });
  }
}

function isNeutral(operator: Operator, value: number): boolean {
  if (operator === 'Add' || operator === 'Sub') return value === 0;
  return (operator === 'Mul' || operator === 'Div') && value === 1;
}
