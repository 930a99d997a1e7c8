"""An independent float64 program of the librosa and torchaudio front-ends: naive sums, nothing from the originals.

Spectra come from the definition of the DFT (a matrix), not from an FFT. Matrices are frame-major.
"""

from functools import lru_cache

import numpy as np


def window(name, n, symmetric=False):
    """Periodic windows divide by n, symmetric ones by n − 1; a window of one sample is 1."""
    if n == 1:
        return np.ones(1)
    x = np.arange(n) / (n - 1 if symmetric else n)
    turn = 2 * np.pi * x
    if name == "hann":
        return 0.5 - 0.5 * np.cos(turn)
    if name == "hamming":
        return 0.54 - 0.46 * np.cos(turn)
    if name == "blackman":
        return 0.42 - 0.5 * np.cos(turn) + 0.08 * np.cos(2 * turn)
    if name == "bartlett":
        return 1 - np.abs(2 * x - 1)
    if name == "povey":
        return (0.5 - 0.5 * np.cos(turn)) ** 0.85
    assert name == "rectangular", name
    return np.ones(n)


@lru_cache(maxsize=4)
def dft_matrix(n, n_bins):
    """e^(−2πi·k·t/n) [t, k]; k·t is reduced mod n as integers, so that the angle keeps its digits."""
    turns = np.outer(np.arange(n), np.arange(n_bins)) % n
    return np.exp(-2j * np.pi * turns / n)


def rdft(frames):
    n = frames.shape[1]
    return frames @ dft_matrix(n, 1 + n // 2)


def mirror_index(i, n):
    """Position in a signal of n samples of sample i of its mirrored extension, the edges not repeated."""
    if n == 1:
        return 0
    i = i % (2 * n - 2)
    return i if i < n else 2 * n - 2 - i


def extended(y, start, length, pad_mode):
    """`length` samples from `start` on; outside the signal zeros, its mirror image, or its nearest sample."""
    out = np.zeros(length)
    for j in range(length):
        i = start + j
        if 0 <= i < y.size:
            out[j] = y[i]
        elif pad_mode == "reflect":
            out[j] = y[mirror_index(i, y.size)]
        elif pad_mode == "edge":
            out[j] = y[min(max(i, 0), y.size - 1)]
    return out


def frames_of(y, frame_length, hop_length, center=True, pad_mode="constant"):
    """Frame t starts at t·hop, less ⌊frame_length/2⌋ when centred; nFrames = 1 + ⌊(padded − frame_length)/hop⌋."""
    pad = frame_length // 2 if center else 0
    n_frames = 1 + (y.size + 2 * pad - frame_length) // hop_length
    return np.array([extended(y, t * hop_length - pad, frame_length, pad_mode) for t in range(n_frames)])


def fft_window(o):
    """The window in the middle of a frame of nFft samples, the odd zero on the right."""
    n_fft = o["nFft"]
    win_length = o.get("winLength", n_fft)
    left = (n_fft - win_length) // 2
    padded = np.zeros(n_fft)
    padded[left : left + win_length] = window(
        o.get("window", "hann"), win_length, o.get("windowSymmetry") == "symmetric"
    )
    return padded


def stft(y, o, pad_mode="constant"):
    frames = frames_of(y, o["nFft"], o["hopLength"], o.get("center", True), o.get("padMode", pad_mode))
    return rdft(frames * fft_window(o))


def hz_to_mel(hz, scale):
    hz = np.asarray(hz, np.float64)
    if scale == "htk":
        return 2595 * np.log10(1 + hz / 700)
    # Slaney's Auditory Toolbox: linear to 1 kHz (200/3 Hz a mel), then 27 mels for each factor 6.4.
    return np.where(hz < 1000, hz * 3 / 200, 15 + 27 * np.log(np.maximum(hz, 1e-300) / 1000) / np.log(6.4))


def mel_to_hz(mel, scale):
    mel = np.asarray(mel, np.float64)
    if scale == "htk":
        return 700 * (10 ** (mel / 2595) - 1)
    return np.where(mel < 15, mel * 200 / 3, 1000 * np.exp((mel - 15) * np.log(6.4) / 27))


def mel_filterbank(hz, n_mels, f_min, f_max, scale, norm):
    """[mel, bin]: triangles that are straight lines over Hz, sampled at the bins' frequencies `hz`."""
    edges = mel_to_hz(np.linspace(hz_to_mel(f_min, scale), hz_to_mel(f_max, scale), n_mels + 2), scale)
    weights = np.zeros((n_mels, hz.size))
    for m in range(n_mels):
        left, centre, right = edges[m : m + 3]
        weights[m] = np.maximum(0, np.minimum((hz - left) / (centre - left), (right - hz) / (right - centre)))
        if norm == "slaney":
            weights[m] *= 2 / (right - left)
    return weights


def mel_spectrogram(y, o, sample_rate, pad_mode="constant"):
    power = np.abs(stft(y, o, pad_mode)) ** o.get("power", 2)
    hz = np.arange(1 + o["nFft"] // 2) * sample_rate / o["nFft"]
    f_max = o.get("fMax", sample_rate / 2)
    return (
        power
        @ mel_filterbank(
            hz, o["nMels"], o.get("fMin", 0), f_max, o.get("melScale", "slaney"), o.get("melNorm", "slaney")
        ).T
    )


def decibels(x, o, power=2, top_db=80.0):
    """(20/power)·log10(max(x, amin)/ref), not below the clip's largest value − topDb."""
    amin = o.get("amin", 1e-10 if power == 2 else 1e-5)
    ref = x.max() if o.get("ref") == "max" else o.get("ref", 1.0)
    db = 20 / power * (np.log10(np.maximum(x, amin)) - np.log10(max(ref, amin)))
    limit = o.get("topDb", top_db)
    return db if limit is None else np.maximum(db, db.max() - limit)


def dct2(x, n_out, norm="ortho"):
    """y[k] = 2·Σ x[m]·cos(πk(2m + 1)/2M); ortho divides by √(4M) for k = 0, by √(2M) otherwise."""
    m = x.shape[1]
    basis = 2 * np.cos(np.pi * np.outer(2 * np.arange(m) + 1, np.arange(n_out)) / (2 * m))
    if norm == "ortho":
        basis /= np.where(np.arange(n_out) == 0, np.sqrt(4 * m), np.sqrt(2 * m))
    return x @ basis


def mfcc(log_mel, o, default_n=20):
    c = dct2(log_mel, o.get("nMfcc", default_n), o.get("dctNorm", "ortho"))
    lifter = o.get("lifter", 0)
    if lifter > 0:
        c = c * (1 + lifter / 2 * np.sin(np.pi * np.arange(1, c.shape[1] + 1) / lifter))
    return c


def istft(spectrum, o, length):
    """Overlap-add of windowed inverse frames over the sum of squared windows (Griffin and Lim 1984)."""
    n_fft, hop = o["nFft"], o["hopLength"]
    w = fft_window(o)
    n_frames, n_bins = spectrum.shape
    total = n_fft + hop * (n_frames - 1)
    y, weight = np.zeros(total), np.zeros(total)
    share = np.full(n_bins, 2.0)
    share[0] = 1
    if n_fft % 2 == 0:
        share[-1] = 1
    back = np.conj(dft_matrix(n_fft, n_bins)).T
    frames = ((spectrum * share) @ back).real / n_fft * w
    for t in range(n_frames):
        y[t * hop : t * hop + n_fft] += frames[t]
        weight[t * hop : t * hop + n_fft] += w**2
    start = n_fft // 2 if o.get("center", True) else 0
    y, weight = y[start : start + length], weight[start : start + length]
    y = np.pad(y, (0, length - y.size))
    weight = np.pad(weight, (0, length - weight.size))
    return np.where(weight > np.finfo(np.float64).tiny, y / np.where(weight > 0, weight, 1), y)


def regression_deltas(c, n, pad):
    """d[t] = Σ θ(c[t+θ] − c[t−θ]) / 2Σθ², θ = 1…n; frames outside are the nearest one, its mirror image, or zero."""
    t_max = c.shape[0]

    def frame(t):
        if 0 <= t < t_max:
            return c[t]
        if pad == "edge":
            return c[min(max(t, 0), t_max - 1)]
        if pad == "reflect":
            return c[mirror_index(t, t_max)]
        return np.zeros(c.shape[1])

    scale = 2 * sum(k * k for k in range(1, n + 1))
    return np.array([sum(k * (frame(t + k) - frame(t - k)) for k in range(1, n + 1)) / scale for t in range(t_max)])


def savgol_deltas(c, width, order, mode):
    """Derivative of the least-squares polynomial of degree `order` over `width` frames (Savitzky and Golay 1964).

    mode `interp` fits the first and last `width` frames once and takes their derivative off the middle; the others
    extend the signal: `nearest`, `mirror` (edge not repeated), `constant` (zero), `wrap`.
    """
    half, t_max = width // 2, c.shape[0]

    def derivative(values, at):
        x = np.arange(values.shape[0]) - at
        vander = np.stack([x**p for p in range(order + 1)], axis=1).astype(np.float64)
        return np.linalg.lstsq(vander, values, rcond=None)[0][order] * np.prod(np.arange(1, order + 1))

    def frame(t):
        if 0 <= t < t_max:
            return c[t]
        if mode == "nearest":
            return c[min(max(t, 0), t_max - 1)]
        if mode == "mirror":
            return c[mirror_index(t, t_max)]
        if mode == "wrap":
            return c[t % t_max]
        return np.zeros(c.shape[1])

    out = []
    for t in range(t_max):
        if mode == "interp" and t < half:
            out.append(derivative(c[:width], t))
        elif mode == "interp" and t >= t_max - half:
            out.append(derivative(c[t_max - width :], t - (t_max - width)))
        else:
            out.append(derivative(np.array([frame(t + k) for k in range(-half, half + 1)]), half))
    return np.array(out)


def sliding_cmvn(x, o):
    """Kaldi's apply-cmvn-sliding: each frame less the mean of a window that stays inside the recording."""
    t_max, size = x.shape[0], o["cmnWindow"]
    out = np.zeros_like(x)
    for t in range(t_max):
        if o["center"]:
            start = t - size // 2
            end = start + size
        else:
            start, end = t - size, t + 1
        if start < 0:
            start, end = 0, end - start
        if not o["center"] and end > t:
            end = max(t + 1, o["minCmnWindow"])
        if end > t_max:
            start, end = max(0, start - (end - t_max)), t_max
        part = x[start:end]
        out[t] = x[t] - part.mean(axis=0)
        if o["normVars"]:
            variance = (part**2).mean(axis=0) - part.mean(axis=0) ** 2
            out[t] = 0 if end - start == 1 else out[t] / np.sqrt(variance)
    return out
