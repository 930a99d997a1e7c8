#!/usr/bin/env python3
"""Writes data/librosa.json: what librosa and scipy say about short signals, as expected values of test/features.

Run in any folder outside the repository's tree:
    python3 -m venv golden && golden/bin/pip install -r <repository>/test/golden/requirements.txt
    golden/bin/python <repository>/test/golden/make_librosa.py

Signals are 16-bit, so that both sides start from the same samples. librosa gets them as float64 and computes in
float64 throughout: what the tests tolerate is then the float32 error of the code under test alone. Arrays are
base64 of little-endian float32, frame-major (librosa's transposed).
"""

import base64
import json
import platform
from pathlib import Path

import librosa
import numpy as np
import scipy
import scipy.fftpack
import scipy.signal

SAMPLE_RATE = 16_000


def pack(array, dtype):
    return base64.b64encode(np.ascontiguousarray(array, dtype).tobytes()).decode("ascii")


def make_signals():
    rng = np.random.default_rng(20240611)
    t = np.arange(6400) / SAMPLE_RATE
    # Tones between and on bins, a chirp, and noise 50 dB down so that no bin is only rounding error.
    mix = 0.4 * np.sin(2 * np.pi * 440 * t) + 0.2 * np.sin(2 * np.pi * 4000 * t + 1) + 0.1 * np.sin(2 * np.pi * (900 + 3000 * t) * t)
    mix += 0.003 * rng.standard_normal(t.size)
    beep = 0.01 * rng.standard_normal(4800)
    beep[1200:3600] += 0.5 * np.sin(2 * np.pi * 4000 * t[:2400])
    signals = {"mix": mix, "beep": beep, "short": mix[:100], "frame": mix[:512], "quiet": mix[:2048] * 1e-3}
    signals["fade"] = mix * np.exp(-np.arange(t.size) / 300)
    return {name: np.round(np.clip(x, -1, 1) * 32767).astype("<i2") for name, x in signals.items()}


def window_of(o):
    name = o.get("window", "hann")
    n = o.get("winLength", o["nFft"])
    periodic = o.get("windowSymmetry", "periodic") == "periodic"
    if name == "povey":  # Kaldi's: a Hann window to the power 0.85
        return scipy.signal.get_window("hann", n, fftbins=periodic) ** 0.85
    scipy_name = {"rectangular": "boxcar"}.get(name, name)
    return scipy.signal.get_window(scipy_name, n, fftbins=periodic)


def stft(y, o):
    n_fft = o["nFft"]
    return librosa.stft(
        y,
        n_fft=n_fft,
        hop_length=o["hopLength"],
        win_length=o.get("winLength", n_fft),
        window=window_of(o),
        center=o.get("center", True),
        pad_mode=o.get("padMode", "constant"),
        dtype=np.complex128,
    )


def crop(spectrum, o):
    hz = np.arange(spectrum.shape[0]) * SAMPLE_RATE / o["nFft"]
    keep = (hz >= o.get("fMin", 0) - 1e-6) & (hz <= o.get("fMax", SAMPLE_RATE / 2) + 1e-6)
    return spectrum[keep]


def run_stft(y, o):
    spectrum = crop(stft(y, o), o).T
    power = o.get("power")
    if power is None:
        return np.stack([spectrum.real, spectrum.imag], axis=-1)
    magnitude = np.abs(spectrum) ** power
    if o.get("scale", "linear") == "linear":
        return magnitude
    if power == 1:
        return librosa.amplitude_to_db(magnitude, ref=o.get("ref", 1), amin=o.get("amin", 1e-5), top_db=o.get("topDb"))
    return librosa.power_to_db(magnitude, ref=o.get("ref", 1), amin=o.get("amin", 1e-10), top_db=o.get("topDb"))


def mel(y, o):
    power = o.get("power", 2)
    norm = o.get("melNorm", "slaney")
    return librosa.feature.melspectrogram(
        S=np.abs(stft(y, o)) ** power,
        sr=SAMPLE_RATE,
        n_fft=o["nFft"],
        n_mels=o["nMels"],
        fmin=o.get("fMin", 0),
        fmax=o.get("fMax"),
        htk=o.get("melScale", "slaney") == "htk",
        norm=norm,
        dtype=np.float64,
    )


def decibels(power, o):
    ref = np.max if o.get("ref") == "max" else o.get("ref", 1.0)
    return librosa.power_to_db(power, ref=ref, amin=o.get("amin", 1e-10), top_db=o.get("topDb", 80.0))


def run_mfcc(y, o):
    return librosa.feature.mfcc(
        S=decibels(mel(y, o), o),
        n_mfcc=o.get("nMfcc", 20),
        norm=o.get("dctNorm", "ortho"),
        lifter=o.get("lifter", 0),
    ).T


def run_fftpack(y, o):
    """The beep detector's own observation: 20·log10|X| of symmetric Blackman frames, from fftpack's packed real FFT."""
    n = o["nFft"]
    starts = range(0, y.size - n + 1, o["hopLength"])
    rows = []
    for start in starts:
        packed = scipy.fftpack.rfft(y[start : start + n] * window_of(o))
        spectrum = np.concatenate([packed[:1], packed[1:-1:2] + 1j * packed[2::2], packed[-1:]])
        rows.append(20 * np.log10(np.abs(spectrum)))
    return crop(np.array(rows).T, o).T


RUN = {
    "stft": run_stft,
    "melSpectrogram": lambda y, o: mel(y, o).T,
    "logMel": lambda y, o: decibels(mel(y, o), o).T,
    "mfcc": run_mfcc,
    "fftpack": run_fftpack,
}

SEED_FRAMES = {"nFft": 2400, "hopLength": 80, "window": "blackman", "windowSymmetry": "symmetric", "center": False}
W1 = {"nFft": 1024, "hopLength": 512, "nMels": 64}
W2 = {"nFft": 512, "winLength": 400, "hopLength": 160, "nMels": 80, "center": False}
W3 = {"nFft": 512, "winLength": 400, "hopLength": 160, "nMels": 40, "center": False}

# signal, feature, options in this library's words
CASES = [
    ("mix", "stft", {"nFft": 512, "hopLength": 512}),
    ("mix", "stft", {"nFft": 400, "hopLength": 640, "padMode": "reflect"}),
    ("mix", "stft", {"nFft": 400, "winLength": 320, "hopLength": 500, "window": "hamming", "center": False}),
    ("mix", "stft", {"nFft": 240, "winLength": 100, "hopLength": 1000, "window": "bartlett"}),
    ("mix", "stft", {"nFft": 375, "winLength": 201, "hopLength": 900, "windowSymmetry": "symmetric"}),
    ("mix", "stft", {"nFft": 256, "winLength": 99, "hopLength": 1200, "window": "povey", "windowSymmetry": "symmetric"}),
    ("mix", "stft", {"nFft": 64, "winLength": 1, "hopLength": 800, "window": "rectangular"}),
    ("mix", "stft", {"nFft": 2048, "hopLength": 2048, "padMode": "reflect", "power": 1}),
    ("mix", "stft", {"nFft": 512, "hopLength": 1024, "power": 2, "fMin": 1000, "fMax": 3000}),
    ("mix", "stft", {"nFft": 512, "hopLength": 1024, "power": 1, "scale": "db"}),
    ("mix", "stft", {"nFft": 480, "hopLength": 1600, "power": 2, "scale": "db", "ref": 4.0, "amin": 1e-3, "topDb": 60}),
    ("short", "stft", {"nFft": 512, "hopLength": 128}),
    ("short", "stft", {"nFft": 150, "hopLength": 40, "padMode": "reflect"}),
    ("frame", "stft", {"nFft": 512, "hopLength": 128, "center": False}),
    ("frame", "stft", {"nFft": 512, "winLength": 16, "hopLength": 4000, "window": "blackman"}),
    ("mix", "stft", {**SEED_FRAMES, "hopLength": 1600}),
    ("beep", "fftpack", {**SEED_FRAMES, "hopLength": 240, "fMin": 2000, "fMax": 6000}),
    ("mix", "melSpectrogram", {"nFft": 2048, "hopLength": 512, "nMels": 128}),
    ("mix", "melSpectrogram", W1),
    ("mix", "melSpectrogram", {**W1, "padMode": "reflect", "melScale": "htk", "melNorm": None, "power": 1}),
    ("mix", "melSpectrogram", {**W1, "melScale": "htk", "fMin": 50, "fMax": 7000}),
    ("mix", "melSpectrogram", {**W3, "melNorm": None, "fMin": 20}),
    ("short", "melSpectrogram", {"nFft": 400, "hopLength": 160, "nMels": 26}),
    ("mix", "logMel", {**W1, "topDb": None}),
    ("mix", "logMel", W2),
    ("mix", "logMel", {**W1, "ref": "max"}),
    ("fade", "logMel", {**W1, "ref": "max", "topDb": 40}),
    ("fade", "logMel", {**W1, "ref": "max", "topDb": None}),
    ("quiet", "logMel", {**W1, "ref": 0.5, "amin": 1e-6, "topDb": None}),
    ("mix", "mfcc", {"nFft": 2048, "hopLength": 512, "nMels": 128}),
    ("mix", "mfcc", {**W3, "nMfcc": 13, "topDb": None}),
    ("mix", "mfcc", {**W3, "nMfcc": 13, "lifter": 22}),
    ("fade", "mfcc", {**W3, "nMfcc": 40, "dctNorm": None, "topDb": 30, "ref": "max"}),
]


def main():
    signals = make_signals()
    cases = []
    for signal, kind, options in CASES:
        expected = RUN[kind](signals[signal].astype(np.float64) / 32768, options)
        assert np.isfinite(expected).all() and expected.size > 0, (signal, kind, options)
        cases.append({"signal": signal, "kind": kind, "options": options, "shape": expected.shape, "data": pack(expected, "<f4")})
    document = {
        "generator": "test/golden/make_librosa.py",
        "versions": {
            "librosa": librosa.__version__,
            "numpy": np.__version__,
            "scipy": scipy.__version__,
            "python": platform.python_version(),
        },
        "sampleRate": SAMPLE_RATE,
        "signals": {name: pack(x, "<i2") for name, x in signals.items()},
        "cases": cases,
    }
    path = Path(__file__).parent / "data" / "librosa.json"
    path.write_text(json.dumps(document, indent=1) + "\n")
    print(f"{path.name}: {len(cases)} cases, {path.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
