/** What the kinds of events are, in words. */

import { type Html, table } from '../../report/index.js';
import { type EventKind, HARD_KINDS } from './corpus/index.js';

/** How labels and window kinds name a hard negative. */
const HARD_PREFIX = 'hard:';

const MEANINGS: Readonly<Record<EventKind | 'background', string>> = {
  sequence: 'the call, whole or in part',
  'missing-beep': 'the call with one beep of one group left out',
  'missing-pair': 'the call with two neighbouring beeps left out',
  'three-groups': 'three groups of beeps instead of four',
  'other-pitch-low': 'the right rhythm at a lower pitch, 3.2 to 3.8 kHz',
  'other-pitch-high': 'the right rhythm at a higher pitch, 4.2 to 5 kHz',
  slow: 'the call 1.4 times as slow',
  fast: 'the call in 0.7 of its time',
  continuous: 'one unbroken tone of 2 to 6 s',
  'single-beeps': 'lone beeps without rhythm',
  'ui-sound': 'system sounds, telephones, alarm clocks',
  speech: 'somebody speaking in the foreground',
  music: 'music in the foreground',
  background: 'the room alone',
};

export function kindName(kind: string): string {
  return kind.startsWith(HARD_PREFIX) ? kind.slice(HARD_PREFIX.length) : kind;
}

/** Empty for a kind that this list does not know. */
export function kindText(kind: string): string {
  const name = kindName(kind);
  return Object.entries(MEANINGS).find(([known]) => known === name)?.[1] ?? '';
}

export function hardKindsTable(): Html {
  return table({
    caption: 'Hard negatives: what resembles the call and is not it.',
    columns: ['kind', 'what it is'],
    rows: HARD_KINDS.map((kind) => [kind, MEANINGS[kind]]),
  });
}
