import { basename, dirname, resolve } from 'node:path';
import { mustBe, ParameterError } from '../errors.js';
import type { Interval } from '../types.js';
import { clipIntervals, findSidecar, placeOf, readSidecar, type Sidecar, turnsFrom } from './label-files.js';
import { type CheckedRule, checkLabelRule, type LabelRule } from './label-rule.js';
import { dcaseLabel, mimiiLabel, type NamedLabel } from './machine-names.js';
import type { Recording } from './recording.js';

/** What the worker that computes a recording has to know about its label. */
export interface LabelSource {
  readonly label: string | null;
  readonly group: string | null;
  /** In seconds from the start of the recording's cut. */
  readonly labels: readonly Interval[] | null;
  readonly sidecar: Sidecar | null;
  /** Why the rule says nothing of this recording: an error of the recording's own, thrown by `intervalsOf`. */
  readonly fault?: string;
}

/** Says where the label of a recording is to be found; at once where it can, as there may be millions of them. */
export type Labeller = (recording: Recording) => LabelSource | Promise<LabelSource>;

/**
 * Prepares a rule for the recordings of a corpus: checks it, and reads what is about all of them once.
 *
 * @param root what relative paths of the rule and of recordings are relative to
 * @returns which throws ParameterError `ERR_LABELS` when a column does not exist or a function returns something else; what
 *   is wrong with one recording's own label is in its `fault`, or found when its label file is read
 * @throws ParameterError `ERR_OPTION`, `ERR_UNKNOWN_OPTION`; `ERR_LABELS` for a file about all recordings
 */
export async function labeller(rule: LabelRule | undefined, root: string): Promise<Labeller> {
  const checked = checkLabelRule(rule);
  const found = await finder(checked, root);
  return (recording) => {
    const source = found(recording);
    return source instanceof Promise ? source.then((late) => whole(recording, late)) : whole(recording, source);
  };
}

function whole({ labels: own, columns }: Recording, found: Partial<LabelSource>): LabelSource {
  const { label = null, group = null, labels = own ?? null, sidecar = null, fault } = found;
  const source = { label, group: columns?.group || group, labels, sidecar };
  return fault === undefined ? source : { ...source, fault };
}

/** The same for one recording. */
export async function labelOf(recording: Recording, rule: LabelRule | undefined, root: string): Promise<LabelSource> {
  return (await labeller(rule, root))(recording);
}

type Finder = (recording: Recording) => Partial<LabelSource> | Promise<Partial<LabelSource>>;

async function finder(rule: CheckedRule, root: string): Promise<Finder> {
  const full = (recording: Recording) => resolve(root, placeOf(recording));
  switch (rule.by) {
    case 'manifest':
      return ({ columns }) => ({ label: columns?.label || null });
    case 'parent-folder':
      return (recording) => ({ label: basename(dirname(full(recording))) });
    case 'mimii':
      return (recording): NamedLabel => mimiiLabel(full(recording));
    case 'dcase':
      return (recording): NamedLabel => dcaseLabel(full(recording));
    case 'column':
      return (recording) => fromColumn(recording, rule.column);
    case 'function':
      return (recording) => fromFunction(recording, rule.label);
    case 'files':
      return async (recording) => ({ sidecar: await findSidecar(recording, root, rule) });
    case 'rttm-file':
      return fromRttm(resolve(root, rule.file));
  }
}

function fromColumn({ columns = {} }: Recording, column: string): Partial<LabelSource> {
  const cell = columns[column];
  if (cell !== undefined) return { label: cell || null };
  const known = Object.keys(columns);
  throw new ParameterError('ERR_LABELS', mustBe('labels.column', `a column of the manifest (${known})`, column));
}

async function fromFunction(
  recording: Recording,
  rule: Extract<CheckedRule, { by: 'function' }>['label'],
): Promise<Partial<LabelSource>> {
  const label = await rule(recording);
  if (label === null || typeof label === 'string') return { label, labels: null };
  if (Array.isArray(label)) return { label: null, labels: label };
  throw new ParameterError('ERR_LABELS', mustBe(`label of ${recording.id}`, 'a text, intervals or null', label));
}

/** Labels go into the plan: a worker would have to read the whole file for each of its recordings. */
async function fromRttm(file: string): Promise<Finder> {
  const turnsOf = await turnsFrom(file);
  return (recording) => {
    const found = turnsOf(recording);
    return 'fault' in found ? found : { labels: found };
  };
}

/**
 * Stretches of a recording's cut, in seconds from its start: as resolved, or read from its label file.
 *
 * @param sampleRate Hz, the recording's own: needed where the label file counts samples (TIMIT)
 * @throws ParameterError `ERR_LABELS` for a label or a label file that is wrong or not there: the recording's own error;
 *   `ERR_SAMPLE_RATE` where the rate is needed and not given
 */
export async function intervalsOf(
  source: Pick<LabelSource, 'labels' | 'sidecar' | 'fault'> & Pick<Recording, 'startSec' | 'durationSec'>,
  root: string,
  sampleRate?: number,
): Promise<readonly Interval[]> {
  if (source.fault !== undefined) throw new ParameterError('ERR_LABELS', source.fault);
  if (source.sidecar === null) return source.labels ?? [];
  return clipIntervals(await readSidecar(source.sidecar, root, sampleRate), source);
}
