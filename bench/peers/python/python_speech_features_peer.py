"""python_speech_features, as the document behind W6 calls it: 10 ms frames every millisecond, then deltas."""

from importlib.metadata import version

import numpy as np
import python_speech_features as psf
from protocol import CHECK_SAMPLES, SAMPLE_RATE, Contestant, Roster

# One frame a millisecond: longer signals tell no more of it.
LONGEST_SEC = 10


def roster(samples: np.ndarray) -> Roster:
    signal = samples[: LONGEST_SEC * SAMPLE_RATE]

    def features(x: np.ndarray) -> np.ndarray:
        return psf.delta(psf.mfcc(x, SAMPLE_RATE, winlen=0.010, winstep=0.001, nfft=512, ceplifter=22), 2)

    contestant = Contestant(
        "W6",
        "python_speech_features",
        signal.size / SAMPLE_RATE,
        lambda: features(signal),
        lambda: features(samples[:CHECK_SAMPLES]),
    )
    return Roster({"python_speech_features": version("python_speech_features")}, [contestant])
