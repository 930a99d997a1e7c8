/** Recordings that a program names: paths, or objects that say more. */
import { relative, resolve } from 'node:path';
import * as z from 'zod';
import { cutFields } from '../cut-fields.js';
import type { CorpusItem } from '../recording.js';
import { asNamed, belowRoot, commonFolder, type Found, type Named, refuse, slashes } from './found.js';

/** Ids of listed files are their paths below the deepest folder that holds them all. */
export function fromPaths(paths: readonly string[]): Found {
  return fromItems(paths);
}

export async function fromIterable(items: AsyncIterable<CorpusItem | string> | Iterable<CorpusItem | string>) {
  const all: (CorpusItem | string)[] = [];
  for await (const item of items) all.push(item);
  return fromItems(all);
}

const seconds = z.number().optional();
const ITEM = z.strictObject({
  path: z.string().min(1),
  id: z.string().min(1).optional(),
  startSec: seconds,
  durationSec: seconds,
  channel: z.union([z.number(), z.literal('mean')]).optional(),
  label: z.string().optional(),
  group: z.string().optional(),
  labels: z.array(z.object({ startSec: z.number(), endSec: z.number(), label: z.string() })).optional(),
  columns: z.record(z.string(), z.string()).optional(),
});

function fromItems(items: readonly (CorpusItem | string)[]): Found {
  const files = items.map((item, i) => resolve(typeof item === 'string' ? item : checkedItem(item, i).path));
  const root = commonFolder(files);
  const named = items.map((item, i) => {
    const file = files[i] ?? '';
    const path = belowRoot(root, file);
    return typeof item === 'string' ? asNamed(path) : itemOf(item, i, path, slashes(relative(root, file)));
  });
  return { root, named, isSearched: false };
}

function checkedItem(item: CorpusItem, i: number): CorpusItem {
  const { error } = ITEM.safeParse(item);
  if (error === undefined) return item;
  const [issue] = error.issues;
  return refuse(`item ${i} of the corpus`, 'a path or { path, … }', `${issue?.path.join('.')}: ${issue?.message}`);
}

function itemOf(item: CorpusItem, i: number, path: string, below: string): Named {
  const { id = below, startSec, durationSec, channel, label, group, labels } = item;
  const columns = { ...item.columns, ...(label !== undefined && { label }), ...(group !== undefined && { group }) };
  return {
    id,
    path,
    ...cutFields({ startSec, durationSec, channel }, `item ${i} of the corpus`),
    ...(labels !== undefined && { labels }),
    ...(Object.keys(columns).length > 0 && { columns }),
  };
}
