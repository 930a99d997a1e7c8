/**
 * The rival: log-mel and MFCC as a careful author writes them in plain TypeScript, without native code. Tables are
 * built once, buffers are reused, the real FFT runs at half size, bands are sparse.
 */
export interface PlainOptions {
  readonly sampleRate: number;
  /** A power of two. */
  readonly nFft: number;
  readonly winLength: number;
  readonly hopLength: number;
  readonly nMels: number;
  readonly center: boolean;
  /** Coefficients per frame; 0 leaves decibels. */
  readonly nMfcc: number;
}

interface Band {
  readonly first: number;
  readonly weights: Float64Array;
}

const AMIN = 1e-10;

export class PlainFeatures {
  readonly width: number;
  readonly #o: PlainOptions;
  readonly #fft: HalfSizeFft;
  readonly #window: Float64Array;
  readonly #bands: readonly Band[];
  readonly #cosines: Float64Array;

  constructor(o: PlainOptions) {
    this.#o = o;
    this.#fft = new HalfSizeFft(o.nFft);
    this.#window = centredHann(o.winLength, o.nFft);
    this.#bands = slaneyBands(o);
    this.#cosines = orthonormalDct(o.nMfcc, o.nMels);
    this.width = o.nMfcc || o.nMels;
  }

  process(samples: Float32Array): Float32Array {
    const { nFft, hopLength, center, nMels, nMfcc } = this.#o;
    const pad = center ? nFft / 2 : 0;
    const nFrames = 1 + Math.floor((samples.length + 2 * pad - nFft) / hopLength);
    const out = new Float32Array(nFrames * this.width);
    const frame = new Float64Array(nFft);
    const power = new Float64Array(nFft / 2 + 1);
    const mels = new Float64Array(nMels);
    for (let t = 0; t < nFrames; t += 1) {
      this.#frame(samples, t * hopLength - pad, frame);
      this.#fft.power(frame, power);
      this.#decibels(power, mels);
      if (nMfcc === 0) out.set(mels, t * nMels);
      else this.#dct(mels, out, t * nMfcc);
    }
    return out;
  }

  #frame(samples: Float32Array, start: number, frame: Float64Array): void {
    const window = this.#window;
    if (start >= 0 && start + frame.length <= samples.length) {
      for (let i = 0; i < frame.length; i += 1) frame[i] = samples[start + i]! * window[i]!;
      return;
    }
    for (let i = 0; i < frame.length; i += 1) frame[i] = (samples[start + i] ?? 0) * window[i]!;
  }

  #decibels(power: Float64Array, mels: Float64Array): void {
    const scale = 10 / Math.LN10;
    for (let m = 0; m < mels.length; m += 1) {
      const { first, weights } = this.#bands[m]!;
      let sum = 0;
      for (let k = 0; k < weights.length; k += 1) sum += weights[k]! * power[first + k]!;
      mels[m] = scale * Math.log(Math.max(sum, AMIN));
    }
  }

  #dct(mels: Float64Array, out: Float32Array, at: number): void {
    for (let c = 0; c < this.#o.nMfcc; c += 1) {
      let sum = 0;
      for (let m = 0; m < mels.length; m += 1) sum += this.#cosines[c * mels.length + m]! * mels[m]!;
      out[at + c] = sum;
    }
  }
}

/** |X|² of a real frame through a complex radix-2 transform of half its size. */
class HalfSizeFft {
  readonly #half: number;
  readonly #reversed: Uint32Array;
  readonly #cos: Float64Array;
  readonly #sin: Float64Array;
  readonly #re: Float64Array;
  readonly #im: Float64Array;

  constructor(n: number) {
    const half = n / 2;
    const bits = Math.log2(half);
    if (!Number.isInteger(bits)) throw new RangeError(`nFft must be a power of two, got ${n}`);
    this.#half = half;
    this.#reversed = Uint32Array.from({ length: half }, (_, i) => reverseBits(i, bits));
    this.#cos = Float64Array.from({ length: half }, (_, k) => Math.cos((2 * Math.PI * k) / n));
    this.#sin = Float64Array.from({ length: half }, (_, k) => -Math.sin((2 * Math.PI * k) / n));
    this.#re = new Float64Array(half);
    this.#im = new Float64Array(half);
  }

  power(frame: Float64Array, out: Float64Array): void {
    const half = this.#half;
    const re = this.#re;
    const im = this.#im;
    for (let i = 0; i < half; i += 1) {
      const from = 2 * this.#reversed[i]!;
      re[i] = frame[from]!;
      im[i] = frame[from + 1]!;
    }
    this.#butterflies(re, im);
    out[0] = (re[0]! + im[0]!) ** 2;
    out[half] = (re[0]! - im[0]!) ** 2;
    for (let k = 1; k < half; k += 1) {
      const evenRe = (re[k]! + re[half - k]!) / 2;
      const evenIm = (im[k]! - im[half - k]!) / 2;
      const oddRe = (im[k]! + im[half - k]!) / 2;
      const oddIm = (re[half - k]! - re[k]!) / 2;
      const real = evenRe + this.#cos[k]! * oddRe - this.#sin[k]! * oddIm;
      const imag = evenIm + this.#cos[k]! * oddIm + this.#sin[k]! * oddRe;
      out[k] = real * real + imag * imag;
    }
  }

  #butterflies(re: Float64Array, im: Float64Array): void {
    const half = this.#half;
    for (let size = 2; size <= half; size *= 2) {
      const wing = size / 2;
      const step = (2 * half) / size;
      for (let block = 0; block < half; block += size) {
        for (let j = 0; j < wing; j += 1) {
          const a = block + j;
          const b = a + wing;
          const c = this.#cos[j * step]!;
          const s = this.#sin[j * step]!;
          const x = re[b]! * c - im[b]! * s;
          const y = re[b]! * s + im[b]! * c;
          re[b] = re[a]! - x;
          im[b] = im[a]! - y;
          re[a] = re[a]! + x;
          im[a] = im[a]! + y;
        }
      }
    }
  }
}

function reverseBits(value: number, bits: number): number {
  let reversed = 0;
  for (let bit = 0; bit < bits; bit += 1) reversed |= ((value >> bit) & 1) << (bits - 1 - bit);
  return reversed;
}

/** Periodic Hann window in the middle of a frame of `nFft`. */
function centredHann(winLength: number, nFft: number): Float64Array {
  const window = new Float64Array(nFft);
  const left = Math.floor((nFft - winLength) / 2);
  for (let i = 0; i < winLength; i += 1) window[left + i] = 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / winLength);
  return window;
}

/** Slaney's scale: linear up to 1 kHz (15 mels), then logarithmic, 27 mels per factor 6.4. */
function slaneyBands({ sampleRate, nFft, nMels }: PlainOptions): Band[] {
  const toMel = (hz: number) => (hz < 1000 ? (hz * 3) / 200 : 15 + (27 * Math.log(hz / 1000)) / Math.log(6.4));
  const toHz = (mel: number) => (mel < 15 ? (mel * 200) / 3 : 1000 * Math.exp(((mel - 15) * Math.log(6.4)) / 27));
  const top = toMel(sampleRate / 2);
  const edges = Array.from({ length: nMels + 2 }, (_, i) => toHz((top * i) / (nMels + 1)));
  return Array.from({ length: nMels }, (_, m) => {
    const [low, peak, high] = [edges[m]!, edges[m + 1]!, edges[m + 2]!];
    const all = Array.from({ length: nFft / 2 + 1 }, (_, k) => {
      const hz = (k * sampleRate) / nFft;
      return (Math.max(0, Math.min((hz - low) / (peak - low), (high - hz) / (high - peak))) * 2) / (high - low);
    });
    const first = all.findIndex((weight) => weight > 0);
    const last = all.findLastIndex((weight) => weight > 0);
    return { first: Math.max(0, first), weights: Float64Array.from(first < 0 ? [] : all.slice(first, last + 1)) };
  });
}

function orthonormalDct(nOut: number, nIn: number): Float64Array {
  const table = new Float64Array(nOut * nIn);
  for (let c = 0; c < nOut; c += 1) {
    const norm = Math.sqrt((c === 0 ? 1 : 2) / nIn);
    for (let m = 0; m < nIn; m += 1) table[c * nIn + m] = norm * Math.cos((Math.PI * c * (m + 0.5)) / nIn);
  }
  return table;
}
