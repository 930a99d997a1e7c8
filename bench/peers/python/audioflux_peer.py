"""audioFlux: its BFT with mel bands; its mel scale is HTK's. The object is made once, as its documentation does."""

import audioflux as af
import numpy as np
from audioflux.type import SpectralDataType, SpectralFilterBankNormalType, SpectralFilterBankScaleType, SpectralFilterBankStyleType
from protocol import SAMPLE_RATE, Roster, one_call_and_clips
from workloads import AMIN, W1


def roster(samples: np.ndarray) -> Roster:
    bft = af.BFT(
        num=W1["n_mels"],
        radix2_exp=10,
        samplate=SAMPLE_RATE,
        low_fre=0.0,
        high_fre=SAMPLE_RATE / 2,
        slide_length=W1["hop_length"],
        scale_type=SpectralFilterBankScaleType.MEL,
        style_type=SpectralFilterBankStyleType.SLANEY,
        normal_type=SpectralFilterBankNormalType.NONE,
        data_type=SpectralDataType.POWER,
    )

    def features(x: np.ndarray) -> np.ndarray:
        power = bft.bft(x, result_type=1)
        return (10 * np.log10(np.maximum(power, AMIN))).T

    # It does not centre frames: the zeros around the signal are put there before the clock starts.
    half = W1["n_fft"] // 2
    contestants = one_call_and_clips("W1", "audioFlux", samples, features, lambda x: np.pad(x, half), own_conventions=True)
    return Roster({"audioFlux": af.__version__}, contestants)
