/** Expected values of test/golden/data: an index in JSON and the numbers in one binary file beside it, per original. */

import { readdirSync, readFileSync } from 'node:fs';
import { endianness } from 'node:os';

const DATA = new URL('data/', import.meta.url);

/** A recording (`sampleRate` given), or a matrix `[frame, column]`. */
export interface GoldenInput {
  readonly name: string;
  readonly shape: readonly number[];
  /** 16-bit samples as they stand in a file, or float32 values. */
  readonly data: Int16Array | Float32Array;
  readonly sampleRate: number | null;
}

/** One call of an original and what it gave. */
export interface GoldenCase {
  /** What is computed: one of cochlea's kinds (`stft`, `logMel`, …) or the name of a helper (`deltas`, `rms`, …). */
  readonly kind: string;
  /** Name of a `GoldenInput`; null where none is needed (windows). */
  readonly input: string | null;
  /** In cochlea's words; docs/presets.md says what each means in each preset. */
  readonly options: Readonly<Record<string, unknown>>;
  /** The original's call, for people. */
  readonly call: string;
  /** Frame-major. */
  readonly shape: readonly number[];
  readonly expected: Float64Array | Float32Array;
  /** Which rows of `of` the expected ones are, where not all are kept; those after `end` are equal to the last. */
  readonly rows?: { readonly start: number; readonly end: number; readonly of: number };
  /** In the fixed sample that `npm test` runs. */
  readonly sample: boolean;
  /** Largest distance of the original's own float32 result from `expected`. */
  readonly originalError?: number;
  /** Largest distance of an independent float64 program from `expected`. */
  readonly referenceError?: number;
}

export interface Golden {
  readonly original: string;
  readonly generator: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly bytes: number;
  readonly sha256: string;
  readonly cases: readonly GoldenCase[];
}

interface Stored {
  readonly shape: readonly number[];
  readonly dtype: keyof typeof ARRAYS;
  /** Of the first byte in the binary file, a multiple of 8. */
  readonly offset: number;
}

type StoredCase = Omit<GoldenCase, 'expected'> & Stored;
type StoredInput = Omit<GoldenInput, 'data' | 'sampleRate'> & Stored & { readonly sampleRate?: number };

const ARRAYS = { float64: Float64Array, float32: Float32Array, int16: Int16Array } as const;

/** Names of all originals that have an index and numbers, in alphabetical order. */
export function goldenOriginals(): string[] {
  const files = readdirSync(DATA);
  return files
    .filter((file) => file.endsWith('.bin') && file !== 'inputs.bin')
    .map((file) => file.slice(0, -'.bin'.length))
    .sort();
}

/** The numbers of a file as stored, little-endian, in a buffer of their own. */
export function goldenBytes(name: string): ArrayBuffer {
  if (endianness() !== 'LE') throw new Error('golden data is little-endian, this machine is not');
  return new Uint8Array(readFileSync(new URL(`${name}.bin`, DATA))).buffer;
}

function indexOf<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`${name}.json`, DATA), 'utf8'));
}

function arrayOf(stored: Stored, bytes: ArrayBuffer): Float64Array | Float32Array | Int16Array {
  const length = stored.shape.reduce((product, n) => product * n, 1);
  return new ARRAYS[stored.dtype](bytes, stored.offset, length);
}

/** All cases of one original. */
export function loadGolden(original: string): Golden {
  const index = indexOf<Omit<Golden, 'cases'> & { cases: readonly StoredCase[] }>(original);
  const bytes = goldenBytes(original);
  const cases = index.cases.map(({ dtype, offset, ...rest }) => {
    const expected = arrayOf({ shape: rest.shape, dtype, offset }, bytes);
    if (expected instanceof Int16Array) throw new Error(`${original}: expected values must be floats, got ${dtype}`);
    return { ...rest, expected };
  });
  return { ...index, cases };
}

let inputs: ReadonlyMap<string, GoldenInput> | undefined;

/** What a case starts from, by its name. */
export function goldenInput(name: string): GoldenInput {
  inputs ??= loadInputs();
  const input = inputs.get(name);
  if (!input) throw new Error(`input must be one of ${[...inputs.keys()].join(', ')}, got ${name}`);
  return input;
}

function loadInputs(): ReadonlyMap<string, GoldenInput> {
  const { inputs: stored } = indexOf<{ inputs: readonly StoredInput[] }>('inputs');
  const bytes = goldenBytes('inputs');
  const pairs = stored.map(({ dtype, offset, sampleRate = null, ...rest }): [string, GoldenInput] => {
    const data = arrayOf({ shape: rest.shape, dtype, offset }, bytes);
    if (data instanceof Float64Array) throw new Error(`input ${rest.name} must be int16 or float32, got ${dtype}`);
    return [rest.name, { ...rest, data, sampleRate }];
  });
  return new Map(pairs);
}
