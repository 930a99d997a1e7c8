"""Writes data/whisper.{json,bin}: log-mels of openai-whisper (float64, with its float32 mel table) and transformers.

Thirty seconds of padding make 3000 frames; `rows` says which of them are kept. The rest is checked to be one value.
"""

import numpy as np
import torch
import whisper.audio
from transformers import WhisperFeatureExtractor

import golden_signals
import reference
from golden_store import Store

SAMPLE_RATE = 16000
SETTINGS = {
    "preset": "whisper",
    "nFft": 400,
    "hopLength": 160,
    "window": "hann",
    "windowSymmetry": "periodic",
    "center": True,
    "padMode": "reflect",
}
SETTINGS |= {
    "power": 2,
    "fMin": 0,
    "fMax": 8000,
    "melScale": "slaney",
    "melNorm": "slaney",
    "log": "log10",
    "logFloor": 1e-10,
    "logFloorMode": "max",
}

# openai-whisper's table is librosa's, rounded to float32: 6e-8 of each weight, 1e-8 of (log10 + 4)/4.
TABLE_AGREEMENT = 1e-7

# transformers computes in float32 through torch.
FLOAT32_AGREEMENT = 1e-4


def whisper_run(y, n_mels, padding, dtype):
    """`log_mel_spectrogram` as it is, its window and table in the type of the samples."""
    table = whisper.audio.mel_filters
    whisper.audio.mel_filters = lambda device, n: table(device, n).to(dtype)
    torch.set_default_dtype(dtype)
    try:
        return whisper.audio.log_mel_spectrogram(torch.tensor(y, dtype=dtype), n_mels, padding).T.numpy()
    finally:
        whisper.audio.mel_filters = table
        torch.set_default_dtype(torch.float32)


def check(y, n_mels, padding):
    """log10 max(mel, 1e−10), the last frame dropped, not below the maximum − 8, then (x + 4)/4."""
    o = SETTINGS | {"nMels": n_mels}
    mel = reference.mel_spectrogram(np.pad(y, (0, padding)), o, SAMPLE_RATE)[:-1]
    log = np.log10(np.maximum(mel, 1e-10))
    return (np.maximum(log, log.max() - 8) + 4) / 4


def kept(matrix, n_rows):
    """The first rows, where everything after them is one constant."""
    assert np.ptp(matrix[n_rows - 1 :]) == 0, "the rows left out hold something"
    return matrix[:n_rows]


def main():
    store = Store("whisper", __file__, ["openai-whisper", "transformers", "torch"])
    for name, n_mels in (
        ("voice", 80),
        ("voice", 128),
        ("mix", 80),
        ("fade", 80),
        ("silence", 80),
        ("square", 128),
        ("frame", 80),
    ):
        y = golden_signals.unit(name)
        double, single = (whisper_run(y, n_mels, 0, dtype) for dtype in (torch.float64, torch.float32))
        options = SETTINGS | {"nMels": n_mels, "padSec": 0}
        store.add(
            "logMel",
            name,
            options,
            f"whisper.audio.log_mel_spectrogram(n_mels={n_mels})",
            double,
            check(y, n_mels, 0),
            TABLE_AGREEMENT,
            single,
        )
    for name, padding in (("one", 400), ("three", 320), ("short", 640)):
        y = golden_signals.unit(name)
        double, single = (whisper_run(y, 80, padding, dtype) for dtype in (torch.float64, torch.float32))
        options = SETTINGS | {"nMels": 80, "padSec": padding / SAMPLE_RATE}
        store.add(
            "logMel",
            name,
            options,
            f"whisper.audio.log_mel_spectrogram(padding={padding})",
            double,
            check(y, 80, padding),
            TABLE_AGREEMENT,
            single,
        )
    add_thirty_seconds(store)
    store.close()


def add_thirty_seconds(store):
    """transformers' extractor and openai's pad_or_trim make every clip 480 000 samples long: 3000 frames."""
    for name, n_mels in (("voice", 80), ("mix", 128)):
        y = golden_signals.unit(name)
        n_rows = y.size // 160 + 4
        rows = {"start": 0, "end": n_rows, "of": 3000}
        options = SETTINGS | {"nMels": n_mels, "trimOrPadToSec": 30}
        wanted = kept(check(np.pad(y, (0, 1600)), n_mels, 0)[: n_rows + 3], n_rows)
        double, single = (
            kept(whisper_run(whisper.audio.pad_or_trim(y), n_mels, 0, dtype), n_rows)
            for dtype in (torch.float64, torch.float32)
        )
        call = f"whisper.audio.log_mel_spectrogram(pad_or_trim(y), n_mels={n_mels})"
        store.add("logMel", name, options, call, double, wanted, TABLE_AGREEMENT, single, rows=rows)
        extractor = WhisperFeatureExtractor(feature_size=n_mels)
        found = extractor(y.astype(np.float32), sampling_rate=SAMPLE_RATE, return_tensors="np").input_features[0].T
        assert found.shape == (3000, n_mels)
        call = f"transformers.WhisperFeatureExtractor(feature_size={n_mels})"
        store.add(
            "logMel", name, options, call, kept(found, n_rows), wanted, FLOAT32_AGREEMENT, dtype="float32", rows=rows
        )


if __name__ == "__main__":
    main()
