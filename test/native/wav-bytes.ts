/** Builds WAV files byte by byte for the tests. */
export interface WavParts {
  magic?: string;
  form?: string;
  tag?: number;
  channels?: number;
  sampleRate?: number;
  bits?: number;
  blockAlign?: number;
  /** Overrides the size written into the data chunk's header. */
  dataSize?: number;
  /** Overrides the size written into the RIFF header. */
  riffSize?: number;
  data?: Uint8Array;
  /** Wraps the format in WAVE_FORMAT_EXTENSIBLE. */
  extensible?: boolean;
  /** Chunks between `fmt ` and `data`: id and body. */
  before?: [string, Uint8Array][];
  /** Chunks after `data`. */
  after?: [string, Uint8Array][];
}

const SUBTYPE_TAIL = [0x00, 0x00, 0x00, 0x00, 0x10, 0x00, 0x80, 0x00, 0x00, 0xaa, 0x00, 0x38, 0x9b, 0x71];

export const ascii = (text: string): number[] => [...text].map((letter) => letter.charCodeAt(0));

/** `value` as `n` little-endian bytes. */
export function little(value: number, n: number): number[] {
  return Array.from({ length: n }, (_, i) => Math.floor(value / 256 ** i) % 256);
}

function chunk(id: string, body: Iterable<number>, size?: number): number[] {
  const bytes = [...body];
  return [...ascii(id), ...little(size ?? bytes.length, 4), ...bytes, ...(bytes.length % 2 === 1 ? [0] : [])];
}

export function wavBytes(parts: WavParts = {}): Uint8Array {
  const { tag = 1, channels = 1, sampleRate = 16_000, bits = 16, data = new Uint8Array(0) } = parts;
  const blockAlign = parts.blockAlign ?? (channels * bits) / 8;
  const format = [
    ...little(parts.extensible ? 0xfffe : tag, 2),
    ...little(channels, 2),
    ...little(sampleRate, 4),
    ...little(sampleRate * blockAlign, 4),
    ...little(blockAlign, 2),
    ...little(bits, 2),
    ...(parts.extensible
      ? [...little(22, 2), ...little(bits, 2), ...little(0, 4), ...little(tag, 2), ...SUBTYPE_TAIL]
      : []),
  ];
  const chunks = [
    ...chunk('fmt ', format),
    ...(parts.before ?? []).flatMap(([id, body]) => chunk(id, body)),
    ...chunk('data', data, parts.dataSize),
    ...(parts.after ?? []).flatMap(([id, body]) => chunk(id, body)),
  ];
  const form = ascii(parts.form ?? 'WAVE');
  return Uint8Array.from([
    ...ascii(parts.magic ?? 'RIFF'),
    ...little(parts.riffSize ?? 4 + chunks.length, 4),
    ...form,
    ...chunks,
  ]);
}
