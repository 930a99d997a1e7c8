"""torchaudio: MelSpectrogram and decibels, and MFCC from them, with the workload's own parameters."""

import numpy as np
import torch
import torchaudio
from protocol import SAMPLE_RATE, Contestant, Roster, one_call_and_clips
from workloads import AMIN, N_MFCC, W1, W2, W3


def roster(samples: np.ndarray) -> Roster:
    torch.set_num_threads(1)
    torch.set_num_interop_threads(1)
    torch.set_grad_enabled(False)
    contestants: list[Contestant] = []
    for case, w in (("W1", W1), ("W2", W2)):
        contestants += one_call_and_clips(case, "torchaudio", samples, _log_mel(w), _tensor)
    contestants += one_call_and_clips("W3", "torchaudio", samples, _mfcc(), _tensor)
    return Roster({"torchaudio": torchaudio.__version__, "torch": torch.__version__}, contestants)


def _tensor(samples: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(samples)


def _log_mel(w: dict):
    mel = torchaudio.transforms.MelSpectrogram(
        SAMPLE_RATE, power=2.0, norm="slaney", mel_scale="slaney", pad_mode="constant", **w
    )
    # The transpose is a view; the harness makes it frame-major when it compares.
    return lambda x: torch.log10(mel(x).clamp_min_(AMIN)).mul_(10).transpose(-1, -2)


def _mfcc():
    decibels = _log_mel(W3)
    dct = torchaudio.functional.create_dct(N_MFCC, W3["n_mels"], norm="ortho")
    return lambda x: torch.matmul(decibels(x), dct)
