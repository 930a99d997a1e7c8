"""The workloads as librosa and torchaudio name them; bench/cases/workloads.ts has the same in TypeScript."""

import numpy as np

W1 = {"n_fft": 1024, "win_length": 1024, "hop_length": 512, "n_mels": 64, "center": True}
W2 = {"n_fft": 512, "win_length": 400, "hop_length": 160, "n_mels": 80, "center": False}
W3 = {**W2, "n_mels": 40}
N_MFCC = 13
AMIN = 1e-10

FFT_SIZES = (256, 400, 512, 1000, 1024, 2048, 2400, 4096)
CHECK_ROWS = 8

# W5: seconds of signal, frame, hop, and frames per call: their spectra stay in the cache.
W5_SEC = 60
W5_N_FFT = 2400
W5_HOP = 80
W5_BLOCK = 16


def fft_rows(n: int, streamed: bool) -> int:
    """Rows of one run: 128 KiB in for the second-level cache, 128 MiB streamed."""
    in_l2 = max(8, 2**15 // n // 8 * 8)
    return 2**25 // n // 8 * 8 // in_l2 * in_l2 if streamed else in_l2


def fft_gflop(n: int) -> float:
    """The customary count of a real transform."""
    return 2.5 * n * np.log2(n) / 1e9


def noise(n: int) -> np.ndarray:
    """The same rows as every other contestant of W4: a linear congruential generator, two steps at a time."""
    states = np.empty(n, dtype=np.uint32)
    states[0] = (1 * 1664525 + 1013904223) & 0xFFFFFFFF
    filled, factor, offset = 1, np.uint32(1664525), np.uint32(1013904223)
    with np.errstate(over="ignore"):
        while filled < n:
            more = min(filled, n - filled)
            # A jump of `filled` steps: x → factor · x + offset.
            states[filled : filled + more] = states[:more] * factor + offset
            offset = factor * offset + offset
            factor = factor * factor
            filled += more
    return ((states >> 8).astype(np.float64) / 8388608.0 - 1.0).astype(np.float32)
