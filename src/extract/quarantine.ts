/** Recordings that brought a process down, remembered until the folder is complete: `quarantine.jsonl`. */
import { appendFile, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { statOrNull, writing } from '../files/index.js';
import type { Quarantined } from './extract-run.js';
import type { Plan } from './plan-file.js';

const QUARANTINE = 'quarantine.jsonl';

interface Line extends Quarantined {
  /** The shard as it was planned then: with other inputs it is another matter. */
  readonly task: string;
}

/** Those of a plan's shards as they are now. */
export async function readQuarantine(folder: string, plan: Plan): Promise<Quarantined[]> {
  const path = join(folder, QUARANTINE);
  if ((await statOrNull(path)) === null) return [];
  const lines = (await readFile(path, 'utf8')).split('\n').filter(Boolean);
  const found = lines.map((line): Line => JSON.parse(line));
  const tasks = new Map<number, string>();
  for await (const { index, task } of plan.shards(null)) tasks.set(index, task);
  return found.filter(({ shard, task }) => tasks.get(shard) === task).map(({ task: _, ...one }) => one);
}

export async function addToQuarantine(folder: string, plan: Plan, found: Quarantined): Promise<void> {
  const path = join(folder, QUARANTINE);
  for await (const { index, task } of plan.shards(null)) {
    if (index !== found.shard) continue;
    const line: Line = { ...found, task };
    await writing(path, () => appendFile(path, `${JSON.stringify(line)}\n`));
  }
}

export async function clearQuarantine(folder: string): Promise<void> {
  await rm(join(folder, QUARANTINE), { force: true });
}
