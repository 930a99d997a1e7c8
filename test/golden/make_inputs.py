"""Writes data/inputs.json and data/inputs.bin: what every golden case starts from (see golden_signals.py)."""

import numpy as np

from golden_signals import matrices, signals
from golden_store import write_inputs


def main():
    recordings = [(name, x, {"sampleRate": rate}) for name, (x, rate) in signals().items()]
    write_inputs(recordings + [(name, x.astype("<f4"), {}) for name, x in matrices().items()], __file__)
    assert all((x == x.astype(np.float32)).all() for x in matrices().values())


if __name__ == "__main__":
    main()
