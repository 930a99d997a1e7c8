"""What a framework is given to train: a model's name, its first weights, a batch, and how to learn."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from protocol import Contestant

LENGTH_BYTES = 8


@dataclass
class Task:
    """Weights are in the order, shapes and gate order (input, forget, cell, output) of Keras; rows of `x` and `y` are windows."""

    key: str
    model: str
    x: np.ndarray
    y: np.ndarray | None
    weights: list[np.ndarray]
    dropout: float
    check_steps: int
    timed_learning_rate: float
    learning_rate: float
    beta1: float
    beta2: float
    epsilon: float


def tasks(folder: str) -> list[Task]:
    return [_read(path) for path in sorted(Path(folder).glob("*.safetensors"))]


def contestants(task: Task, name: str, step_of) -> list[Contestant]:
    """`step_of(task, dropout, learning_rate)` gives a function that makes one step and returns the loss before it."""
    made = []

    def result() -> np.ndarray:
        # Before any clock starts, with all that is compiled: a round finds by its first run how many make a sample.
        made[:] = [step_of(task, task.dropout, task.timed_learning_rate)]
        made[0]()
        step = step_of(task, 0.0, task.learning_rate)
        return np.array([step() for _ in range(task.check_steps)], np.float32)

    return [Contestant(task.key, name, 1, lambda: made[0](), result)]


def _read(path: Path) -> Task:
    """safetensors: length of a JSON header in eight bytes, the header, the numbers."""
    data = path.read_bytes()
    begin = LENGTH_BYTES + int.from_bytes(data[:LENGTH_BYTES], "little")
    header = json.loads(data[LENGTH_BYTES:begin])
    task = json.loads(header["__metadata__"]["task"])

    def tensor(name: str, shape: list[int]) -> np.ndarray:
        start, end = header[name]["data_offsets"]
        return np.frombuffer(data[begin + start : begin + end], np.float32).reshape(shape).copy()

    shapes = task.pop("weightShapes")
    y_shape = task.pop("yShape")
    return Task(
        key=path.stem,
        x=tensor("x", task.pop("xShape")),
        y=None if y_shape is None else tensor("y", y_shape),
        weights=[tensor(f"weight {i}", shape) for i, shape in enumerate(shapes)],
        **task,
    )
