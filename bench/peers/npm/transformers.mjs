/** transformers.js: its `spectrogram()` with mel filters and decibels, as its feature extractors call it. */
import { CHECK_SEC, SAMPLE_RATE, secondsOf, W1 } from './frames.mjs';

const SIGNAL_SEC = 30;

/** @param {import('./types.mjs').Host} host */
export async function transformersContestants({ samples, load }) {
  const { spectrogram, mel_filter_bank, window_function } = await load('@huggingface/transformers/src/utils/audio.js');
  const { nFft, hopLength, nMels } = W1;
  const filters = mel_filter_bank(nFft / 2 + 1, nMels, 0, SAMPLE_RATE / 2, SAMPLE_RATE, 'slaney', 'slaney');
  const window = window_function(nFft, 'hann');
  const options = {
    power: 2,
    center: true,
    pad_mode: 'constant',
    mel_filters: filters,
    mel_floor: 1e-10,
    log_mel: 'dB',
    transpose: true,
  };
  const features = async (signal) => (await spectrogram(signal, window, nFft, hopLength, options)).data;
  const signal = secondsOf(samples, SIGNAL_SEC);
  return [
    {
      case: W1.case,
      name: 'transformers.js',
      work: signal.length / SAMPLE_RATE,
      ownConventions: true,
      run: async () => {
        await features(signal);
      },
      result: async () => Float32Array.from(await features(secondsOf(samples, CHECK_SEC))),
    },
  ];
}
