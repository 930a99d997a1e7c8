"""Writes data/torchaudio-kaldi.{json,bin} and data/kaldi-native-fbank.{json,bin}: Kaldi's fbank, MFCC and spectrogram.

torchaudio.compliance.kaldi runs in float64, so its numbers are exact; kaldi-native-fbank is Kaldi's own C++ in float32,
and its distance from the float64 reference is stored as `referenceError`. Dither is off everywhere.
"""

import kaldi_native_fbank as knf
import numpy as np
import torch
import torchaudio.compliance.kaldi as kaldi

import golden_signals
import reference_speech as speech
from golden_store import Store

# Kaldi's own defaults (feature-window.h, feature-fbank.h, feature-mfcc.h); lengths are in milliseconds there.
BASE = dict(
    window="povey",
    frameLengthMs=25,
    frameShiftMs=10,
    preemphasis=0.97,
    removeDcOffset=True,
    snipEdges=True,
    roundToPowerOfTwo=True,
    blackmanCoefficient=0.42,
    nMels=23,
    lowFreq=20,
    highFreq=0,
    useEnergy=False,
    rawEnergy=True,
    energyFloor=0.0,
    htkCompat=False,
    useLogFbank=True,
    usePower=True,
    sampleScale="int16",
)
MFCC = dict(nMfcc=13, lifter=22, useEnergy=True)

# A logarithm shows the relative error of a band: one far below the loudest bin holds fewer digits of it.
LOG_AGREEMENT = 1e-9

# kaldi-native-fbank computes in float32 throughout.
FLOAT32_AGREEMENT = 1e-4


def variations():
    """kind, input, what differs from Kaldi's defaults."""
    for kind in ("logMel", "mfcc"):
        yield kind, "voice", {}
        yield kind, "mix", {"snipEdges": False}
        yield kind, "voice", {"preemphasis": 0, "removeDcOffset": False}
        yield kind, "mix", {"preemphasis": 0}
        yield kind, "dc", {"removeDcOffset": False, "preemphasis": 0.5}
        for window in ("hamming", "hann", "rectangular", "blackman"):
            yield kind, "mix", {"window": window, "frameShiftMs": 40}
        yield kind, "mix", {"window": "blackman", "blackmanCoefficient": 0.35, "frameShiftMs": 40}
        for use_energy in (False, True):
            for raw_energy in (False, True):
                for htk_compat in (False, True):
                    yield (
                        kind,
                        "voice",
                        {"useEnergy": use_energy, "rawEnergy": raw_energy, "htkCompat": htk_compat, "frameShiftMs": 35},
                    )
        yield kind, "fade", {"useEnergy": True, "energyFloor": 1.0}
        yield kind, "fade", {"useEnergy": True, "energyFloor": 1e7, "rawEnergy": False}
        yield kind, "silence", {"useEnergy": True}
        yield kind, "silence", {"useEnergy": True, "energyFloor": 1.0, "snipEdges": False}
        yield kind, "voice", {"nMels": 80, "frameShiftMs": 30}
        yield kind, "voice", {"nMels": 40, "lowFreq": 0, "highFreq": 7600, "frameShiftMs": 30}
        yield kind, "voice", {"nMels": 30, "lowFreq": 64, "highFreq": -400, "frameShiftMs": 30}
        yield kind, "voice", {"lowFreq": 300, "highFreq": 3400, "nMels": 15, "frameShiftMs": 30}
        yield kind, "mix", {"roundToPowerOfTwo": False, "frameShiftMs": 30}
        yield kind, "mix", {"roundToPowerOfTwo": False, "frameLengthMs": 20, "frameShiftMs": 17, "snipEdges": False}
        yield kind, "voice8k", {}
        yield kind, "voice8k", {"snipEdges": False, "nMels": 40, "highFreq": -200}
        yield kind, "mix44k", {"nMels": 64}
        yield kind, "mix44k", {"frameLengthMs": 23.2, "frameShiftMs": 11.6, "snipEdges": False}
        yield kind, "mix", {"frameLengthMs": 16.0625, "frameShiftMs": 7.0625}  # 257 and 113 samples
        yield kind, "mix", {"frameLengthMs": 16.0625, "frameShiftMs": 7.0625, "snipEdges": False}
        yield kind, "mix", {"frameLengthMs": 10, "frameShiftMs": 25}  # hop > window
        yield kind, "mix", {"frameLengthMs": 10, "frameShiftMs": 25, "snipEdges": False}
        yield kind, "frame", {}  # one frame
        yield kind, "frame", {"snipEdges": False}
        yield kind, "square", {}
        yield kind, "impulse", {}
        yield kind, "voice", {"sampleScale": "unit"}
        yield kind, "voice", {"sampleScale": "unit", "useEnergy": True, "energyFloor": 1.0, "snipEdges": False}
    yield "logMel", "voice", {"useLogFbank": False}
    yield "logMel", "voice", {"useLogFbank": False, "usePower": False, "useEnergy": True}
    yield "logMel", "voice", {"usePower": False}
    yield "logMel", "silence", {"useLogFbank": False}
    yield "mfcc", "voice", {"lifter": 0}
    yield "mfcc", "voice", {"nMfcc": 20, "nMels": 40, "lifter": 13.5}
    yield "mfcc", "voice", {"nMfcc": 23}
    yield "mfcc", "voice", {"nMfcc": 1, "useEnergy": False}


def options_of(kind, o, sample_rate):
    """The same in cochlea's words: samples and Hz, nothing left out."""
    win = int(sample_rate * o["frameLengthMs"] * 0.001)
    n_fft = 1 << (win - 1).bit_length() if o["roundToPowerOfTwo"] else win
    high = o["highFreq"] if o["highFreq"] > 0 else sample_rate / 2 + o["highFreq"]
    options = {"preset": "kaldi", "sampleScale": o["sampleScale"], "dither": 0, "winLength": win}
    options |= {"hopLength": int(sample_rate * o["frameShiftMs"] * 0.001), "nFft": n_fft, "window": o["window"]}
    options |= {"windowSymmetry": "symmetric", "fMin": o["lowFreq"], "fMax": high, "power": 2 if o["usePower"] else 1}
    options |= {"log": "ln" if o["useLogFbank"] else None}
    same = [
        "nMels",
        "preemphasis",
        "removeDcOffset",
        "snipEdges",
        "roundToPowerOfTwo",
        "useEnergy",
        "rawEnergy",
        "energyFloor",
        "htkCompat",
    ]
    same += ["blackmanCoefficient"] if o["window"] == "blackman" else []
    same += ["nMfcc", "lifter"] if kind == "mfcc" else []
    return options | {name: o[name] for name in same}


def waveform(name, o):
    return golden_signals.unit(name) if o["sampleScale"] == "unit" else golden_signals.int16_scale(name)


def torchaudio_arguments(kind, o, sample_rate):
    arguments = dict(
        sample_frequency=sample_rate,
        frame_length=o["frameLengthMs"],
        frame_shift=o["frameShiftMs"],
        window_type={"hann": "hanning"}.get(o["window"], o["window"]),
        blackman_coeff=o["blackmanCoefficient"],
        preemphasis_coefficient=o["preemphasis"],
        remove_dc_offset=o["removeDcOffset"],
        snip_edges=o["snipEdges"],
        round_to_power_of_two=o["roundToPowerOfTwo"],
        raw_energy=o["rawEnergy"],
        energy_floor=o["energyFloor"],
    )
    if kind == "stft":
        return arguments
    arguments |= dict(
        num_mel_bins=o["nMels"],
        low_freq=o["lowFreq"],
        high_freq=o["highFreq"],
        use_energy=o["useEnergy"],
        htk_compat=o["htkCompat"],
    )
    if kind == "mfcc":
        return arguments | dict(num_ceps=o["nMfcc"], cepstral_lifter=o["lifter"])
    return arguments | dict(use_log_fbank=o["useLogFbank"], use_power=o["usePower"])


def torchaudio_run(kind, y, o, sample_rate, dtype):
    """Tables are made in the default type, so that is set too."""
    torch.set_default_dtype(dtype)
    run = {"logMel": kaldi.fbank, "mfcc": kaldi.mfcc, "stft": kaldi.spectrogram}[kind]
    out = run(torch.tensor(y, dtype=dtype)[None], **torchaudio_arguments(kind, o, sample_rate)).numpy()
    torch.set_default_dtype(torch.float32)
    return out


def knf_options(kind, o, sample_rate):
    opts = knf.MfccOptions() if kind == "mfcc" else knf.FbankOptions()
    frames, mel = opts.frame_opts, opts.mel_opts
    frames.samp_freq, frames.frame_length_ms, frames.frame_shift_ms = sample_rate, o["frameLengthMs"], o["frameShiftMs"]
    frames.dither, frames.preemph_coeff, frames.remove_dc_offset = 0, o["preemphasis"], o["removeDcOffset"]
    frames.window_type = {"hann": "hanning"}.get(o["window"], o["window"])
    frames.blackman_coeff, frames.snip_edges, frames.round_to_power_of_two = (
        o["blackmanCoefficient"],
        o["snipEdges"],
        o["roundToPowerOfTwo"],
    )
    mel.num_bins, mel.low_freq, mel.high_freq = o["nMels"], o["lowFreq"], o["highFreq"]
    opts.use_energy, opts.raw_energy, opts.energy_floor, opts.htk_compat = (
        o["useEnergy"],
        o["rawEnergy"],
        o["energyFloor"],
        o["htkCompat"],
    )
    if kind == "mfcc":
        opts.num_ceps, opts.cepstral_lifter = o["nMfcc"], o["lifter"]
    else:
        opts.use_log_fbank, opts.use_power = o["useLogFbank"], o["usePower"]
    return opts


def knf_run(kind, y, o, sample_rate):
    opts = knf_options(kind, o, sample_rate)
    online = (knf.OnlineMfcc if kind == "mfcc" else knf.OnlineFbank)(opts)
    online.accept_waveform(sample_rate, y.astype(np.float32).tolist())
    online.input_finished()
    return np.array([online.get_frame(t) for t in range(online.num_frames_ready)])


def check(kind, y, o, sample_rate):
    run = {"logMel": speech.kaldi_fbank, "mfcc": speech.kaldi_mfcc}[kind]
    return run(y, o, sample_rate)


def given_text(given):
    return ", ".join(f"{key}={value}" for key, value in given.items()) or "Kaldi's defaults"


def add_features(exact, native):
    for kind, name, given in variations():
        o = BASE | (MFCC if kind == "mfcc" else {}) | given
        sample_rate, y = golden_signals.rate(name), waveform(name, o)
        options = options_of(kind, o, sample_rate)
        wanted = check(kind, y, options, sample_rate)
        stored = "melSpectrogram" if kind == "logMel" and not o["useLogFbank"] else kind
        call = f"torchaudio.compliance.kaldi.{'mfcc' if kind == 'mfcc' else 'fbank'}({given_text(given)})"
        double, single = (torchaudio_run(kind, y, o, sample_rate, dtype) for dtype in (torch.float64, torch.float32))
        exact.add(stored, name, options, call, double, wanted, LOG_AGREEMENT, single, floor=1)
        call = f"kaldi_native_fbank.{'OnlineMfcc' if kind == 'mfcc' else 'OnlineFbank'}({given_text(given)})"
        agreement = 1e-3 if name == "dc" else FLOAT32_AGREEMENT  # a window's side lobes 140 dB down are mostly rounding
        native.add(
            stored, name, options, call, knf_run(kind, y, o, sample_rate), wanted, agreement, dtype="float32", floor=1
        )


def add_empty_bands(exact):
    """Kaldi refuses more bands than bins can fill; torchaudio gives ln of the floor."""
    o = BASE | {"nMels": 128, "frameLengthMs": 10, "frameShiftMs": 50}
    options = options_of("logMel", o, 16000)
    y = waveform("voice", o)
    double, single = (torchaudio_run("logMel", y, o, 16000, dtype) for dtype in (torch.float64, torch.float32))
    wanted = speech.kaldi_fbank(y, options, 16000)
    assert (wanted == np.log(speech.FLOAT_EPSILON)).all(axis=0).any()
    exact.add(
        "logMel",
        "voice",
        options,
        "torchaudio.compliance.kaldi.fbank(nMels=128, frameLengthMs=10)",
        double,
        wanted,
        LOG_AGREEMENT,
        single,
    )


def add_spectrograms(exact):
    for name, given in (
        ("voice", {"frameShiftMs": 50}),
        ("mix", {"snipEdges": False, "rawEnergy": False, "frameShiftMs": 50}),
        ("silence", {"energyFloor": 1.0, "frameShiftMs": 50}),
    ):
        o = BASE | given
        options = options_of("stft", o, 16000)
        for unused in ("nMels", "fMin", "fMax", "htkCompat", "useEnergy"):
            del options[unused]
        y = waveform(name, o)
        double, single = (torchaudio_run("stft", y, o, 16000, dtype) for dtype in (torch.float64, torch.float32))
        exact.add(
            "logSpectrum",
            name,
            options,
            f"torchaudio.compliance.kaldi.spectrogram({given_text(given)})",
            double,
            speech.kaldi_spectrogram(y, options),
            LOG_AGREEMENT,
            single,
        )


def kaldi_deltas(x, order, n):
    """Blocks [x, Δ, Δ², …]: Δⁱ takes the i-fold convolution of the slope filter, edge frames repeated once, outside."""
    slope = np.arange(-n, n + 1) / (2 * sum(k * k for k in range(1, n + 1)))
    blocks, kernel = [x], np.ones(1)
    for _ in range(order):
        kernel = np.convolve(kernel, slope)
        half = kernel.size // 2
        padded = np.pad(x, ((half, half), (0, 0)), mode="edge")
        blocks.append(np.array([kernel @ padded[t : t + kernel.size] for t in range(x.shape[0])]))
    return np.concatenate(blocks, axis=1)


def add_matrices(native):
    for name, order, n in (
        ("cepstra", 2, 2),
        ("cepstra", 1, 3),
        ("ramp", 3, 1),
        ("few", 2, 2),
        ("single", 2, 2),
        ("constant", 2, 2),
    ):
        x = golden_signals.matrices()[name]
        found = knf.compute_deltas(knf.DeltaOptions(order=order, window=n), x.astype(np.float32))
        options = {"preset": "kaldi", "deltaWindow": n, "deltaOrder": order, "deltaMode": "nearest", "append": True}
        native.add(
            "deltas",
            name,
            options,
            "kaldi_native_fbank.compute_deltas",
            found,
            kaldi_deltas(x, order, n),
            1e-6,
            dtype="float32",
            floor=1,
        )
    for name, norm_vars in (("cepstra", False), ("cepstra", True), ("ramp", True), ("single", False)):
        x = golden_signals.matrices()[name]
        stats = knf.compute_cmvn_stats(x.astype(np.float32))
        found = knf.apply_cmvn(stats, knf.CmvnOptions(norm_vars=norm_vars), x.astype(np.float32))
        centred = x - x.mean(axis=0)
        wanted = centred / x.std(axis=0) if norm_vars else centred
        native.add(
            "cmvn",
            name,
            {"preset": "kaldi", "normVars": norm_vars},
            "kaldi_native_fbank.apply_cmvn(compute_cmvn_stats(x), x)",
            found,
            wanted,
            1e-5,
            dtype="float32",
            floor=1,
        )


def main():
    exact = Store("torchaudio-kaldi", __file__, ["torchaudio", "torch"])
    native = Store("kaldi-native-fbank", __file__, ["kaldi_native_fbank"])
    add_features(exact, native)
    add_empty_bands(exact)
    add_spectrograms(exact)
    add_matrices(native)
    exact.close()
    native.close()


if __name__ == "__main__":
    main()
