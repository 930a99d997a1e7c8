/**
 * The length of an axis that a run decides: a whole-number polynomial of named lengths, such as `2*batch` or `time-4`.
 * What does not divide without a rest is a name of its own, `floor((time-3)/2)`.
 */

/** Between the names of a product: no name holds it. */
const TIMES = '\u0000';

/** Product of names (sorted, joined by `TIMES`; `''` for the constant) → its factor, never 0. */
type Terms = ReadonlyMap<string, number>;

function collect(entries: Iterable<readonly [string, number]>): Map<string, number> {
  const terms = new Map<string, number>();
  for (const [names, factor] of entries) {
    const sum = (terms.get(names) ?? 0) + factor;
    if (sum === 0) terms.delete(names);
    else terms.set(names, sum);
  }
  return terms;
}

const namesOf = (product: string): string[] => (product === '' ? [] : product.split(TIMES));

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? Math.abs(a) : greatestDivisor(b, a % b);
}

export class Length {
  readonly #terms: Terms;

  private constructor(terms: Terms) {
    this.#terms = terms;
  }

  /** @param length a number, or the name of a length that is not known before a run */
  static of(length: number | string): Length {
    return new Length(collect([typeof length === 'number' ? ['', length] : [length, 1]]));
  }

  static sum(lengths: readonly Length[]): Length {
    return new Length(collect(lengths.flatMap((length) => [...length.#terms])));
  }

  static product(lengths: readonly Length[]): Length {
    return lengths.reduce((left, right) => left.times(right), Length.of(1));
  }

  /** Of two, the larger or the smaller one; a name of its own where a run decides which that is. */
  static extreme(which: 'max' | 'min', a: Length, b: Length): Length {
    const apart = a.minus(b).value;
    if (apart === null) return Length.of(`${which}(${[a.text, b.text].sort().join(', ')})`);
    return apart >= 0 === (which === 'max') ? a : b;
  }

  plus(other: Length | number): Length {
    return Length.sum([this, typeof other === 'number' ? Length.of(other) : other]);
  }

  minus(other: Length | number): Length {
    return this.plus((typeof other === 'number' ? Length.of(other) : other).times(-1));
  }

  times(other: Length | number): Length {
    const right = typeof other === 'number' ? Length.of(other) : other;
    const products = [...this.#terms].flatMap(([a, x]) =>
      [...right.#terms].map(([b, y]) => [[...namesOf(a), ...namesOf(b)].sort().join(TIMES), x * y] as const),
    );
    return new Length(collect(products));
  }

  /** Rounded down. Terms that divide are divided, as names stand for whole numbers; null where `other` is 0. */
  over(other: Length | number): Length | null {
    const divisor = typeof other === 'number' ? Length.of(other) : other;
    if (divisor.#terms.size === 0) return null;
    if (divisor.equals(this)) return Length.of(1);
    const [[names, factor], ...more] = [...divisor.#terms] as [[string, number], ...[string, number][]];
    const whole: [string, number][] = [];
    const rest: [string, number][] = [];
    for (const [product, n] of this.#terms) {
      const left = more.length > 0 ? null : without(namesOf(product), namesOf(names));
      if (left !== null && n % factor === 0) whole.push([left.join(TIMES), n / factor]);
      else rest.push([product, n]);
    }
    return new Length(collect([...whole, ...new Length(new Map(rest)).#floorOver(divisor).#terms]));
  }

  #floorOver(divisor: Length): Length {
    const [top, bottom] = [this.value, divisor.value];
    if (top !== null && bottom !== null) return Length.of(Math.floor(top / bottom));
    if (top === 0) return this;
    const common = [...this.#terms.values(), ...divisor.#terms.values()].reduce(greatestDivisor);
    const [over, under] = [this, divisor].map(
      (length) => new Length(new Map([...length.#terms].map(([names, n]) => [names, n / common]))).text,
    );
    const isSum = this.#terms.size > 1;
    const isOne = /^\w+$/.test(under!);
    return Length.of(`floor(${isSum ? `(${over})` : over}/${isOne ? under : `(${under})`})`);
  }

  /** The number, where no name is left in it. */
  get value(): number | null {
    if (this.#terms.size === 0) return 0;
    return this.#terms.size === 1 ? (this.#terms.get('') ?? null) : null;
  }

  get text(): string {
    const products = [...this.#terms].filter(([names]) => names !== '');
    products.sort(([a, x], [b, y]) => Math.sign(y) - Math.sign(x) || (a < b ? -1 : 1));
    const constant = this.#terms.get('');
    const ordered = constant === undefined ? products : [...products, ['', constant] as const];
    const written = ordered.map(([names, n], i) => {
      const sign = n < 0 ? '-' : i > 0 ? '+' : '';
      const factor = names !== '' && Math.abs(n) === 1 ? '' : String(Math.abs(n));
      return sign + [factor, ...namesOf(names)].filter(Boolean).join('*');
    });
    return written.join('') || '0';
  }

  equals(other: Length): boolean {
    return this.#terms.size === other.#terms.size && this.minus(other).#terms.size === 0;
  }
}

/** What is left of `names` once `others` are taken out; null where one of them is not there. */
function without(names: readonly string[], others: readonly string[]): string[] | null {
  const left = [...names];
  for (const name of others) {
    const at = left.indexOf(name);
    if (at === -1) return null;
    left.splice(at, 1);
  }
  return left;
}
