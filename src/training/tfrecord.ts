/** Frames of TensorFlow's record files (tensorflow/core/lib/io/record_writer.h): length, its checksum, bytes, their checksum. */

/** Reversed polynomial of CRC-32C (Castagnoli 1993; RFC 3720, B.4). */
const POLYNOMIAL = 0x82f63b78;
/** tensorflow/core/lib/hash/crc32c.h: a checksum of bytes that hold checksums would be weak. */
const MASK_DELTA = 0xa282ead8;

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
  return crc;
});

export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = TABLE[(crc ^ byte) & 0xff]! ^ (crc >>> 8);
  return ~crc >>> 0;
}

function maskedCrc(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + MASK_DELTA) >>> 0;
}

export function tfrecord(payload: Uint8Array): Uint8Array {
  const head = Buffer.alloc(12);
  head.writeBigUInt64LE(BigInt(payload.length));
  head.writeUInt32LE(maskedCrc(head.subarray(0, 8)), 8);
  const foot = Buffer.alloc(4);
  foot.writeUInt32LE(maskedCrc(payload));
  return Buffer.concat([head, payload, foot]);
}
