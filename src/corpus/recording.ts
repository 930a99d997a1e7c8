/** What a corpus is made of, before anything is computed. */
import type { ChannelChoice, Interval } from '../types.js';

/** A folder (all recordings below it), a glob, a `.csv` manifest, one recording, or a list of recordings. */
export type Corpus = string | URL | readonly string[];

export interface Recording {
  /** Unique in its corpus: the path below the corpus' root, or the manifest's own. */
  readonly id: string;
  /** The file, an archive where it is a member of one; relative to the corpus' root with `/`, or absolute outside it. */
  readonly path: string;
  /** Bytes of the recording (of the member, in an archive); 0 where it cannot be found. */
  readonly bytes: number;
  /** The file's time of change in whole milliseconds; 0 where it cannot be found. */
  readonly mtimeMs: number;
  /** Where the recording lies in an archive. */
  readonly member?: ArchiveMember;
  /** A cut: what of the recording counts, in seconds from its start. Default: all of it. */
  readonly startSec?: number;
  readonly durationSec?: number;
  /** Instead of the spec's channel. */
  readonly channel?: ChannelChoice;
  /** Stretches that the manifest itself labels, in seconds from the start of the cut. */
  readonly labels?: readonly Interval[];
  /** The manifest's other cells by column. */
  readonly columns?: Readonly<Record<string, string>>;
}

export interface ArchiveMember {
  readonly name: string;
  readonly byteOffset: number;
  readonly byteLength: number;
}

export interface ListedCorpus {
  /** Absolute. */
  readonly root: string;
  readonly recordings: readonly Recording[];
}

/** Why a recording has no features; one line of `errors.jsonl`. */
export interface RecordingError {
  readonly id: string;
  readonly path: string;
  readonly code: string;
  readonly message: string;
  /** Where in the file, when known. */
  readonly byteOffset?: number;
}
