/** What a corpus is made of, before anything is computed. */

/** A folder (all recordings below it), a glob, a `.csv` manifest, one recording, or a list of recordings. */
export type Corpus = string | URL | readonly string[];

export interface Recording {
  /** Unique in its corpus: the path below the corpus' root, or the manifest's `id`. */
  readonly id: string;
  /** Relative to the corpus' root with `/`, or absolute where it lies outside. */
  readonly path: string;
  /** Bytes of the file, and its time of change in whole milliseconds; both 0 where it cannot be found. */
  readonly bytes: number;
  readonly mtimeMs: number;
  /** The manifest's other cells by column. */
  readonly columns?: Readonly<Record<string, string>>;
}

export interface ListedCorpus {
  /** Absolute. */
  readonly root: string;
  readonly recordings: readonly Recording[];
}

/** Why a recording has no features; one line of `errors.jsonl`. */
export interface RecordingError {
  readonly path: string;
  readonly code: string;
  readonly message: string;
  /** Where in the file, when known. */
  readonly byteOffset?: number;
}
