import type { WindowRule } from './table-source.js';

/** Labels of several rows → one: the largest, the smallest or the last. NaN where there was none. */
export class LabelMix {
  #mixed = Number.NaN;
  readonly #rule: WindowRule;

  constructor(rule: WindowRule) {
    this.#rule = rule;
  }

  add(label: number): void {
    if (Number.isNaN(this.#mixed) || this.#rule === 'last') this.#mixed = label;
    else this.#mixed = this.#rule === 'any' ? Math.max(this.#mixed, label) : Math.min(this.#mixed, label);
  }

  /** The label so far; the next one starts anew, with `held` where no row comes. */
  take(held: number): number {
    const taken = Number.isNaN(this.#mixed) ? held : this.#mixed;
    this.#mixed = Number.NaN;
    return taken;
  }
}
