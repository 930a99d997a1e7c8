/**
 * Named float arrays in one file, in the format of Hugging Face's safetensors: the length of a JSON header in eight bytes
 * (little-endian), the header, the numbers.
 */

const LENGTH_BYTES = 8;
const METADATA = '__metadata__';
const DTYPE = 'F32';

export interface FloatTensors {
  readonly tensors: Readonly<Record<string, Float32Array>>;
  /** Of the whole file. */
  readonly metadata: Readonly<Record<string, string>>;
}

interface TensorEntry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/** @returns the pieces of the file in their order: nothing is copied */
export function encodeSafetensors({ tensors, metadata }: FloatTensors): Uint8Array[] {
  const header: Record<string, TensorEntry | FloatTensors['metadata']> = { [METADATA]: metadata };
  const numbers: Uint8Array[] = [];
  let end = 0;
  for (const [name, { buffer, byteOffset, byteLength, length }] of Object.entries(tensors)) {
    header[name] = { dtype: DTYPE, shape: [length], data_offsets: [end, end + byteLength] };
    numbers.push(new Uint8Array(buffer, byteOffset, byteLength));
    end += byteLength;
  }
  const text = Buffer.from(JSON.stringify(header));
  const padded = Buffer.concat([text, Buffer.alloc((LENGTH_BYTES - (text.length % LENGTH_BYTES)) % LENGTH_BYTES, ' ')]);
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeBigUInt64LE(BigInt(padded.length));
  return [length, padded, ...numbers];
}

/** @returns null where the bytes are not a whole file of float32 arrays */
export function decodeSafetensors(bytes: Uint8Array): FloatTensors | null {
  if (bytes.length < LENGTH_BYTES) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const begin = LENGTH_BYTES + Number(view.getBigUint64(0, true));
  if (begin > bytes.length) return null;
  const header = parse(bytes.subarray(LENGTH_BYTES, begin));
  if (header === null) return null;
  const { [METADATA]: metadata = {}, ...entries } = header;
  const tensors: Record<string, Float32Array> = {};
  for (const [name, entry] of Object.entries(entries)) {
    const { dtype, data_offsets: [from, to] = [0, -1] } = entry as Partial<TensorEntry>;
    if (dtype !== DTYPE || from > to || (to - from) % 4 !== 0 || begin + to > bytes.length) return null;
    tensors[name] = new Float32Array(new Uint8Array(bytes.subarray(begin + from, begin + to)).buffer);
  }
  return { tensors, metadata: metadata as FloatTensors['metadata'] };
}

function parse(text: Uint8Array): Record<string, unknown> | null {
  try {
    const header: unknown = JSON.parse(Buffer.from(text).toString('utf8'));
    return typeof header === 'object' && header !== null ? { ...header } : null;
  } catch {
    return null;
  }
}
