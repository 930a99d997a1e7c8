/** The key–value metadata of an ONNX file, read without decoding its weights. */
import { ModelError } from '../errors.js';

/** Field numbers of `ModelProto` and `StringStringEntryProto` (onnx.proto). */
const GRAPH_FIELD = 7;
const METADATA_PROPS_FIELD = 14;
const KEY_FIELD = 1;
const VALUE_FIELD = 2;

/** Protobuf wire types (protobuf.dev/programming-guides/encoding). */
const VARINT = 0;
const FIXED64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;

/**
 * `metadata_props` of an ONNX model.
 *
 * @param bytes a whole `.onnx` file
 * @param name what messages call it
 * @throws ModelError `ERR_MODEL_FILE` where the bytes are not an ONNX model
 */
export function readModelMetadata(bytes: Uint8Array, name = 'model'): Record<string, string> {
  const metadata: Record<string, string> = {};
  let hasGraph = false;
  try {
    for (const field of fields(bytes)) {
      if (field.number === GRAPH_FIELD && field.bytes) hasGraph = true;
      if (field.number !== METADATA_PROPS_FIELD || !field.bytes) continue;
      const [key, value] = readEntry(field.bytes);
      metadata[key] = value;
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    hasGraph = false;
  }
  if (!hasGraph) {
    const message = `${name} must be an ONNX model, got ${bytes.length} bytes that are not one`;
    throw new ModelError('ERR_MODEL_FILE', message, { name });
  }
  return metadata;
}

function readEntry(bytes: Uint8Array): [string, string] {
  const text = new TextDecoder();
  let key = '';
  let value = '';
  for (const field of fields(bytes)) {
    if (!field.bytes) continue;
    if (field.number === KEY_FIELD) key = text.decode(field.bytes);
    if (field.number === VALUE_FIELD) value = text.decode(field.bytes);
  }
  return [key, value];
}

interface Field {
  readonly number: number;
  /** A view, no copy; absent for numbers, which nobody here reads. */
  readonly bytes?: Uint8Array;
}

/** Walks one protobuf message; a RangeError says that it is not one. */
function* fields(bytes: Uint8Array): Generator<Field> {
  let at = 0;
  while (at < bytes.length) {
    const tag = readVarint(bytes, at);
    const number = Math.floor(tag.value / 8);
    const wireType = tag.value % 8;
    at = tag.next;
    if (wireType === LENGTH_DELIMITED) {
      const length = readVarint(bytes, at);
      at = length.next + length.value;
      if (at > bytes.length) throw new RangeError('a field ends past its message');
      yield { number, bytes: bytes.subarray(length.next, at) };
      continue;
    }
    if (wireType === VARINT) at = readVarint(bytes, at).next;
    else if (wireType === FIXED64) at += 8;
    else if (wireType === FIXED32) at += 4;
    else throw new RangeError(`wire type ${wireType}`);
    yield { number };
  }
}

function readVarint(bytes: Uint8Array, start: number): { value: number; next: number } {
  const maxBytes = 10; // 64 bits, 7 a byte
  let value = 0;
  for (let i = 0; i < maxBytes; i++) {
    const byte = bytes[start + i];
    if (byte === undefined) throw new RangeError('a number ends past its message');
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return { value, next: start + i + 1 };
  }
  throw new RangeError('a number of more than 64 bits');
}
