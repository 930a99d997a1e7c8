/** Headers changed behind an encoder's back. */

export interface FlacFields {
  readonly sampleRate?: number;
  /** 0 says "unknown". */
  readonly nSamples?: number;
  /** Whether frames follow the header. Default true. */
  readonly audio?: boolean;
}

/** A FLAC file with other fields in its STREAMINFO, which begins at byte 8 (RFC 9639, 8.2). */
export function flacWith(file: Uint8Array, { sampleRate, nSamples, audio = true }: FlacFields): Uint8Array {
  const bytes = file.slice(0, audio ? file.length : flacHeaderBytes(file));
  const view = new DataView(bytes.buffer);
  // 20 bits of rate, 3 of channels, 5 of width, 36 of count.
  let packed = view.getBigUint64(18);
  if (sampleRate !== undefined) packed = (packed & ((1n << 44n) - 1n)) | (BigInt(sampleRate) << 44n);
  if (nSamples !== undefined) packed = ((packed >> 36n) << 36n) | BigInt(nSamples);
  view.setBigUint64(18, packed);
  return bytes;
}

function flacHeaderBytes(file: Uint8Array): number {
  const view = new DataView(file.buffer, file.byteOffset);
  let at = 4;
  for (;;) {
    const head = view.getUint32(at);
    at += 4 + (head & 0xff_ffff);
    if (head >>> 31 === 1) return at;
  }
}

/** An Ogg Vorbis file whose first header says 0 Hz; the page's checksum is right. */
export function oggWithoutRate(file: Uint8Array): Uint8Array {
  const bytes = file.slice();
  const view = new DataView(bytes.buffer);
  view.setUint32(28 + 12, 0, true);
  view.setUint32(22, 0, true);
  view.setUint32(22, oggChecksum(bytes.subarray(0, 28 + 30)), true);
  return bytes;
}

/** RFC 3533, 6: polynomial 0x04c11db7, no reflection. */
function oggChecksum(page: Uint8Array): number {
  let crc = 0;
  for (const byte of page) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000_0000 ? (crc << 1) ^ 0x04c1_1db7 : crc << 1;
  }
  return crc >>> 0;
}
