"""kaldi-native-fbank's wheel. Steps that the workloads do not have (pre-emphasis, mean, dither) are off, in its favour."""

from importlib.metadata import version

import kaldi_native_fbank as knf
import numpy as np
from protocol import SAMPLE_RATE, Roster, one_call_and_clips
from workloads import N_MFCC, W2, W3


def roster(samples: np.ndarray) -> Roster:
    fbank = _common(knf.FbankOptions(), W2)
    mfcc = _common(knf.MfccOptions(), W3)
    mfcc.num_ceps = N_MFCC
    mfcc.use_energy = False
    mfcc.cepstral_lifter = 0
    # The binding takes lists; making one of an array is not its work.
    contestants = [
        *one_call_and_clips(
            "W2", "kaldi-native-fbank", samples, lambda x: _frames(knf.OnlineFbank(fbank), x), list_of, own_conventions=True
        ),
        *one_call_and_clips(
            "W3", "kaldi-native-fbank", samples, lambda x: _frames(knf.OnlineMfcc(mfcc), x), list_of, own_conventions=True
        ),
    ]
    return Roster({"kaldi-native-fbank": version("kaldi-native-fbank")}, contestants)


def list_of(samples: np.ndarray) -> list[float]:
    return samples.tolist()


def _common(options, w: dict):
    options.frame_opts.samp_freq = SAMPLE_RATE
    options.frame_opts.frame_length_ms = 1000 * w["win_length"] / SAMPLE_RATE
    options.frame_opts.frame_shift_ms = 1000 * w["hop_length"] / SAMPLE_RATE
    options.frame_opts.window_type = "hanning"
    options.frame_opts.dither = 0
    options.frame_opts.preemph_coeff = 0
    options.frame_opts.remove_dc_offset = False
    options.mel_opts.num_bins = w["n_mels"]
    options.mel_opts.low_freq = 0
    return options


def _frames(extractor, samples: list[float]) -> np.ndarray:
    extractor.accept_waveform(SAMPLE_RATE, samples)
    extractor.input_finished()
    return np.stack([extractor.get_frame(t) for t in range(extractor.num_frames_ready)])
