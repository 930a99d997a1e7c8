"""Writes data/baselines.{json,bin}: the log-mel vectors of the MIMII and DCASE 2020 task 2 baselines, and those of the
AWS sample that derives from them (decibels below each file's maximum).

Both baselines pin librosa 0.6.0, whose centred frames mirror the signal; librosa 0.11 pads with zeros by default. Both
are stored, told apart by `padMode`.
"""

import sys

import librosa
import numpy as np

import golden_signals
import reference
from golden_store import Store

SETTINGS = {"nFft": 1024, "hopLength": 512, "nMels": 64, "frames": 5}


def mel(y, o, sample_rate):
    return librosa.feature.melspectrogram(
        y=y,
        sr=sample_rate,
        n_fft=o["nFft"],
        hop_length=o["hopLength"],
        n_mels=o["nMels"],
        power=o["power"],
        pad_mode=o["padMode"],
        dtype=y.dtype.type,
    )


def log_baseline(y, o, sample_rate):
    return 20.0 / o["power"] * np.log10(mel(y, o, sample_rate) + sys.float_info.epsilon)


def log_sample(y, o, sample_rate):
    return librosa.power_to_db(mel(y, o, sample_rate), ref=np.max)


def vectors(log_mel, frames):
    """Vector v is frames v … v + frames − 1 one after the other, the oldest first: librosa's matrix is [mel, frame]."""
    n_mels, n_frames = log_mel.shape
    count = max(n_frames - frames + 1, 0)
    out = np.zeros((count, n_mels * frames))
    for t in range(frames if count else 0):
        out[:, n_mels * t : n_mels * (t + 1)] = log_mel[:, t : t + count].T
    return out


def check_vectors(log_mel, frames):
    count = log_mel.shape[0] - frames + 1
    return np.array([log_mel[v : v + frames].reshape(-1) for v in range(count)]).reshape(
        max(count, 0), frames * log_mel.shape[1]
    )


def check_log(preset, y, o, sample_rate):
    bands = reference.mel_spectrogram(y, o, sample_rate)
    if preset == "librosa":
        return reference.decibels(bands, o)
    return 20 / o["power"] * np.log10(bands + 2.0**-52)


def cases():
    for pad_mode in ("reflect", "constant"):
        for name in ("voice", "mix"):
            yield "mimii", name, {"padMode": pad_mode, "power": 2}
        yield "dcase", "voice", {"padMode": pad_mode, "power": 2, "nMels": 128}
        yield "librosa", "voice", {"padMode": pad_mode, "power": 2, "ref": "max", "topDb": 80}
    yield "mimii", "mix", {"padMode": "reflect", "power": 1}
    yield "mimii", "silence", {"padMode": "reflect", "power": 2, "frames": 3}
    yield "mimii", "fade", {"padMode": "reflect", "power": 2, "frames": 3}
    yield "dcase", "mix44k", {"padMode": "reflect", "power": 2, "nMels": 128}
    yield "mimii", "noise", {"padMode": "reflect", "power": 2, "frames": 8}  # exactly one vector
    yield "mimii", "frame", {"padMode": "reflect", "power": 2}  # too short for one: no vectors


def main():
    store = Store("baselines", __file__, ["librosa", "numpy"])
    originals = {
        "mimii": "mimii_baseline baseline.py, file_to_vector_array",
        "dcase": "dcase2020_task2_baseline common.py, file_to_vector_array",
    }
    originals["librosa"] = "power_to_db(melspectrogram(…), ref=np.max), frames stacked"
    for preset, name, given in cases():
        o = SETTINGS | given
        y, sample_rate = golden_signals.unit(name), golden_signals.rate(name)
        log = log_sample if preset == "librosa" else log_baseline
        wanted = check_log(preset, y, o, sample_rate)
        options = {"preset": preset, **o}
        if preset != "librosa":
            options |= {"log": "db", "logFloor": sys.float_info.epsilon, "logFloorMode": "add"}
        double, single = (
            vectors(log(y.astype(dtype), o, sample_rate), o["frames"]) for dtype in (np.float64, np.float32)
        )
        store.add(
            "frameVectors", name, options, originals[preset], double, check_vectors(wanted, o["frames"]), single=single
        )
    store.close()


if __name__ == "__main__":
    main()
