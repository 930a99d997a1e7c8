/** Seconds of tones, a chirp and seeded noise at 16 kHz with a mean, as 16-bit recordings have them. */
export function sound(nSamples: number, seed: number): Float32Array {
  let state = seed >>> 0;
  return Float32Array.from({ length: nSamples }, (_, i) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const sec = i / 16_000;
    const noise = 0.04 * (state / 2 ** 31 - 1);
    const tones = 0.2 * Math.sin(2 * Math.PI * 440 * seed * sec) + 0.1 * Math.sin(2 * Math.PI * 3210.5 * sec);
    const chirp = 0.1 * Math.sin(2 * Math.PI * (900 + 2500 * sec) * sec);
    return Math.round(32_768 * (noise + tones + chirp + 0.01)) / 32_768;
  });
}

/** A tone, and noise so far below it that most of the spectrum is some 60 dB under the peak. */
export function toneInQuiet(nSamples: number, seed: number): Float32Array {
  let state = seed >>> 0;
  return Float32Array.from({ length: nSamples }, (_, i) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return 0.3 * Math.sin((2 * Math.PI * 1003.7 * i) / 16_000) + 0.003 * (state / 2 ** 31 - 1);
  });
}

/** Quiet sound over a mean some ten times as large, as a bad converter gives it. */
export function soundOverMean(nSamples: number, seed: number): Float32Array {
  return sound(nSamples, seed).map((x) => 0.1 * x + 0.25);
}
