/** What corpora of machine sounds say in the names of their files and folders. */
import { mustBe } from '../errors.js';
import type { Fault } from './label-files.js';

export type NamedLabel = { readonly label: string | null; readonly group: string } | Fault;

const MIMII_LABELS: readonly string[] = ['normal', 'abnormal'];
/** Of the splits of DCASE: the machine is named by the folder that holds them. */
const DCASE_SPLITS: ReadonlySet<string> = new Set(['train', 'test', 'source_test', 'target_test']);
/** 2020: `normal_id_00_00000000`; of the evaluation set `id_01_00000000`. */
const DCASE_2020 = /^(?:(normal|anomaly)_)?(id_\d+)_\d+$/;
/** Later: `section_00_source_train_normal_0001_<attributes>`; of evaluation sets `section_03_source_test_0001`, `section_00_0001`. */
const DCASE_LATER = /^(section_\d+)(?:_(?:source|target)_(?:train|test))?(?:_(normal|anomaly))?_\d+(?:_.+)?$/;

/**
 * MIMII: `<snr>_dB_<machine>/<machine>/id_00/{normal,abnormal}/00000000.wav`. The group is the machine, `fan/id_00`,
 * whatever the noise: its recordings at other levels are the same recordings.
 *
 * @param path with `/`, absolute
 */
export function mimiiLabel(path: string): NamedLabel {
  const [machine = '', id = '', label = ''] = path.split('/').slice(-4);
  if (/^id_\d+$/.test(id) && MIMII_LABELS.includes(label)) return { label, group: `${machine}/${id}` };
  return { fault: mustBe('a recording of MIMII', 'in <machine>/id_00/normal or …/abnormal', path) };
}

/**
 * DCASE task 2: the label is in the file's name, and null in an evaluation set. The group is the machine and its id (2020) or
 * section, `fan/section_00`.
 *
 * @param path with `/`, absolute
 */
export function dcaseLabel(path: string): NamedLabel {
  const folders = path.split('/');
  const stem = (folders.pop() ?? '').replace(/\.[^.]*$/, '');
  const [, label2020, id] = DCASE_2020.exec(stem) ?? [];
  const [, section, label = label2020] = DCASE_LATER.exec(stem) ?? [];
  const part = id ?? section;
  const expected = 'normal_id_00_00000000, section_00_source_train_normal_0000_… or alike, with normal or anomaly';
  if (part === undefined) return { fault: mustBe('a file name of DCASE', expected, path) };
  if (DCASE_SPLITS.has(folders.at(-1) ?? '')) folders.pop();
  return { label: label ?? null, group: `${folders.at(-1)}/${part}` };
}
