"""The other side of `PeerProcess` (src/bench/peer-process.ts) for contestants written in Python.

Requests are lines on stdin, answers lines of JSON on stdout; what libraries print goes to stderr.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

SAMPLE_RATE = 16_000
# Results are compared on the first two seconds.
CHECK_SAMPLES = 2 * SAMPLE_RATE
CLIP_SAMPLES = 10 * SAMPLE_RATE

# As in src/bench/round.ts.
SAMPLE_SEC = 0.01
FEWEST_SAMPLES = 3
CLOCKS = {"wall": time.perf_counter, "cpu": time.process_time}


@dataclass
class Contestant:
    """`run` is timed; `result` gives float32 values, frame-major, of the check clip. `work` is what one run does."""

    case: str
    name: str
    work: float
    run: Callable[[], object]
    result: Callable[[], np.ndarray]
    own_conventions: bool = False
    # Where a run takes seconds, a round is one run; what `tidy` clears away behind it is not timed.
    once: bool = False
    tidy: Callable[[], object] = lambda: None


@dataclass
class Roster:
    versions: dict[str, str]
    contestants: list[Contestant]
    absent: list[dict[str, str]] = field(default_factory=list)


def clips_of(samples: np.ndarray) -> np.ndarray:
    """Rows of 10 s; a signal shorter than that is one row."""
    clip = min(CLIP_SAMPLES, samples.size)
    return samples[: samples.size // clip * clip].reshape(-1, clip)


def one_call_and_clips(
    case: str, library: str, samples: np.ndarray, features: Callable, prepare: Callable = lambda x: x, **flags: bool
) -> list[Contestant]:
    """A feature in one call and clip by clip, as libraries differ in which they do better.

    `features` takes what `prepare` makes of samples (say, a tensor) and returns [frame, value]; preparing is not timed.
    """
    whole = prepare(samples)
    clips = [prepare(clip) for clip in clips_of(samples)]
    check = prepare(samples[:CHECK_SAMPLES])
    clip_sec = sum(clip.size for clip in clips_of(samples)) / SAMPLE_RATE
    return [
        Contestant(case, f"{library}, one call", samples.size / SAMPLE_RATE, lambda: features(whole), lambda: features(check), **flags),
        Contestant(
            case, f"{library}, 10 s clips", clip_sec, lambda: [features(clip) for clip in clips], lambda: features(check), **flags
        ),
    ]


def serve(roster: Roster) -> None:
    """Answers until stdin ends."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", buffering=1)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    for line in sys.stdin:
        try:
            answer = _answer(roster, line.split())
        except Exception as error:  # every failure goes to the harness, which stops and says it
            answer = {"error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(answer) + "\n")


def _answer(roster: Roster, words: list[str]) -> dict:
    if words[0] == "list":
        contestants = [
            {"case": c.case, "name": c.name, "work": c.work, "ownConventions": c.own_conventions} for c in roster.contestants
        ]
        return {"versions": roster.versions, "contestants": contestants, "absent": roster.absent}
    contestant = roster.contestants[int(words[1])]
    if words[0] == "round":
        clock = CLOCKS[words[3]]
        return _time_once(contestant, clock) if contestant.once else _time_round(contestant.run, float(words[2]), clock)
    if words[0] != "result":
        raise ValueError(f"request must be list, result or round, got {words[0]}")
    values = np.ascontiguousarray(contestant.result(), dtype=np.float32)
    values.tofile(" ".join(words[2:]))
    return {"values": values.size}


def _time_once(contestant: Contestant, clock: Callable[[], float]) -> dict:
    cpu, wall = time.process_time(), time.perf_counter()
    sample = _seconds_of(contestant.run, 1, clock)
    timed = {"samples": [sample], "wallSec": time.perf_counter() - wall, "cpuSec": time.process_time() - cpu}
    contestant.tidy()
    return timed


def _time_round(run: Callable[[], object], seconds: float, clock: Callable[[], float]) -> dict:
    runs = _runs_per_sample(run, clock)
    samples = []
    cpu, start, wall = time.process_time(), time.perf_counter(), 0.0
    while len(samples) < FEWEST_SAMPLES or wall < seconds:
        samples.append(_seconds_of(run, runs, clock) / runs)
        wall = time.perf_counter() - start
    return {"samples": samples, "wallSec": wall, "cpuSec": time.process_time() - cpu}


def _runs_per_sample(run: Callable[[], object], clock: Callable[[], float]) -> int:
    """Runs that together take SAMPLE_SEC on the asked clock; also the warm-up."""
    runs = 1
    while _seconds_of(run, runs, clock) < SAMPLE_SEC:
        runs *= 2
    return runs


def _seconds_of(run: Callable[[], object], runs: int, clock: Callable[[], float]) -> float:
    start = clock()
    for _ in range(runs):
        run()
    return clock() - start
