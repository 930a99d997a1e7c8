/** Meyda extracts one frame a call; windows and bands are its own, and so is its logarithm of 1 + energy. */
import { CHECK_SEC, frameCount, padded, SAMPLE_RATE, secondsOf, W1 } from './frames.mjs';

const SIGNAL_SEC = 10;

/** @param {import('./types.mjs').Host} host */
export function meydaContestants({ samples, require }) {
  const Meyda = require('meyda');
  const features = (given) => {
    Object.assign(Meyda, {
      sampleRate: SAMPLE_RATE,
      bufferSize: W1.nFft,
      windowingFunction: 'hanning',
      melBands: W1.nMels,
    });
    const signal = padded(given, W1);
    const nFrames = frameCount(signal.length, W1);
    const out = new Float32Array(nFrames * W1.nMels);
    for (let t = 0; t < nFrames; t += 1) {
      const start = t * W1.hopLength;
      out.set(Meyda.extract('melBands', signal.subarray(start, start + W1.nFft)), t * W1.nMels);
    }
    return out;
  };
  const signal = secondsOf(samples, SIGNAL_SEC);
  return [
    {
      case: W1.case,
      name: 'Meyda',
      work: signal.length / SAMPLE_RATE,
      ownConventions: true,
      run: () => void features(signal),
      // Decibels of the energies, to compare.
      result: () => features(secondsOf(samples, CHECK_SEC)).map((x) => 10 * Math.log10(Math.max(Math.expm1(x), 1e-10))),
    },
  ];
}
