"""Scores of a 16-bit WAV by a model with its front-end inside: no feature code, only onnxruntime, numpy and `wave`.

    python score_wav.py model.onnx recording.wav

Prints {"shape": [...], "scores": [...], "time_axis": {...}} as JSON. Score i of `scores` (row-major, the first axis of
`shape` is the window) is of the time from start + i * step to start + i * step + span.
"""

import json
import sys
import wave

import numpy as np
import onnxruntime as ort


def samples_of(path: str, sample_rate: float) -> np.ndarray:
    """The first channel of a 16-bit WAV as float32 in [-1, 1)."""
    with wave.open(path) as recording:
        if recording.getsampwidth() != 2:
            raise SystemExit(f"recording must be of 16 bit, got {8 * recording.getsampwidth()}")
        if recording.getframerate() != sample_rate:
            raise SystemExit(f"recording must be at {sample_rate} Hz, got {recording.getframerate()}")
        pcm = np.frombuffer(recording.readframes(recording.getnframes()), "<i2")
        return pcm.reshape(-1, recording.getnchannels())[:, 0].astype(np.float32) / 32768


def main(model: str, recording: str) -> None:
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    metadata = session.get_modelmeta().custom_metadata_map
    if metadata.get("cochlea.front_end") != "inside":
        raise SystemExit("model must be one that takes PCM (cochlea export --front-end inside)")
    spec = json.loads(metadata["cochlea.spec"])
    pcm = samples_of(recording, spec["audio"]["sampleRate"])
    (scores,) = session.run(["scores"], {"pcm": pcm[np.newaxis]})
    axis = json.loads(metadata["cochlea.time_axis"])
    print(json.dumps({"shape": scores.shape[1:], "scores": scores[0].ravel().tolist(), "time_axis": axis}))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    main(*sys.argv[1:])
