"""Writes data/python_speech_features.{json,bin}: mfcc, fbank, logfbank, delta, preemphasis and framesig of int16,
and the rows that a boundary detector is trained on: regions around a boundary and their differences."""

import numpy as np
import python_speech_features as psf

import golden_signals
import reference
import reference_speech as speech
from golden_store import Store

# python_speech_features' own defaults; winlen and winstep are seconds there.
BASE = dict(winlen=0.025, winstep=0.01, nfilt=26, nfft=512, lowfreq=0, highfreq=None, preemph=0.97)
CEPSTRA = dict(numcep=13, ceplifter=22, appendEnergy=True)

# The phoneme boundary detector's: a frame a millisecond.
BOUNDARY = dict(winlen=0.010, winstep=0.001, nfft=512, ceplifter=22)
WINDOWS = {"rectangular": np.ones, "hamming": np.hamming, "hann": np.hanning}


def options_of(kind, given, sample_rate):
    o = BASE | (CEPSTRA if kind == "mfcc" else {}) | given
    half_up = lambda seconds: int(np.floor(seconds * sample_rate + 0.5))
    options = {
        "preset": "python_speech_features",
        "sampleScale": "int16",
        "winLength": half_up(o["winlen"]),
        "hopLength": half_up(o["winstep"]),
    }
    options |= {
        "nFft": o["nfft"],
        "window": o.get("window", "rectangular"),
        "windowSymmetry": "symmetric",
        "preemphasis": o["preemph"],
    }
    options |= {"nMels": o["nfilt"], "fMin": o["lowfreq"], "fMax": o["highfreq"] or sample_rate / 2, "power": 2}
    if kind == "mfcc":
        options |= {"nMfcc": o["numcep"], "lifter": o["ceplifter"], "useEnergy": o["appendEnergy"]}
    return options | ({"log": "ln"} if kind == "logMel" else {})


def run(kind, y, given, sample_rate):
    arguments = {
        key: value for key, value in (BASE | (CEPSTRA if kind == "mfcc" else {}) | given).items() if key != "window"
    }
    winfunc = WINDOWS[given.get("window", "rectangular")]
    if kind == "logMel":
        return psf.logfbank(y, sample_rate, **arguments)
    if kind == "melSpectrogram":
        return psf.fbank(y, sample_rate, winfunc=winfunc, **arguments)[0]
    return psf.mfcc(y, sample_rate, winfunc=winfunc, **arguments)


def check(kind, y, o, sample_rate):
    if kind == "mfcc":
        return speech.psf_mfcc(y, o, sample_rate)
    bands, _ = speech.psf_bands(y, o, sample_rate)
    return np.log(bands) if kind == "logMel" else bands


def variations():
    for kind in ("mfcc", "logMel", "melSpectrogram"):
        yield kind, "voice", {"winstep": 0.02}
        yield kind, "voice", {"preemph": 0, "winstep": 0.03}
        yield kind, "mix", {"nfft": 400, "winstep": 0.03}
        yield kind, "mix", {"nfft": 1024, "nfilt": 40, "winstep": 0.03}
        yield kind, "mix", {"nfft": 256, "winstep": 0.03}  # frames cut to nfft
        yield kind, "mix", {"lowfreq": 300, "highfreq": 3400, "winstep": 0.03}
        yield kind, "voice", {"nfilt": 100, "winstep": 0.03}  # empty bands
        yield kind, "mix", {"winlen": 0.010, "winstep": 0.025}  # hop > window
        for name in ("short", "frame", "one", "three", "silence", "square", "impulse"):
            yield kind, name, {}
        yield kind, "voice8k", {"nfft": 256}
        yield kind, "mix44k", {"nfft": 2048}
        yield kind, "mix11k", {"nfft": 512, "winlen": 0.0232, "winstep": 0.0101}  # half-up rounding of lengths
    for window in ("hamming", "hann"):
        yield "mfcc", "voice", {"window": window, "winstep": 0.02}
        yield "melSpectrogram", "voice", {"window": window, "winstep": 0.02}
    yield "mfcc", "voice", {"appendEnergy": False, "winstep": 0.02}
    yield "mfcc", "voice", {"ceplifter": 0, "winstep": 0.02}
    yield "mfcc", "voice", {"numcep": 26, "ceplifter": 15, "winstep": 0.02}
    yield "mfcc", "voice", {"numcep": 1, "winstep": 0.02}


def given_text(given):
    return ", ".join(f"{key}={value}" for key, value in given.items())


def add_deltas(store):
    for name, n in (("cepstra", 2), ("cepstra", 1), ("ramp", 5), ("few", 2), ("single", 2), ("constant", 3)):
        x = golden_signals.matrices()[name]
        options = {"preset": "python_speech_features", "deltaWindow": n, "deltaOrder": 1, "deltaMode": "nearest"}
        store.add(
            "deltas",
            name,
            options,
            f"python_speech_features.delta(x, {n})",
            psf.delta(x, n),
            reference.regression_deltas(x, n, "edge"),
            floor=1,
        )


def add_sigproc(store):
    """The first sample stays as it is; frames count up to the last sample, zeros after it."""
    for name, coefficient in (("short", 0.97), ("three", 0.95), ("one", 0.97), ("frame", 0.0)):
        x, y = golden_signals.samples(name), golden_signals.int16_scale(name)
        options = {"preset": "python_speech_features", "sampleScale": "int16", "coefficient": coefficient}
        wanted = np.concatenate([y[:1], y[1:] - coefficient * y[:-1]])
        store.add(
            "preemphasis",
            name,
            options,
            "python_speech_features.sigproc.preemphasis",
            psf.sigproc.preemphasis(x, coefficient),
            wanted,
        )
    for name, win, hop in (("short", 40, 16), ("short", 30, 50), ("three", 8, 4), ("short", 50, 50)):
        x = golden_signals.samples(name)
        options = {"preset": "python_speech_features", "sampleScale": "int16", "winLength": win, "hopLength": hop}
        wanted = speech.psf_frames(golden_signals.int16_scale(name), win, hop)
        store.add(
            "frames",
            name,
            options,
            "python_speech_features.sigproc.framesig",
            psf.sigproc.framesig(x, win, hop),
            wanted,
        )


# Ends of one word and begins of the next, in milliseconds, of a recording of half a second.
BOUNDARIES = ((120, 120), (250, 262), (331, 318))


def region_rows(features, left, right):
    """Five blocks of ten frames walking left from left − 5, the boundary's own, five walking right."""
    lefts = [features[left - 5 - 10 * i : left + 5 - 10 * i] for i in range(1, 6)]
    own = np.concatenate([features[left - 5 : left], features[right : right + 5]])
    rights = [features[right + 5 + 10 * (i - 1) : right + 5 + 10 * i] for i in range(1, 6)]
    return np.array([block.reshape(-1) for block in (*lefts, own, *rights)])


def check_regions(features, left, right):
    """The same, frame by frame."""
    rows = []
    for block in (-1, -2, -3, -4, -5, 0, 1, 2, 3, 4, 5):
        first = left - 5 + 10 * block if block < 0 else right + 5 + 10 * (block - 1)
        frames = range(first, first + 10)
        if block == 0:
            frames = (*range(left - 5, left), *range(right, right + 5))
        rows.append([value for t in frames for value in features[t].tolist()])
    return np.array(rows)


def check_differences(features, left, right):
    rows = check_regions(features, left, right)
    half = rows.shape[1] // 2
    return rows[:, :half] - rows[:, half:]


def add_boundaries(store):
    """The detector's front-end, its deltas, its rows: per boundary 11 regions of 10 × 13, 11 differences of 5 × 13."""
    y = golden_signals.samples("voice")
    options = options_of("mfcc", BOUNDARY, 16000)
    mfcc = psf.mfcc(y, 16000, **BOUNDARY)
    wanted = speech.psf_mfcc(golden_signals.int16_scale("voice"), options, 16000)
    call = f"python_speech_features.mfcc({given_text(BOUNDARY)})"
    store.add("mfcc", "voice", options, call, mfcc, wanted)
    deltas = psf.delta(mfcc, 2)
    options = options | {"deltaWindow": 2, "deltaOrder": 1, "deltaMode": "nearest"}
    wanted = reference.regression_deltas(wanted, 2, "edge")
    store.add("mfccDeltas", "voice", options, f"python_speech_features.delta({call}, 2)", deltas, wanted)
    boundaries = [list(pair) for pair in BOUNDARIES]
    regions = np.concatenate([region_rows(deltas, *pair) for pair in BOUNDARIES])
    differences = np.concatenate([row.reshape(2, -1)[0] - row.reshape(2, -1)[1] for row in regions]).reshape(
        len(regions), -1
    )
    options = options | {"boundaries": boundaries, "unit": "frame"}
    check_all = lambda part: np.concatenate([part(wanted, *pair) for pair in BOUNDARIES])
    store.add(
        "boundaryRegions",
        "voice",
        options,
        "rows L1…L5, boundary, R1…R5 of 10 frames",
        regions,
        check_all(check_regions),
    )
    store.add(
        "boundaryDifferences",
        "voice",
        options,
        "first half minus second half of each region",
        differences,
        check_all(check_differences),
    )


def main():
    store = Store("python_speech_features", __file__, ["python_speech_features", "numpy", "scipy"])
    for kind, name, given in variations():
        sample_rate = golden_signals.rate(name)
        options = options_of(kind, given, sample_rate)
        wanted = check(kind, golden_signals.int16_scale(name), options, sample_rate)
        function = {"mfcc": "mfcc", "logMel": "logfbank", "melSpectrogram": "fbank"}[kind]
        call = f"python_speech_features.{function}({given_text(given)})"
        store.add(kind, name, options, call, run(kind, golden_signals.samples(name), given, sample_rate), wanted)
    add_deltas(store)
    add_sigproc(store)
    add_boundaries(store)
    store.close()


if __name__ == "__main__":
    main()
