"""An independent float64 program of the speech front-ends: Kaldi, HTK, python_speech_features.

All take samples as they stand in a 16-bit file unless said otherwise, and cut frames without centring. Options are in
cochlea's words with nothing left out. Matrices are frame-major.
"""

import numpy as np

from reference import dct2, rdft, window

# Kaldi's floor of a band: FLT_EPSILON, 2^−23.
FLOAT_EPSILON = float(np.finfo(np.float32).eps)

# python_speech_features' stand-in for an exact zero: the epsilon of a double, 2^−52.
DOUBLE_EPSILON = float(np.finfo(np.float64).eps)


def hz_to_mel(hz):
    """Kaldi's and HTK's: 1127·ln(1 + f/700)."""
    return 1127 * np.log(1 + np.asarray(hz, np.float64) / 700)


def kaldi_frames(y, o):
    """snipEdges: the 1 + ⌊(n − win)/hop⌋ frames that fit. Else ⌊(n + hop/2)/hop⌋ frames, frame t around t·hop + hop/2,
    the signal mirrored at its ends with the edge sample repeated."""
    win, hop, n = o["winLength"], o["hopLength"], y.size
    if o["snipEdges"]:
        n_frames = 0 if n < win else 1 + (n - win) // hop
        starts = [t * hop for t in range(n_frames)]
    else:
        starts = [t * hop + hop // 2 - win // 2 for t in range((n + hop // 2) // hop)]

    def sample(i):
        while not 0 <= i < n:
            i = -1 - i if i < 0 else 2 * n - 1 - i
        return y[i]

    return np.array([[sample(start + j) for j in range(win)] for start in starts]).reshape(len(starts), win)


def kaldi_window(o):
    if o["window"] == "blackman":
        turn = 2 * np.pi * np.arange(o["winLength"]) / (o["winLength"] - 1)
        return o["blackmanCoefficient"] - 0.5 * np.cos(turn) + (0.5 - o["blackmanCoefficient"]) * np.cos(2 * turn)
    return window(o["window"], o["winLength"], symmetric=True)


def log_energy(frames, floor):
    energy = np.log(np.maximum((frames**2).sum(axis=1), FLOAT_EPSILON))
    return np.maximum(energy, np.log(floor)) if floor > 0 else energy


def kaldi_windowed(y, o):
    """Frames ready for the transform, and ln of their energy: mean away, [energy], pre-emphasis, window, [energy]."""
    frames = kaldi_frames(y, o)
    if o["removeDcOffset"]:
        frames = frames - frames.mean(axis=1, keepdims=True)
    raw = log_energy(frames, o["energyFloor"])
    before = np.concatenate([frames[:, :1], frames[:, :-1]], axis=1)  # the first sample stands before itself
    frames = (frames - o["preemphasis"] * before) * kaldi_window(o)
    energy = raw if o["rawEnergy"] else log_energy(frames, o["energyFloor"])
    return np.pad(frames, ((0, 0), (0, o["nFft"] - o["winLength"]))), energy


def kaldi_filterbank(o, sample_rate):
    """[mel, bin]: triangles that are straight lines over mels, the Nyquist bin left out."""
    edges = np.linspace(hz_to_mel(o["fMin"]), hz_to_mel(o["fMax"]), o["nMels"] + 2)
    mel = hz_to_mel(np.arange(o["nFft"] // 2) * sample_rate / o["nFft"])
    weights = np.zeros((o["nMels"], 1 + o["nFft"] // 2))
    for m in range(o["nMels"]):
        left, centre, right = edges[m : m + 3]
        weights[m, :-1] = np.maximum(0, np.minimum((mel - left) / (centre - left), (right - mel) / (right - centre)))
    return weights


def kaldi_bands(y, o, sample_rate):
    frames, energy = kaldi_windowed(y, o)
    bands = np.abs(rdft(frames)) ** o["power"] @ kaldi_filterbank(o, sample_rate).T
    if o["log"] == "ln":
        bands = np.log(np.maximum(bands, FLOAT_EPSILON))
    return bands, energy[:, None]


def kaldi_fbank(y, o, sample_rate):
    """The energy, if asked for, stands before the bands, after them with htkCompat."""
    bands, energy = kaldi_bands(y, o, sample_rate)
    if not o["useEnergy"]:
        return bands
    return np.concatenate([bands, energy] if o["htkCompat"] else [energy, bands], axis=1)


def lifter_of(n, lifter):
    """1 + L/2·sin(πi/L), i from 0: coefficient 0 stays as it is."""
    return 1 + lifter / 2 * np.sin(np.pi * np.arange(n) / lifter) if lifter > 0 else np.ones(n)


def kaldi_mfcc(y, o, sample_rate):
    """Orthonormal DCT-II, lifter, energy in place of C0; htkCompat moves it to the end, a true C0 times √2."""
    bands, energy = kaldi_bands(y, o, sample_rate)
    c = dct2(bands, o["nMfcc"]) * lifter_of(o["nMfcc"], o["lifter"])
    if o["useEnergy"]:
        c[:, 0] = energy[:, 0]
    if o["htkCompat"]:
        first = c[:, :1] * (1 if o["useEnergy"] else np.sqrt(2))
        c = np.concatenate([c[:, 1:], first], axis=1)
    return c


def kaldi_spectrogram(y, o):
    """ln max(|X|², ε) of every bin; the energy in place of bin 0."""
    frames, energy = kaldi_windowed(y, o)
    spectrum = np.log(np.maximum(np.abs(rdft(frames)) ** 2, FLOAT_EPSILON))
    spectrum[:, 0] = energy
    return spectrum


def psf_frames(y, win, hop):
    """1 + ⌈(n − win)/hop⌉ frames (one if n ≤ win), zeros after the end."""
    n_frames = 1 if y.size <= win else 1 + -(-(y.size - win) // hop)
    padded = np.pad(y, (0, (n_frames - 1) * hop + win - y.size))
    return np.array([padded[t * hop : t * hop + win] for t in range(n_frames)])


def psf_filterbank(o, sample_rate):
    """[mel, bin]: triangles between the bins ⌊(nFft + 1)·f/sampleRate⌋, f evenly spaced in 2595·log10(1 + f/700)."""
    low, high = (2595 * np.log10(1 + f / 700) for f in (o["fMin"], o["fMax"]))
    hz = 700 * (10 ** (np.linspace(low, high, o["nMels"] + 2) / 2595) - 1)
    edges = np.floor((o["nFft"] + 1) * hz / sample_rate).astype(int)
    weights = np.zeros((o["nMels"], 1 + o["nFft"] // 2))
    for m in range(o["nMels"]):
        left, centre, right = edges[m : m + 3]
        rising, falling = np.arange(left, centre), np.arange(centre, right)
        weights[m, rising] = (rising - left) / max(centre - left, 1)
        weights[m, falling] = (right - falling) / max(right - centre, 1)
    return weights


def psf_bands(y, o, sample_rate):
    """Pre-emphasis over the whole signal, frames cut to nFft, |X|²/nFft, bands; exact zeros become 2^−52."""
    y = np.concatenate([y[:1], y[1:] - o["preemphasis"] * y[:-1]])
    frames = psf_frames(y, o["winLength"], o["hopLength"]) * window(
        o["window"], o["winLength"], o["windowSymmetry"] == "symmetric"
    )
    n_fft = o["nFft"]
    frames = frames[:, :n_fft]
    power = np.abs(rdft(np.pad(frames, ((0, 0), (0, n_fft - frames.shape[1]))))) ** 2 / n_fft
    bands, energy = power @ psf_filterbank(o, sample_rate).T, power.sum(axis=1)
    return np.where(bands == 0, DOUBLE_EPSILON, bands), np.where(energy == 0, DOUBLE_EPSILON, energy)


def psf_mfcc(y, o, sample_rate):
    bands, energy = psf_bands(y, o, sample_rate)
    n = min(o["nMfcc"], o["nMels"])
    c = dct2(np.log(bands), n) * lifter_of(n, o["lifter"])
    if o["useEnergy"]:
        c[:, 0] = np.log(energy)
    return c


# HTK's floor of a band before the logarithm (HSigP.c, Wave2FBank: melfloor).
HTK_MEL_FLOOR = 1.0


def htk_filterbank(o, sample_rate):
    """[mel, bin]: each bin from fMin to fMax shares its value between the two bands whose mel centres it lies between.

    Bins are numbered from 0 here. With both limits at their defaults (0, Nyquist) bins 1 … nFft/2 − 1 take part.
    """
    n_fft, n_mels = o["nFft"], o["nMels"]
    low, high = 1, n_fft // 2 - 1
    if o["fMin"] > 0:
        low = max(1, int(o["fMin"] * n_fft / sample_rate + 1.5))
    if o["fMax"] < sample_rate / 2:
        high = min(n_fft // 2 - 1, int(o["fMax"] * n_fft / sample_rate - 0.5))
    centres = np.linspace(hz_to_mel(o["fMin"]), hz_to_mel(o["fMax"]), n_mels + 2)
    weights = np.zeros((n_mels, 1 + n_fft // 2))
    for k in range(low, high + 1):
        mel = hz_to_mel(k * sample_rate / n_fft)
        above = (
            int(np.searchsorted(centres[1:], mel)) + 1
        )  # the first centre at or above; centres[0] is the lower limit
        share = (centres[above] - mel) / (centres[above] - centres[above - 1])
        if above - 1 >= 1:
            weights[above - 2, k] += share
        if above - 1 < n_mels:
            weights[above - 1, k] += 1 - share
    return weights


def htk_windowed(y, o):
    """Frames that fit; [mean away;] energy as it is or after the rest; x[j] − p·x[j−1] with x[0]·(1 − p); Hamming."""
    win, hop = o["winLength"], o["hopLength"]
    frames = np.array([y[s : s + win] for s in range(0, y.size - win + 1, hop)])
    if o["removeDcOffset"]:
        frames = frames - frames.mean(axis=1, keepdims=True)
    raw = (frames**2).sum(axis=1)
    before = np.concatenate([frames[:, :1], frames[:, :-1]], axis=1)
    frames = (frames - o["preemphasis"] * before) * window(o["window"], win, symmetric=True)
    energy = raw if o["rawEnergy"] else (frames**2).sum(axis=1)
    return np.pad(frames, ((0, 0), (0, o["nFft"] - win))), energy


def htk_fbank(y, o, sample_rate):
    frames, _ = htk_windowed(y, o)
    bands = np.abs(rdft(frames)) ** o["power"] @ htk_filterbank(o, sample_rate).T
    return np.log(np.maximum(bands, HTK_MEL_FLOOR)) if o["log"] == "ln" else bands


# HTK's ln of (next to) no energy (HMath.h: LZERO for what is below MINLARG = 2.45e−308).
HTK_LOG_ZERO, HTK_LEAST = -1.0e10, 2.45e-308


def htk_log_energy(y, o):
    """With energyNormalise: 1 − energyScale·(max − e), e not below max − silenceFloorDb·ln(10)/10."""
    _, energy = htk_windowed(y, o)
    log = np.where(energy < HTK_LEAST, HTK_LOG_ZERO, np.log(np.maximum(energy, HTK_LEAST)))
    if not o["energyNormalise"]:
        return log
    log = np.maximum(log, log.max() - o["silenceFloorDb"] * np.log(10) / 10)
    return 1 - o["energyScale"] * (log.max() - log)


def htk_mfcc(y, o, sample_rate):
    """c₁ … c_n of √(2/N)·Σ m[j]·cos(πi(j − ½)/N), liftered; then c₀ (_0, not liftered), then the energy (_E)."""
    bands = htk_fbank(y, o, sample_rate)
    n, n_mels = o["nMfcc"], o["nMels"]
    i, j = np.arange(0, n + 1), np.arange(1, n_mels + 1)
    c = np.sqrt(2 / n_mels) * bands @ np.cos(np.pi / n_mels * np.outer(j - 0.5, i))
    parts = [c[:, 1:] * lifter_of(n + 1, o["lifter"])[1:]]
    if o["appendC0"]:
        parts.append(c[:, :1])
    if o["useEnergy"]:
        parts.append(htk_log_energy(y, o)[:, None])
    return np.concatenate(parts, axis=1)
