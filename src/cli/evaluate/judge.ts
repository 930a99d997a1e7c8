/** Which judgement the data ask for. */
import { mustBe, ParameterError } from '../../errors.js';
import { Detector } from '../../inference/index.js';
import type { Spec } from '../../spec/index.js';
import { isTablePath } from '../../tables/index.js';
import type { LongWork } from '../../types.js';
import { findRecordings, hasSidecar, parentFolder } from './find-recordings.js';
import { type EventJudgement, judgeEvents, judgeFolders, type RecordingJudgement } from './judge-recordings.js';
import { judgeTable, type TableJudgement } from './judge-table.js';
import { requireScoredClass } from './positive-class.js';

export type Judgement = EventJudgement | RecordingJudgement | TableJudgement;

/** Where the truth about recordings is: label files beside them, or the names of their folders. */
export type LabelsFrom = 'audacity' | 'parent-folder';

export interface EvaluateRequest extends LongWork {
  /** Default: the bundle's. */
  readonly positive?: string | undefined;
  /** Default: the bundle's. */
  readonly threshold?: number | undefined;
  /** Of events; default 250. */
  readonly collarMs?: number | undefined;
  /** Default: label files, if there is one. */
  readonly labels?: LabelsFrom | undefined;
}

/** sed_eval's default, and what the recipe beep-sequence is judged by. */
const DEFAULT_COLLAR_MS = 250;

export async function judge(bundle: string, data: string, o: EvaluateRequest): Promise<Judgement> {
  await using detector = await Detector.load(bundle);
  const positive = o.positive ?? detector.spec.positive;
  if (positive === null) {
    const expected = 'given, as the bundle names no positive class';
    throw new ParameterError('ERR_OPTION', mustBe('--positive', expected, 'nothing'));
  }
  const asked = { ...o, positive, threshold: o.threshold };
  if (isTablePath(data)) {
    refuseUnused(
      { '--collar-ms': o.collarMs, '--labels': o.labels },
      'for a table, whose rows are windows with a response',
    );
    return await judgeTable(bundle, data, asked);
  }
  requireScoredClass(detector.spec, positive);
  const paths = await findRecordings(data);
  const labels = o.labels ?? labelsOf(paths, positive, detector.spec);
  // The detector is there until the judgement is.
  if (labels === 'audacity') {
    return await judgeEvents(detector, paths, { ...asked, collarMs: o.collarMs ?? DEFAULT_COLLAR_MS });
  }
  refuseUnused({ '--collar-ms': o.collarMs }, 'where whole recordings are judged, which have no onset');
  return await judgeFolders(detector, paths, asked);
}

/** @throws ParameterError `ERR_OPTION` */
function refuseUnused(flags: Readonly<Record<string, unknown>>, where: string): void {
  for (const [flag, value] of Object.entries(flags)) {
    if (value !== undefined) throw new ParameterError('ERR_OPTION', mustBe(flag, `left out ${where}`, value));
  }
}

/** @throws ParameterError `ERR_LABELS` where neither files nor folders say what is true */
function labelsOf(paths: readonly string[], positive: string, spec: Spec): LabelsFrom {
  if (paths.some(hasSidecar)) return 'audacity';
  const folders = [...new Set(paths.map(parentFolder))];
  const known = new Set([...spec.labels, positive]);
  if (folders.every((folder) => known.has(folder))) return 'parent-folder';
  const names = [...known].join(', ');
  const expected = `recordings with label files beside them (a.wav, a.txt), or in folders named ${names}`;
  throw new ParameterError('ERR_LABELS', mustBe('data', expected, `folders ${folders.slice(0, 5).join(', ')}`));
}
