import { describe, expect, it } from 'vitest';
import { decodeSafetensors, encodeSafetensors } from '../../src/files/index.js';

const FILE = { tensors: { a: Float32Array.of(1.5, -2), none: new Float32Array(0) }, metadata: { kind: 'test' } };
const bytesOf = () => Buffer.concat(encodeSafetensors(FILE));

describe('safetensors', () => {
  it('has the layout of the format: length, padded header, numbers', () => {
    const bytes = bytesOf();
    const length = Number(bytes.readBigUInt64LE(0));
    expect(length % 8).toBe(0);
    expect(JSON.parse(bytes.subarray(8, 8 + length).toString())).toEqual({
      __metadata__: { kind: 'test' },
      a: { dtype: 'F32', shape: [2], data_offsets: [0, 8] },
      none: { dtype: 'F32', shape: [0], data_offsets: [8, 8] },
    });
    expect([bytes.readFloatLE(8 + length), bytes.readFloatLE(12 + length), bytes.length]).toEqual([
      1.5,
      -2,
      16 + length,
    ]);
  });

  it('reads what it wrote, at any place in a buffer', () => {
    for (const offset of [0, 1, 3]) {
      const shifted = Buffer.concat([Buffer.alloc(offset), bytesOf()]).subarray(offset);
      expect(decodeSafetensors(shifted)).toEqual(FILE);
    }
  });

  it.each([
    ['nothing', () => Buffer.alloc(0)],
    ['half a length', () => bytesOf().subarray(0, 5)],
    ['a header that ends too soon', () => bytesOf().subarray(0, 40)],
    ['numbers that end too soon', () => bytesOf().subarray(0, -1)],
    ['a length beyond the file', () => Buffer.concat([Buffer.alloc(8, 0xff), bytesOf()])],
    ['no JSON', () => Buffer.concat([Buffer.from([4, 0, 0, 0, 0, 0, 0, 0]), Buffer.from('{"a"')])],
    ['other numbers', () => Buffer.from(bytesOf().toString('latin1').replace('F32', 'F16'), 'latin1')],
  ])('is null for %s', (_what, bytes) => {
    expect(decodeSafetensors(bytes())).toBeNull();
  });
});
