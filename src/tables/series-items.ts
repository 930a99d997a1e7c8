import type { BlockStore } from './block-store.js';
import { Growing } from './growing.js';
import type { TableItem, WindowCut } from './table-content.js';

/** A longer series is cut into several items, so that a batch need not hold all of it. */
export const PIECE_BYTES = 2 ** 25;

export interface GroupFacts {
  readonly name: string;
  /** The file, where all of the group's rows are in one. */
  readonly path: string | undefined;
  readonly label: string | number | undefined;
}

interface Piece extends Omit<TableItem, 'id'> {}

/** Frames → items: a stretch between gaps is one item, or, where it is long, several that share the frames of a window. */
export class SeriesItems {
  readonly items: TableItem[] = [];
  readonly #store: BlockStore;
  readonly #width: number;
  readonly #cut: WindowCut | null;
  readonly #labelled: boolean;
  readonly #timed: boolean;
  readonly #pieceBytes: number;
  readonly #labels = new Growing((length) => new Float32Array(length));
  readonly #times = new Growing((length) => new Float64Array(length));
  #group: GroupFacts | null = null;
  #pieces: Piece[] = [];
  #stretch = 0;
  /** First frame of the item at hand in its stretch. */
  #firstFrame = 0;

  /** @param cut how windows will be cut; `null` where nobody knows yet, and a series has to stay whole */
  constructor(
    store: BlockStore,
    o: { width: number; cut: WindowCut | null; labelled: boolean; timed: boolean; pieceBytes?: number | undefined },
  ) {
    this.#store = store;
    this.#width = o.width;
    // A window that is cut short or padded at the end of a series must not arise in its middle.
    this.#cut = o.cut?.tail === 'drop' ? o.cut : null;
    this.#labelled = o.labelled;
    this.#timed = o.timed;
    this.#pieceBytes = o.pieceBytes ?? PIECE_BYTES;
  }

  beginGroup(group: GroupFacts): void {
    this.#group = group;
    this.#stretch = 0;
  }

  readonly frame = (values: Float32Array, label: number, ms: number): void => {
    this.#store.append(values);
    this.#labels.push(label);
    this.#times.push(ms);
    if (this.#cut !== null && this.#store.item.byteLength >= this.#pieceBytes) this.#cutPiece(this.#cut);
  };

  /** @returns whether there was any frame */
  endStretch(): boolean {
    const found = this.#labels.length > 0 || this.#firstFrame > 0;
    if (this.#labels.length > 0) this.#endPiece(this.#labels.length);
    this.#labels.length = 0;
    this.#times.length = 0;
    this.#firstFrame = 0;
    this.#stretch += 1;
    return found;
  }

  /** Items of a group that is several are numbered: `pump#0`, `pump#1`. */
  endGroup(): void {
    const name = this.#group?.name ?? '';
    const single = this.#pieces.length === 1;
    this.#pieces.forEach((piece, i) => {
      this.items.push({ id: single ? name : `${name}#${i}`, ...piece });
    });
    this.#pieces = [];
  }

  /** Ends the item after its last whole window; the next one begins with the window after that. */
  #cutPiece({ size, stride }: WindowCut): void {
    const nFrames = this.#labels.length;
    const windows = Math.floor((nFrames - size) / stride) + 1;
    const next = windows * stride;
    if (windows < 1 || next > nFrames) return;
    const shared = this.#store.item.slice(next * this.#width);
    this.#endPiece((windows - 1) * stride + size);
    this.#store.append(shared);
    this.#labels.keepLast(nFrames - next);
    this.#times.keepLast(nFrames - next);
    this.#firstFrame += next;
  }

  #endPiece(nFrames: number): void {
    const group = this.#group;
    if (group === null) throw new Error('an item belongs to a group');
    const [start, end] = [this.#times.at(0), this.#times.at(nFrames - 1)];
    this.#pieces.push({
      path: group.path,
      group: group.name,
      label: group.label,
      rowLabels: this.#labelled ? this.#labels.copy(nFrames) : undefined,
      startSec: this.#timed ? start / 1000 : undefined,
      durationSec: this.#timed ? (end - start) / 1000 : undefined,
      nFrames,
      place: this.#store.endItem(nFrames * this.#width),
      origin: { series: `${group.name}#${this.#stretch}`, firstFrame: this.#firstFrame },
    });
  }
}
