"""Every file of a folder through ONNX's checker, its shape inference, its reference evaluator and onnxruntime.

Usage: check_files.py <folder>. Beside each <name>.onnx lies <name>.json with the inputs and expected outputs of one run.
Prints one JSON object with the largest differences in tolerances of their runs; exits 1 where a file is refused or a
difference is above the tolerance.
"""

import base64
import json
import pathlib
import platform
import sys

import numpy
import onnx
import onnx.reference
import onnxruntime

def without_reference(model):
    """Why onnx's own evaluator cannot compute a model, or None."""
    for node in model.graph.node:
        if node.op_type in ("GRU", "LSTM", "RNN"):
            return "recurrent operators: it has no second direction, activations or sequence_lens"
        if node.op_type == "BatchNormalization" and model.opset_import[0].version < 14:
            return "BatchNormalization before opset 14: it takes moments of the batch"
        pads = [list(a.ints) for a in node.attribute if a.name == "pads"]
        if node.op_type == "MaxPool" and pads and not any(pads[0][: len(pads[0]) // 2]):
            return "MaxPool padded at the end alone: it leaves the padding out"
    return None


def array(value):
    data = numpy.frombuffer(base64.b64decode(value["data"]), dtype=numpy.float32)
    return data.reshape(value["shape"])


def largest_difference(made, expected):
    if made.shape != expected.shape:
        raise ValueError(f"shape {made.shape} instead of {expected.shape}")
    difference = numpy.abs(made.astype(numpy.float64) - expected)
    return float(difference.max()) if difference.size else 0.0


def check_file(path, largest, skipped):
    run = json.loads(path.with_suffix(".json").read_text())
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    inferred = onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
    for value, expected in zip(inferred.graph.output, run["outputs"]):
        rank = len(value.type.tensor_type.shape.dim)
        if rank != len(expected["shape"]):
            raise ValueError(f"{value.name} of rank {rank} by shape inference")
    feeds = {}
    for value, given in zip(model.graph.input, run["inputs"]):
        data = array(given)
        feeds[value.name] = data.astype(numpy.int32) if given["isInteger"] else data
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    runners = {"onnxruntime": lambda: session.run(None, feeds)}
    reason = without_reference(model)
    if reason is not None:
        skipped[reason] = skipped.get(reason, 0) + 1
    else:
        runners["reference"] = lambda: onnx.reference.ReferenceEvaluator(model).run(None, feeds)
    for name, runner in runners.items():
        for made, expected in zip(runner(), run["outputs"]):
            difference = largest_difference(made, array(expected))
            largest[name] = max(largest[name], difference / run["tolerance"])
            if not difference <= run["tolerance"]:
                raise ValueError(f"{difference:.2e} from what was expected by {name}")
    return list(runners)


def main(folder):
    onnxruntime.set_default_logger_severity(3)
    largest = {"onnxruntime": 0.0, "reference": 0.0}
    counts = {"onnxruntime": 0, "reference": 0}
    refused = []
    skipped = {}
    paths = sorted(pathlib.Path(folder).glob("*.onnx"))
    for path in paths:
        try:
            for name in check_file(path, largest, skipped):
                counts[name] += 1
        except Exception as error:  # noqa: BLE001 - whatever a file provokes is its result
            name = json.loads(path.with_suffix(".json").read_text())["title"]
            refused.append(f"{path.name} ({name}): {type(error).__name__}: {str(error)[:300]}")
    versions = {module.__name__: module.__version__ for module in (onnx, onnxruntime, numpy)}
    versions["python"] = platform.python_version()
    figures = {"files": len(paths), "ran": counts, "largest": largest, "withoutReference": skipped}
    print(json.dumps({**figures, "refused": refused, "versions": versions}))
    return 1 if refused or not paths else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
