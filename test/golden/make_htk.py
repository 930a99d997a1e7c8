"""Writes data/htk.{json,bin}: what HTK 3.4.1's HCopy makes of MFCC_0, MFCC_E, FBANK, MELSPEC and their differences.

HTK is in no package registry, so its numbers are computed twice in float64 from its steps: here with parts of other
libraries (torchaudio's Kaldi windows and mel banks, SciPy's DCT, python_speech_features' lifter and delta), and in
reference_speech.py from HTK's own formulas (HSigP.c, HParm.c). The two must agree. HTK itself works in float32.
"""

import numpy as np
import python_speech_features as psf
import scipy.fft
import torch
import torchaudio.compliance.kaldi as kaldi

import golden_signals
import reference
import reference_speech as speech
from golden_store import Store

# A usual recipe (The HTK Book, tutorial): 25 ms, 10 ms, 26 bands. HTK's own defaults are 25.6 ms and 20 bands.
BASE = dict(
    winLength=400,
    hopLength=160,
    nFft=512,
    window="hamming",
    windowSymmetry="symmetric",
    preemphasis=0.97,
    removeDcOffset=False,
    power=1,
    nMels=26,
    fMin=0,
    fMax=8000,
    rawEnergy=True,
    useEnergy=False,
    appendC0=False,
    energyNormalise=True,
    energyScale=0.1,
    silenceFloorDb=50.0,
    log="ln",
    sampleScale="int16",
)
CEPSTRA = dict(nMfcc=12, lifter=22)


def windowed(y, o):
    """Kaldi's window function with HTK's settings: both use the first sample as its own predecessor."""
    torch.set_default_dtype(torch.float64)
    settings = (o["window"], 0.42, True, True, 0.0, 0.0, o["removeDcOffset"], o["preemphasis"])
    return kaldi._get_window(torch.tensor(y), o["nFft"], o["winLength"], o["hopLength"], *settings)[0]


def bins_used(o, sample_rate):
    """HTK counts bins from 1: from 2 or ⌊x + 2.5⌋ up to N/2 or ⌊x + .5⌋, x the limit in bins (klo and khi of InitFBank)."""
    per_hz = o["nFft"] / sample_rate
    low = max(2, int(o["fMin"] * per_hz + 2.5)) if o["fMin"] > 0 else 2
    high = min(o["nFft"] // 2, int(o["fMax"] * per_hz + 0.5)) if o["fMax"] < sample_rate / 2 else o["nFft"] // 2
    return slice(low - 1, high)


def bands(y, o, sample_rate):
    """Kaldi's mel banks without the bins that HTK leaves out at its limits."""
    spectrum = torch.fft.rfft(windowed(y, o)).abs().numpy() ** o["power"]
    banks, _ = kaldi.get_mel_banks(
        o["nMels"], o["nFft"], float(sample_rate), float(o["fMin"]), float(o["fMax"]), 100.0, -500.0, 1.0
    )
    weights = np.pad(banks.numpy(), ((0, 0), (0, 1)))
    mel = spectrum[:, bins_used(o, sample_rate)] @ weights[:, bins_used(o, sample_rate)].T
    return np.log(np.maximum(mel, 1.0)) if o["log"] == "ln" else mel


def log_energy(y, o):
    assert not (o["rawEnergy"] and o["removeDcOffset"]), "the raw energy here is that of the samples as they are"
    raw = kaldi._get_strided(torch.tensor(y), o["winLength"], o["hopLength"], True)
    energy = (raw if o["rawEnergy"] else windowed(y, o)).square().sum(dim=1).numpy()
    log = np.array([np.log(each) if each >= 2.45e-308 else -1e10 for each in energy])
    if not o["energyNormalise"]:
        return log
    return 1 - o["energyScale"] * np.minimum(log.max() - log, o["silenceFloorDb"] / 10 * np.log(10))


def mfcc(y, o, sample_rate):
    """For i ≥ 1 HTK's transform is the orthonormal one; its c₀ is √2 times that."""
    c = scipy.fft.dct(bands(y, o, sample_rate), type=2, axis=1, norm="ortho")[:, : o["nMfcc"] + 1]
    parts = [psf.lifter(c, o["lifter"])[:, 1:]]
    parts += [np.sqrt(2) * c[:, :1]] if o["appendC0"] else []
    parts += [log_energy(y, o)[:, None]] if o["useEnergy"] else []
    return np.concatenate(parts, axis=1)


RUN = {
    "mfcc": (mfcc, speech.htk_mfcc),
    "logMel": (bands, speech.htk_fbank),
    "melSpectrogram": (bands, speech.htk_fbank),
}


def variations():
    """kind, input, HTK's name of it, what differs."""
    zero, energy = {"appendC0": True}, {"useEnergy": True}
    for name in ("voice", "mix", "square", "frame", "impulse"):
        yield "mfcc", name, "MFCC_0", zero
    yield "mfcc", "voice", "MFCC", {}
    yield "mfcc", "voice", "MFCC_E", energy
    yield "mfcc", "voice", "MFCC_E, ENORMALISE=F", energy | {"energyNormalise": False}
    yield "mfcc", "fade", "MFCC_E, SILFLOOR=30 ESCALE=1", energy | {"silenceFloorDb": 30.0, "energyScale": 1.0}
    yield "mfcc", "mix", "MFCC_E, RAWENERGY=F", energy | {"rawEnergy": False}
    yield "mfcc", "mix", "MFCC_E_0", zero | energy
    yield "mfcc", "voice", "MFCC_0, USEPOWER=T", zero | {"power": 2}
    yield "mfcc", "voice", "MFCC_0, USEHAMMING=F", zero | {"window": "rectangular"}
    yield "mfcc", "dc", "MFCC_0, ZMEANSOURCE=T PREEMCOEF=0", zero | {"removeDcOffset": True, "preemphasis": 0}
    yield "mfcc", "mix", "MFCC_0, ZMEANSOURCE=T", zero | {"removeDcOffset": True}
    yield "mfcc", "voice", "MFCC_0, LOFREQ=300 HIFREQ=3400", zero | {"fMin": 300, "fMax": 3400}
    yield "mfcc", "voice", "MFCC_0, LOFREQ=64 HIFREQ=7000 NUMCHANS=24", zero | {"fMin": 64, "fMax": 7000, "nMels": 24}
    yield (
        "mfcc",
        "voice",
        "MFCC_0, HTK's defaults: WINDOWSIZE=256000 NUMCHANS=20",
        zero | {"winLength": 410, "nMels": 20},
    )
    yield "mfcc", "voice", "MFCC_0, CEPLIFTER=0 NUMCEPS=19", zero | {"lifter": 0, "nMfcc": 19}
    yield "mfcc", "voice8k", "MFCC_0", zero | {"winLength": 200, "hopLength": 80, "nFft": 256, "fMax": 4000}
    yield "logMel", "voice", "FBANK", {}
    yield "logMel", "silence", "FBANK", {}
    yield "logMel", "quiet", "FBANK", {}
    yield "melSpectrogram", "voice", "MELSPEC", {"log": None}
    yield "melSpectrogram", "mix", "MELSPEC, USEPOWER=T", {"log": None, "power": 2}


def differences(x, order, n):
    """Blocks [x, _D, _A]: each the regression of the block before, whose own edge rows are repeated."""
    blocks = [x]
    for _ in range(order):
        blocks.append(psf.delta(blocks[-1], n))
    return np.concatenate(blocks, axis=1)


def check_differences(x, order, n):
    blocks = [x]
    for _ in range(order):
        blocks.append(reference.regression_deltas(blocks[-1], n, "edge"))
    return np.concatenate(blocks, axis=1)


def main():
    store = Store("htk", __file__, ["torchaudio", "scipy", "python_speech_features", "numpy"])
    store.head["note"] = "HTK 3.4.1 is not installable; two float64 programs of its steps agree on these numbers"
    for kind, name, target, given in variations():
        o = BASE | (CEPSTRA if kind == "mfcc" else {}) | given
        sample_rate, y = golden_signals.rate(name), golden_signals.int16_scale(name)
        run, check = RUN[kind]
        store.add(
            kind,
            name,
            {"preset": "htk", **o},
            f"HCopy TARGETKIND={target}",
            run(y, o, sample_rate),
            check(y, o, sample_rate),
        )
    for name, order in (("cepstra", 1), ("cepstra", 2), ("ramp", 2), ("few", 2), ("single", 2)):
        x = golden_signals.matrices()[name]
        options = {"preset": "htk", "deltaWindow": 2, "deltaOrder": order, "deltaMode": "nearest", "append": True}
        store.add(
            "deltas",
            name,
            options,
            "HCopy " + "_D_A"[: 2 * order],
            differences(x, order, 2),
            check_differences(x, order, 2),
            floor=1,
        )
    store.close()


if __name__ == "__main__":
    main()
