/** Columns of an index that grows: a million recordings in some hundred bytes each, where objects would take a thousand. */

const FIRST_ROOM = 1024;

type NumberArray = Int32Array | Uint32Array | Float64Array | Uint8Array;

/** Numbers, one a row, in an array that doubles. */
export class Numbers<A extends NumberArray> {
  #values: A;
  #length = 0;
  readonly #make: (length: number) => A;

  /** @param make e.g. `(n) => new Int32Array(n)` */
  constructor(make: (length: number) => A) {
    this.#make = make;
    this.#values = make(FIRST_ROOM);
  }

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    this.reserve(1);
    this.#values[this.#length++] = value;
  }

  at(row: number): number {
    return this.#values[row]!;
  }

  /** Room for so many more. */
  reserve(more: number): void {
    const needed = this.#length + more;
    if (needed > this.#values.length) this.#resize(Math.max(needed, 2 * this.#values.length));
  }

  /** Gives back what growing took too much. */
  trim(): void {
    this.#resize(this.#length);
  }

  /** What has been pushed; not after the next push. */
  view(from = 0, to = this.#length): ArrayLike<number> & A {
    return this.#values.subarray(from, to) as A;
  }

  pushAll(values: ArrayLike<number>): void {
    this.reserve(values.length);
    this.#values.set(values, this.#length);
    this.#length += values.length;
  }

  #resize(room: number): void {
    const grown = this.#make(room);
    grown.set(this.#values.subarray(0, this.#length));
    this.#values = grown;
  }
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Texts that are all different, as UTF-8 one after another. */
export class Texts {
  readonly #bytes = new Numbers((n) => new Uint8Array(n));
  /** Doubles: together they may be longer than 4 GiB. */
  readonly #ends = new Numbers((n) => new Float64Array(n));

  get length(): number {
    return this.#ends.length;
  }

  push(text: string): void {
    this.#bytes.pushAll(encoder.encode(text));
    this.#ends.push(this.#bytes.length);
  }

  at(row: number): string {
    const from = row === 0 ? 0 : this.#ends.at(row - 1);
    return decoder.decode(this.#bytes.view(from, this.#ends.at(row)));
  }

  trim(): void {
    this.#bytes.trim();
    this.#ends.trim();
  }
}

/** Texts of which many are equal: each is kept once. */
export class Names {
  readonly #codes = new Numbers((n) => new Int32Array(n));
  readonly #names: string[] = [];
  readonly #codeOf = new Map<string, number>();

  push(name: string | null): void {
    this.#codes.push(name === null ? -1 : this.#code(name));
  }

  at(row: number): string | undefined {
    return this.#names[this.#codes.at(row)];
  }

  trim(): void {
    this.#codes.trim();
  }

  #code(name: string): number {
    const known = this.#codeOf.get(name);
    if (known !== undefined) return known;
    this.#codeOf.set(name, this.#names.length);
    return this.#names.push(name) - 1;
  }
}
