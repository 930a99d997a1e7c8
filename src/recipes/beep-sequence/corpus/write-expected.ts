/**
 * Prints `expected.ts` for a corpus that was just made, after the generator or the recordings changed, or
 * `expected-from-npm.ts` for one of npm's recordings:
 * `node dist/recipes/beep-sequence/corpus/write-expected.js <corpus> > src/recipes/beep-sequence/corpus/expected.ts`
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadAddon } from '../../../native/index.js';
import type { Registry } from '../../corpora/index.js';
import { type Comparable, digestOf } from './checksums.js';

interface Index extends Comparable {
  readonly source: Registry;
  readonly packages: readonly { readonly name: string; readonly version: string }[];
}

const [folder = 'data/beep-sequence'] = process.argv.slice(2);
const index = JSON.parse(await readFile(join(folder, 'corpus.json'), 'utf8')) as Index;
const versions = [
  ...Object.entries(loadAddon().libraries).map(([name, version]) => `${name} ${version}`),
  ...index.packages.map(({ name, version }) => `${name} ${version}`),
];
const entries = index.files.map(({ name, sha256 }) => `      '${name}': '${digestOf(sha256)}',`);
const entry = `  {
    seed: ${index.seed},
    size: '${index.size}',
    backgrounds: '${index.backgrounds}',
    madeWith: [
${versions.map((version) => `      '${version}',`).join('\n')}
    ],
    files: {
${entries.join('\n')}
    },
  },`;

const usual = `/** Checksums of the default corpus; \`write-expected.ts\` prints this file. */
import type { Comparable } from './checksums.js';

interface Expected extends Pick<Comparable, 'seed' | 'size' | 'backgrounds'> {
  /** Versions of libraries and recordings behind these bytes. */
  readonly madeWith: readonly string[];
  /** File name → 16 digits of the sound's SHA-256 and 8 of the labels'. */
  readonly files: Readonly<Record<string, string>>;
}

export const EXPECTED: readonly Expected[] = [`;

const fromNpm = `/** Checksums of the default corpus where apt is absent; \`write-expected.ts\` prints this file. */
import type { Expected } from './checksums.js';

export const EXPECTED_FROM_NPM: readonly Expected[] = [`;

process.stdout.write(`${index.source === 'npm' ? fromNpm : usual}
${entry}
];
`);
