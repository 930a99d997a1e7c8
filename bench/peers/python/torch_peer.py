"""torch.fft: batched real transforms, and W5 over frames that overlap without a copy."""

import numpy as np
import torch
from protocol import CHECK_SAMPLES, SAMPLE_RATE, Contestant, Roster
from workloads import CHECK_ROWS, FFT_SIZES, W5_BLOCK, W5_HOP, W5_N_FFT, W5_SEC, fft_gflop, fft_rows, noise


def roster(samples: np.ndarray) -> Roster:
    torch.set_num_threads(1)
    torch.set_num_interop_threads(1)
    torch.set_grad_enabled(False)
    contestants = [_rows(n, streamed) for streamed in (False, True) for n in FFT_SIZES]
    return Roster({"torch": torch.__version__}, [*contestants, _power(samples[: W5_SEC * SAMPLE_RATE])])


def _rows(n: int, streamed: bool) -> Contestant:
    """In blocks that stay in the cache, where it is faster than in one call over everything."""
    block = fft_rows(n, False)
    count = fft_rows(n, streamed)
    made: list[tuple[torch.Tensor, torch.Tensor]] = []

    def blocks() -> list[tuple[torch.Tensor, torch.Tensor]]:
        if not made:
            out = torch.empty(count, n // 2 + 1, dtype=torch.complex64)
            rows = torch.from_numpy(noise(count * n).reshape(count, n))
            made.extend(zip(rows.split(block), out.split(block), strict=True))
        return made

    def run() -> None:
        for rows, out in blocks():
            torch.fft.rfft(rows, out=out)

    case = f"W4 {n} {'streamed' if streamed else 'in L2'}"
    result = lambda: torch.view_as_real(torch.fft.rfft(blocks()[0][0][:CHECK_ROWS]))  # noqa: E731
    return Contestant(case, "torch.fft", fft_gflop(n) * count, run, result)


def _power(samples: np.ndarray) -> Contestant:
    window = torch.blackman_window(W5_N_FFT, periodic=False)

    def power(x: torch.Tensor) -> torch.Tensor:
        frames = x.unfold(0, W5_N_FFT, W5_HOP)
        out = torch.empty(len(frames), W5_N_FFT // 2 + 1)
        for first in range(0, len(frames), W5_BLOCK):
            spectrum = torch.fft.rfft(frames[first : first + W5_BLOCK] * window)
            torch.sum(torch.view_as_real(spectrum).square_(), -1, out=out[first : first + W5_BLOCK])
        return out

    x = torch.from_numpy(samples)
    seconds = samples.size / SAMPLE_RATE
    return Contestant("W5", "torch.fft", seconds, lambda: power(x), lambda: power(x[:CHECK_SAMPLES]))
