"""Reads every variant of a feature folder with the programs it is for, and compares all of them with pyarrow's reading of
the plain one. Prints what was read as JSON; exits 1 where anything differs.

    python read_shards.py <folder with arrow-none, arrow-lz4, …>
"""

import glob
import importlib.metadata
import json
import os
import sys

import duckdb
import kaldiio
import numpy
import polars
import pyarrow
import pyarrow.ipc
from safetensors.numpy import load_file

PACKAGES = ["duckdb", "kaldiio", "numpy", "polars", "pyarrow", "safetensors"]


def shards(folder, ending):
    found = sorted(glob.glob(os.path.join(folder, f"shard-*.{ending}")))
    assert found, f"no .{ending} in {folder}"
    return found


def frames_of(column, row):
    """[frame, width] of one row, without a copy of each number."""
    rows = column[row].values
    return numpy.asarray(rows.flatten()).reshape(len(rows), -1)


def of_arrow(folder):
    rows = {}
    for path in shards(folder, "arrow"):
        table = pyarrow.ipc.open_file(path).read_all()
        table.validate(full=True)
        for key in [b"cochlea.spec", b"cochlea.spec_hash", b"cochlea.feature_hash"]:
            assert key in table.schema.metadata, f"{path} lacks {key}"
        facts = table.drop_columns(["features"]).to_pylist()
        features = table.column("features").combine_chunks()
        for row, known in enumerate(facts):
            rows[known["id"]] = (known, frames_of(features, row))
    return rows


def index_of(folder):
    for path in shards(folder, "jsonl"):
        with open(path, encoding="utf8") as lines:
            yield path[: -len(".jsonl")], [json.loads(line) for line in lines]


def without_place(line):
    return {key: value for key, value in line.items() if key not in ("first_frame", "frames")}


def of_npy(folder):
    rows = {}
    for stem, lines in index_of(folder):
        values = numpy.load(stem + ".npy", mmap_mode="r")
        assert values.dtype == numpy.float32 and values.flags.c_contiguous
        for line in lines:
            first = line["first_frame"]
            rows[line["id"]] = (without_place(line), values[first : first + line["frames"]])
    return rows


def of_safetensors(folder):
    rows = {}
    for stem, lines in index_of(folder):
        tensors = load_file(stem + ".safetensors")
        assert len(tensors) == len(lines)
        for line in lines:
            rows[line["id"]] = (without_place(line), tensors[line["id"]])
    return rows


def of_kaldi(folder):
    rows = {}
    here = os.getcwd()
    os.chdir(folder)
    try:
        for stem, lines in index_of("."):
            matrices = dict(kaldiio.load_ark(stem + ".ark"))
            by_place = kaldiio.load_scp(stem + ".scp")
            for line in lines:
                assert numpy.array_equal(by_place[line["id"]], matrices[line["id"]])
                rows[line["id"]] = (without_place(line), matrices[line["id"]])
    finally:
        os.chdir(here)
    return rows


def compare(name, found, expected):
    assert list(found) == list(expected), f"{name}: other ids"
    for key, (facts, frames) in expected.items():
        assert found[key][0] == facts, f"{name}: {key} is {found[key][0]}, not {facts}"
        assert found[key][1].tobytes() == numpy.ascontiguousarray(frames).tobytes(), f"{name}: {key} has other numbers"


def of_tables(folder, expected):
    """Polars and DuckDB see the same rows."""
    paths = shards(folder, "arrow")
    frame = polars.concat([polars.read_ipc(path) for path in paths])
    assert frame["id"].to_list() == list(expected)
    assert frame["features"].list.len().to_list() == [len(frames) for _, frames in expected.values()]
    rows = pyarrow.concat_tables([pyarrow.ipc.open_file(path).read_all() for path in paths])
    counts = duckdb.sql("select label, count(*), sum(len(features)) from rows group by label order by label").fetchall()
    assert sum(count for _, count, _ in counts) == len(expected)
    assert sum(frames for _, _, frames in counts) == sum(len(frames) for _, frames in expected.values())
    return rows.num_rows


def main(folder):
    expected = of_arrow(os.path.join(folder, "arrow-none"))
    assert expected and all(numpy.isfinite(frames).all() for _, frames in expected.values())
    for name, read in {
        "arrow-lz4": of_arrow,
        "arrow-zstd": of_arrow,
        "npy": of_npy,
        "safetensors": of_safetensors,
        "kaldi-ark": of_kaldi,
    }.items():
        compare(name, read(os.path.join(folder, name)), expected)
    for name in ["arrow-none", "arrow-lz4", "arrow-zstd"]:
        of_tables(os.path.join(folder, name), expected)
    versions = {name: importlib.metadata.version(name) for name in PACKAGES}
    frames = sum(len(frames) for _, frames in expected.values())
    print(json.dumps({"recordings": len(expected), "frames": frames, "versions": versions}))


main(sys.argv[1])
