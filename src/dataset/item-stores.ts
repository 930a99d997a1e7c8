/** Items that come from views of others. */
import type { Entries } from './entries.js';
import type { FeatureSource, ItemFacts, ItemInfo, ItemStore, Origin } from './item.js';

/** Items whose facts someone has changed; where they come from has not. */
export class ChangedItems implements ItemStore {
  readonly #before: Entries;
  readonly #facts: readonly ItemFacts[];

  constructor(before: Entries, infos: readonly ItemInfo[]) {
    this.#before = before;
    this.#facts = infos.map(({ nWindows: _, ...facts }) => facts);
  }

  get length(): number {
    return this.#facts.length;
  }

  facts(item: number): ItemFacts {
    return this.#facts[item]!;
  }

  id(item: number): string {
    return this.#facts[item]!.id;
  }

  nFrames(item: number): number {
    return this.#facts[item]!.nFrames;
  }

  label(item: number): string | number | undefined {
    return this.#facts[item]!.label;
  }

  targets(item: number): Float32Array | undefined {
    return this.#facts[item]!.targets;
  }

  weights(item: number): Float32Array | undefined {
    return this.#facts[item]!.weights;
  }

  source(item: number): FeatureSource {
    return this.#before.source(item);
  }

  origin(item: number): Origin {
    return this.#before.origin(item);
  }

  contentHash(item: number): string | null {
    return this.#before.contentHash(item);
  }
}

/** Items of several views, one view after another. */
export class JoinedItems implements ItemStore {
  readonly length: number;
  readonly #parts: readonly Entries[];
  readonly #starts: number[] = [];

  constructor(parts: readonly Entries[]) {
    this.#parts = parts;
    let length = 0;
    for (const part of parts) {
      this.#starts.push(length);
      length += part.length;
    }
    this.length = length;
  }

  facts(item: number): ItemFacts {
    const { nWindows: _, ...facts } = this.#in(item, (part, index) => part.info(index));
    return facts;
  }

  id(item: number): string {
    return this.#in(item, (part, index) => part.id(index));
  }

  nFrames(item: number): number {
    return this.#in(item, (part, index) => part.nFrames(index));
  }

  label(item: number): string | number | undefined {
    return this.#in(item, (part, index) => part.label(index));
  }

  targets(item: number): Float32Array | undefined {
    return this.#in(item, (part, index) => part.targets(index));
  }

  weights(item: number): Float32Array | undefined {
    return this.#in(item, (part, index) => part.weights(index));
  }

  source(item: number): FeatureSource {
    return this.#in(item, (part, index) => part.source(index));
  }

  origin(item: number): Origin {
    return this.#in(item, (part, index) => part.origin(index));
  }

  contentHash(item: number): string | null {
    return this.#in(item, (part, index) => part.contentHash(index));
  }

  #in<T>(item: number, ask: (part: Entries, index: number) => T): T {
    const which = this.#starts.findLastIndex((start) => start <= item);
    return ask(this.#parts[which]!, item - this.#starts[which]!);
  }
}
