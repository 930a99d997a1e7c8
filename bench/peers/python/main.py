"""One Python library's contestants as a child process: `python main.py <library> <samples.f32 or folder of tasks>`."""

import importlib
import os
import sys
import warnings

import numpy as np
from protocol import serve

if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    library, path = sys.argv[1:]
    given = path if os.path.isdir(path) else np.fromfile(path, dtype=np.float32)
    serve(importlib.import_module(f"{library}_peer").roster(given))
