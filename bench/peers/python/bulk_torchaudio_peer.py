"""torchaudio in the workers of a torch DataLoader, one per core, each writing what it computed.

Files are read by soundfile: torchaudio's own `load` needs another package and is slower on WAV.
"""

from pathlib import Path

import numpy as np
import soundfile
import torch
import torchaudio
from bulk_task import BulkTask, bulk_contestant, feature_path, read_task
from protocol import SAMPLE_RATE, Roster
from torch.utils.data import DataLoader, Dataset
from workloads import AMIN

# Files that a worker takes at a time: few messages between processes.
BATCH = 16


class Files(Dataset):
    """Writes the features of a file when it is asked for it, and answers with their number of frames."""

    def __init__(self, task: BulkTask, files: list[str], folder: Path):
        self.files = files
        self.folder = folder
        mel = torchaudio.transforms.MelSpectrogram(
            SAMPLE_RATE, power=2.0, norm="slaney", mel_scale="slaney", pad_mode="constant", **task.workload
        )
        self.mel = mel
        n_mels = task.workload["n_mels"]
        self.dct = torchaudio.functional.create_dct(task.n_mfcc, n_mels, norm="ortho") if task.n_mfcc else None

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, i: int) -> int:
        samples, _ = soundfile.read(self.files[i], dtype="float32")
        with torch.inference_mode():
            decibels = torch.log10(self.mel(torch.from_numpy(samples)).clamp_min_(AMIN)).mul_(10).transpose(-1, -2)
            features = decibels if self.dct is None else torch.matmul(decibels, self.dct)
        np.save(feature_path(self.folder, i), features.contiguous().numpy())
        return features.shape[0]


def roster(folder: str) -> Roster:
    task = read_task(folder)
    torch.set_num_threads(1)

    def extract_all(files: list[str], to: Path) -> None:
        dataset = Files(task, files, to)
        # As many files to a worker as there are, where they are few.
        batch = max(1, min(BATCH, len(files) // task.cores))
        for _ in DataLoader(dataset, batch_size=batch, num_workers=task.cores, collate_fn=sum):
            pass

    versions = {"torchaudio": torchaudio.__version__, "torch": torch.__version__, "soundfile": soundfile.__version__}
    return Roster(versions, [bulk_contestant(task, "torchaudio in a DataLoader", extract_all)])
