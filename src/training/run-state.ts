/** A run in its middle: all that decides how it goes on, in one file. */
import { createHash } from 'node:crypto';
import { ModelError, mustBe } from '../errors.js';
import { decodeSafetensors, encodeSafetensors } from '../files/index.js';
import type { EpochRecord } from './callbacks.js';
import type { EpochSums } from './running-mean.js';

export interface RunState {
  readonly history: readonly EpochRecord[];
  /** Of the whole run. */
  readonly steps: number;
  /** The epoch that has begun. */
  readonly begun: { readonly sums: EpochSums; readonly seconds: number };
  /** `Program.state()` after these steps. */
  readonly program: Float32Array;
  /** Weights of the best epoch one after the other; empty where nobody will want them. */
  readonly best: Float32Array;
}

const KIND = 'cochlea training state 1';

/** @param configuration of the run, which one that goes on must have too */
export function encodeState({ program, best, ...position }: RunState, configuration: string): Buffer {
  const numbers = { program, best };
  const metadata = { kind: KIND, configuration, position: JSON.stringify(position), sha256: hashOf(numbers) };
  return Buffer.concat(encodeSafetensors({ tensors: numbers, metadata }));
}

/**
 * @returns null for the state of another configuration
 * @throws ModelError `ERR_MODEL_FILE` for a file that is damaged
 */
export function decodeState(bytes: Uint8Array, configuration: string, path: string): RunState | null {
  const { tensors = {}, metadata = {} } = decodeSafetensors(bytes) ?? {};
  const { program, best } = tensors;
  const { kind, position } = metadata;
  if (kind === KIND && metadata.configuration !== configuration) return null;
  const isWhole = kind === KIND && program && best && position && metadata.sha256 === hashOf({ program, best });
  if (!isWhole) {
    const expected = 'a whole training state (delete it to begin again)';
    throw new ModelError('ERR_MODEL_FILE', mustBe(path, expected, 'a damaged file'));
  }
  return { ...(JSON.parse(position) as Omit<RunState, 'program' | 'best'>), program, best };
}

function hashOf({ program, best }: Pick<RunState, 'program' | 'best'>): string {
  const hash = createHash('sha256');
  for (const { buffer, byteOffset, byteLength } of [program, best])
    hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  return hash.digest('hex');
}
