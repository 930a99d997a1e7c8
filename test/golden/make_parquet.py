"""Parquet files as pyarrow writes them, and what pyarrow reads of them: `data/parquet-files.json`."""

import base64
import datetime
import decimal
import io
import json
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

OUT = Path(__file__).parent / "data" / "parquet-files.json"

CODECS = ["none", "snappy", "gzip", "zstd", "brotli", "lz4"]
N = 24


def numbers():
    """Every kind of number that a feature may come as; nulls in two of them, a dictionary in `group`."""
    return pa.table(
        {
            "group": pa.array([f"sensor {i // 8}" for i in range(N)]).dictionary_encode(),
            "f64": pa.array([None if i % 7 == 3 else i / 3 for i in range(N)], pa.float64()),
            "f32": pa.array([(-1) ** i * 1.5**i for i in range(N)], pa.float32()),
            "f16": pa.array([i / 8 - 1 for i in range(N)], pa.float16()),
            "i64": pa.array([2**40 * i for i in range(N)], pa.int64()),
            "i32": pa.array([None if i == 5 else -i for i in range(N)], pa.int32()),
            "u32": pa.array([2**32 - 1 - i for i in range(N)], pa.uint32()),
            "u8": pa.array([i * 10 for i in range(N)], pa.uint8()),
            "flag": pa.array([i % 3 == 0 for i in range(N)], pa.bool_()),
            "price": pa.array([decimal.Decimal(i) / 4 for i in range(N)], pa.decimal128(10, 2)),
        }
    )


def times():
    """One moment a row, 90 s apart and with a fraction, as every type of timestamp."""
    start = datetime.datetime(2024, 1, 31, 23, 59, 30)
    walls = [start + datetime.timedelta(seconds=90 * i, milliseconds=125) for i in range(4)]
    columns = {"value": pa.array([1.0, 2.0, 3.0, 4.0], pa.float64())}
    for unit in ["ms", "us", "ns"]:
        columns[f"{unit}_utc"] = pa.array(walls, pa.timestamp(unit, tz="UTC"))
        columns[f"{unit}_berlin"] = pa.array(walls, pa.timestamp(unit, tz="Europe/Berlin"))
        columns[f"{unit}_wall"] = pa.array(walls, pa.timestamp(unit))
    columns["ticks"] = pa.array([int(w.replace(tzinfo=datetime.timezone.utc).timestamp() * 1000) for w in walls], pa.int64())
    return pa.table(columns)


def regions():
    """Cells of many numbers: lists, and texts."""
    rows = [[i + j / 4 for j in range(6)] for i in range(5)]
    return pa.table(
        {
            "list": pa.array(rows, pa.list_(pa.float32())),
            "fixed": pa.array(rows, pa.list_(pa.float32(), 6)),
            "text": pa.array(["|".join(map(str, row)) for row in rows]),
            "label": pa.array([0, 1, 0, 1, 1], pa.int64()),
        }
    )


def plain(value):
    if isinstance(value, datetime.datetime):
        wall = value.replace(tzinfo=value.tzinfo or datetime.timezone.utc)
        return wall.timestamp() * 1000
    if isinstance(value, decimal.Decimal):
        return str(value)
    return value


def case(name, table, **options):
    out = io.BytesIO()
    pq.write_table(table, out, **options)
    read = pq.read_table(io.BytesIO(out.getvalue()))
    columns = {key: [plain(v) for v in read.column(key).to_pylist()] for key in read.column_names}
    return {
        "name": name,
        "options": options,
        "rowGroups": pq.ParquetFile(io.BytesIO(out.getvalue())).metadata.num_row_groups,
        "columns": columns,
        "base64": base64.b64encode(out.getvalue()).decode(),
    }


CASES = [
    *[case(f"numbers-{codec}", numbers(), compression=codec) for codec in CODECS],
    case("numbers-groups", numbers(), row_group_size=7, compression="snappy"),
    case("numbers-plain", numbers(), use_dictionary=False, compression="zstd"),
    case("numbers-pages-2", numbers(), data_page_version="2.0", compression="zstd"),
    case(
        "numbers-split",
        numbers().select(["group", "f64", "f32"]),
        use_dictionary=["group"],
        use_byte_stream_split=["f64", "f32"],
    ),
    case("times", times()),
    case("times-int96", times(), use_deprecated_int96_timestamps=True),
    case("regions", regions()),
]

made = {
    "generator": "test/golden/make_parquet.py",
    "versions": {"pyarrow": pa.__version__},
    "files": CASES,
}
text = json.dumps(made, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
if "--check" in sys.argv:
    if OUT.read_text(encoding="utf-8") != text:
        raise SystemExit(f"{OUT} is not what pyarrow writes")
else:
    OUT.write_text(text, encoding="utf-8")
