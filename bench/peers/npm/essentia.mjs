/** essentia.js: Windowing → Spectrum → MelBands per frame, each a call into WebAssembly; the logarithm is ours. */
import { CHECK_SEC, frameCount, padded, SAMPLE_RATE, secondsOf, W1 } from './frames.mjs';

const SIGNAL_SEC = 5;

/** @param {import('./types.mjs').Host} host */
export function essentiaContestants({ samples, require }) {
  const { Essentia, EssentiaWASM } = require('essentia.js');
  const essentia = new Essentia(EssentiaWASM);
  const { algorithms } = essentia;
  const bandsOf = (frame) => {
    const { nFft, nMels } = W1;
    const vector = essentia.arrayToVector(frame);
    const windowed = algorithms.Windowing(vector, true, nFft, 'hann', 0, true).frame;
    const { spectrum } = algorithms.Spectrum(windowed, nFft);
    const { bands } = algorithms.MelBands(
      ...[spectrum, SAMPLE_RATE / 2, nFft / 2 + 1, false, 0, 'unit_tri', nMels, SAMPLE_RATE, 'power', 'slaneyMel'],
      'linear',
    );
    const values = essentia.vectorToArray(bands);
    for (const each of [vector, windowed, spectrum, bands]) each.delete();
    return values;
  };
  const features = (given) => {
    const signal = padded(given, W1);
    const nFrames = frameCount(signal.length, W1);
    const out = new Float32Array(nFrames * W1.nMels);
    for (let t = 0; t < nFrames; t += 1) {
      const start = t * W1.hopLength;
      const bands = bandsOf(signal.subarray(start, start + W1.nFft));
      for (let m = 0; m < W1.nMels; m += 1) out[t * W1.nMels + m] = 10 * Math.log10(Math.max(bands[m], 1e-10));
    }
    return out;
  };
  const signal = secondsOf(samples, SIGNAL_SEC);
  return [
    {
      case: W1.case,
      name: 'essentia.js',
      work: signal.length / SAMPLE_RATE,
      ownConventions: true,
      run: () => void features(signal),
      result: () => features(secondsOf(samples, CHECK_SEC)),
    },
  ];
}
