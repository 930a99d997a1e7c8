/** What a corpus is made of where not everything is given: it depends on which recordings this machine can have. */
import { type Registry, registryHere } from '../../corpora/index.js';
import type { CorpusSize } from './plan.js';

export interface CorpusChoice {
  readonly size: CorpusSize;
  readonly backgrounds: 'recordings' | 'synthetic';
  /** Where recordings come from; null for synthetic backgrounds. */
  readonly source: Registry | null;
}

/** A quarter of an hour of recordings, one voice in a part, does not carry eight hours of corpus; who wants it says so. */
const DEFAULT_SIZE = { apt: 'full', npm: 'small' } as const;

/** Recordings, but for `tiny`; Debian's where apt is, else npm's; as large as they carry. What is given stays. */
export async function chooseCorpus(o: {
  readonly size?: CorpusSize | undefined;
  readonly backgrounds?: CorpusChoice['backgrounds'];
  readonly source?: Registry | null;
  readonly cache?: string;
}): Promise<CorpusChoice> {
  const backgrounds = o.backgrounds ?? (o.size === 'tiny' ? 'synthetic' : 'recordings');
  if (backgrounds === 'synthetic') return { size: o.size ?? 'full', backgrounds, source: null };
  const source = o.source ?? (await registryHere(o));
  return { size: o.size ?? DEFAULT_SIZE[source], backgrounds, source };
}
