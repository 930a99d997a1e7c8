/** Where labels come from, as people say it and as it is used. */
import { mustBe, type OptionKeys, ParameterError, refuseUnknown } from '../errors.js';
import type { Interval } from '../types.js';
import type { Recording } from './recording.js';

/** One word for the whole recording, stretches of it, or nothing. */
export type Label = string | readonly Interval[] | null;

/**
 * Where labels come from. By name alone:
 *
 * - `parent-folder`: the name of the folder a recording lies in
 * - `mimii`: `<machine>/id_00/{normal,abnormal}/…`; the group is `<machine>/id_00`
 * - `dcase`: file names of DCASE task 2 (2020 to 2024); `normal` or `anomaly`; the group is `<machine>/id_00` or `/section_00`
 * - a file beside each recording: `audacity` (`a.txt`), `textgrid` (`a.TextGrid`), `timit` (`a.PHN`), `cgn` (`a.wrd`), `rttm`
 *   (`a.rttm`); as an object, with options
 *
 * Or a column of the manifest, or a function, whose intervals count from the start of the recording's cut.
 */
export type LabelRule =
  | 'parent-folder'
  | 'mimii'
  | 'dcase'
  | LabelFileKind
  | { readonly column: string }
  | { readonly audacity: LabelFiles }
  | { readonly textgrid: TextGridLabels }
  | { readonly cgn: TextGridLabels }
  | { readonly timit: TimedLabels }
  | { readonly rttm: LabelFiles | RttmOfCorpus }
  | ((recording: Recording) => Label | Promise<Label>);

export type LabelFileKind = 'audacity' | 'textgrid' | 'cgn' | 'timit' | 'rttm';

/** Label files, one for each recording, with its name but for the extension. */
export interface LabelFiles {
  /** Holds them in the same folders as the recordings; relative to the corpus' root. Default: they lie beside the recordings. */
  readonly folder?: string | undefined;
  /** As a whole in upper or lower case it is found as well. */
  readonly extension?: string | undefined;
}

export interface TimedLabels extends LabelFiles {
  /** Labels that say that nothing is there, and are left out. Default: the empty one. */
  readonly silences?: readonly string[] | undefined;
}

export interface TextGridLabels extends TimedLabels {
  /** Its name, or its number from 1. Default: the only one; with `cgn` the first with intervals. */
  readonly tier?: string | number | undefined;
}

/** One RTTM file for all recordings, which it names by their ids or file names without extension. */
export interface RttmOfCorpus {
  /** Relative to the corpus' root. */
  readonly file: string;
}

/** What reading a label file needs to know beside its path. */
export type LabelFormat =
  | { readonly kind: 'audacity' }
  | { readonly kind: 'textgrid' | 'cgn'; readonly tier: string | number | null; readonly silences: readonly string[] }
  | { readonly kind: 'timit'; readonly silences: readonly string[] }
  | { readonly kind: 'rttm' };

/** A rule, checked, with everything said that may be left out. */
export type CheckedRule =
  | { readonly by: 'manifest' | 'parent-folder' | 'mimii' | 'dcase' }
  | { readonly by: 'column'; readonly column: string }
  | { readonly by: 'function'; readonly label: (recording: Recording) => Label | Promise<Label> }
  | { readonly by: 'rttm-file'; readonly file: string }
  | {
      readonly by: 'files';
      readonly folder: string | null;
      readonly extension: string;
      readonly format: LabelFormat;
    };

const NAMED = ['parent-folder', 'mimii', 'dcase'] as const;
const EXTENSIONS: Readonly<Record<LabelFileKind, string>> = {
  audacity: 'txt',
  textgrid: 'TextGrid',
  cgn: 'wrd',
  timit: 'PHN',
  rttm: 'rttm',
};
const NOTHING_SAID: readonly string[] = [''];

const FILE_KEYS: OptionKeys<LabelFiles> = { folder: true, extension: true };
const TIMED_KEYS: OptionKeys<TimedLabels> = { ...FILE_KEYS, silences: true };
const TEXTGRID_KEYS: OptionKeys<TextGridLabels> = { ...TIMED_KEYS, tier: true };
const KEYS: Readonly<Record<LabelFileKind, Readonly<Record<string, true>>>> = {
  audacity: FILE_KEYS,
  textgrid: TEXTGRID_KEYS,
  cgn: TEXTGRID_KEYS,
  timit: TIMED_KEYS,
  rttm: { ...FILE_KEYS, file: true },
};

/**
 * Checks a rule; without one, the manifest's column `label` counts.
 *
 * @throws ParameterError `ERR_OPTION`, `ERR_UNKNOWN_OPTION`
 */
export function checkLabelRule(rule: LabelRule | undefined): CheckedRule {
  if (rule === undefined) return { by: 'manifest' };
  if (typeof rule === 'function') return { by: 'function', label: rule };
  const named = NAMED.find((name) => name === rule);
  if (named !== undefined) return { by: named };
  if (typeof rule === 'string') return isFileKind(rule) ? filesRule(rule, {}) : refuseRule(rule);
  const said = Object.entries<unknown>(rule ?? {}).filter(([, options]) => options !== undefined);
  const [kind, options] = said[0] ?? ['', {}];
  if (said.length > 1) return refuseRule(rule);
  if (kind === 'column') return { by: 'column', column: textOption('labels.column', options) };
  if (!isFileKind(kind) || typeof options !== 'object' || options === null) return refuseRule(rule);
  return filesRule(kind, options);
}

function refuseRule(rule: unknown): never {
  const words = [...NAMED, ...Object.keys(EXTENSIONS)].join(', ');
  const expected = `one of ${words}, { column }, { <kind of file>: options } or a function`;
  throw new ParameterError('ERR_OPTION', mustBe('labels', expected, rule));
}

function isFileKind(word: string): word is LabelFileKind {
  return Object.hasOwn(EXTENSIONS, word);
}

type FileOptions = TextGridLabels & Partial<RttmOfCorpus>;

function filesRule(kind: LabelFileKind, options: FileOptions): CheckedRule {
  const name = `labels.${kind}`;
  refuseUnknown(options, KEYS[kind], name);
  const { folder, extension = EXTENSIONS[kind], file } = options;
  if (file !== undefined) {
    refuseUnknown(options, { file: true }, `${name} with a file for all recordings`);
    return { by: 'rttm-file', file: textOption(`${name}.file`, file) };
  }
  return {
    by: 'files',
    folder: folder === undefined ? null : textOption(`${name}.folder`, folder),
    extension: textOption(`${name}.extension`, extension).replace(/^\./, ''),
    format: formatOf(kind, options, name),
  };
}

function formatOf(kind: LabelFileKind, options: FileOptions, name: string): LabelFormat {
  const { silences = NOTHING_SAID } = options;
  const tier = options.tier ?? null;
  if (kind === 'audacity' || kind === 'rttm') return { kind };
  if (!Array.isArray(silences) || !silences.every((label) => typeof label === 'string')) {
    throw new ParameterError('ERR_OPTION', mustBe(`${name}.silences`, 'a list of labels', silences));
  }
  if (kind === 'timit') return { kind, silences };
  const isNumber = Number.isSafeInteger(tier) && Number(tier) >= 1;
  if (tier !== null && typeof tier !== 'string' && !isNumber) {
    throw new ParameterError('ERR_OPTION', mustBe(`${name}.tier`, 'a name or a number from 1', tier));
  }
  return { kind, tier, silences };
}

function textOption(name: string, value: unknown): string {
  if (typeof value === 'string' && value !== '') return value;
  throw new ParameterError('ERR_OPTION', mustBe(name, 'a text', value));
}
