/** Whether what a manifest says fits together. */
import { z } from 'zod';
import { DatasetError, mustBe } from '../errors.js';
import type { Manifest } from '../shards/index.js';
import { parseSpec } from '../spec/index.js';

const text = z.string({ error: 'a text' }).min(1, { error: 'a text' });
const count = z.int({ error: 'a whole number from 0' }).min(0, { error: 'a whole number from 0' });
const seconds = z.number({ error: 'a number from 0' }).min(0, { error: 'a number from 0' });
const figures = z.array(z.number({ error: 'a finite number' }), { error: 'a list of numbers' });

const shard = z.object({
  name: text,
  files: z.array(
    z.object({
      // A name in the folder: a manifest of somebody else must not make us read other files.
      file: text.regex(/^[^/\\]+$/, { error: 'a name without folders' }),
      bytes: count,
      sha256: z.string({ error: '64 hex digits' }).regex(/^[0-9a-f]{64}$/, { error: '64 hex digits' }),
    }),
    { error: 'a list of files' },
  ),
  items: count,
  frames: count,
  audioSec: seconds,
  failed: count,
});

const manifestSchema = z.object({
  version: text,
  spec: z.record(z.string(), z.unknown(), { error: 'a spec' }),
  specHash: text,
  featureHash: text,
  root: text,
  format: text,
  compression: text,
  complete: z.literal(true, { error: 'true (extract again to go on)' }),
  recordings: count,
  frames: count,
  audioSec: seconds,
  failed: count,
  stats: z.object({ n: count, mean: figures, m2: figures }).nullable(),
  shards: z.array(shard, { error: 'a list of shards' }),
});

/** Sums of seconds in another order differ in their last digits. */
const ROUNDING = 1e-9;

/**
 * @param path named in messages
 * @returns what it says, in a line
 * @throws DatasetError `ERR_SHARD` naming the field that is wrong
 */
export function checkManifest(manifest: Manifest, path: string): string {
  const { error } = manifestSchema.safeParse(manifest);
  const issue = error?.issues[0];
  if (issue !== undefined)
    throw wrong(path, issue.path.map(String).join('.'), issue.message, valueAt(manifest, issue.path));
  const { spec, specHash, shards, recordings, frames, audioSec, failed, stats } = manifest;
  const { hash } = parseSpec(spec);
  if (hash !== specHash) throw wrong(path, 'specHash', `${hash}, that of its spec`, specHash);
  const sum = (of: 'items' | 'frames' | 'audioSec' | 'failed') => shards.reduce((total, one) => total + one[of], 0);
  const sums = [
    ['recordings', recordings, sum('items')],
    ['frames', frames, sum('frames')],
    ['audioSec', audioSec, sum('audioSec')],
    ['failed', failed, sum('failed')],
    ['stats.n', stats?.n ?? 0, sum('frames')],
  ] as const;
  for (const [field, said, found] of sums) {
    if (Math.abs(said - found) > ROUNDING * found) throw wrong(path, field, `${found}, the sum over its shards`, said);
  }
  const names = shards.flatMap(({ files }) => files.map(({ file }) => file));
  if (new Set(names).size < names.length) throw wrong(path, 'shards', 'of different files', 'one twice');
  return `${recordings} recordings in ${shards.length} shards, spec ${specHash}, features ${manifest.featureHash}`;
}

function wrong(path: string, field: string, expected: string, got: unknown): DatasetError {
  return new DatasetError('ERR_SHARD', mustBe(`${field} of ${path}`, expected, got), { path, field });
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    root,
  );
}
