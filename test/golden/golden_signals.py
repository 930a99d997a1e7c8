"""The inputs of every golden case, made with integers alone: the same numbers on any machine.

`signals()` are 16-bit recordings, `matrices()` small feature matrices whose values float32 holds exactly. Both are
written by `make_inputs.py`; the other scripts take them from here.
"""

import numpy as np

# One revolution of a sine is 2^32 of phase; the table holds 4096 steps of it at 2^14.
PHASE_BITS = 32
TABLE_BITS = 12
SINE_BITS = 14


def _sine_table():
    """round(2^14·sin(2πi/4096)): a quarter is computed, the rest is its mirror."""
    quarter = [round(2**SINE_BITS * np.sin(np.pi / 2 * i / 1024)) for i in range(1025)]
    half = quarter + quarter[-2:0:-1]
    return np.array(half + [-v for v in half], dtype=np.int64)


SINE = _sine_table()


def sine(n, hz, sample_rate, amplitude, glide_hz=0, phase=0):
    """Tone of `amplitude` (16-bit), its frequency rising by `glide_hz` over `n` samples."""
    i = np.arange(n, dtype=object)
    step = (hz << PHASE_BITS) // sample_rate
    glide = (glide_hz << PHASE_BITS) // sample_rate
    turns = np.array(
        [(phase + k * step + k * k * glide // (2 * n)) >> (PHASE_BITS - TABLE_BITS) for k in i], dtype=np.int64
    )
    return SINE[turns % 4096] * amplitude >> SINE_BITS


def noise(n, seed, amplitude):
    """Upper bits of a linear congruential generator (the constants of Numerical Recipes), uniform in ±amplitude."""
    state, values = seed, []
    for _ in range(n):
        state = (1664525 * state + 1013904223) % 2**32
        values.append((state >> 16) - 32768)
    return np.array(values, dtype=np.int64) * amplitude >> 15


def resonate(x, hz, sample_rate, radius):
    """Two-pole resonator in integers: y[t] = x[t] + 2r·cos(2πf/sr)·y[t−1] − r²·y[t−2], coefficients in 1/2^14."""
    turn = ((hz << TABLE_BITS) // sample_rate + 1024) % 4096
    a1 = 2 * radius * int(SINE[turn]) >> SINE_BITS
    a2 = radius * radius >> SINE_BITS
    y1 = y2 = 0
    y = []
    for value in x.tolist():
        y1, y2 = value + ((a1 * y1 - a2 * y2) >> SINE_BITS), y1
        y.append(y1)
    return np.array(y, dtype=np.int64)


def voice(n, sample_rate, seed):
    """Like speech: pulses at 110–150 Hz and noise through three resonators, swelling and dying, and a pause."""
    pulses = np.zeros(n, dtype=np.int64)
    at, period = 0, sample_rate // 110
    while at < n:
        pulses[at] = 9000
        at += period
        period -= (period > sample_rate // 150) * (at % 3 == 0)
    x = pulses + noise(n, seed, 300)
    for hz, radius in ((700, 15900), (1220, 15700), (2600, 15400)):
        x = resonate(x, hz, sample_rate, radius) >> 2
    envelope = np.minimum(np.arange(n) % (n // 3), n // 12)
    x = x * envelope // (n // 12)
    x[n // 2 : n // 2 + n // 16] = 0  # a pause of exact zeros
    return x + noise(n, seed + 1, 12) * (x != 0)


def fit(x):
    return np.clip(x, -32768, 32767).astype("<i2")


def signals():
    """name → (int16 samples, sample rate)."""
    mix = sine(6400, 440, 16000, 13000) + sine(6400, 4000, 16000, 6500, phase=1 << 30)
    mix = mix + sine(6400, 900, 16000, 3200, glide_hz=2400) + noise(6400, 7, 170)
    beep = noise(4800, 11, 560)
    beep[1200:3600] += sine(2400, 4000, 16000, 16000)
    fade = np.array(
        [v >> (i // 200) if v >= 0 else -(-v >> (i // 200)) for i, v in enumerate(mix.tolist())], dtype=np.int64
    )
    square = np.where(np.arange(2400) // 50 % 2 == 0, 32767, -32768)
    impulse = np.zeros(1600, dtype=np.int64)
    impulse[700] = 16384
    named = {
        "mix": mix,
        "beep": beep,
        "fade": fade,
        "quiet": mix[:2048] >> 10,
        "chirp": sine(4800, 60, 16000, 20000, glide_hz=7800),
        "noise": noise(4000, 1, 9000),
        "voice": voice(8000, 16000, 3),
        "onBin": sine(2400, 1000, 16000, 12000),
        "square": square,
        "impulse": impulse,
        "dc": np.full(1200, 5000),
        "silence": np.zeros(1600, dtype=np.int64),
        "frame": mix[:512],
        "short": mix[:100],
        "three": np.array([100, -2000, 30000]),
        "one": np.array([12345]),
    }
    out = {name: (fit(x), 16000) for name, x in named.items()}
    out["voice8k"] = (fit(voice(4000, 8000, 5)), 8000)
    out["mix44k"] = (
        fit(sine(6000, 997, 44100, 12000) + sine(6000, 9000, 44100, 5000, glide_hz=6000) + noise(6000, 13, 400)),
        44100,
    )
    out["mix11k"] = (fit(sine(3000, 313, 11025, 12000, glide_hz=3000) + noise(3000, 17, 900)), 11025)
    return out


def matrices():
    """name → matrix [frame, column] whose values float32 holds exactly: what a delta, a norm, a logarithm gets."""
    cepstra = noise(40 * 13, 101, 6000).reshape(40, 13) / 256
    ramp = np.cumsum(noise(25 * 3, 103, 900).reshape(25, 3), axis=0) / 256
    constant = np.full((12, 2), 3.5)
    powers = np.abs(noise(12 * 8, 107, 30000).reshape(12, 8)) ** 2 / 2.0**20
    powers[3:5] = 0
    powers[8] /= 2.0**40
    return {
        "cepstra": cepstra,
        "ramp": ramp,
        "constant": constant,
        "single": cepstra[:1],
        "few": cepstra[:4],
        "powers": powers.astype(np.float32).astype(np.float64),
    }


def samples(name):
    return signals_once()[name][0]


def rate(name):
    return signals_once()[name][1]


_cache = {}


def signals_once():
    if not _cache:
        _cache.update(signals())
    return _cache


def unit(name):
    """Samples in [−1, 1), as librosa.load, soundfile and torchaudio.load give them."""
    return samples(name).astype(np.float64) / 32768


def int16_scale(name):
    """Samples as floats in −32768 … 32767, as scipy.io.wavfile and Kaldi read them."""
    return samples(name).astype(np.float64)
