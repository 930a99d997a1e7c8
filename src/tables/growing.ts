type Numbers = Float64Array | Float32Array | Uint32Array;

/** A typed array that grows. */
export class Growing<A extends Numbers> {
  length = 0;
  readonly #make: (length: number) => A;
  #values: A;

  constructor(make: (length: number) => A) {
    this.#make = make;
    this.#values = make(1024);
  }

  push(value: number): void {
    if (this.length === this.#values.length) {
      const larger = this.#make(2 * this.length);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.length++] = value;
  }

  at(index: number): number {
    return this.#values[index]!;
  }

  /** Gives up all but the last `n`. */
  keepLast(n: number): void {
    this.#values.copyWithin(0, this.length - n, this.length);
    this.length = n;
  }

  copy(length = this.length): A {
    const copy = this.#make(length);
    for (let i = 0; i < length; i++) copy[i] = this.#values[i]!;
    return copy;
  }
}
