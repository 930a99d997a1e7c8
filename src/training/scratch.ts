/**
 * Arrays that come back after each step. New ones of some megabytes a step would each time make the garbage collector
 * go through the whole heap.
 */
export class Scratch {
  readonly #free = new Map<number, Float32Array[]>();

  /** An array of this length; what is in it is left from its last use. */
  take(length: number): Float32Array {
    return this.#free.get(length)?.pop() ?? new Float32Array(length);
  }

  /** Nobody may hold what is given back. */
  give(...arrays: readonly Float32Array[]): void {
    for (const array of arrays) {
      const free = this.#free.get(array.length);
      if (free === undefined) this.#free.set(array.length, [array]);
      else free.push(array);
    }
  }
}
