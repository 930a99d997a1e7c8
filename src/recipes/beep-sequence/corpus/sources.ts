/** Which recordings serve as what, and in which part of the corpus. */
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { DatasetError } from '../../../errors.js';
import type { Registry } from '../../corpora/index.js';
import { NPM_RULES } from './npm-rules.js';
import { randomFor } from './random.js';

export const PARTS = ['train', 'validation', 'test', 'held-out'] as const;
export type Part = (typeof PARTS)[number];

export const CATEGORIES = ['speech', 'music', 'ambience', 'tones'] as const;
export type Category = (typeof CATEGORIES)[number];

/** One recording of a fetched package. */
export interface Source {
  /** `package/path/inside`, with forward slashes. */
  readonly id: string;
  readonly path: string;
  readonly category: Category;
  /** Recordings of one group (a speaker, a sound theme, a track) stay in one part. */
  readonly group: string;
  readonly bytes: number;
}

export interface Rule {
  readonly packageName: string;
  readonly matches: RegExp;
  readonly category: Category;
  /** What belongs together: the whole package, a language's folder, or files that differ by number or suffix. */
  readonly groupBy: 'package' | 'folder' | 'series';
}

/**
 * First rule that matches decides; recordings without a rule are not used.
 * The speech package has one folder of speakers per language (`de/alpha`, `de/syllab`), so a language is a group.
 * The three game tunes of one composer quote each other, so they are one group.
 */
const DEBIAN_RULES: readonly Rule[] = [
  { packageName: 'klettres-data', matches: /\.ogg$/, category: 'speech', groupBy: 'folder' },
  { packageName: 'hex-a-hop-data', matches: /music-[^/]*\.ogg$/, category: 'music', groupBy: 'package' },
  { packageName: 'hex-a-hop-data', matches: /sound-[^/]*\.ogg$/, category: 'ambience', groupBy: 'series' },
  { packageName: 'pathological', matches: /music\/[^/]*\.ogg$/, category: 'music', groupBy: 'series' },
  {
    packageName: 'wordwarvi-sound',
    matches: /(dtox3monomix|lucky[^/]*|highscoremusic|destiny_facedown)\.ogg$/,
    category: 'music',
    groupBy: 'series',
  },
  {
    packageName: 'wordwarvi-sound',
    matches: /(jetwash|explosion|eruption|thunder|exhaust|launch|cardoor|bang\d)[^/]*\.ogg$/,
    category: 'ambience',
    groupBy: 'series',
  },
  {
    packageName: 'sonic-pi-samples',
    matches: /\/(ambi|vinyl|perc|misc|drum)_[^/]*\.flac$/,
    category: 'ambience',
    groupBy: 'series',
  },
  {
    packageName: 'sonic-pi-samples',
    matches: /\/loop_(3d_printer|industrial|safari)\.flac$/,
    category: 'ambience',
    groupBy: 'series',
  },
  {
    packageName: 'sonic-pi-samples',
    matches: /\/(loop|guit|tabla)_[^/]*\.flac$/,
    category: 'music',
    groupBy: 'series',
  },
  { packageName: 'alsa-utils', matches: /\/Noise\.wav$/, category: 'ambience', groupBy: 'series' },
  { packageName: 'sound-theme-freedesktop', matches: /\.oga$/, category: 'tones', groupBy: 'package' },
  { packageName: 'oxygen-sounds', matches: /\.ogg$/, category: 'tones', groupBy: 'package' },
  { packageName: 'yaru-theme-sound', matches: /\.oga$/, category: 'tones', groupBy: 'package' },
  { packageName: 'gnome-audio', matches: /\.wav$/, category: 'tones', groupBy: 'package' },
];

const RULES: Readonly<Record<Registry, readonly Rule[]>> = { apt: DEBIAN_RULES, npm: NPM_RULES };

/** Files below this hold next to nothing but a header. */
const SMALLEST_BYTES = 2000;

/**
 * Lists the usable recordings below `corpora` (a registry's unpacked packages), in an order that depends on names alone.
 * @throws DatasetError `ERR_FETCH` where a package that a rule names is missing
 */
export async function listSources(corpora: string, registry: Registry): Promise<Source[]> {
  const rules = RULES[registry];
  const sources: Source[] = [];
  for (const packageName of new Set(rules.map((rule) => rule.packageName))) {
    const folder = join(corpora, packageName);
    for (const path of await filesBelow(folder)) {
      const inside = relative(folder, path).split(sep).join('/');
      const rule = rules.find((r) => r.packageName === packageName && r.matches.test(`/${inside}`));
      const bytes = (await stat(path)).size;
      if (rule === undefined || bytes < SMALLEST_BYTES) continue;
      sources.push({
        id: `${packageName}/${inside}`,
        path,
        category: rule.category,
        group: groupOf(rule, inside),
        bytes,
      });
    }
  }
  return sources.sort((a, b) => (a.id < b.id ? -1 : 1));
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((cause: unknown) => {
    throw new DatasetError('ERR_FETCH', `recordings of ${basename(folder)} must be fetched first: ${String(cause)}`, {
      folder,
    });
  });
  // Links would put one recording under two names, perhaps into two parts.
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

function groupOf(rule: Rule, inside: string): string {
  if (rule.groupBy === 'package') return rule.packageName;
  if (rule.groupBy === 'series') return `${rule.packageName}/${seriesOf(inside)}`;
  const language = dirname(inside).replace(/\/(alpha|syllab)$/, '');
  return `${rule.packageName}/${basename(language)}`;
}

/** `tabla_ghe7` and `tabla_ghe8`, `loop_amen` and `loop_amen_full` are takes of one recording session. */
function seriesOf(inside: string): string {
  const name = basename(inside).replace(/\.\w+$/, '');
  return name.split('_').slice(0, 2).join('_').replace(/\d+$/, '');
}

/** The share of a category's groups that each part gets. */
const SHARES: Readonly<Record<Part, number>> = { train: 0.48, validation: 0.12, test: 0.18, 'held-out': 0.22 };
/** The split belongs to the recordings, not to a corpus: no seed can put one recording into two corpora's opposite parts. */
const SPLIT_SEED = 0;

export type SourcesByPart = Readonly<Record<Part, Readonly<Record<Category, readonly Source[]>>>>;

/** Splits whole groups over the parts, category by category, each part near its share of groups and none left empty. */
export function splitSources(sources: readonly Source[]): SourcesByPart {
  const empty = () => ({ speech: [], music: [], ambience: [], tones: [] }) as Record<Category, Source[]>;
  const parts: Record<Part, Record<Category, Source[]>> = {
    train: empty(),
    validation: empty(),
    test: empty(),
    'held-out': empty(),
  };
  for (const category of CATEGORIES) {
    const members = new Map<string, Source[]>();
    for (const source of sources.filter((candidate) => candidate.category === category)) {
      members.set(source.group, [...(members.get(source.group) ?? []), source]);
    }
    for (const [group, part] of assignGroups(members)) parts[part][category].push(...members.get(group)!);
  }
  return parts;
}

/** Deals groups out from the largest to the smallest, so that every part gets long recordings and short ones. */
function assignGroups(members: Map<string, Source[]>): Map<string, Part> {
  const bytes = (group: string) => members.get(group)!.reduce((sum, source) => sum + source.bytes, 0);
  const order = randomFor(SPLIT_SEED, 'split')
    .shuffled([...members.keys()])
    .sort((a, b) => bytes(b) - bytes(a));
  const dealt: Record<Part, number> = { train: 0, validation: 0, test: 0, 'held-out': 0 };
  const assigned = new Map<string, Part>();
  for (const group of order) {
    const part = PARTS.reduce((a, b) => (dealt[b] / SHARES[b] < dealt[a] / SHARES[a] ? b : a));
    dealt[part] += 1;
    assigned.set(group, part);
  }
  return assigned;
}
