import { DatasetError, mustBe } from '../errors.js';
import type { Windowing } from '../spec/index.js';
import { framesOf } from './frames-of.js';
import type { Entry, ItemInfo } from './item.js';
import { PARTS, type Part, type Parts } from './parts.js';

interface Stretch {
  readonly part: Part;
  readonly from: number;
  readonly to: number;
  readonly id: string;
}

/**
 * Refuses parts that share anything: frames of one recording or series, or, if asked, a group.
 *
 * @throws DatasetError `ERR_LEAK` naming the two parts and what they share
 */
export function refuseLeaks(
  parts: Parts<readonly Entry[]>,
  windowing: Windowing,
  groupBy?: (item: ItemInfo) => string | undefined,
): void {
  const series = new Map<string, Stretch[]>();
  const groups = new Map<string, Part>();
  for (const part of PARTS) {
    for (const { info, origin, first, end } of parts[part]) {
      const { from, to } = framesOf(first, end, info.nFrames, windowing);
      const stretches = series.get(origin.series) ?? [];
      series.set(origin.series, stretches);
      if (to > from) stretches.push({ part, from: origin.firstFrame + from, to: origin.firstFrame + to, id: info.id });
      const group = groupBy?.(info);
      if (group === undefined) continue;
      const other = groups.get(group) ?? part;
      if (other !== part) throw leak(other, part, `group ${group}`);
      groups.set(group, part);
    }
  }
  for (const stretches of series.values()) refuseOverlap(stretches);
}

/** Sorted by start, every stretch is compared with the one of another part that reaches furthest. */
function refuseOverlap(stretches: Stretch[]): void {
  stretches.sort((a, b) => a.from - b.from);
  const reach = new Map<Part, Stretch>();
  for (const stretch of stretches) {
    for (const [part, other] of reach) {
      if (part !== stretch.part && other.to > stretch.from) {
        throw leak(part, stretch.part, `frames from ${stretch.from} on of ${other.id} and ${stretch.id}`);
      }
    }
    const before = reach.get(stretch.part);
    if (before === undefined || before.to < stretch.to) reach.set(stretch.part, stretch);
  }
}

function leak(a: Part, b: Part, shared: string): DatasetError {
  return new DatasetError('ERR_LEAK', mustBe(`parts ${a} and ${b}`, 'without anything in common', shared), {
    parts: [a, b],
    shared,
  });
}
