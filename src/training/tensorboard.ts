/** Figures of epochs as TensorBoard reads them: event files of scalars, with the tags that Keras's callback gives them. */
import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import protobuf from 'protobufjs';
import { writing } from '../files/index.js';
import type { EpochRecord } from './callbacks.js';
import { tfrecord } from './tfrecord.js';

/** The fields of tensorflow/core/util/event.proto and framework/summary.proto that scalars need. */
const EVENT = protobuf.Root.fromJSON({
  nested: {
    Event: {
      fields: {
        wallTime: { type: 'double', id: 1 },
        step: { type: 'int64', id: 2 },
        fileVersion: { type: 'string', id: 3 },
        summary: { type: 'Summary', id: 5 },
      },
    },
    Summary: { fields: { value: { rule: 'repeated', type: 'Value', id: 1 } } },
    Value: { fields: { tag: { type: 'string', id: 1 }, simpleValue: { type: 'float', id: 2 } } },
  },
}).lookupType('Event');

export interface ScalarEvent {
  /** Seconds since 1970. */
  readonly wallTime: number;
  readonly step?: number;
  readonly fileVersion?: string;
  readonly summary?: { readonly value: readonly { readonly tag: string; readonly simpleValue: number }[] };
}

/** An event as a record of an event file. */
export function eventRecord({ step, ...event }: ScalarEvent): Uint8Array {
  // As in proto3, a number that is 0 is left out.
  return tfrecord(EVENT.encode(EVENT.fromObject({ ...event, ...(step && { step }) })).finish());
}

/** Keras's names of the folders of a run, and the figures of an epoch that stand in each. */
const FOLDERS = {
  train: { epoch_loss: 'loss', epoch_accuracy: 'accuracy', epoch_learning_rate: 'learningRate' },
  validation: { epoch_loss: 'valLoss', epoch_accuracy: 'valAccuracy' },
} as const satisfies Record<string, Readonly<Record<string, keyof EpochRecord>>>;

/** Writes one event file a folder and process; TensorBoard joins those of a run that was interrupted. */
export class TensorBoardLog {
  readonly #folder: string;
  readonly #begun = new Map<string, string>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  async epoch(record: EpochRecord): Promise<void> {
    const wallTime = Date.now() / 1000;
    for (const [name, tags] of Object.entries(FOLDERS)) {
      const value = Object.entries(tags).flatMap(([tag, figure]) => {
        const simpleValue = record[figure];
        return simpleValue === undefined ? [] : [{ tag, simpleValue }];
      });
      if (value.length === 0) continue;
      // Keras counts epochs from 0.
      await this.#append(name, { wallTime, step: record.epoch - 1, summary: { value } });
    }
  }

  async #append(name: string, event: ScalarEvent): Promise<void> {
    const folder = join(this.#folder, name);
    await writing(folder, async () => {
      const begun = this.#begun.get(name);
      const path = begun ?? join(folder, eventFile(event.wallTime));
      if (begun === undefined) {
        await mkdir(folder, { recursive: true });
        await appendFile(path, eventRecord({ wallTime: event.wallTime, fileVersion: 'brain.Event:2' }));
        this.#begun.set(name, path);
      }
      await appendFile(path, eventRecord(event));
    });
  }
}

/** TensorBoard reads files with `tfevents` in their name, in the order of their names. */
function eventFile(wallTime: number): string {
  return `events.out.tfevents.${String(Math.floor(wallTime)).padStart(10, '0')}.cochlea.${process.pid}.${++files}`;
}

let files = 0;
