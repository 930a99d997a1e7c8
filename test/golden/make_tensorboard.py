"""Records of an event file as TensorBoard's own writer makes them: `data/tensorboard.json`."""

import base64
import importlib.metadata
import io
import json
import sys
from pathlib import Path

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter

OUT = Path(__file__).parent / "data" / "tensorboard.json"


def scalars(wall_time, step, values):
    value = [Summary.Value(tag=tag, simple_value=x) for tag, x in values]
    return Event(wall_time=wall_time, step=step, summary=Summary(value=value))


EVENTS = [
    Event(wall_time=1700000000.25, file_version="brain.Event:2"),
    scalars(1700000001.5, 0, [("epoch_loss", 0.6931471824645996), ("epoch_accuracy", 0.5)]),
    scalars(1700000002.75, 1, [("epoch_loss", 1e-30)]),
    scalars(1700000003.0, 2**40, [("epoch_loss", -3.0), ("ä", 0.25)]),
]


class File(io.BytesIO):
    """A file that stays readable after its writer closes it."""

    def close(self):
        pass


def record(event):
    out = File()
    RecordWriter(out).write(event.SerializeToString())
    return base64.b64encode(out.getvalue()).decode()


def plain(event):
    if event.HasField("file_version"):
        return {"wallTime": event.wall_time, "fileVersion": event.file_version}
    value = [{"tag": v.tag, "simpleValue": v.simple_value} for v in event.summary.value]
    return {"wallTime": event.wall_time, "step": event.step, "summary": {"value": value}}


made = {
    "generator": "test/golden/make_tensorboard.py",
    "versions": {"tensorboard": importlib.metadata.version("tensorboard")},
    "records": [{"event": plain(event), "base64": record(event)} for event in EVENTS],
}
text = json.dumps(made, indent=2, ensure_ascii=False) + "\n"
if "--check" in sys.argv:
    if OUT.read_text(encoding="utf-8") != text:
        raise SystemExit(f"{OUT} is not what TensorBoard writes")
else:
    OUT.write_text(text, encoding="utf-8")
