"""Writes data/torchaudio.{json,bin}: torchaudio's transforms (spectrogram, mel, dB, MFCC), deltas and sliding CMN.

Everything runs in float64 (the default type too, in which torchaudio makes windows and mel tables); the float32 run, as
people use it, is measured beside. torch.istft and torchaudio's own `spectral_centroid` are covered here as well.
"""

import numpy as np
import torch
import torchaudio.functional as functional
import torchaudio.transforms as transforms

import golden_signals
import reference
from golden_store import Store

# torchaudio's defaults where they are not librosa's.
DEFAULTS = {"nFft": 400, "padMode": "reflect", "melScale": "htk", "melNorm": None, "nMels": 128, "nMfcc": 40}

# `log_mels=True` is ln(mel + 1e−6) (transforms.MFCC.forward).
LOG_OFFSET = 1e-6

WINDOWS = {
    "hann": torch.hann_window,
    "hamming": torch.hamming_window,
    "blackman": torch.blackman_window,
    "bartlett": torch.bartlett_window,
}


def frames_arguments(o):
    symmetric = o.get("windowSymmetry") == "symmetric"
    rectangular = o.get("window") == "rectangular"
    return dict(
        n_fft=o["nFft"],
        win_length=o.get("winLength"),
        hop_length=o["hopLength"],
        window_fn=torch.ones if rectangular else WINDOWS[o.get("window", "hann")],
        wkwargs=None if rectangular else {"periodic": not symmetric},
        center=o.get("center", True),
        pad_mode=o.get("padMode", "reflect"),
        normalized={None: False, "window": "window", "frameLength": "frame_length"}[o.get("normalized")],
    )


def mel_arguments(o):
    arguments = frames_arguments(o) | dict(
        n_mels=o["nMels"], f_min=o.get("fMin", 0.0), f_max=o.get("fMax"), power=float(o.get("power", 2))
    )
    return arguments | dict(norm=o.get("melNorm"), mel_scale=o.get("melScale", "htk"))


def run_stft(y, o, _):
    power = o.get("power")
    s = transforms.Spectrogram(power=None if power is None else float(power), **frames_arguments(o))(y).mT
    return torch.view_as_real(s) if power is None else s


def run_mel(y, o, sample_rate):
    return transforms.MelSpectrogram(sample_rate=sample_rate, **mel_arguments(o))(y).mT


def run_log_mel(y, o, sample_rate):
    mel = transforms.MelSpectrogram(sample_rate=sample_rate, **mel_arguments(o))(y)
    return transforms.AmplitudeToDB("power" if o.get("power", 2) == 2 else "magnitude", top_db=o.get("topDb"))(mel).mT


def run_mfcc(y, o, sample_rate):
    mfcc = transforms.MFCC(
        sample_rate,
        n_mfcc=o["nMfcc"],
        norm=o.get("dctNorm", "ortho"),
        log_mels=o.get("log") == "ln",
        melkwargs=mel_arguments(o),
    )
    return mfcc(y).mT


def run_centroid(y, o, sample_rate):
    window = torch.hann_window(o["nFft"], dtype=y.dtype)
    return functional.spectral_centroid(y, sample_rate, 0, window, o["nFft"], o["hopLength"], o["nFft"])


def normalisation(o):
    """`window` divides the spectrum by the window's root energy, `frameLength` by √nFft."""
    if o.get("normalized") == "window":
        return np.sqrt((reference.fft_window(o) ** 2).sum())
    return np.sqrt(o["nFft"]) if o.get("normalized") == "frameLength" else 1.0


def check_stft(y, o, _):
    s = reference.stft(y, o, "reflect") / normalisation(o)
    return np.stack([s.real, s.imag], axis=-1) if o.get("power") is None else np.abs(s) ** o["power"]


def check_mel(y, o, sample_rate):
    """The bins' frequencies are n evenly spaced ones up to ⌊sampleRate/2⌋, whether nFft is even or not."""
    top = sample_rate // 2
    hz = np.linspace(0, top, 1 + o["nFft"] // 2)
    weights = reference.mel_filterbank(
        hz, o["nMels"], o.get("fMin", 0), o.get("fMax", top), o.get("melScale", "htk"), o.get("melNorm")
    )
    power = o.get("power", 2)
    return (np.abs(reference.stft(y, o, "reflect")) / normalisation(o)) ** power @ weights.T


def check_log_mel(y, o, sample_rate):
    """Amplitudes: 20·log10(max(x, 1e−10)), the same floor as for power."""
    return reference.decibels(check_mel(y, o, sample_rate), {"amin": 1e-10} | o, o.get("power", 2), None)


def check_mfcc(y, o, sample_rate):
    mel = check_mel(y, o, sample_rate)
    log = np.log(mel + LOG_OFFSET) if o.get("log") == "ln" else reference.decibels(mel, o)
    c = reference.dct2(log, o["nMfcc"], o.get("dctNorm", "ortho"))
    return c


def check_centroid(y, o, sample_rate):
    s = np.abs(reference.stft(y, o, "reflect"))
    return s @ (np.arange(s.shape[1]) * sample_rate / o["nFft"]) / s.sum(axis=1)


RUN = {
    "stft": (run_stft, check_stft, "torchaudio.transforms.Spectrogram"),
    "melSpectrogram": (run_mel, check_mel, "torchaudio.transforms.MelSpectrogram"),
    "logMel": (run_log_mel, check_log_mel, "torchaudio.transforms.AmplitudeToDB(MelSpectrogram)"),
    "mfcc": (run_mfcc, check_mfcc, "torchaudio.transforms.MFCC"),
    "spectralCentroid": (run_centroid, check_centroid, "torchaudio.functional.spectral_centroid"),
}

W1 = {"nFft": 1024, "hopLength": 512, "nMels": 64}
W3 = {"nFft": 512, "winLength": 400, "hopLength": 320, "nMels": 40}


def stft_cases():
    yield "voice", {"nFft": 400, "hopLength": 900}
    yield "voice", {"nFft": 400, "hopLength": 900, "power": 2, "normalized": "window"}
    yield (
        "voice",
        {"nFft": 400, "winLength": 300, "hopLength": 900, "power": 1, "normalized": "frameLength", "window": "hamming"},
    )
    yield "mix", {"nFft": 512, "winLength": 401, "hopLength": 900, "power": 1}
    yield "mix", {"nFft": 512, "winLength": 400, "hopLength": 900, "center": False, "normalized": "window"}
    yield "mix", {"nFft": 1021, "hopLength": 1021, "padMode": "constant"}
    yield "noise", {"nFft": 251, "hopLength": 777, "power": 2, "window": "blackman", "windowSymmetry": "symmetric"}
    yield "noise", {"nFft": 2400, "hopLength": 1000, "center": False, "power": 2, "window": "bartlett"}
    yield "short", {"nFft": 198, "hopLength": 50}  # the longest mirror that torch allows: nFft/2 = nSamples − 1
    yield "three", {"nFft": 2, "hopLength": 1, "window": "rectangular"}
    yield "three", {"nFft": 3, "hopLength": 4, "padMode": "constant"}
    yield "one", {"nFft": 16, "hopLength": 8, "padMode": "constant", "power": 2}
    yield "silence", {"nFft": 400, "hopLength": 800, "power": 2}


def mel_cases():
    yield "voice", {"nFft": 400, "hopLength": 200, "nMels": 128}  # all defaults; empty bands
    for scale in ("htk", "slaney"):
        for norm in (None, "slaney"):
            yield "voice", {**W1, "melScale": scale, "melNorm": norm, "power": 1 if scale == "htk" else 2}
    yield "mix", {"nFft": 1000, "hopLength": 800, "nMels": 40, "fMin": 60.0, "fMax": 7600.0}
    yield "mix", {**W3, "center": False}
    yield "mix", {**W3, "padMode": "constant", "normalized": "window"}
    yield "mix", {**W3, "normalized": "frameLength", "power": 1, "window": "hamming"}
    yield "voice8k", {"nFft": 256, "winLength": 200, "hopLength": 80, "nMels": 23}
    yield "mix44k", {"nFft": 2048, "hopLength": 1024, "nMels": 80}
    yield "mix11k", {"nFft": 375, "hopLength": 750, "nMels": 20}  # an odd size and an odd rate: bins and fMax moved
    yield "noise", {"nFft": 251, "hopLength": 1000, "nMels": 24, "melNorm": "slaney", "melScale": "slaney"}
    yield "silence", W1
    yield "impulse", {**W3, "padMode": "constant"}


def log_mel_cases():
    for o in ({**W1, "topDb": 80.0}, {**W1, "topDb": None}, {**W3, "topDb": 30.0}, {**W1, "power": 1, "topDb": None}):
        yield "voice", o
        yield "fade", o
    yield "silence", {**W1, "topDb": 80.0}
    yield "mix44k", {"nFft": 1764, "hopLength": 1470, "nMels": 64, "topDb": 80.0}


def mfcc_cases():
    yield "voice", {"nFft": 400, "hopLength": 200, "nMels": 128, "nMfcc": 40, "topDb": 80.0}  # all defaults
    yield "voice", {**W3, "nMfcc": 13, "topDb": 80.0}
    yield "voice", {**W3, "nMfcc": 13, "log": "ln"}
    yield "fade", {**W3, "nMfcc": 13, "topDb": 80.0, "dctNorm": None}
    yield "mix", {**W3, "nMfcc": 40, "log": "ln", "melScale": "slaney", "melNorm": "slaney"}
    yield "silence", {**W3, "nMfcc": 13, "log": "ln"}
    yield (
        "voice8k",
        {"nFft": 256, "winLength": 200, "hopLength": 80, "nMels": 23, "nMfcc": 13, "center": False, "topDb": 80.0},
    )


def cases():
    for kind, pairs in (
        ("stft", stft_cases),
        ("melSpectrogram", mel_cases),
        ("logMel", log_mel_cases),
        ("mfcc", mfcc_cases),
    ):
        yield from ((kind, *pair) for pair in pairs())
    yield "spectralCentroid", "noise", {"nFft": 400, "hopLength": 200}
    yield "spectralCentroid", "mix", {"nFft": 1000, "hopLength": 500}


def in_type(dtype, run, *arguments):
    torch.set_default_dtype(dtype)
    try:
        return run(*arguments).numpy()
    finally:
        torch.set_default_dtype(torch.float32)


def stored_options(kind, o):
    options = {"preset": "torchaudio", **o}
    if kind == "mfcc" and o.get("log") == "ln":
        options |= {"log": "ln", "logFloor": LOG_OFFSET, "logFloorMode": "add"}
    if kind == "logMel":
        options |= {"amin": 1e-10}
    return options


def add_deltas(store):
    for name, width, mode in (
        ("cepstra", 5, "replicate"),
        ("cepstra", 9, "replicate"),
        ("ramp", 7, "constant"),
        ("ramp", 5, "reflect"),
        ("few", 5, "replicate"),
        ("single", 3, "replicate"),
    ):
        x = golden_signals.matrices()[name]
        run = lambda dtype: functional.compute_deltas(torch.tensor(x.T, dtype=dtype), width, mode).mT.numpy()
        ours = {"replicate": "nearest", "reflect": "mirror", "constant": "constant"}[mode]
        check = reference.regression_deltas(x, width // 2, {"replicate": "edge"}.get(mode, mode))
        options = {"preset": "torchaudio", "deltaWidth": width, "deltaOrder": 1, "deltaMode": ours}
        store.add(
            "deltas",
            name,
            options,
            f"torchaudio.functional.compute_deltas(mode={mode!r})",
            run(torch.float64),
            check,
            single=run(torch.float32),
            floor=1,
        )


def add_sliding_cmvn(store):
    """Windows longer than the recording, shorter, of one frame; to the left and around."""
    for name, size, least, center, norm_vars in (
        ("cepstra", 600, 100, False, False),
        ("cepstra", 600, 100, True, True),
        ("cepstra", 10, 5, False, False),
        ("cepstra", 10, 5, False, True),
        ("cepstra", 11, 5, True, False),
        ("cepstra", 12, 5, True, True),
        ("ramp", 6, 1, False, False),
        ("ramp", 7, 3, True, True),
        ("few", 3, 2, False, False),
        ("single", 10, 5, False, True),
    ):
        x = golden_signals.matrices()[name]
        o = {"cmnWindow": size, "minCmnWindow": least, "center": center, "normVars": norm_vars}
        run = lambda dtype: (
            functional.sliding_window_cmn(torch.tensor(x, dtype=dtype), size, least, center, norm_vars)
            .reshape(x.shape)
            .numpy()
        )
        options = {"preset": "kaldi", **o}
        store.add(
            "slidingCmvn",
            name,
            options,
            "torchaudio.functional.sliding_window_cmn",
            run(torch.float64),
            reference.sliding_cmvn(x, o),
            single=run(torch.float32),
            floor=1,
        )


def add_istft(store):
    for name, o in (
        ("voice", {"nFft": 400, "hopLength": 100}),
        ("noise", {"nFft": 512, "winLength": 400, "hopLength": 160}),
        ("chirp", {"nFft": 251, "hopLength": 64, "window": "hamming"}),
    ):
        y = golden_signals.unit(name)
        n_bins = 1 + o["nFft"] // 2
        taper = 1 - np.arange(n_bins) / n_bins

        def run(y, dtype):
            win_length = o.get("winLength", o["nFft"])
            window = WINDOWS[o.get("window", "hann")](win_length)
            s = torch.stft(y, o["nFft"], o["hopLength"], win_length, window, pad_mode="reflect", return_complex=True)
            return torch.istft(
                s * torch.tensor(taper, dtype=dtype)[:, None],
                o["nFft"],
                o["hopLength"],
                win_length,
                window,
                length=y.numel(),
            )

        double, single = (
            in_type(dtype, run, torch.tensor(y, dtype=dtype), dtype) for dtype in (torch.float64, torch.float32)
        )
        check = reference.istft(reference.stft(y, o, "reflect") * taper, o, y.size)
        store.add(
            "istft",
            name,
            {"preset": "torchaudio", **o},
            "torch.istft(torch.stft(y) with bin k times 1 - k / nBins, length=len(y))",
            double,
            check,
            single=single,
        )


def main():
    store = Store("torchaudio", __file__, ["torchaudio", "torch"])
    for kind, name, o in cases():
        y, sample_rate = golden_signals.unit(name), golden_signals.rate(name)
        run, check, call = RUN[kind]
        double, single = (
            in_type(dtype, run, torch.tensor(y, dtype=dtype), o, sample_rate)
            for dtype in (torch.float64, torch.float32)
        )
        store.add(kind, name, stored_options(kind, o), call, double, check(y, o, sample_rate), single=single)
    add_deltas(store)
    add_sliding_cmvn(store)
    add_istft(store)
    store.close()


if __name__ == "__main__":
    main()
