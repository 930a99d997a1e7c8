/**
 * 16-bit mono WAV with the canonical 44-byte header. Written here and not by a codec library, since two runs must make
 * the same bytes and libraries may add chunks of their own.
 */

const HEADER_BYTES = 44;
const FULL_SCALE = 32767;

/** Rounds samples in [-1, 1] half up to 16 bits; louder ones clip. */
export function wav16(samples: Float64Array, sampleRate: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(HEADER_BYTES + samples.length * 2));
  const ascii = (at: number, text: string) => {
    for (let i = 0; i < text.length; i++) view.setUint8(at + i, text.charCodeAt(i));
  };
  ascii(0, 'RIFF');
  view.setUint32(4, view.byteLength - 8, true);
  ascii(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, sampleRate * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  ascii(36, 'data');
  view.setUint32(40, samples.length * 2, true);
  for (let i = 0; i < samples.length; i++) {
    const level = Math.floor(samples[i]! * FULL_SCALE + 0.5);
    view.setInt16(HEADER_BYTES + i * 2, Math.max(-32768, Math.min(FULL_SCALE, level)), true);
  }
  return new Uint8Array(view.buffer);
}
