import { type ErrorCode, mustBe, ParameterError } from '../errors.js';

interface NumberRule {
  readonly code?: ErrorCode;
  /** What the message says the value must be. */
  readonly expected: string;
  readonly accepts: (value: number) => boolean;
}

/** Takes named values out of an options object, each checked once; what nobody took is an unknown option. */
export class OptionReader {
  readonly #given: Readonly<Record<string, unknown>>;
  readonly #prefix: string;
  readonly #taken = new Set<string>();

  /** @param prefix stands before each name in a message, e.g. `features.` */
  constructor(given: unknown, prefix: string) {
    if (typeof given !== 'object' || given === null || Array.isArray(given)) {
      throw new ParameterError('ERR_OPTION', mustBe(prefix.replace(/\.$/, '') || 'options', 'an object', given));
    }
    this.#given = { ...given };
    this.#prefix = prefix;
  }

  #take(name: string): unknown {
    this.#taken.add(name);
    return this.#given[name];
  }

  fail(name: string, expected: string, code: ErrorCode = 'ERR_OPTION'): never {
    throw new ParameterError(code, mustBe(this.#prefix + name, expected, this.#given[name]), {
      option: this.#prefix + name,
      expected,
    });
  }

  has(name: string): boolean {
    return this.#given[name] !== undefined;
  }

  number(name: string, fallback: number | undefined, rule: NumberRule): number {
    const given = this.#take(name);
    const value = given === undefined ? fallback : given;
    if (typeof value === 'number' && Number.isFinite(value) && rule.accepts(value)) return value;
    return this.fail(name, rule.expected, rule.code);
  }

  wholeNumber(name: string, fallback: number | undefined, min: number, code?: ErrorCode): number {
    return this.number(name, fallback, {
      ...(code && { code }),
      expected: min === 1 ? 'a positive whole number' : `a whole number >= ${min}`,
      accepts: (value) => Number.isSafeInteger(value) && value >= min,
    });
  }

  choice<T extends string | number | boolean | null>(name: string, fallback: T | undefined, choices: readonly T[]): T {
    const value = this.#take(name);
    const chosen = choices.find((choice) => choice === (value === undefined ? fallback : value));
    return chosen === undefined ? this.fail(name, oneOf(choices)) : chosen;
  }

  /** A number, or the one other value that stands for something else (`null`, `'max'`). */
  numberOr<T extends string | null>(name: string, fallback: number | T, other: T, rule: NumberRule): number | T {
    const given = this.#take(name);
    if (given === other || (given === undefined && fallback === other)) return other;
    return this.number(name, fallback === other ? undefined : Number(fallback), rule);
  }

  /** Refuses every option that nobody has asked for. */
  finish(owner: string): void {
    const unknown = Object.keys(this.#given).find((name) => this.has(name) && !this.#taken.has(name));
    if (unknown === undefined) return;
    throw new ParameterError(
      'ERR_UNKNOWN_OPTION',
      `${mustBe('options', `those of ${owner} (${[...this.#taken].join(', ')})`, this.#prefix + unknown)}`,
      { option: this.#prefix + unknown, expected: [...this.#taken] },
    );
  }
}

function oneOf(choices: readonly (string | number | boolean | null)[]): string {
  return choices.map((choice) => (typeof choice === 'string' ? JSON.stringify(choice) : String(choice))).join(' or ');
}
