/** What a model file says of itself, beside its weights. */
import type { Spec } from '../spec/index.js';
import { libraryVersion } from '../version.js';

/** Keys of `metadata_props` in every model file of ours. */
export const METADATA_KEYS = {
  spec: 'cochlea.spec',
  specHash: 'cochlea.spec_hash',
  version: 'cochlea.version',
  metrics: 'cochlea.metrics',
  licences: 'cochlea.licences',
} as const;

/** What people should know of a model: metrics, licences, when it was made. Free of form. */
export type ModelCard = Readonly<Record<string, unknown>>;

/**
 * The entries of a model file: the library's version, the spec that it serves with and its hash, and the card's metrics
 * and licences where it has them.
 *
 * @param spec null for a model that only runs, and does not say what it listens to
 */
export function modelMetadata(spec: Spec | null, card: ModelCard = {}): Record<string, string> {
  const entries: Record<string, string> = { [METADATA_KEYS.version]: libraryVersion() };
  if (spec !== null) {
    entries[METADATA_KEYS.spec] = JSON.stringify(spec);
    entries[METADATA_KEYS.specHash] = spec.hash;
  }
  if (card.metrics !== undefined) entries[METADATA_KEYS.metrics] = JSON.stringify(card.metrics);
  if (card.licences !== undefined) {
    entries[METADATA_KEYS.licences] = typeof card.licences === 'string' ? card.licences : JSON.stringify(card.licences);
  }
  return entries;
}
