/** Logs of a run: what every epoch came to, in files that other programs read. */
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { replaceFile, writing } from '../files/index.js';
import type { Callback, EpochRecord } from './callbacks.js';
import { TensorBoardLog } from './tensorboard.js';

/** Takes all epochs so far, of which the last is new. */
type Log = (history: readonly EpochRecord[]) => Promise<void>;

export function logsOf(callbacks: readonly Callback[]): Log[] {
  return callbacks.flatMap((callback): Log[] => {
    if (callback.kind === 'csvLogger') return [(history) => replaceLog(callback.path, csvOf(history))];
    if (callback.kind === 'jsonLogger') return [(history) => replaceLog(callback.path, jsonLinesOf(history))];
    if (callback.kind !== 'tensorBoard') return [];
    const log = new TensorBoardLog(callback.folder);
    return [(history) => log.epoch(history.at(-1)!)];
  });
}

async function replaceLog(path: string, text: string): Promise<void> {
  await writing(path, () => mkdir(dirname(path), { recursive: true }));
  await replaceFile(path, text);
}

const COLUMNS = [
  'epoch',
  'steps',
  'loss',
  'accuracy',
  'valLoss',
  'valAccuracy',
  'learningRate',
  'seconds',
] as const satisfies (keyof EpochRecord)[];

function csvOf(history: readonly EpochRecord[]): string {
  const columns = COLUMNS.filter((column) => history.some((record) => record[column] !== undefined));
  const rows = history.map((record) => columns.map((column) => record[column] ?? '').join(','));
  return `${[columns.join(','), ...rows].join('\n')}\n`;
}

function jsonLinesOf(history: readonly EpochRecord[]): string {
  return history.map((record) => `${JSON.stringify(record)}\n`).join('');
}
