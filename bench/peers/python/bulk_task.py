"""A case of the bulk benches as the harness writes it (bench/bulk/task.ts), and where a peer leaves its features."""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from protocol import Contestant
from workloads import N_MFCC, W1, W3

WORKLOADS = {"W1": (W1, 0), "W3": (W3, N_MFCC)}


@dataclass(frozen=True)
class BulkTask:
    case: str
    workload: dict
    # 0 keeps decibels.
    n_mfcc: int
    files: list[str]
    audio_sec: float
    # On the file system that everybody writes to.
    out: Path
    cores: int


def read_task(folder: str) -> BulkTask:
    lines = (Path(folder) / "task.txt").read_text().splitlines()
    given = dict(line.split(" ", 1) for line in lines if " " in line)
    workload, n_mfcc = WORKLOADS[given["workload"]]
    files = Path(given["files"]).read_text().splitlines()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return BulkTask(given["case"], workload, n_mfcc, files, float(given["audioSec"]), Path(given["out"]), cores)


def feature_path(folder: Path, number: int) -> str:
    return str(folder / f"{number:07d}.npy")


def bulk_contestant(
    task: BulkTask, name: str, extract_all: Callable[[list[str], Path], object], **flags: bool
) -> Contestant:
    """`extract_all(files, folder)` leaves one `.npy` per file, frame-major, anywhere below the folder."""
    folder = task.out / "".join(c if c.isalnum() else "-" for c in name)

    def run() -> None:
        folder.mkdir(parents=True)
        extract_all(task.files, folder)

    def tidy() -> None:
        written = sum(1 for _ in folder.rglob("*.npy"))
        shutil.rmtree(folder)
        if written != len(task.files):
            raise RuntimeError(f"{name} wrote features of {written} files, of {len(task.files)}")

    def result() -> np.ndarray:
        # All of it once: worker processes start, libraries compile what they compile.
        run()
        tidy()
        folder.mkdir(parents=True)
        extract_all(task.files[:1], folder)
        features = np.load(next(folder.rglob("*.npy")))
        shutil.rmtree(folder)
        return features

    return Contestant(task.case, name, task.audio_sec, run, result, once=True, tidy=tidy, **flags)
