/** What a model file says of itself, beside its weights. */

import { libraryVersion } from '../packages.js';
import { ownModel, type Spec, specOfModel } from '../spec/index.js';

/** Keys of `metadata_props` in every model file of ours. */
export const METADATA_KEYS = {
  spec: 'cochlea.spec',
  specHash: 'cochlea.spec_hash',
  bundleHash: 'cochlea.bundle_hash',
  version: 'cochlea.version',
  metrics: 'cochlea.metrics',
  licences: 'cochlea.licences',
  /** Of a file that runs all stages of its spec: `inside` where it takes PCM, `none` where it takes features. */
  frontEnd: 'cochlea.front_end',
  /** When its scores are: `{ startSec, stepSec, spanSec }`, score i from [startSec + i·stepSec, … + spanSec). */
  timeAxis: 'cochlea.time_axis',
  /** Of the weights, where it is not float32. */
  precision: 'cochlea.precision',
} as const;

/** What people should know of a model: metrics, licences, when it was made. Free of form. */
export type ModelCard = Readonly<Record<string, unknown>>;

/**
 * The entries of a model file: the library's version, the spec that it serves with by itself and its hash, the hash of
 * the spec of its bundle, and the card's metrics and licences where it has them.
 *
 * @param spec null for a model that only runs, and does not say what it listens to
 * @param bundle spec of the chain that the model is part of; a model by itself is its own
 */
export function modelMetadata(
  spec: Spec | null,
  card: ModelCard = {},
  bundle: Spec | null = spec,
): Record<string, string> {
  const entries: Record<string, string> = { [METADATA_KEYS.version]: libraryVersion() };
  if (spec !== null) {
    entries[METADATA_KEYS.spec] = JSON.stringify(spec);
    entries[METADATA_KEYS.specHash] = spec.hash;
    entries[METADATA_KEYS.bundleHash] = bundle?.hash ?? spec.hash;
  }
  if (card.metrics !== undefined) entries[METADATA_KEYS.metrics] = JSON.stringify(card.metrics);
  if (card.licences !== undefined) {
    entries[METADATA_KEYS.licences] = typeof card.licences === 'string' ? card.licences : JSON.stringify(card.licences);
  }
  return entries;
}

/**
 * The entries of one model of a bundle. What the card measures is what the whole chain does, so only the last model says
 * it; licences are those of all.
 *
 * @param name as the spec's stages have it
 * @throws ParameterError `ERR_OPTION` for a name that they do not have
 */
export function partMetadata(bundle: Spec, name: string, card: ModelCard = {}): Record<string, string> {
  const { metrics: _, ...others } = card;
  return modelMetadata(specOfModel(bundle, name), name === ownModel(bundle) ? card : others, bundle);
}
