import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadTf } from '../../src/model/index.js';
import { type Callback, type EpochRecord, train } from '../../src/training/index.js';
import { eventRecord, type ScalarEvent, TensorBoardLog } from '../../src/training/tensorboard.js';
import { crc32c } from '../../src/training/tfrecord.js';
import { xorModel } from './models.js';
import { xorTable } from './window-table.js';

let out: string;
beforeEach(async () => {
  out = await mkdtemp(join(tmpdir(), 'cochlea-logs-'));
  await loadTf().setBackend('cpu');
});
afterEach(() => rm(out, { recursive: true }));

const OPTIONS = { loss: 'binaryCrossentropy', batchSize: 16, engine: 'native', validation: xorTable(32, 2) } as const;

async function trained(callbacks: readonly Callback[], epochs = 3) {
  return train(xorModel(), xorTable(64, 1), { ...OPTIONS, epochs, callbacks });
}

it('a table has a row an epoch, in full precision', async () => {
  const path = join(out, 'deep', 'log.csv');
  const { history } = await trained([{ kind: 'csvLogger', path }]);
  const [head, ...rows] = (await readFile(path, 'utf8')).trimEnd().split('\n');
  expect(head).toBe('epoch,steps,loss,accuracy,valLoss,valAccuracy,learningRate,seconds');
  const records = rows.map((row) => Object.fromEntries(row.split(',').map((x, i) => [head!.split(',')[i], Number(x)])));
  expect(records).toEqual(history);
});

it('leaves out of the table what the run has no figures of', async () => {
  const path = join(out, 'log.csv');
  const { validation: _, ...options } = OPTIONS;
  const callbacks = [{ kind: 'csvLogger', path }] as const;
  await train(xorModel(), xorTable(64, 1), { ...options, loss: 'meanSquaredError', epochs: 1, callbacks });
  expect(await readFile(path, 'utf8')).toMatch(/^epoch,steps,loss,learningRate,seconds\n1,4,/);
});

it('a JSON log has a line an epoch', async () => {
  const path = join(out, 'log.jsonl');
  const { history } = await trained([{ kind: 'jsonLogger', path }]);
  const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(history);
});

it('logs do not make another run of it', async () => {
  const options = { ...OPTIONS, epochs: 2, out: join(out, 'run') };
  await train(xorModel(), xorTable(64, 1), options);
  const callbacks = [{ kind: 'jsonLogger', path: join(out, 'log.jsonl') }] as const;
  expect((await train(xorModel(), xorTable(64, 1), { ...options, callbacks })).resumed).toBe(true);
});

it('a file that cannot be written ends the run and is named', async () => {
  await writeFile(join(out, 'taken'), '');
  for (const callback of [
    { kind: 'csvLogger', path: join(out, 'taken', 'log.csv') },
    { kind: 'tensorBoard', folder: join(out, 'taken') },
  ] as const)
    await expect(trained([callback])).rejects.toMatchObject({
      code: 'ERR_WRITE',
      message: expect.stringContaining('taken'),
    });
});

it.each([
  [{ kind: 'csvLogger' }, /path of csvLogger must be a path, got/],
  [{ kind: 'jsonLogger', path: '' }, /path of jsonLogger must be a path, got ""/],
  [{ kind: 'tensorBoard', path: 'x' }, /path/],
  [{ kind: 'tensorBoard', folder: 7 }, /folder of tensorBoard must be a path, got 7/],
  [{ kind: 'tensorboard', folder: 'x' }, /callback must be of kind .*tensorBoard/],
])('%j is refused', async (callback, message) => {
  await expect(trained([callback as unknown as Callback])).rejects.toThrow(message);
});

describe('TensorBoard', () => {
  it('checksums are those of RFC 3720', () => {
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e);
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
  });

  it("records have the bytes of TensorBoard's own writer", async () => {
    const path = new URL('../golden/data/tensorboard.json', import.meta.url);
    const { records } = JSON.parse(await readFile(path, 'utf8')) as {
      records: { event: ScalarEvent; base64: string }[];
    };
    expect(records.length).toBe(4);
    for (const { event, base64 } of records) expect(Buffer.from(eventRecord(event)).toString('base64')).toBe(base64);
  });

  it('a run makes a file for training and one for validation', async () => {
    await trained([{ kind: 'tensorBoard', folder: out }]);
    expect((await readdir(out)).sort()).toEqual(['train', 'validation']);
    for (const part of ['train', 'validation'])
      expect(await readdir(join(out, part))).toEqual([
        expect.stringMatching(/^events\.out\.tfevents\.\d{10}\.cochlea\.\d+\.\d+$/),
      ]);
  });

  const python = new URL('../../.cache/golden/bin/python', import.meta.url).pathname;
  const missing = existsSync(python) ? '' : ' (skipped: .cache/golden is missing; node test/golden/setup.mjs makes it)';
  it.skipIf(missing !== '')(`reads the scalars of a run and of one that went on${missing}`, async () => {
    const folder = join(out, 'board');
    const { history } = await trained([{ kind: 'tensorBoard', folder }]);
    const next: EpochRecord = { epoch: 4, steps: 4, loss: 0.25, valLoss: 0.5, learningRate: 0.001, seconds: 1 };
    await new TensorBoardLog(folder).epoch(next);
    const program = `
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
read = {}
for part in ("train", "validation"):
    events = EventAccumulator(sys.argv[1] + "/" + part).Reload()
    read[part] = {tag: [[e.step, e.value] for e in events.Scalars(tag)] for tag in sorted(events.Tags()["scalars"])}
print(json.dumps(read))`;
    const { stdout, stderr } = spawnSync(python, ['-c', program, folder], { encoding: 'utf8' });
    expect(stderr).toBe('');
    const series = (figure: 'loss' | 'accuracy' | 'valLoss' | 'valAccuracy' | 'learningRate') =>
      [...history, next].flatMap((record) =>
        record[figure] === undefined ? [] : [[record.epoch - 1, Math.fround(record[figure])]],
      );
    expect(JSON.parse(stdout)).toEqual({
      train: {
        epoch_accuracy: series('accuracy'),
        epoch_learning_rate: series('learningRate'),
        epoch_loss: series('loss'),
      },
      validation: { epoch_accuracy: series('valAccuracy'), epoch_loss: series('valLoss') },
    });
  });
});
