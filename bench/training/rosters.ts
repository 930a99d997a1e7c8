/** Whom each process of Node.js has for training. */
import { cochleaContestants, threadContestants } from './cochlea.js';
import { TFJS_BACKENDS, type TfjsBackend, tfjsRoster } from './tfjs.js';
import type { Roster } from './timed.js';

/** @throws RangeError for a part that is not there */
export async function rosterOf(part: string): Promise<Roster> {
  if (part === 'cochlea') return { versions: {}, contestants: cochleaContestants(), absent: [] };
  if (part === 'threads') return { versions: {}, contestants: threadContestants(), absent: [] };
  if (isBackend(part)) return tfjsRoster(part);
  const parts = ['cochlea', 'threads', ...Object.keys(TFJS_BACKENDS)];
  throw new RangeError(`part must be one of ${parts.join(', ')}, got ${part}`);
}

function isBackend(part: string): part is TfjsBackend {
  return Object.hasOwn(TFJS_BACKENDS, part);
}
