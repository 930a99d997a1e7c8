/** A recording as mono blocks, converted as they are read, so that no float copy of the whole exists. */
import { loadAddon } from '../native/index.js';
import type { PcmView } from '../types.js';

export interface MonoReader {
  readonly nSamples: number;
  /** Samples `[first, first + n)`, in fresh memory. */
  read(first: number, n: number): Float32Array;
}

/** Samples looked at in one native call while the peak is searched. */
const PEAK_BLOCK = 1 << 20;

/**
 * @param pcm one channel
 * @param normalize `peak` divides by the largest magnitude of the whole recording; silence stays silence
 */
export function monoReader(pcm: PcmView, normalize: 'none' | 'peak'): MonoReader {
  const addon = loadAddon();
  const { bytes, format, nSamples } = pcm;
  const raw = (first: number, n: number) => {
    const out = new Float32Array(n);
    addon.pcmToFloat({ bytes, format, nSamples, channels: 1, channel: 0 }, first, n, out);
    return out;
  };
  if (normalize === 'none') return { nSamples, read: raw };

  let peak = 0;
  for (let first = 0; first < nSamples; first += PEAK_BLOCK) {
    for (const x of raw(first, Math.min(PEAK_BLOCK, nSamples - first))) peak = Math.max(peak, Math.abs(x));
  }
  if (peak === 0) return { nSamples, read: raw };
  const scale = 1 / peak;
  const read = (first: number, n: number) => raw(first, n).map((x) => x * scale);
  return { nSamples, read };
}
