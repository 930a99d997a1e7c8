/** Numbers as whole ones times a scale, symmetric around 0. */

export interface Quantized {
  readonly data: Int8Array;
  /** One a channel. */
  readonly scales: Float32Array;
}

/**
 * Each number as `q · scale` of its channel, `|q| ≤ largest`; a channel without a number that float32 can scale has scale 1.
 *
 * @param channelOf the channel of the number at an index
 */
export function quantize(
  data: Float32Array,
  nChannels: number,
  channelOf: (at: number) => number,
  largest: number,
): Quantized {
  const peaks = new Float32Array(nChannels);
  data.forEach((value, at) => {
    const channel = channelOf(at);
    peaks[channel] = Math.max(peaks[channel]!, Math.abs(value));
  });
  const scales = peaks.map((peak) => peak / largest || 1);
  const whole = Int8Array.from(data, (value, at) => {
    const q = Math.round(value / scales[channelOf(at)]!);
    return Math.max(-largest, Math.min(largest, q));
  });
  return { data: whole, scales };
}
