import { resolve } from 'node:path';
import type { LabelRule } from '../corpus/index.js';
import { mustBe, ParameterError } from '../errors.js';

/** Help of `--labels`. */
export const LABELS_HELP =
  'parent-folder, mimii, dcase, column:<name> of the manifest; label files: audacity, textgrid[:<tier>], ' +
  'cgn[:<extension>], timit[:<extension>], rttm[:<file about all>]';

/**
 * Words that take something behind a colon, and the rule that it makes; those that need nothing also stand alone. Paths are
 * relative to the working folder.
 */
const WITH_ARGUMENT: Readonly<Record<string, (argument: string, folder: { folder?: string }) => LabelRule>> = {
  column: (column) => ({ column }),
  textgrid: (tier, at) => ({ textgrid: { ...at, tier: /^\d+$/.test(tier) ? Number(tier) : tier } }),
  cgn: (extension, at) => ({ cgn: { ...at, extension } }),
  timit: (extension, at) => ({ timit: { ...at, extension } }),
  rttm: (file) => ({ rttm: { file: resolve(file) } }),
};
const ALONE: Readonly<Record<string, (folder: { folder?: string }) => LabelRule>> = {
  'parent-folder': () => 'parent-folder',
  mimii: () => 'mimii',
  dcase: () => 'dcase',
  audacity: (at) => ({ audacity: at }),
  textgrid: (at) => ({ textgrid: at }),
  cgn: (at) => ({ cgn: at }),
  timit: (at) => ({ timit: at }),
  rttm: (at) => ({ rttm: at }),
};

/**
 * The rule that `--labels` and `--label-folder` name.
 *
 * @throws ParameterError `ERR_OPTION`, also for a folder that the rule does not look into
 */
export function labelRule(text: string, labelFolder?: string): LabelRule {
  const colon = text.indexOf(':');
  const [word, argument] = colon < 0 ? [text, ''] : [text.slice(0, colon), text.slice(colon + 1)];
  const make = colon < 0 ? own(ALONE, word) : undefined;
  const makeWith = argument === '' ? undefined : own(WITH_ARGUMENT, word);
  const folder = labelFolder === undefined ? {} : { folder: resolve(labelFolder) };
  const rule = make?.(folder) ?? makeWith?.(argument, folder);
  if (rule === undefined) throw new ParameterError('ERR_OPTION', mustBe('--labels', LABELS_HELP, text));
  if (labelFolder !== undefined && !looksInto(rule)) {
    throw new ParameterError('ERR_OPTION', mustBe('--label-folder', `left out with --labels ${text}`, labelFolder));
  }
  return rule;
}

function own<T>(makers: Readonly<Record<string, T>>, word: string): T | undefined {
  return Object.hasOwn(makers, word) ? makers[word] : undefined;
}

function looksInto(rule: LabelRule): boolean {
  return (
    typeof rule === 'object' &&
    Object.values<unknown>(rule).some((of) => typeof of === 'object' && of !== null && 'folder' in of)
  );
}
