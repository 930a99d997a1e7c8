/** What other processes are told of a case: a folder with `task.txt`, read by bench/native/bulk and bench/peers/python. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Workload } from '../cases/workloads.js';
import { SAMPLE_RATE } from '../cases/workloads.js';
import type { Format } from './clips.js';

export interface BulkTask {
  readonly case: string;
  readonly workload: Workload;
  readonly format: Format;
  /** Of all files together. */
  readonly audioSec: number;
  readonly files: readonly string[];
  /** Bytes of each file that an extraction wrote. */
  readonly shards: readonly number[];
  /** Where everybody writes. */
  readonly out: string;
  /** A folder on a disk, for what is measured there; empty for nothing. */
  readonly disk: string;
}

export function writeTask(
  folder: string,
  { case: name, workload, format, audioSec, files, shards, out, disk }: BulkTask,
): void {
  mkdirSync(folder, { recursive: true });
  const lists = { files: join(folder, 'files.txt'), shards: join(folder, 'shards.txt') };
  writeFileSync(lists.files, files.map((file) => `${file}\n`).join(''));
  writeFileSync(lists.shards, shards.map((bytes) => `${bytes}\n`).join(''));
  const lines = { case: name, workload: workload.id, format, audioSec, ...lists, out, disk };
  const text = Object.entries(lines).map(([key, value]) => `${key} ${value}\n`);
  writeFileSync(join(folder, 'task.txt'), text.join(''));
}

/** The spec of a workload, for `cochlea extract`. */
export function writeSpec(path: string, w: Workload): void {
  const { nFft, winLength, hopLength, nMels, nMfcc, center } = w;
  const frames = { nFft, winLength, hopLength, nMels, center, topDb: null };
  const features = nMfcc === 0 ? { kind: 'logMel', ...frames } : { kind: 'mfcc', ...frames, nMfcc };
  const labels = ['quiet', 'loud'];
  writeFileSync(path, JSON.stringify({ task: 'classify', audio: { sampleRate: SAMPLE_RATE }, features, labels }));
}
