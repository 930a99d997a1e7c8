import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** `amplitude · sin(2π·hz·t)`, mono. */
export function tone(nSamples: number, hz: number, sampleRate: number, amplitude = 0.5): Float32Array {
  return Float32Array.from({ length: nSamples }, (_, i) => amplitude * Math.sin((2 * Math.PI * hz * i) / sampleRate));
}

/** The same values after 16-bit quantisation, as integers. */
export function toInt16(x: Float32Array): Int16Array {
  return Int16Array.from(x, (value) => Math.max(-32768, Math.min(32767, Math.round(value * 32768))));
}

export interface WavFields {
  /** 1 PCM, 3 float. Default 1. */
  readonly tag?: number;
  readonly bits?: number;
  readonly channels?: number;
  readonly sampleRate?: number;
  /** What the data chunk's header says; default: the truth. */
  readonly promisedBytes?: number;
}

/** A WAV file of these bytes of samples. */
export function wavFile(data: Uint8Array, fields: WavFields = {}): Uint8Array {
  const { tag = 1, bits = 16, channels = 1, sampleRate = 16_000, promisedBytes = data.byteLength } = fields;
  const file = new Uint8Array(44 + data.byteLength);
  const view = new DataView(file.buffer);
  const text = (at: number, value: string) => file.set(Buffer.from(value, 'latin1'), at);
  const step = (channels * bits) / 8;
  text(0, 'RIFF');
  view.setUint32(4, 36 + promisedBytes, true);
  text(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, tag, true);
  view.setUint16(22, channels, true);
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, sampleRate * step, true);
  view.setUint16(32, step, true);
  view.setUint16(34, bits, true);
  text(36, 'data');
  view.setUint32(40, promisedBytes, true);
  file.set(data, 44);
  return file;
}

/** An AIFF file of 16-bit mono samples; the rate is an 80-bit float. */
export function aiffFile(samples: Int16Array, sampleRate: number): Uint8Array {
  const size = samples.length * 2;
  const file = Buffer.alloc(54 + size);
  file.write('FORM', 0, 'latin1');
  file.writeUInt32BE(46 + size, 4);
  file.write('AIFFCOMM', 8, 'latin1');
  file.writeUInt32BE(18, 16);
  file.writeUInt16BE(1, 20);
  file.writeUInt32BE(samples.length, 22);
  file.writeUInt16BE(16, 26);
  const exponent = Math.floor(Math.log2(Math.max(sampleRate, 1)));
  file.writeUInt16BE(sampleRate === 0 ? 0 : 16383 + exponent, 28);
  file.writeBigUInt64BE(BigInt(sampleRate) << BigInt(63 - exponent), 30);
  file.write('SSND', 38, 'latin1');
  file.writeUInt32BE(8 + size, 42);
  for (const [i, value] of samples.entries()) file.writeInt16BE(value, 54 + 2 * i);
  return new Uint8Array(file);
}

/** A NIST SPHERE file of 16-bit mono samples, as TIMIT has them. */
export function sphereFile(samples: Int16Array, sampleRate: number): Uint8Array {
  const lines = [
    'NIST_1A',
    '   1024',
    `sample_count -i ${samples.length}`,
    `sample_rate -i ${sampleRate}`,
    'channel_count -i 1',
    'sample_n_bytes -i 2',
    'sample_byte_format -s2 01',
    'sample_sig_bits -i 16',
    'sample_coding -s3 pcm',
    'end_head',
  ];
  const header = `${lines.join('\n')}\n`.padEnd(1024, ' ');
  return new Uint8Array(Buffer.concat([Buffer.from(header, 'latin1'), bytesOf(samples)]));
}

export function bytesOf(array: Int16Array | Float32Array | Float64Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** A folder of this test file's own, removed when it ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'cochlea-audio-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Largest |a − b|; infinite where the lengths differ, so that an empty array matches nothing but itself. */
export function maxDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i]! - b[i]!);
    if (!(difference <= largest)) largest = difference; // a NaN stays
  }
  return largest;
}
