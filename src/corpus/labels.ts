import { basename, dirname, extname, join, resolve } from 'node:path';
import { readLabels } from '../audio/index.js';
import { mustBe, ParameterError } from '../errors.js';
import { statOrNull } from '../files/index.js';
import type { Interval } from '../types.js';
import type { Recording } from './recording.js';

/** One word for the whole recording, stretches of it, or nothing. */
export type Label = string | readonly Interval[] | null;

/**
 * Where labels come from: the name of the folder a recording lies in, an Audacity label file beside it
 * (`a.wav` → `a.txt`), a column of the manifest, or a function.
 */
export type LabelRule =
  | 'parent-folder'
  | 'audacity'
  | { readonly column: string }
  | ((recording: Recording) => Label | Promise<Label>);

/** What the worker that computes a recording has to know about its label. */
export interface LabelSource {
  readonly label: string | null;
  readonly group: string | null;
  readonly labels: readonly Interval[] | null;
  /** A label file to read beside the recording, with what would show that it has changed. */
  readonly sidecar: { readonly path: string; readonly bytes: number; readonly mtimeMs: number } | null;
}

/**
 * Resolves a rule for one recording. Without a rule, a manifest's `label` column counts.
 *
 * @throws ParameterError `ERR_LABELS` when a column does not exist or a function returns something else
 */
export async function labelOf(recording: Recording, rule: LabelRule | undefined, root: string): Promise<LabelSource> {
  const { columns, labels = null } = recording;
  const none = { label: null, group: columns?.group || null, labels, sidecar: null };
  if (rule === undefined) return { ...none, label: columns?.label || null };
  if (rule === 'parent-folder') return { ...none, label: basename(dirname(resolve(root, recording.path))) };
  if (rule === 'audacity') return { ...none, sidecar: await sidecarOf(recording, root) };
  if (typeof rule === 'function') return { ...none, ...(await fromFunction(recording, rule)) };
  const cell = columns?.[rule.column];
  if (cell !== undefined) return { ...none, label: cell || null };
  const known = Object.keys(columns ?? {});
  throw new ParameterError('ERR_LABELS', mustBe('labels.column', `a column of the manifest (${known})`, rule.column));
}

async function sidecarOf(recording: Recording, root: string): Promise<LabelSource['sidecar']> {
  const file = recording.path.slice(0, recording.path.length - extname(recording.path).length);
  const path = `${file}.txt`;
  const found = await statOrNull(resolve(root, path));
  return { path, bytes: found?.size ?? 0, mtimeMs: Math.trunc(found?.mtimeMs ?? 0) };
}

async function fromFunction(
  recording: Recording,
  rule: (recording: Recording) => Label | Promise<Label>,
): Promise<Pick<LabelSource, 'label' | 'labels'>> {
  const label = await rule(recording);
  if (label === null || typeof label === 'string') return { label, labels: null };
  if (Array.isArray(label)) return { label: null, labels: label };
  throw new ParameterError('ERR_LABELS', mustBe(`label of ${recording.id}`, 'a text, intervals or null', label));
}

/** Stretches of a recording: as resolved, or read from its label file. A missing label file is the recording's error. */
export async function intervalsOf(
  source: Pick<LabelSource, 'labels' | 'sidecar'>,
  root: string,
): Promise<readonly Interval[]> {
  if (source.sidecar === null) return source.labels ?? [];
  const path = join(root, source.sidecar.path);
  if ((await statOrNull(path)) === null) {
    throw new ParameterError('ERR_LABELS', mustBe('label file', 'there (empty when nothing happens)', path), { path });
  }
  return readLabels(path);
}
