"""scipy.fft: batched real transforms, and W5 as a careful author writes it with strided frames."""

import numpy as np
import scipy
import scipy.fft
from protocol import CHECK_SAMPLES, SAMPLE_RATE, Contestant, Roster
from workloads import CHECK_ROWS, FFT_SIZES, W5_BLOCK, W5_HOP, W5_N_FFT, W5_SEC, fft_gflop, fft_rows, noise


def roster(samples: np.ndarray) -> Roster:
    contestants = [_rows(n, streamed) for streamed in (False, True) for n in FFT_SIZES]
    return Roster({"scipy": scipy.__version__}, [*contestants, _power(samples[: W5_SEC * SAMPLE_RATE])])


def _rows(n: int, streamed: bool) -> Contestant:
    """In blocks that stay in the cache, where it is faster than in one call over everything."""
    block = fft_rows(n, False)
    count = fft_rows(n, streamed)
    made: list[np.ndarray] = []

    def arrays() -> list[np.ndarray]:
        if not made:
            made.extend([noise(count * n).reshape(count, n), np.empty((count, n // 2 + 1), np.complex64)])
        return made

    def run() -> None:
        x, out = arrays()
        for first in range(0, count, block):
            out[first : first + block] = scipy.fft.rfft(x[first : first + block], axis=1, workers=1)

    def result() -> np.ndarray:
        return scipy.fft.rfft(arrays()[0][:CHECK_ROWS], axis=1).view(np.float32)

    return Contestant(f"W4 {n} {'streamed' if streamed else 'in L2'}", "scipy.fft", fft_gflop(n) * count, run, result)


def _power(samples: np.ndarray) -> Contestant:
    window = np.blackman(W5_N_FFT).astype(np.float32)

    def power(x: np.ndarray) -> np.ndarray:
        frames = np.lib.stride_tricks.sliding_window_view(x, W5_N_FFT)[::W5_HOP]
        out = np.empty((len(frames), W5_N_FFT // 2 + 1), dtype=np.float32)
        for first in range(0, len(frames), W5_BLOCK):
            spectrum = scipy.fft.rfft(frames[first : first + W5_BLOCK] * window, axis=1, workers=1)
            out[first : first + W5_BLOCK] = spectrum.real**2 + spectrum.imag**2
        return out

    seconds = samples.size / SAMPLE_RATE
    return Contestant("W5", "scipy.fft", seconds, lambda: power(samples), lambda: power(samples[:CHECK_SAMPLES]))
