import { stat } from 'node:fs/promises';
import { readAudio } from '../../audio/index.js';
import { loadAddon } from '../../native/index.js';
import type { PcmView } from '../../types.js';
import { formatBytes } from '../format.js';
import type { Inspection } from './report.js';

/** Samples looked at per native call. */
const BLOCK = 1 << 18;

/** Reads all of it: what is said of a recording is true of every sample. */
export async function inspectRecording(path: string): Promise<Inspection> {
  const pcm = await readAudio(path);
  const { container, encoding } = loadAddon().codecInfo(path);
  const { size: bytes } = await stat(path);
  const { sampleRate, channels, nSamples } = pcm;
  const levels = levelsOf(pcm);
  const durationSec = nSamples / sampleRate;
  return {
    kind: 'recording',
    value: { container, encoding, channels, sampleRate, nSamples, durationSec, bytes, ...levels },
    facts: {
      format: `${container}, ${encoding}`,
      'sample rate': `${sampleRate} Hz`,
      channels,
      duration: `${durationSec.toFixed(3)} s (${nSamples} samples)`,
      peak: decibels(levels.peak),
      rms: decibels(levels.rms),
      size: formatBytes(bytes),
    },
  };
}

/** Over all channels, full scale 1. */
function levelsOf({ bytes, format, channels, nSamples }: PcmView): { peak: number; rms: number } {
  const addon = loadAddon();
  const block = new Float32Array(Math.min(BLOCK, nSamples));
  let peak = 0;
  let energy = 0;
  for (let channel = 0; channel < channels; channel++) {
    for (let first = 0; first < nSamples; first += block.length) {
      const n = Math.min(block.length, nSamples - first);
      addon.pcmToFloat({ bytes, format, channels, nSamples, channel }, first, n, block.subarray(0, n));
      for (let i = 0; i < n; i++) {
        peak = Math.max(peak, Math.abs(block[i]!));
        energy += block[i]! ** 2;
      }
    }
  }
  return { peak, rms: Math.sqrt(energy / (nSamples * channels)) };
}

function decibels(amplitude: number): string {
  const level = amplitude === 0 ? 'silence' : `${(20 * Math.log10(amplitude)).toFixed(1)} dBFS`;
  return `${Number(amplitude.toPrecision(4))} (${level})`;
}
