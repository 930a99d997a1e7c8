/** How often training sees which windows: what is like a sequence often, what is like nothing seldom. */
import type { FeatureDataset, ItemInfo, Strata } from '../../dataset/index.js';
import { SEQUENCE_LABEL } from './pipeline-spec.js';
import { sequenceTargets, windowKind } from './targets.js';

/** Of an epoch, the part of complete sequences. They are a fortieth of the windows. */
const SEQUENCE_SHARE = 0.25;
const CUT_SEQUENCE = 'cut sequence';
/**
 * How the rest is dealt out among the kinds that occur. A missing beep is one value of forty, and a sequence that is cut
 * differs from a whole one at its edge; the other kinds are soon told apart, and background alone is most of the windows.
 */
const OTHER_SHARES: Readonly<Record<string, number>> = {
  'hard:missing-beep': 3,
  [CUT_SEQUENCE]: 3,
  'hard:missing-pair': 2,
};

/** Strata of the windows by what they show, which is for the labels in time to say, whatever the targets are. */
export function strataByKind(data: FeatureDataset): Strata {
  const numbers = new Map<string, number>();
  const kindsOf = new Map<ItemInfo, readonly (string | null)[]>();
  const strata = Int32Array.from({ length: data.size }, (_, number) => {
    const { item, window } = data.locate(number);
    const kinds = kindsOf.get(item) ?? windowKinds(item);
    kindsOf.set(item, kinds);
    const kind = kinds[window] ?? null;
    if (kind === null) return -1;
    if (!numbers.has(kind)) numbers.set(kind, numbers.size);
    return numbers.get(kind)!;
  });
  return { strata, shares: sharesOf([...numbers.keys()]) };
}

/** Null where a window is unscored. */
function windowKinds({ nFrames, labels = [], startSec = 0 }: ItemInfo): (string | null)[] {
  return Array.from(sequenceTargets(nFrames, labels, startSec), (target, window) => {
    if (Number.isNaN(target)) return null;
    if (target === 1) return SEQUENCE_LABEL;
    const shown = windowKind(window, labels, startSec);
    return shown === SEQUENCE_LABEL ? CUT_SEQUENCE : shown;
  });
}

function sharesOf(kinds: readonly string[]): number[] {
  const other = (kind: string) => (kind === SEQUENCE_LABEL ? 0 : (OTHER_SHARES[kind] ?? 1));
  const rest = kinds.reduce((sum, kind) => sum + other(kind), 0);
  return kinds.map((kind) => (kind === SEQUENCE_LABEL ? SEQUENCE_SHARE : ((1 - SEQUENCE_SHARE) * other(kind)) / rest));
}
