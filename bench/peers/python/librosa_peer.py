"""librosa: melspectrogram, power_to_db, mfcc."""

import librosa
import numpy as np
from protocol import SAMPLE_RATE, Contestant, Roster, one_call_and_clips
from workloads import AMIN, N_MFCC, W1, W2, W3


def roster(samples: np.ndarray) -> Roster:
    contestants: list[Contestant] = []
    for case, w in (("W1", W1), ("W2", W2)):
        contestants += one_call_and_clips(case, "librosa", samples, lambda x, w=w: _decibels(x, w).T)
    contestants += one_call_and_clips("W3", "librosa", samples, _mfcc)
    return Roster({"librosa": librosa.__version__, "numpy": np.__version__}, contestants)


def _decibels(x: np.ndarray, w: dict) -> np.ndarray:
    mel = librosa.feature.melspectrogram(y=x, sr=SAMPLE_RATE, pad_mode="constant", **w)
    return librosa.power_to_db(mel, amin=AMIN, top_db=None)


def _mfcc(x: np.ndarray) -> np.ndarray:
    return librosa.feature.mfcc(S=_decibels(x, W3), n_mfcc=N_MFCC).T
