"""Writes data/scipy.{json,bin}: windows, fftpack's packed spectrum (the beep detector's), Goertzel, DCT, CMVN."""

import numpy as np
import scipy.fft
import scipy.fftpack
import scipy.signal
import scipy.stats

import golden_signals
import reference
from golden_store import Store

SAMPLE_RATE = 16000
SCIPY_NAMES = {"rectangular": "boxcar"}


def window_of(name, n, symmetric):
    if name == "povey":
        return scipy.signal.get_window("hann", n, fftbins=not symmetric) ** 0.85
    return scipy.signal.get_window(SCIPY_NAMES.get(name, name), n, fftbins=not symmetric)


def add_windows(store):
    for name in ("hann", "hamming", "blackman", "bartlett", "rectangular", "povey"):
        for n in (1, 2, 3, 7, 16, 400):
            for symmetry in ("periodic", "symmetric"):
                symmetric = symmetry == "symmetric"
                options = {"window": name, "winLength": n, "windowSymmetry": symmetry}
                # Blackman's end points are a difference that should be zero.
                store.add(
                    "window",
                    None,
                    options,
                    "scipy.signal.get_window",
                    window_of(name, n, symmetric),
                    reference.window(name, n, symmetric),
                    1e-15,
                    floor=1,
                )


def starts_of(y, o):
    """The detector's own loop, `range(0, len(x) - winLength, hop)`, leaves out a last frame that just fits."""
    return range(0, y.size - o["nFft"] + (o["tail"] == "inclusive"), o["hopLength"])


def run_packed(y, o):
    window = scipy.signal.windows.blackman(o["nFft"]) if o["window"] == "blackman" else np.ones(o["nFft"])
    return np.array([scipy.fftpack.rfft(y[s : s + o["nFft"]] * window) for s in starts_of(y, o)])


def check_packed(y, o):
    """[y0, Re1, Im1, Re2, Im2, …], with the real Nyquist value last where nFft is even."""
    window = reference.window(o["window"], o["nFft"], symmetric=True)
    s = reference.rdft(np.array([y[start : start + o["nFft"]] for start in starts_of(y, o)]) * window)
    packed = np.zeros((s.shape[0], o["nFft"]))
    packed[:, 0] = s[:, 0].real
    packed[:, 1::2] = s[:, 1:].real
    packed[:, 2::2] = s[:, 1 : 1 + (o["nFft"] - 1) // 2].imag
    return packed


def columns_kept(o):
    first, end = o.get("columns", (0, o["nFft"]))
    return slice(first, end)


def decibels(packed):
    return 20 * np.log10(np.abs(packed))


def add_packed(store):
    """Columns 1100 … 1299 (3.67–4.33 kHz) of the detector's 2400 are those its labels come from."""
    seed = {
        "nFft": 2400,
        "hopLength": 80,
        "window": "blackman",
        "windowSymmetry": "symmetric",
        "center": False,
        "tail": "exclusive",
    }
    for name, o in (
        ("beep", {**seed, "hopLength": 240, "columns": [1100, 1300]}),
        ("beep", {**seed, "hopLength": 1200}),
        ("onBin", {**seed, "tail": "inclusive"}),
        ("noise", {**seed, "nFft": 251, "hopLength": 1000}),
        ("noise", {**seed, "nFft": 6, "hopLength": 500, "window": "rectangular"}),
        ("noise", {**seed, "nFft": 5, "hopLength": 500, "window": "rectangular"}),
        ("three", {**seed, "nFft": 2, "hopLength": 1, "window": "rectangular", "tail": "inclusive"}),
        ("one", {**seed, "nFft": 1, "hopLength": 1, "window": "rectangular", "tail": "inclusive"}),
    ):
        y = golden_signals.unit(name)
        kept = columns_kept(o)
        double, wanted = run_packed(y, o)[:, kept], check_packed(y, o)[:, kept]
        single = run_packed(y.astype(np.float32), o)[:, kept]
        options = {"layout": "fftpack-packed", **o}
        store.add(
            "stft",
            name,
            options | {"scale": "linear"},
            "scipy.fftpack.rfft(frame * scipy.signal.windows.blackman(nFft))",
            double,
            wanted,
            single=single,
        )
        if name == "beep":
            # Of a column near zero 20·log10 shows rounding only: what is above −160 dB of the peak is compared.
            assert np.abs(double).min() > 1e-8 * np.abs(double).max()
            store.add(
                "stft",
                name,
                options | {"scale": "db"},
                "20 * numpy.log10(numpy.abs(scipy.fftpack.rfft(…)))",
                decibels(double),
                decibels(wanted),
                1e-8,
            )


def add_observations(store):
    """The same spectrum unpacked, as 20·log10|X| of the bins from fMin to fMax."""
    o = {
        "nFft": 2400,
        "hopLength": 240,
        "window": "blackman",
        "windowSymmetry": "symmetric",
        "center": False,
        "tail": "inclusive",
    }
    y = golden_signals.unit("beep")
    kept = slice(300, 901)  # 2000 … 6000 Hz, 20/3 Hz a bin
    magnitudes = lambda packed: np.hypot(packed[:, 1:-1:2], packed[:, 2:-1:2])[:, kept.start - 1 : kept.stop - 1]
    double, wanted = (20 * np.log10(magnitudes(run(y, o))) for run in (run_packed, check_packed))
    del o["tail"]
    options = {**o, "power": 2, "scale": "db", "fMin": 2000, "fMax": 6000}
    store.add("stft", "beep", options, "20 * numpy.log10(abs(X)) of scipy.fftpack.rfft, unpacked", double, wanted, 1e-9)


def add_goertzel(store):
    """|Σ w[n]·x[n]·e^(−2πi·f·n/sampleRate)|² of one frequency (scipy's chirp-z transform with one point)."""
    for name, o in (
        ("beep", {"frequencyHz": 4000, "winLength": 400, "hopLength": 200, "window": "rectangular"}),
        (
            "beep",
            {"frequencyHz": 3987.3, "winLength": 400, "hopLength": 200, "window": "hann", "windowSymmetry": "periodic"},
        ),
        ("onBin", {"frequencyHz": 1000, "winLength": 256, "hopLength": 256, "window": "rectangular"}),
        (
            "onBin",
            {
                "frequencyHz": 1093.75,
                "winLength": 256,
                "hopLength": 256,
                "window": "blackman",
                "windowSymmetry": "symmetric",
            },
        ),
        ("noise", {"frequencyHz": 0, "winLength": 251, "hopLength": 333, "window": "rectangular"}),
        ("noise", {"frequencyHz": 8000, "winLength": 251, "hopLength": 333, "window": "rectangular"}),
        ("noise", {"frequencyHz": 61.7, "winLength": 2400, "hopLength": 800, "window": "rectangular"}),
        ("one", {"frequencyHz": 440, "winLength": 1, "hopLength": 1, "window": "rectangular"}),
    ):
        y, n = golden_signals.unit(name), o["winLength"]
        turn = o["frequencyHz"] / SAMPLE_RATE
        symmetric = o.get("windowSymmetry") == "symmetric"
        starts = range(0, y.size - n + 1, o["hopLength"])
        window = window_of(o["window"], n, symmetric)
        found = [
            np.abs(scipy.signal.czt(y[s : s + n] * window, 1, 1, np.exp(2j * np.pi * turn))[0]) ** 2 for s in starts
        ]
        oscillator = np.exp(-2j * np.pi * turn * np.arange(n)) * reference.window(o["window"], n, symmetric)
        wanted = [np.abs(y[s : s + n] @ oscillator) ** 2 for s in starts]
        store.add(
            "goertzel",
            name,
            {**o, "center": False, "power": 2},
            "abs(scipy.signal.czt(frame * window, 1, 1, exp(2πi·f/sampleRate)))²",
            found,
            wanted,
        )


def add_transforms(store):
    for name, n_out, norm in (
        ("cepstra", 13, "ortho"),
        ("cepstra", 13, None),
        ("cepstra", 5, "ortho"),
        ("ramp", 3, None),
    ):
        x = golden_signals.matrices()[name]
        run = lambda x: scipy.fft.dct(x, type=2, axis=1, norm=norm)[:, :n_out]
        options = {"nMfcc": n_out, "dctNorm": norm}
        store.add(
            "dct",
            name,
            options,
            "scipy.fft.dct(x, type=2)[:, :nMfcc]",
            run(x),
            reference.dct2(x, n_out, norm),
            single=run(x.astype(np.float32)),
        )
    for name in ("cepstra", "ramp"):
        x = golden_signals.matrices()[name]
        centred = x - x.sum(axis=0) / x.shape[0]
        spread = np.sqrt((centred**2).sum(axis=0) / x.shape[0])
        store.add(
            "cmvn",
            name,
            {"normVars": True},
            "scipy.stats.zscore(x, axis=0, ddof=0)",
            scipy.stats.zscore(x, axis=0),
            centred / spread,
        )


def main():
    store = Store("scipy", __file__, ["scipy", "numpy"])
    add_windows(store)
    add_packed(store)
    add_observations(store)
    add_goertzel(store)
    add_transforms(store)
    store.close()


if __name__ == "__main__":
    main()
