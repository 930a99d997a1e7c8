"""Label files as Praat and pyannote.core write them, with what they hold: `data/labels.json`.

Praat is inside parselmouth. Each TextGrid is read back by Praat, and by praatio where it reads the form and the encoding.
"""

import base64
import importlib.metadata
import io
import json
import sys
import tempfile
from pathlib import Path

import parselmouth
from parselmouth.praat import call, run
from praatio import textgrid as praatio
from pyannote.core import Annotation, Segment

OUT = Path(__file__).parent / "data" / "labels.json"

# Tier, kind, labels with the time they begin at (intervals) or lie at (points).
LATIN = [
    ("woorden", "interval", [(0.5, "één"), (0.9375, ""), (1.1, 'zei "hé", toch'), (1.75, "a  b!"), (2.25, "")]),
    ("fonen", "interval", [(0.123456789, "e:"), (0.25, "n"), (1e-5 + 2, "\\as")]),
    ("leeg", "interval", []),
    ("klikken", "point", [(0.3, "klik"), (2.5, 'een " en ""')]),
]
# Beyond Latin-1, beyond 16 bits, and over two lines.
WIDE = [("IPA", "interval", [(0.5, "ʃæ"), (1.5, "日本 🎺"), (2, "two\nlines")]), ("мета", "point", [(1, "щ")])]
SECONDS = 3.0

# As CGN writes it, with words of our own: short, a header of its own, Latin-1, Windows line ends.
CGN = """File type = "ooTextFile short"
"TextGrid"

0.000
2.345
<exists>
2
"IntervalTier"
"N00001"
0.000
2.345
4
0.000
0.410
""
0.410
0.900
"één"
0.900
1.300
"café."
1.300
2.345
""
"IntervalTier"
"COMMENT"
0.000
2.345
1
0.000
2.345
""
"""

# Comments, several fields on one line, other forms of numbers: what people and other programs make of it.
LOOSE = """File type = "ooTextFile" ! made by hand
Object class = "TextGrid"
0 1 <exists> 2 ! two tiers
"IntervalTier" "a" 0 1 2  0 0.5 "x"  0.5 1e0 "says ""!"" twice"
! nothing else
"TextTier" "b" 0 1 1 +2.5E-1 "!"
"""


def create(tiers):
    names = " ".join(name for name, _, _ in tiers)
    points = " ".join(name for name, kind, _ in tiers if kind == "point")
    grid = call("Create TextGrid", 0, SECONDS, names, points)
    for number, (_, kind, labels) in enumerate(tiers, 1):
        for i, (time, label) in enumerate(labels, 2):
            if kind == "point":
                call(grid, "Insert point", number, time, label)
            else:
                call(grid, "Insert boundary", number, time)
                call(grid, "Set interval text", number, i, label)
    return grid


def saved(grid, form, encoding):
    run(f'Text writing preferences: "{encoding}"')
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.TextGrid"
        call(grid, f"Save as {form}", str(path))
        return path.read_bytes()


def opened(path):
    run('Text reading preferences: "try UTF-8, then ISO Latin-1"')
    return plain(parselmouth.read(str(path)))


def plain(grid):
    tiers = []
    for tier in range(1, int(call(grid, "Get number of tiers")) + 1):
        is_interval = call(grid, "Is interval tier", tier)
        name = call(grid, "Get tier name", tier)
        tiers.append({"kind": "interval" if is_interval else "point", "name": name, "intervals": labels_of(grid, tier)})
    return {"startSec": call(grid, "Get start time"), "endSec": call(grid, "Get end time"), "tiers": tiers}


def labels_of(grid, tier):
    if call(grid, "Is interval tier", tier):
        n, start, end, text = "intervals", "Get start time of interval", "Get end time of interval", "Get label of interval"
    else:
        n, start, end, text = "points", "Get time of point", "Get time of point", "Get label of point"
    made = []
    for i in range(1, int(call(grid, f"Get number of {n}", tier)) + 1):
        times = {"startSec": call(grid, start, tier, i), "endSec": call(grid, end, tier, i)}
        made.append({**times, "label": call(grid, text, tier, i)})
    return made


def by_praatio(path):
    grid = praatio.openTextgrid(str(path), includeEmptyIntervals=True)
    return [[tuple(entry) for entry in grid.getTier(name).entries] for name in grid.tierNames]


def tuples(tier):
    of_kind = {"interval": lambda one: tuple(one.values()), "point": lambda one: (one["startSec"], one["label"])}
    return [of_kind[tier["kind"]](one) for one in tier["intervals"]]


def file(name, content, praatio_reads=True):
    """A label file with what Praat reads in it, and praatio too; it leaves the quotes in points doubled."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.TextGrid"
        path.write_bytes(content)
        grid = opened(path)
        for tier, got in zip(grid["tiers"], by_praatio(path) if praatio_reads else []):
            if tier["kind"] == "interval" and got != tuples(tier):
                raise SystemExit(f"{name}: praatio reads {got}, Praat {tuples(tier)}")
    return {"name": name, "base64": base64.b64encode(content).decode(), "grid": grid}


def grids():
    long, short = "text file", "short text file"
    latin, wide = create(LATIN), create(WIDE)
    to_latin = "try ISO Latin-1, then UTF-16"
    yield file("long UTF-8", saved(latin, long, "UTF-8"))
    yield file("short UTF-8", saved(latin, short, "UTF-8"))
    yield file("long Latin-1", saved(latin, long, to_latin), praatio_reads=False)
    yield file("short Latin-1", saved(latin, short, to_latin), praatio_reads=False)
    yield file("long UTF-16", saved(wide, long, "UTF-16"))
    yield file("short UTF-16", saved(wide, short, to_latin))
    yield file("wide UTF-8", saved(wide, long, "UTF-8"))
    little = b"\xff\xfe" + saved(wide, long, "UTF-16")[2:].decode("utf-16-be").encode("utf-16-le")
    yield file("long UTF-16, little-endian", little)
    marked = b"\xef\xbb\xbf" + saved(wide, long, "UTF-8").replace(b"\n", b"\r\n")
    yield file("long UTF-8, marked, Windows line ends", marked)
    yield file("CGN", CGN.replace("\n", "\r\n").encode("latin-1"), praatio_reads=False)
    yield file("loose", LOOSE.encode(), praatio_reads=False)


def others():
    """What Praat also saves, and we do not read."""
    grid = create(LATIN)
    for name, form in [("chronological", "chronological text file"), ("binary", "binary file")]:
        yield {"name": name, "base64": base64.b64encode(saved(grid, form, "UTF-8")).decode()}
    collection = saved([grid, create(WIDE)], "text file", "UTF-8")
    yield {"name": "collection", "base64": base64.b64encode(collection).decode()}


def rttm():
    turns = {
        "call_01": [(0.5, 2.25, "anna"), (2.0, 3.5, "bert"), (3.5, 3.625, "anna")],
        "call_02": [(10.062, 11.0, "spk-3")],
    }
    text = io.StringIO()
    for uri, segments in turns.items():
        annotation = Annotation(uri=uri)
        for i, (start, end, speaker) in enumerate(segments):
            annotation[Segment(start, end), i] = speaker
        annotation.write_rttm(text)
    spoken = lambda start, end, label: {"startSec": start, "endSec": end, "label": label}
    return {"text": text.getvalue(), "turns": {uri: [spoken(*one) for one in all] for uri, all in turns.items()}}


packages = ["praat-parselmouth", "praatio", "pyannote.core"]
made = {
    "generator": "test/golden/make_labels.py",
    "versions": {"praat": parselmouth.PRAAT_VERSION, **{name: importlib.metadata.version(name) for name in packages}},
    "grids": list(grids()),
    "others": list(others()),
    "rttm": rttm(),
}
text = json.dumps(made, indent=1, ensure_ascii=False) + "\n"
if "--check" in sys.argv:
    if OUT.read_text(encoding="utf-8") != text:
        raise SystemExit(f"{OUT} is not what Praat and pyannote.core write")
else:
    OUT.write_text(text, encoding="utf-8")
