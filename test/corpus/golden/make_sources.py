"""Writes the manifests beside this file with the libraries themselves. Versions are in sources.json.

pip install lhotse==1.33.0 torch==2.13.0 webdataset==1.0.2 kaldiio==2.18.1 soundfile==0.14.0, then: python make_sources.py
The recordings are made again by the tests: tones of the lengths below.
"""

import json
import os
import pathlib
import shutil
import sys
import tempfile

import kaldiio
import lhotse
import numpy as np
import soundfile
import webdataset
from lhotse import CutSet, Recording, RecordingSet, SupervisionSegment, SupervisionSet

RATE = 8000
HERE = pathlib.Path(__file__).resolve().parent


def tone(n, channels=1, seed=1):
    t = np.arange(n) / RATE
    one = (0.4 * np.sin(2 * np.pi * (200 + 37 * seed) * t)).astype(np.float32)
    return np.stack([one * (c + 1) / channels for c in range(channels)], axis=1)


def lhotse_manifests():
    """As lhotse's own recipes write them, with paths relative to the folder that they ran in."""
    os.makedirs('audio')
    soundfile.write('audio/mono.wav', tone(8000), RATE, 'PCM_16')
    soundfile.write('audio/stereo.wav', tone(12000, 2), RATE, 'PCM_16')
    mono = Recording.from_file('audio/mono.wav')
    stereo = Recording.from_file('audio/stereo.wav')
    supervisions = [
        SupervisionSegment('mono-1', 'mono', 0.1, 0.25, 0, text='één twee', speaker='anna', language='nl'),
        SupervisionSegment('mono-2', 'mono', 0.4, 0.5, 0, text='drie\u2028vier', speaker='anna', gender='F'),
        SupervisionSegment('stereo-1', 'stereo', 0.5, 0.75, 1, speaker='bert'),
        SupervisionSegment('stereo-2', 'stereo', 1.25, 0.25, [0, 1], text='beide'),
    ]
    recordings = RecordingSet.from_recordings([mono, stereo])
    recordings.to_file(HERE / 'lhotse/tiny_recordings_all.jsonl.gz')
    supervised = SupervisionSet.from_segments(supervisions)
    supervised.to_file(HERE / 'lhotse/tiny_supervisions_all.jsonl.gz')
    whole = CutSet.from_manifests(recordings=recordings, supervisions=supervised)
    whole.to_file(HERE / 'lhotse/cuts.jsonl.gz')
    whole.trim_to_supervisions(keep_overlapping=True).to_file(HERE / 'lhotse/cuts-trimmed.jsonl')
    whole.cut_into_windows(0.4).to_file(HERE / 'lhotse/cuts-windows.jsonl')
    mono_cut = whole[0]
    CutSet.from_cuts([mono_cut.pad(2.0)]).to_file(HERE / 'lhotse/cuts-mixed.jsonl')
    CutSet.from_cuts([mono_cut.perturb_speed(1.1)]).to_file(HERE / 'lhotse/cuts-speed.jsonl')
    command = Recording.from_dict({**mono.to_dict(), 'sources': [{'type': 'command', 'channels': [0], 'source': 'cat x'}]})
    RecordingSet.from_recordings([command]).to_file(HERE / 'lhotse/recordings-command.jsonl')


def web_shard():
    with webdataset.TarWriter(str(HERE / 'web/shard-000000.tar'), mtime=0) as sink:
        for i in range(3):
            soundfile.write('x.wav', tone(800 + 80 * i, seed=i + 1), RATE, 'PCM_16')
            wav = open('x.wav', 'rb').read()
            sink.write({'__key__': f'fan/{i:03d}', 'wav': wav, 'cls': i % 2, 'json': {'speaker': f's{i}', 'snr': 6.5}})
        soundfile.write('x.flac', tone(1600, seed=9), RATE)
        long = 'x' * 120 + '/ünï'
        sink.write({'__key__': long, 'flac': open('x.flac', 'rb').read(), 'txt': 'één twee', 'npy': np.zeros(3)})


def kaldi_ark():
    with kaldiio.WriteHelper('ark,scp:wav.ark,wav.scp') as writer:
        for i in range(2):
            samples = np.round(tone(800 + 80 * i, seed=i + 1)[:, 0] * 32767).astype(np.int16)
            writer(f'utt-{i}', (RATE, samples))
    for name in ['wav.ark', 'wav.scp']:
        shutil.copy(name, HERE / 'kaldi' / name)


def main():
    for folder in ['lhotse', 'web', 'kaldi']:
        shutil.rmtree(HERE / folder, ignore_errors=True)
        os.makedirs(HERE / folder)
    with tempfile.TemporaryDirectory() as scratch:
        os.chdir(scratch)
        lhotse_manifests()
        web_shard()
        kaldi_ark()
        os.chdir('/')
    versions = {m.__name__: m.__version__ for m in [lhotse, webdataset, kaldiio, soundfile, np]}
    (HERE / 'sources.json').write_text(json.dumps({**versions, 'python': sys.version.split()[0]}, indent=2) + '\n')


main()
