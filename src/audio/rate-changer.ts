import { loadAddon, type NativeResampler } from '../native/index.js';
import type { PcmView } from '../types.js';
import { toFloat } from './pcm.js';

/** Samples after a change of rate. */
export function resampledLength(nSamples: number, from: number, to: number): number {
  return Math.ceil((nSamples * to) / from);
}

/**
 * A recording at another sample rate, block by block, through libsoxr at "very high quality" (linear phase, delay
 * removed), each channel by itself. The signal counts as silent before its start and after its end. However it is
 * cut into blocks, the bits are the same.
 */
export class RateChanger {
  readonly #from: number;
  readonly #to: number;
  readonly #channels: NativeResampler[];
  #taken = 0;
  #made = 0;

  constructor(from: number, to: number, channels: number) {
    const { Resampler } = loadAddon();
    this.#from = from;
    this.#to = to;
    this.#channels = Array.from({ length: channels }, () => new Resampler(from, to));
  }

  /** Takes the next samples and gives what is ready, interleaved, often fewer. */
  push(pcm: PcmView): Float32Array {
    this.#taken += pcm.nSamples;
    return this.#run((resampler, channel, out) => resampler.push(toFloat(pcm, channel), out));
  }

  /** The rest, so that all together are `ceil(taken · to / from)` samples. */
  finish(): Float32Array {
    return this.#run((resampler, _, out) => resampler.finish(out));
  }

  close(): void {
    for (const resampler of this.#channels) resampler.close();
  }

  #run(step: (resampler: NativeResampler, channel: number, out: Float32Array) => number): Float32Array {
    const room = resampledLength(this.#taken, this.#from, this.#to) - this.#made;
    const made = this.#channels.map((resampler, channel) => {
      const out = new Float32Array(room);
      return out.subarray(0, step(resampler, channel, out));
    });
    this.#made += made[0]!.length;
    return made.length === 1 ? made[0]! : interleaved(made);
  }
}

function interleaved(channels: readonly Float32Array[]): Float32Array {
  const step = channels.length;
  const out = new Float32Array(channels[0]!.length * step);
  for (const [channel, samples] of channels.entries()) {
    for (let i = 0; i < samples.length; i++) out[i * step + channel] = samples[i]!;
  }
  return out;
}
