/** Recordings that brought a process down, remembered until the folder is complete: a file for each part of the plan. */
import { appendFile, readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { statOrNull, writing } from '../files/index.js';
import type { Quarantined } from './extract-run.js';
import type { Plan } from './plan-file.js';

const QUARANTINE = /^quarantine-(all|\d+)\.jsonl$/;

interface Line extends Quarantined {
  /** The shard as it was planned then: with other inputs it is another matter. */
  readonly task: string;
}

/** Those of a part's shards as they are now. */
export async function readQuarantine(plan: Plan, part: number | null): Promise<Quarantined[]> {
  const path = pathOf(plan, part);
  if ((await statOrNull(path)) === null) return [];
  const found = (await readFile(path, 'utf8')).split('\n').flatMap(lineOf);
  const tasks = new Map<number, string>();
  for await (const { index, task } of plan.shards(part)) tasks.set(index, task);
  return found.filter(({ shard, task }) => tasks.get(shard) === task).map(({ task: _, ...one }) => one);
}

export async function addToQuarantine(plan: Plan, part: number | null, found: Quarantined): Promise<void> {
  const path = pathOf(plan, part);
  for await (const { index, task } of plan.shards(part)) {
    if (index !== found.shard) continue;
    const line: Line = { ...found, task };
    await writing(path, () => appendFile(path, `${JSON.stringify(line)}\n`));
  }
}

export async function clearQuarantine(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (QUARANTINE.test(name)) await rm(join(folder, name), { force: true });
  }
}

function pathOf(plan: Plan, part: number | null): string {
  return join(dirname(plan.path), `quarantine-${part ?? 'all'}.jsonl`);
}

/** A line that was cut off while it was written only costs another crash. */
function lineOf(text: string): readonly Line[] {
  try {
    return [JSON.parse(text)];
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}
