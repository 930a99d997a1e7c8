/** What the hand-written loops around somebody's FFT share: frames, Hann window, Slaney's mel bands, decibels. */

export const SAMPLE_RATE = 16_000;
export const CHECK_SEC = 2;

/** As bench/cases/workloads.ts. */
export const W1 = { case: 'W1', nFft: 1024, winLength: 1024, hopLength: 512, nMels: 64, center: true };
export const W2 = { case: 'W2', nFft: 512, winLength: 400, hopLength: 160, nMels: 80, center: false };
export const W3 = { case: 'W3', nFft: 512, winLength: 400, hopLength: 160, nMels: 40, center: false };

/** The beginning of the signal. */
export function secondsOf(samples, seconds) {
  return samples.subarray(0, Math.min(samples.length, seconds * SAMPLE_RATE));
}

/** The signal with half a frame of zeros on both sides where frames are centred. */
export function padded(samples, { center, nFft }) {
  if (!center) return samples;
  const out = new Float32Array(samples.length + nFft);
  out.set(samples, nFft / 2);
  return out;
}

export function frameCount(length, { nFft, hopLength }) {
  return 1 + Math.floor((length - nFft) / hopLength);
}

export function periodicHann(n) {
  return Float32Array.from({ length: n }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / n));
}

/** Rows of weights over all bins, Slaney's scale and norm. */
export function melMatrix({ nFft, nMels }) {
  const toMel = (hz) => (hz < 1000 ? (hz * 3) / 200 : 15 + (27 * Math.log(hz / 1000)) / Math.log(6.4));
  const toHz = (mel) => (mel < 15 ? (mel * 200) / 3 : 1000 * Math.exp(((mel - 15) * Math.log(6.4)) / 27));
  const edge = (i) => toHz((toMel(SAMPLE_RATE / 2) * i) / (nMels + 1));
  return Array.from({ length: nMels }, (_, m) => {
    const [low, peak, high] = [edge(m), edge(m + 1), edge(m + 2)];
    return Array.from({ length: nFft / 2 + 1 }, (_, k) => {
      const hz = (k * SAMPLE_RATE) / nFft;
      return (Math.max(0, Math.min((hz - low) / (peak - low), (high - hz) / (high - peak))) * 2) / (high - low);
    });
  });
}

/** The same as runs of non-zero weights. */
export function melBands(w) {
  return melMatrix(w).map((row) => {
    const first = Math.max(
      0,
      row.findIndex((weight) => weight > 0),
    );
    return { first, weights: Float32Array.from(row.slice(first, row.findLastIndex((weight) => weight > 0) + 1)) };
  });
}

/**
 * Log-mel of all frames around `powerOf(frame, power)`, somebody's FFT. Buffers are made once.
 * @returns {(samples: Float32Array) => Float32Array} frame-major
 */
export function logMelLoop(w, powerOf) {
  const { nFft, winLength, hopLength, nMels } = w;
  const window = periodicHann(winLength);
  const offset = (nFft - winLength) / 2;
  const bands = melBands(w);
  const frame = new Float32Array(nFft);
  const power = new Float32Array(nFft / 2 + 1);
  const scale = 10 / Math.LN10;
  return (given) => {
    const samples = padded(given, w);
    const nFrames = frameCount(samples.length, w);
    const out = new Float32Array(nFrames * nMels);
    for (let t = 0; t < nFrames; t += 1) {
      const start = t * hopLength + offset;
      for (let i = 0; i < winLength; i += 1) frame[i] = samples[start + i] * window[i];
      powerOf(frame, power);
      for (let m = 0; m < nMels; m += 1) {
        const { first, weights } = bands[m];
        let sum = 0;
        for (let k = 0; k < weights.length; k += 1) sum += weights[k] * power[first + k];
        out[t * nMels + m] = scale * Math.log(Math.max(sum, 1e-10));
      }
    }
    return out;
  };
}
