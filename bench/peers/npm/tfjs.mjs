/** TensorFlow.js: `signal.stft`, a mel matrix and a logarithm as tensor operations on its JavaScript backend. */
import { CHECK_SEC, melMatrix, padded, SAMPLE_RATE, secondsOf, W1 } from './frames.mjs';

const SIGNAL_SEC = 2;

/** @param {import('./types.mjs').Host} host */
export async function tfjsContestants({ samples, require }) {
  const tf = require('@tensorflow/tfjs-core');
  require('@tensorflow/tfjs-backend-cpu');
  await tf.setBackend('cpu');
  const { nFft, hopLength } = W1;
  const mel = tf.tensor2d(melMatrix(W1));
  const features = (given) =>
    tf.tidy(() => {
      const spectrum = tf.signal.stft(tf.tensor1d(padded(given, W1)), nFft, hopLength, nFft, tf.signal.hannWindow);
      const energies = tf.matMul(tf.square(tf.abs(spectrum)), mel, false, true);
      return tf.mul(tf.log(tf.maximum(energies, 1e-10)), 10 / Math.LN10).dataSync();
    });
  const signal = secondsOf(samples, SIGNAL_SEC);
  return [
    {
      case: W1.case,
      name: 'tfjs signal.stft',
      work: signal.length / SAMPLE_RATE,
      ownConventions: true,
      run: () => void features(signal),
      result: () => Float32Array.from(features(secondsOf(samples, CHECK_SEC))),
    },
  ];
}
