/** Recordings to 16 kHz mono, the last few kept: a file takes clips from some dozen recordings, long tracks often. */
import { LRUCache } from 'lru-cache';
import { readAudio, toFloat } from '../../../audio/index.js';
import { SAMPLE_RATE } from './appliance.js';

/** 64 MiB of float32, about 17 minutes. */
const CACHE_SAMPLES = 2 ** 24;

/** A decoder with its own cache. Whole recordings only: seeking inside MP3 or Vorbis is not exact to the sample. */
export function cachedDecoder(): (path: string) => Promise<Float32Array> {
  const cache = new LRUCache<string, Float32Array>({
    maxSize: CACHE_SAMPLES,
    sizeCalculation: (x) => Math.max(1, x.length),
  });
  return async (path) => {
    const cached = cache.get(path);
    if (cached !== undefined) return cached;
    const samples = toFloat(await readAudio(path, { sampleRate: SAMPLE_RATE, channel: 'mean' }), 0);
    cache.set(path, samples);
    return samples;
  };
}
