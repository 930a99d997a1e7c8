"""Writes data/librosa.{json,bin}: librosa's stft, istft, mel, dB, MFCC, deltas, spectral features and pre-emphasis.

librosa gets float64 samples in [−1, 1) and computes in float64; its float32 run on the same samples is measured beside.
"""

import librosa
import numpy as np
import scipy.signal

import golden_signals
import reference
from golden_store import Store

# Options are in cochlea's words; what is left out has librosa's default.


def window_of(o):
    name, n = o.get("window", "hann"), o.get("winLength", o["nFft"])
    periodic = o.get("windowSymmetry", "periodic") == "periodic"
    if name == "povey":  # Kaldi's, which librosa has no name for: Hann to the power .85
        return scipy.signal.get_window("hann", n, fftbins=periodic) ** 0.85
    return scipy.signal.get_window({"rectangular": "boxcar"}.get(name, name), n, fftbins=periodic)


def stft_arguments(o):
    return dict(
        n_fft=o["nFft"],
        hop_length=o["hopLength"],
        win_length=o.get("winLength", o["nFft"]),
        window=window_of(o),
        center=o.get("center", True),
    )


def stft(y, o):
    """librosa.stft, a mirrored signal padded as a whole before it.

    librosa 0.11 pads the tail alone: where that is no longer than nFft/2, its mirror image runs into its own start and
    turns, and the last frame differs from that of the padded signal.
    """
    dtype = np.complex128 if y.dtype == np.float64 else np.complex64
    arguments = stft_arguments(o)
    if o.get("padMode") == "reflect" and arguments["center"]:
        y = np.pad(y, o["nFft"] // 2, mode="reflect")
        arguments["center"] = False
    return librosa.stft(y, dtype=dtype, **arguments)


def bins_kept(o, sample_rate, axis):
    hz = np.arange(1 + o["nFft"] // 2) * sample_rate / o["nFft"]
    keep = (hz >= o.get("fMin", 0) - 1e-6) & (hz <= o.get("fMax", sample_rate / 2) + 1e-6)
    return lambda s: np.compress(keep, s, axis=axis)


def run_stft(y, o, sample_rate):
    s = bins_kept(o, sample_rate, 0)(stft(y, o)).T
    power = o.get("power")
    if power is None:
        return np.stack([s.real, s.imag], axis=-1)
    if o.get("scale", "linear") == "linear":
        return np.abs(s) ** power
    if power == 1:
        return librosa.amplitude_to_db(np.abs(s), ref=ref_of(o), amin=o.get("amin", 1e-5), top_db=o.get("topDb"))
    return librosa.power_to_db(np.abs(s) ** 2, ref=ref_of(o), amin=o.get("amin", 1e-10), top_db=o.get("topDb"))


def check_stft(y, o, sample_rate):
    s = bins_kept(o, sample_rate, 1)(reference.stft(y, o))
    power = o.get("power")
    if power is None:
        return np.stack([s.real, s.imag], axis=-1)
    linear = np.abs(s) ** power
    return linear if o.get("scale", "linear") == "linear" else reference.decibels(linear, o, power, None)


def ref_of(o):
    return np.max if o.get("ref") == "max" else o.get("ref", 1.0)


def mel(y, o, sample_rate):
    return librosa.feature.melspectrogram(
        S=np.abs(stft(y, o)) ** o.get("power", 2),
        sr=sample_rate,
        n_fft=o["nFft"],
        n_mels=o["nMels"],
        fmin=o.get("fMin", 0),
        fmax=o.get("fMax"),
        htk=o.get("melScale", "slaney") == "htk",
        norm=o.get("melNorm", "slaney"),
        dtype=y.dtype.type,
    )


def log_mel(y, o, sample_rate):
    return librosa.power_to_db(
        mel(y, o, sample_rate), ref=ref_of(o), amin=o.get("amin", 1e-10), top_db=o.get("topDb", 80.0)
    )


def run_mfcc(y, o, sample_rate):
    s = log_mel(y, o, sample_rate)
    return librosa.feature.mfcc(
        S=s, n_mfcc=o.get("nMfcc", 20), norm=o.get("dctNorm", "ortho"), lifter=o.get("lifter", 0)
    ).T


def check_log_mel(y, o, sample_rate):
    return reference.decibels(reference.mel_spectrogram(y, o, sample_rate), o)


def taper(o):
    """Makes an inverse worth testing: bin k of nBins is multiplied by 1 − k/nBins."""
    n = 1 + o["nFft"] // 2
    return 1 - np.arange(n) / n


def run_istft(y, o, _):
    s = stft(y, o) * taper(o)[:, None].astype(y.dtype)
    return librosa.istft(s, length=y.size, **stft_arguments(o))


def check_istft(y, o, _):
    return reference.istft(reference.stft(y, o) * taper(o), o, y.size)


def magnitudes(y, o):
    return np.abs(stft(y, o))


def hz_of(o, sample_rate):
    return np.arange(1 + o["nFft"] // 2) * sample_rate / o["nFft"]


def run_centroid(y, o, sample_rate):
    return librosa.feature.spectral_centroid(S=magnitudes(y, o), sr=sample_rate, n_fft=o["nFft"])[0]


def check_centroid(y, o, sample_rate):
    """Σ f·|X| / Σ |X|, and 0 for a frame whose sum is below the smallest normal float64."""
    s = np.abs(reference.stft(y, o))
    total = s.sum(axis=1)
    return (s @ hz_of(o, sample_rate)) / np.where(total < np.finfo(np.float64).tiny, 1, total)


def run_rolloff(y, o, sample_rate):
    return librosa.feature.spectral_rolloff(
        S=magnitudes(y, o), sr=sample_rate, n_fft=o["nFft"], roll_percent=o["rollPercent"]
    )[0]


def check_rolloff(y, o, sample_rate):
    """The lowest bin at which the running sum of |X| reaches rollPercent of the whole, in Hz."""
    running = np.cumsum(np.abs(reference.stft(y, o)), axis=1)
    return hz_of(o, sample_rate)[(running >= o["rollPercent"] * running[:, -1:]).argmax(axis=1)]


def run_flatness(y, o, _):
    return librosa.feature.spectral_flatness(S=magnitudes(y, o), amin=o["amin"], power=2.0)[0]


def check_flatness(y, o, _):
    """Geometric over arithmetic mean of max(|X|², amin)."""
    s = np.maximum(np.abs(reference.stft(y, o)) ** 2, o["amin"])
    return np.exp(np.log(s).mean(axis=1)) / s.mean(axis=1)


def run_flux(y, o, sample_rate):
    return librosa.onset.onset_strength(
        S=magnitudes(y, o), sr=sample_rate, lag=1, max_size=1, center=False, aggregate=np.sum
    )


def check_flux(y, o, _):
    """Σ_k max(0, |X[t, k]| − |X[t−1, k]|) (Dixon 2006, eq. 2.1); the first frame has no predecessor and gets 0."""
    s = np.abs(reference.stft(y, o))
    return np.concatenate([[0.0], np.maximum(0, np.diff(s, axis=0)).sum(axis=1)])


def run_rms(y, o, _):
    return librosa.feature.rms(
        y=y, frame_length=o["winLength"], hop_length=o["hopLength"], center=o["center"], dtype=y.dtype.type
    )[0]


def check_rms(y, o, _):
    return np.sqrt((reference.frames_of(y, o["winLength"], o["hopLength"], o["center"]) ** 2).mean(axis=1))


def run_zcr(y, o, _):
    return librosa.feature.zero_crossing_rate(
        y, frame_length=o["winLength"], hop_length=o["hopLength"], center=o["center"]
    )[0]


def check_zcr(y, o, _):
    """Sign changes inside a frame over its length; |x| ≤ 1e−10 is +0; centred frames repeat the edge samples."""
    frames = reference.frames_of(y, o["winLength"], o["hopLength"], o["center"], "edge")
    negative = np.where(np.abs(frames) <= 1e-10, 0, frames) < 0
    return (negative[:, 1:] != negative[:, :-1]).sum(axis=1) / o["winLength"]


def run_preemphasis(y, o, _):
    return librosa.effects.preemphasis(y, coef=o["coefficient"])


def check_preemphasis(y, o, _):
    """y[t] − c·y[t−1]; before the first stands a state that makes it y[0] + (2·y[0] − y[1])."""
    return np.concatenate([[3 * y[0] - y[1]], y[1:] - o["coefficient"] * y[:-1]])


def run_frames(y, o, _):
    return librosa.util.frame(y, frame_length=o["winLength"], hop_length=o["hopLength"]).T


RUN = {
    "stft": (run_stft, check_stft),
    "istft": (run_istft, check_istft),
    "melSpectrogram": (lambda *a: mel(*a).T, reference.mel_spectrogram),
    "logMel": (lambda *a: log_mel(*a).T, check_log_mel),
    "mfcc": (run_mfcc, lambda y, o, sr: reference.mfcc(check_log_mel(y, o, sr), o)),
    "spectralCentroid": (run_centroid, check_centroid),
    "spectralRolloff": (run_rolloff, check_rolloff),
    "spectralFlatness": (run_flatness, check_flatness),
    "spectralFlux": (run_flux, check_flux),
    "rms": (run_rms, check_rms),
    "zeroCrossingRate": (run_zcr, check_zcr),
    "preemphasis": (run_preemphasis, check_preemphasis),
    "frames": (run_frames, lambda y, o, _: reference.frames_of(y, o["winLength"], o["hopLength"], False)),
}

CALLS = {
    "stft": "librosa.stft, power_to_db, amplitude_to_db; padMode reflect: np.pad before, center=False",
    "istft": "librosa.istft(librosa.stft(y) with bin k times 1 - k / nBins, length=len(y))",
    "melSpectrogram": "librosa.feature.melspectrogram",
    "logMel": "librosa.power_to_db(librosa.feature.melspectrogram)",
    "mfcc": "librosa.feature.mfcc",
    "spectralCentroid": "librosa.feature.spectral_centroid",
    "spectralRolloff": "librosa.feature.spectral_rolloff",
    "spectralFlatness": "librosa.feature.spectral_flatness(power=2)",
    "spectralFlux": "librosa.onset.onset_strength(S=|X|, lag=1, max_size=1, center=False, aggregate=np.sum)",
    "rms": "librosa.feature.rms(y=y)",
    "zeroCrossingRate": "librosa.feature.zero_crossing_rate",
    "preemphasis": "librosa.effects.preemphasis",
    "frames": "librosa.util.frame",
}

SEED_FRAMES = {"nFft": 2400, "hopLength": 80, "window": "blackman", "windowSymmetry": "symmetric", "center": False}
W1 = {"nFft": 1024, "hopLength": 512, "nMels": 64}
W2 = {"nFft": 512, "winLength": 400, "hopLength": 160, "nMels": 80, "center": False}
W3 = {"nFft": 512, "winLength": 400, "hopLength": 160, "nMels": 40, "center": False}
WINDOWS = ("hann", "hamming", "blackman", "bartlett", "rectangular", "povey")


def stft_cases():
    yield "mix", {"nFft": 512, "hopLength": 512}
    yield "mix", {"nFft": 400, "hopLength": 640, "padMode": "reflect"}
    yield "mix", {"nFft": 400, "winLength": 320, "hopLength": 500, "window": "hamming", "center": False}
    yield "mix", {"nFft": 240, "winLength": 100, "hopLength": 1000, "window": "bartlett"}
    yield "mix", {"nFft": 375, "winLength": 201, "hopLength": 900, "windowSymmetry": "symmetric"}
    yield "mix", {"nFft": 256, "winLength": 99, "hopLength": 1200, "window": "povey", "windowSymmetry": "symmetric"}
    yield "mix", {"nFft": 64, "winLength": 1, "hopLength": 800, "window": "rectangular"}
    yield "mix", {"nFft": 2048, "hopLength": 2048, "padMode": "reflect", "power": 1}
    yield "mix", {"nFft": 512, "hopLength": 1024, "power": 2, "fMin": 1000, "fMax": 3000}
    yield "mix", {"nFft": 512, "hopLength": 1024, "power": 1, "scale": "db"}
    yield "mix", {"nFft": 480, "hopLength": 1600, "power": 2, "scale": "db", "ref": 4.0, "amin": 1e-3, "topDb": 60}
    yield "short", {"nFft": 512, "hopLength": 128}
    yield "short", {"nFft": 150, "hopLength": 40, "padMode": "reflect"}
    yield "frame", {"nFft": 512, "hopLength": 128, "center": False}
    yield "frame", {"nFft": 512, "winLength": 16, "hopLength": 4000, "window": "blackman"}
    yield "mix", {**SEED_FRAMES, "hopLength": 1600}
    # Sizes: powers of two, 2^a·3^b·5^c, primes, odd, and the smallest.
    for n_fft in (400, 512, 1000, 1021, 1024, 2400, 251, 7, 96, 121, 243, 625, 1155, 2018):
        yield "noise", {"nFft": n_fft, "hopLength": 1500, "center": False}
    for n_fft in (1, 2, 3, 4, 5, 6):
        yield "short", {"nFft": n_fft, "hopLength": 9, "window": "rectangular"}
        yield "short", {"nFft": n_fft, "hopLength": 9, "power": 2, "padMode": "reflect"}
    # Windows of both symmetries, in frames longer than they are and not.
    for name in WINDOWS:
        for symmetry in ("periodic", "symmetric"):
            yield "chirp", {"nFft": 200, "hopLength": 1111, "window": name, "windowSymmetry": symmetry, "power": 1}
            yield "chirp", {"nFft": 128, "winLength": 51, "hopLength": 1111, "window": name, "windowSymmetry": symmetry}
    # Closed forms: a bin centre, an impulse, an offset, nothing, the loudest square wave.
    for name in ("onBin", "impulse", "dc", "silence", "square"):
        yield name, {"nFft": 256, "hopLength": 400, "power": 2}
        yield name, {"nFft": 257, "hopLength": 700, "padMode": "reflect"}
    # One sample, three samples, less than a frame.
    for name in ("one", "three", "short"):
        yield name, {"nFft": 16, "hopLength": 8, "power": 2}
    yield "three", {"nFft": 5, "hopLength": 2, "padMode": "reflect"}  # the longest mirror: nFft/2 = nSamples − 1
    yield "short", {"nFft": 9, "hopLength": 2, "padMode": "reflect"}
    yield "one", {"nFft": 9, "hopLength": 2}
    yield "one", {"nFft": 1, "hopLength": 1, "center": False, "window": "rectangular"}
    yield "three", {"nFft": 3, "hopLength": 5, "center": False}
    yield "voice8k", {"nFft": 240, "winLength": 200, "hopLength": 801, "power": 1}
    yield "mix44k", {"nFft": 1102, "hopLength": 2999, "power": 2, "scale": "db", "ref": "max", "topDb": 90}
    yield "silence", {"nFft": 64, "hopLength": 500, "power": 2, "scale": "db"}
    yield "fade", {"nFft": 512, "hopLength": 900, "power": 1, "scale": "db", "ref": "max", "topDb": 50}


def mel_cases():
    yield "mix", {"nFft": 2048, "hopLength": 512, "nMels": 128}
    yield "mix", W1
    yield "mix", {**W1, "padMode": "reflect", "melScale": "htk", "melNorm": None, "power": 1}
    yield "mix", {**W1, "melScale": "htk", "fMin": 50, "fMax": 7000}
    yield "mix", {**W3, "melNorm": None, "fMin": 20}
    yield "short", {"nFft": 400, "hopLength": 160, "nMels": 26}
    for scale in ("slaney", "htk"):
        for norm in ("slaney", None):
            for power in (1, 2):
                yield (
                    "voice",
                    {"nFft": 400, "hopLength": 800, "nMels": 40, "melScale": scale, "melNorm": norm, "power": power},
                )
    # Empty bands: more of them than bins below a kilohertz.
    yield "voice", {"nFft": 256, "hopLength": 1600, "nMels": 128}
    yield "voice", {"nFft": 64, "hopLength": 1600, "nMels": 80, "melScale": "htk", "melNorm": None}
    yield "voice", {"nFft": 251, "hopLength": 1600, "nMels": 24}
    yield "voice", {"nFft": 1021, "winLength": 400, "hopLength": 1600, "nMels": 32, "fMin": 300, "fMax": 3400}
    yield "voice", {"nFft": 512, "hopLength": 2000, "nMels": 1, "fMin": 1000, "fMax": 1400}
    yield "voice8k", {"nFft": 256, "winLength": 200, "hopLength": 400, "nMels": 23, "center": False}
    yield "mix44k", {"nFft": 2048, "hopLength": 1024, "nMels": 96, "fMax": 16000}
    yield "mix11k", {"nFft": 512, "hopLength": 777, "nMels": 40}
    for name in ("silence", "dc", "impulse", "square", "one", "three"):
        yield name, {"nFft": 512, "hopLength": 512, "nMels": 20}


def log_mel_cases():
    yield "mix", {**W1, "topDb": None}
    yield "mix", W2
    yield "mix", {**W1, "ref": "max"}
    yield "fade", {**W1, "ref": "max", "topDb": 40}
    yield "fade", {**W1, "ref": "max", "topDb": None}
    yield "quiet", {**W1, "ref": 0.5, "amin": 1e-6, "topDb": None}
    yield "voice", {**W2, "hopLength": 640, "topDb": None}
    yield "voice", {**W2, "hopLength": 640, "ref": "max", "topDb": 80}
    yield "silence", W1
    yield "silence", {**W1, "ref": "max"}
    yield "one", {**W1, "topDb": None}
    yield "square", {**W1, "padMode": "reflect"}
    yield "impulse", {**W1, "hopLength": 300, "topDb": None}
    yield "voice", {"nFft": 128, "hopLength": 2000, "nMels": 100, "topDb": 80}
    yield "mix44k", {"nFft": 1764, "hopLength": 1500, "nMels": 64, "topDb": None, "amin": 1e-7}


def mfcc_cases():
    yield "mix", {"nFft": 2048, "hopLength": 512, "nMels": 128}
    yield "mix", {**W3, "nMfcc": 13, "topDb": None}
    yield "mix", {**W3, "nMfcc": 13, "lifter": 22}
    yield "fade", {**W3, "nMfcc": 40, "dctNorm": None, "topDb": 30, "ref": "max"}
    yield "voice", {**W3, "nMfcc": 13}
    yield "voice", {**W3, "nMfcc": 1}
    yield "voice", {**W3, "nMfcc": 40, "lifter": 2.5, "dctNorm": None, "topDb": None}
    yield (
        "voice8k",
        {"nFft": 256, "winLength": 200, "hopLength": 80, "nMels": 23, "nMfcc": 13, "melScale": "htk", "melNorm": None},
    )
    yield "silence", {**W3, "nMfcc": 13}
    yield "short", {"nFft": 512, "hopLength": 64, "nMels": 26, "nMfcc": 26, "lifter": 22}


def istft_cases():
    for name, o in (
        ("voice", {"nFft": 512, "hopLength": 128}),
        ("mix", {"nFft": 400, "hopLength": 160}),
        ("noise", {"nFft": 512, "winLength": 400, "hopLength": 100, "window": "hamming"}),
        ("noise", {"nFft": 251, "hopLength": 60}),
        ("chirp", {"nFft": 1000, "hopLength": 250, "center": False}),
        ("short", {"nFft": 64, "hopLength": 16, "padMode": "reflect"}),
        ("chirp", {"nFft": 256, "hopLength": 256, "window": "rectangular"}),
    ):
        yield name, o


def spectral_cases():
    for name in ("voice", "mix", "noise", "square", "silence", "impulse", "short"):
        yield name, {"nFft": 512, "hopLength": 256}
    yield "voice", {"nFft": 400, "hopLength": 160, "center": False, "window": "hamming"}
    yield "mix44k", {"nFft": 1000, "hopLength": 441, "padMode": "reflect"}


def time_cases():
    for name in ("voice", "mix", "square", "silence", "dc", "one", "three"):
        yield name, {"winLength": 512, "hopLength": 128, "center": True}
    yield "noise", {"winLength": 400, "hopLength": 160, "center": False}
    yield "noise", {"winLength": 101, "hopLength": 333, "center": True}
    yield "noise", {"winLength": 1, "hopLength": 100, "center": False}


def cases():
    for kind, pairs in (
        ("stft", stft_cases),
        ("melSpectrogram", mel_cases),
        ("logMel", log_mel_cases),
        ("mfcc", mfcc_cases),
        ("istft", istft_cases),
    ):
        yield from ((kind, *pair) for pair in pairs())
    for name, o in spectral_cases():
        yield "spectralCentroid", name, o
        yield "spectralRolloff", name, {**o, "rollPercent": 0.85}
        yield "spectralFlatness", name, {**o, "amin": 1e-10}
        yield "spectralFlux", name, o
    yield "spectralRolloff", "voice", {"nFft": 512, "hopLength": 256, "rollPercent": 0.01}
    for name, o in time_cases():
        yield "rms", name, o
        yield "zeroCrossingRate", name, o
    for name, win, hop in (("short", 40, 16), ("short", 30, 50), ("short", 100, 1)):
        yield "frames", name, {"winLength": win, "hopLength": hop}
    for name, coefficient in (("voice", 0.97), ("short", 0.95), ("three", 1.0), ("dc", 0.0)):
        yield "preemphasis", name, {"coefficient": coefficient}


def add_deltas(store):
    for name, width, order, mode in (
        ("cepstra", 9, 1, "interp"),
        ("cepstra", 9, 2, "interp"),
        ("cepstra", 5, 1, "nearest"),
        ("cepstra", 7, 1, "mirror"),
        ("cepstra", 5, 2, "constant"),
        ("cepstra", 3, 1, "wrap"),
        ("ramp", 9, 1, "nearest"),
        ("ramp", 25, 1, "interp"),
        ("constant", 9, 1, "interp"),
        ("few", 3, 1, "interp"),
        ("few", 9, 1, "nearest"),
    ):
        x = golden_signals.matrices()[name]
        expected = librosa.feature.delta(x.T, width=width, order=order, mode=mode).T
        single = librosa.feature.delta(x.T.astype(np.float32), width=width, order=order, mode=mode).T
        options = {"preset": "librosa", "deltaWidth": width, "deltaOrder": order, "deltaMode": mode}
        check = reference.savgol_deltas(x, width, order, mode)
        store.add("deltas", name, options, "librosa.feature.delta", expected, check, single=single, floor=1)


def add_decibels(store):
    """Of a matrix with zeros and values below every floor."""
    x = golden_signals.matrices()["powers"]
    for kind, power in (("powerToDb", 2), ("amplitudeToDb", 1)):
        run = {"powerToDb": librosa.power_to_db, "amplitudeToDb": librosa.amplitude_to_db}[kind]
        for o in ({}, {"topDb": None}, {"ref": "max", "topDb": 30.0}, {"ref": 0.25, "amin": 1e-3, "topDb": None}):
            arguments = dict(
                ref=ref_of(o), amin=o.get("amin", 1e-10 if power == 2 else 1e-5), top_db=o.get("topDb", 80.0)
            )
            single = run(x.astype(np.float32), **arguments)
            store.add(
                kind,
                "powers",
                {"preset": "librosa", **o},
                f"librosa.{run.__name__}",
                run(x, **arguments),
                reference.decibels(x, o, power),
                single=single,
            )


def main():
    store = Store("librosa", __file__, ["librosa", "numpy", "scipy"])
    for kind, name, o in cases():
        y, sample_rate = golden_signals.unit(name), golden_signals.rate(name)
        run, check = RUN[kind]
        expected = run(y, o, sample_rate)
        single = run(y.astype(np.float32), o, sample_rate)
        options = {"preset": "librosa", **o}
        store.add(kind, name, options, CALLS[kind], expected, check(y, o, sample_rate), single=single)
    add_deltas(store)
    add_decibels(store)
    store.close()


if __name__ == "__main__":
    main()
