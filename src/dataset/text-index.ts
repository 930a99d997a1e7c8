/** Finding rows by a text in a few bytes a row, without keeping the texts. */

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
const EMPTY = 0;

/** 32 bits of a text (FNV-1a over its UTF-16 units): equal texts have equal hashes, different ones mostly not. */
export function textHash(text: string): number {
  let hash = FNV_OFFSET;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), FNV_PRIME);
  return hash >>> 0;
}

/** Rows by their text: a hash table with open addressing whose slots hold row numbers. */
export class TextIndex {
  readonly #textAt: (row: number) => string;
  readonly #slots: Uint32Array;
  /** The first text that two rows have, if any. */
  readonly twice: string | null;

  constructor(length: number, textAt: (row: number) => string) {
    this.#textAt = textAt;
    // A power of two at most half full.
    this.#slots = new Uint32Array(2 ** Math.ceil(Math.log2(2 * length + 2)));
    let twice: string | null = null;
    for (let row = 0; row < length; row++) {
      const text = textAt(row);
      const slot = this.#slotOf(text);
      if (this.#slots[slot] === EMPTY) this.#slots[slot] = row + 1;
      else twice ??= text;
    }
    this.twice = twice;
  }

  /** The first row with a text, or −1. */
  find(text: string): number {
    return this.#slots[this.#slotOf(text)]! - 1;
  }

  #slotOf(text: string): number {
    const mask = this.#slots.length - 1;
    let slot = textHash(text) & mask;
    while (this.#slots[slot] !== EMPTY && this.#textAt(this.#slots[slot]! - 1) !== text) slot = (slot + 1) & mask;
    return slot;
  }
}

/**
 * Rows with equal texts, as groups of two and more; rows without a text are in none. No text is kept but while a group
 * is looked at.
 */
export function* equalRows(length: number, textAt: (row: number) => string | null): Generator<number[]> {
  const hashes = new Float64Array(length).fill(Number.POSITIVE_INFINITY);
  for (let row = 0; row < length; row++) {
    const text = textAt(row);
    if (text !== null) hashes[row] = textHash(text);
  }
  const order = Uint32Array.from({ length }, (_, row) => row).sort((a, b) => compare(hashes[a]!, hashes[b]!) || a - b);
  for (let from = 0; from < length; ) {
    const hash = hashes[order[from]!];
    if (hash === Number.POSITIVE_INFINITY) return;
    let to = from + 1;
    while (to < length && hashes[order[to]!] === hash) to += 1;
    if (to > from + 1) yield* byText(order.subarray(from, to), textAt);
    from = to;
  }
}

function* byText(rows: Uint32Array, textAt: (row: number) => string | null): Generator<number[]> {
  const groups = new Map<string | null, number[]>();
  for (const row of rows) {
    const text = textAt(row);
    const group = groups.get(text);
    if (group === undefined) groups.set(text, [row]);
    else group.push(row);
  }
  for (const group of groups.values()) if (group.length > 1) yield group;
}

function compare(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
