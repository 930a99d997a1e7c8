/** What a corpus is made of, before anything is computed. */
import type { ChannelChoice, Interval } from '../types.js';

/**
 * What recordings are taken from:
 *
 * - a folder, with all recordings below it, or a glob
 * - one recording
 * - a manifest: `.csv`, `.jsonl`, lhotse's `.jsonl` or `.jsonl.gz`
 * - a data folder of Kaldi's, or its `wav.scp`
 * - tar archives as WebDataset has them: `shards/a.tar`, `shards/{000..099}.tar` or a glob
 * - a list of paths and items, or something that gives them one by one
 */
export type Corpus = string | URL | Iterable<string | CorpusItem> | AsyncIterable<string | CorpusItem>;

/** A recording, or a cut of one, that a program names. */
export interface CorpusItem {
  /** Relative to the working directory. */
  readonly path: string;
  /** Unique in the corpus. Default: the path below the deepest folder that holds all files. */
  readonly id?: string | undefined;
  /** What of the recording counts. Default: all of it. */
  readonly startSec?: number | undefined;
  readonly durationSec?: number | undefined;
  /** Instead of the spec's channel. */
  readonly channel?: ChannelChoice | undefined;
  readonly label?: string | undefined;
  /** Whose recordings stay together in splits. */
  readonly group?: string | undefined;
  /** In seconds from the start of the cut. */
  readonly labels?: readonly Interval[] | undefined;
  readonly columns?: Readonly<Record<string, string>> | undefined;
}

export interface Recording {
  /** Unique in its corpus: the path below the corpus' root, or the manifest's own. */
  readonly id: string;
  /**
   * The file, an archive where it is a member of one; relative to the corpus' root with `/`, or absolute outside it. In a
   * name that is not UTF-8, each odd byte is a lone surrogate (U+DC80 to U+DCFF): its reader refuses it.
   */
  readonly path: string;
  /** Bytes of the recording (of the member, in an archive); of a cut, about its share. 0 where it cannot be found. */
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
  /** The manifest's cells by column. */
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
  /** Where in the file, when known; in an archive, where in the member. */
  readonly byteOffset?: number;
}
