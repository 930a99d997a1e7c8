"""Lhotse with kaldi-native-fbank as its extractor, one job per core, arrays as files.

Recordings and cuts are made before the clock starts. Steps that the workloads do not have (pre-emphasis, mean, dither)
are off, in its favour.
"""

import contextlib
import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import kaldi_native_fbank as knf
import lhotse
import numpy as np
from bulk_task import BulkTask, bulk_contestant, read_task
from lhotse import CutSet, MonoCut, NumpyFilesWriter, Recording
from lhotse.features.base import FeatureExtractor
from protocol import SAMPLE_RATE, Roster


@dataclass
class KaldiConfig:
    win_length: int = 400
    hop_length: int = 160
    n_mels: int = 40
    # 0 keeps logarithms of mel bands.
    n_mfcc: int = 0
    center: bool = False

    @property
    def width(self) -> int:
        return self.n_mfcc or self.n_mels


class KaldiExtractor(FeatureExtractor):
    name = "bench-kaldi-native-fbank"
    config_type = KaldiConfig

    def extract(self, samples: np.ndarray, sampling_rate: int) -> np.ndarray:
        extractor = self._extractor()
        # Lhotse wants a frame for every hop: those at the end reach into silence.
        silence = 0 if self.config.center else self.config.win_length - self.config.hop_length
        # The binding takes lists.
        extractor.accept_waveform(sampling_rate, np.pad(samples.reshape(-1), (0, silence)).tolist())
        extractor.input_finished()
        return np.stack([extractor.get_frame(t) for t in range(extractor.num_frames_ready)])

    def _extractor(self):
        c = self.config
        options = knf.MfccOptions() if c.n_mfcc else knf.FbankOptions()
        options.frame_opts.samp_freq = SAMPLE_RATE
        options.frame_opts.frame_length_ms = 1000 * c.win_length / SAMPLE_RATE
        options.frame_opts.frame_shift_ms = 1000 * c.hop_length / SAMPLE_RATE
        options.frame_opts.window_type = "hanning"
        options.frame_opts.dither = 0
        options.frame_opts.preemph_coeff = 0
        options.frame_opts.remove_dc_offset = False
        options.frame_opts.snip_edges = not c.center
        options.mel_opts.num_bins = c.n_mels
        options.mel_opts.low_freq = 0
        if not c.n_mfcc:
            return knf.OnlineFbank(options)
        options.num_ceps = c.n_mfcc
        options.use_energy = False
        options.cepstral_lifter = 0
        return knf.OnlineMfcc(options)

    @property
    def frame_shift(self) -> float:
        return self.config.hop_length / SAMPLE_RATE

    def feature_dim(self, sampling_rate: int) -> int:
        return self.config.width


def roster(folder: str) -> Roster:
    task = read_task(folder)
    extractor = KaldiExtractor(_config(task))
    pool = ProcessPoolExecutor(task.cores)
    cuts = {path: _cut(i, path) for i, path in enumerate(task.files)}

    def extract_all(files: list[str], to: Path) -> None:
        chosen = CutSet.from_cuts(cuts[path] for path in files)
        jobs = {"num_jobs": task.cores, "executor": pool} if len(files) >= task.cores else {}
        with open(os.devnull, "w") as nowhere, contextlib.redirect_stderr(nowhere):
            chosen.compute_and_store_features(
                extractor, to / "features", storage_type=NumpyFilesWriter, progress_bar=False, **jobs
            )

    versions = {"lhotse": lhotse.__version__, "kaldi-native-fbank": version("kaldi-native-fbank")}
    name = "Lhotse + kaldi-native-fbank"
    return Roster(versions, [bulk_contestant(task, name, extract_all, own_conventions=True)])


def _config(task: BulkTask) -> KaldiConfig:
    w = task.workload
    return KaldiConfig(w["win_length"], w["hop_length"], w["n_mels"], task.n_mfcc, w["center"])


def _cut(number: int, path: str) -> MonoCut:
    recording = Recording.from_file(path, recording_id=f"{number:07d}")
    return MonoCut(id=recording.id, start=0, duration=recording.duration, channel=0, recording=recording)
