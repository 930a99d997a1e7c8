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

/** An AIFF file of 16-bit mono samples. */
export function aiffFile(samples: Int16Array, sampleRate: number): Uint8Array {
  const data = Buffer.from(bytesOf(samples)).swap16();
  return iffFile('AIFF', [commChunk(samples.length, 16, sampleRate), chunk('SSND', Buffer.alloc(8), data)]);
}

/** An AIFF-C file of 32-bit float mono samples. */
export function aiffFloatFile(samples: Float32Array, sampleRate: number): Uint8Array {
  const data = Buffer.from(bytesOf(samples)).swap32();
  const float = Buffer.from('fl32\0\0', 'latin1'); // and an empty name, padded
  const comm = commChunk(samples.length, 32, sampleRate, float);
  return iffFile('AIFC', [comm, chunk('SSND', Buffer.alloc(8), data)]);
}

/** The rate is an 80-bit float. */
function commChunk(nSamples: number, bits: number, sampleRate: number, compression = Buffer.alloc(0)): Buffer {
  const comm = Buffer.alloc(18);
  comm.writeUInt16BE(1, 0);
  comm.writeUInt32BE(nSamples, 2);
  comm.writeUInt16BE(bits, 6);
  const exponent = Math.floor(Math.log2(Math.max(sampleRate, 1)));
  comm.writeUInt16BE(sampleRate === 0 ? 0 : 16383 + exponent, 8);
  comm.writeBigUInt64BE(BigInt(sampleRate) << BigInt(63 - exponent), 10);
  return chunk('COMM', comm, compression);
}

function iffFile(form: string, chunks: readonly Buffer[]): Uint8Array {
  return new Uint8Array(chunk('FORM', Buffer.from(form, 'latin1'), ...chunks));
}

function chunk(id: string, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const head = Buffer.from(`${id}\0\0\0\0`, 'latin1');
  head.writeUInt32BE(body.length, 4);
  return Buffer.concat([head, body]);
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

/** Whether two views hold the same bytes; quick also where a matcher that looks for differences is not. */
export function sameBits(a: ArrayBufferView, b: ArrayBufferView): boolean {
  const bytes = (view: ArrayBufferView) => Buffer.from(view.buffer, view.byteOffset, view.byteLength);
  return a.byteLength > 0 && bytes(a).equals(bytes(b));
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
