"""librosa over a corpus, a file per task of joblib, on all cores."""

import joblib
import librosa
import numpy as np
from bulk_task import BulkTask, bulk_contestant, feature_path, read_task
from protocol import SAMPLE_RATE, Roster
from workloads import AMIN


def roster(folder: str) -> Roster:
    task = read_task(folder)
    # Processes stay for all runs: their start is not timed.
    pool = joblib.Parallel(n_jobs=task.cores)
    extract_all = lambda files, to: pool(
        joblib.delayed(_extract)(path, feature_path(to, i), task.workload, task.n_mfcc) for i, path in enumerate(files)
    )
    versions = {"librosa": librosa.__version__, "joblib": joblib.__version__}
    return Roster(versions, [bulk_contestant(task, "librosa + joblib", extract_all)])


def _extract(path: str, to: str, w: dict, n_mfcc: int) -> None:
    samples, _ = librosa.load(path, sr=None)
    mel = librosa.feature.melspectrogram(y=samples, sr=SAMPLE_RATE, pad_mode="constant", **w)
    decibels = librosa.power_to_db(mel, amin=AMIN, top_db=None)
    features = librosa.feature.mfcc(S=decibels, n_mfcc=n_mfcc) if n_mfcc else decibels
    np.save(to, np.ascontiguousarray(features.T))
