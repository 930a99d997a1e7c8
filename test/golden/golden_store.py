"""Golden cases on disk: `data/<original>.json` says what is where, `data/<original>.bin` holds the numbers.

A make script adds cases to a `Store` and closes it. Each case carries what the original gave and, where there is one,
what `reference*.py` (float64 NumPy, nothing shared with the original) makes of the same options: the two must agree,
or the script stops. With `--check` nothing is written: the fresh numbers are compared with the stored ones.
"""

import hashlib
import importlib.metadata
import json
import platform
import sys
from pathlib import Path

import numpy as np

DATA = Path(__file__).parent / "data"

# Two float64 programs that add in another order differ by a few thousand roundings of the largest value at most.
AGREEMENT = 1e-11

# The same libraries on another processor: a logarithm of a band that is mostly rounding moves most.
ELSEWHERE = {"float64": 1e-9, "float32": 1e-3}

# Every third case of a kind is in the sample that `npm test` runs; `test:parity` runs all.
SAMPLE_EVERY = 3


class Store:
    def __init__(self, original, generator, packages):
        self.original = original
        self.head = {
            "original": original,
            "generator": f"test/golden/{Path(generator).name}",
            "versions": {name: importlib.metadata.version(name) for name in packages},
        }
        self.head["versions"]["python"] = platform.python_version()
        self.cases = []
        self.chunks = []
        self.offset = 0
        self.worst = {}

    def add(
        self,
        kind,
        input_name,
        options,
        call,
        expected,
        reference=None,
        agreement=AGREEMENT,
        single=None,
        dtype="float64",
        floor=0.0,
        **notes,
    ):
        """One case.

        expected   the original's own output, frame-major
        reference  the same from an independent program; `agreement` is relative to the largest value, or to `floor`
                   where all should be zero
        single     the original's float32 output: its distance from `expected` is stored as `originalError`
        notes      further fields: `rows` when only some rows are kept, `note`
        """
        expected = np.ascontiguousarray(expected, "<f8" if dtype == "float64" else "<f4")
        title = f"{self.original}: {kind} of {input_name}, {json.dumps(options)}"
        if not np.isfinite(expected).all():
            raise ValueError(f"not finite: {title}")
        case = {"kind": kind, "input": input_name, "options": options, "call": call, "shape": list(expected.shape)}
        case |= {"dtype": dtype, "offset": self.offset}
        peak = float(np.abs(expected).max(initial=0))
        if reference is not None:
            error = distance(expected, reference, title)
            scale = max(peak, floor, np.finfo(np.float64).tiny)
            self.worst[kind] = max(self.worst.get(kind, 0), error / scale)
            if not error <= agreement * scale:
                raise ValueError(f"reference differs by {error:.3g}, peak {peak:.3g}: {title}")
            case["referenceError"] = short(error)
        if single is not None:
            case["originalError"] = short(distance(expected, single, title))
        n_before = sum(each["kind"] == kind for each in self.cases)
        case["sample"] = n_before % SAMPLE_EVERY == 0
        self.cases.append(case | notes)
        self.chunks.append(expected.tobytes())
        padding = -len(self.chunks[-1]) % 8
        self.chunks.append(b"\0" * padding)
        self.offset += len(self.chunks[-2]) + padding

    def close(self):
        blob = b"".join(self.chunks)
        head = self.head | {"bytes": len(blob), "sha256": hashlib.sha256(blob).hexdigest()}
        errors = ", ".join(f"{kind} {error:.1e}" for kind, error in self.worst.items())
        print(
            f"{self.original}: {len(self.cases)} cases, {len(blob) / 1e3:.0f} kB; reference within, of peak: {errors}"
        )
        if "--check" in sys.argv:
            self.check(blob)
            return
        DATA.mkdir(exist_ok=True)
        (DATA / f"{self.original}.bin").write_bytes(blob)
        (DATA / f"{self.original}.json").write_text(render(head, "cases", self.cases))

    def check(self, blob):
        """Compares with what is stored; another processor's libraries may round the last digits otherwise."""
        stored = json.loads((DATA / f"{self.original}.json").read_text())
        bytes_ = (DATA / f"{self.original}.bin").read_bytes()
        if hashlib.sha256(bytes_).hexdigest() != stored["sha256"]:
            raise ValueError(f"{self.original}.bin is not what its index says")
        measured = ("referenceError", "originalError")
        plain = lambda case: {key: value for key, value in case.items() if key not in measured}
        if [plain(case) for case in stored["cases"]] != [plain(case) for case in self.cases]:
            raise ValueError(f"{self.original}: the stored cases are others; run the script without --check")
        worst = 0.0
        for case in self.cases:
            was, now = array_of(case, bytes_), array_of(case, blob)
            peak = float(np.abs(was).max(initial=0)) or 1.0
            bound = ELSEWHERE[case["dtype"]]
            error = distance(was, now, case["call"]) / peak
            worst = max(worst, error / bound)
        print(f"{self.original}: stored data within {worst:.2g} of what is allowed")
        if not worst <= 1:
            raise ValueError(f"{self.original}: the stored numbers differ from these")


def write_inputs(inputs, generator):
    """`inputs` are (name, array, further fields); with --check they are compared bit for bit."""
    rows, chunks, offset = [], [], 0
    for name, x, fields in inputs:
        rows.append({"name": name, "shape": list(x.shape), "dtype": x.dtype.name, "offset": offset} | fields)
        chunk = x.tobytes()
        chunks.append(chunk + b"\0" * (-len(chunk) % 8))
        offset += len(chunks[-1])
    blob = b"".join(chunks)
    head = {
        "generator": f"test/golden/{Path(generator).name}",
        "bytes": len(blob),
        "sha256": hashlib.sha256(blob).hexdigest(),
    }
    text = render(head, "inputs", rows)
    print(f"inputs: {len(rows)}, {len(blob) / 1e3:.0f} kB")
    if "--check" not in sys.argv:
        DATA.mkdir(exist_ok=True)
        (DATA / "inputs.bin").write_bytes(blob)
        (DATA / "inputs.json").write_text(text)
    elif (DATA / "inputs.json").read_text() != text or (DATA / "inputs.bin").read_bytes() != blob:
        raise ValueError("the stored inputs differ from these")


def array_of(case, blob):
    dtype = "<f8" if case["dtype"] == "float64" else "<f4"
    count = int(np.prod(case["shape"]))
    return np.frombuffer(blob, dtype, count, case["offset"]).reshape(case["shape"])


def distance(a, b, title):
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    if a.shape != b.shape:
        raise ValueError(f"shape {b.shape} instead of {a.shape}: {title}")
    return float(np.abs(a - b).max(initial=0))


def short(value):
    return float(f"{value:.2e}")


def render(head, name, cases):
    """JSON with one case a line, so that a change of one case is a change of one line."""
    lines = [f" {json.dumps(key)}: {json.dumps(value)}" for key, value in head.items()]
    rows = ",\n".join("  " + json.dumps(case, ensure_ascii=False) for case in cases)
    return "{\n" + ",\n".join(lines) + ',\n "' + name + '": [\n' + rows + "\n ]\n}\n"
