"""Speak sentences with synthetic voices into speech stores.

    python training/synthesise.py espeak-fr TEXTS/fr.txt STORES --hours 4
    python training/synthesise.py piper-en TEXTS/en.txt STORES --hours 4 --voice joe.onnx
    python training/synthesise.py kokoro-fr TEXTS/fr.txt STORES --hours 4 --voice KOKORO --part 2

The engines: espeak-ng with its dozens of variants, flite (English), any Piper voice, and Kokoro. Voice, rate and pitch are drawn
for each sentence; --seed decides which sentences, so that several runs add different ones; several at once need a --part each.
"""

from __future__ import annotations

import argparse
import io
import random
import re
import subprocess
import tempfile
from collections.abc import Callable
from math import gcd
from pathlib import Path

import numpy as np
import soundfile
from scipy.signal import resample_poly

import kokoro_voice
from log_mel import SAMPLE_RATE
from piper_voice import PiperVoice
from speech_store import PART, StoreWriter

MAX_SECONDS = 16
_ESPEAK = {
    "en": "en-us en-us en-gb en-gb-scotland en-gb-x-rp en-gb-x-gbclan en-029 en-us-nyc".split(),
    "fr": "fr-fr fr-fr fr-be fr-ch".split(),
}
_UNSPEAKABLE = frozenset("whisper whisperf croak robosoft ufo robot demonic alien zac klatt6 norbert".split())
_FLITE = ("awb", "rms", "slt", "kal16")

Speak = Callable[[str, random.Random], tuple[np.ndarray, str]]
"""Samples at 16 kHz and the voice's name."""


def to_16k(samples: np.ndarray, rate: int) -> np.ndarray:
    divisor = gcd(SAMPLE_RATE, rate)
    return resample_poly(samples, SAMPLE_RATE // divisor, rate // divisor).astype(np.float32)


def _espeak_variants() -> list[str]:
    listed = subprocess.run(["espeak-ng", "--voices=variant"], check=True, capture_output=True, text=True).stdout
    names = re.findall(r"!v/(\S+)", listed)
    return [name for name in names if name.lower() not in _UNSPEAKABLE]


def espeak(language: str) -> Speak:
    variants = _espeak_variants()

    def speak(text: str, rng: random.Random) -> tuple[np.ndarray, str]:
        voice = rng.choice(_ESPEAK[language])
        if rng.random() < 0.85:
            voice += "+" + rng.choice(variants)
        settings = ["-s", str(rng.randint(115, 215)), "-p", str(rng.randint(25, 75))]
        command = ["espeak-ng", "-v", voice, *settings, "--stdout", "--", text]
        wav = subprocess.run(command, check=True, capture_output=True).stdout
        # The header of a streamed WAV has no length: 44 bytes, then 22.05 kHz samples.
        return to_16k(np.frombuffer(wav[44:], "<i2").astype(np.float32), 22_050), f"espeak:{voice}"

    return speak


def flite(_: str) -> Speak:
    def speak(text: str, rng: random.Random) -> tuple[np.ndarray, str]:
        voice = rng.choice(_FLITE)
        settings = ["--setf", f"duration_stretch={rng.uniform(0.8, 1.25):.2f}"]
        if rng.random() < 0.6:
            settings += ["--setf", f"int_f0_target_mean={rng.randint(80, 230)}"]
        with tempfile.NamedTemporaryFile(suffix=".wav") as file:
            subprocess.run(["flite", "-voice", voice, *settings, "-t", text, "-o", file.name], check=True, capture_output=True)
            samples, rate = soundfile.read(io.BytesIO(Path(file.name).read_bytes()), dtype="float32")
        return to_16k(samples, rate), f"flite:{voice}"

    return speak


def piper(voice_file: Path) -> Speak:
    voice = PiperVoice(voice_file)

    def speak(text: str, rng: random.Random) -> tuple[np.ndarray, str]:
        length, noise, width = rng.uniform(0.8, 1.3), rng.uniform(0.4, 0.9), rng.uniform(0.5, 1.0)
        return to_16k(voice.speak(text, length, noise, width), voice.rate), f"piper:{voice_file.stem}"

    return speak


def kokoro(language: str, folder: Path) -> Speak:
    voice = kokoro_voice.KokoroVoice(folder, language)

    def speak(text: str, rng: random.Random) -> tuple[np.ndarray, str]:
        return to_16k(voice.speak(text, rng), kokoro_voice.RATE), "kokoro:mixed"

    return speak


def trim(samples: np.ndarray) -> np.ndarray:
    """Without the silence before and most of that after."""
    loud = np.flatnonzero(np.abs(samples) > np.abs(samples).max(initial=0) / 100)
    return samples[max(0, loud[0] - 800) : loud[-1] + 1600] if len(loud) else samples[:0]


def engine(name: str, voice: Path | None) -> tuple[str, Speak]:
    kind, language = name.split("-")
    if kind == "espeak":
        return language, espeak(language)
    if kind == "flite":
        return language, flite(language)
    if kind == "piper" and voice is not None:
        return language, piper(voice)
    if kind == "kokoro" and voice is not None:
        return language, kokoro(language, voice)
    raise SystemExit(f"{name}: expected espeak-en, espeak-fr, flite-en, or piper-LANG or kokoro-LANG with --voice")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("store", help="engine and language: espeak-en, espeak-fr, flite-en, piper-en, kokoro-fr …")
    parser.add_argument("texts", type=Path)
    parser.add_argument("stores", type=Path)
    parser.add_argument("--hours", type=float, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--voice", type=Path, help="Piper's .onnx, its .onnx.json beside it; or Kokoro's folder")
    parser.add_argument("--part", type=int, help="number of this run, for a store of its own: STORE+PART")
    arguments = parser.parse_args()
    rng = random.Random(f"{arguments.store} {arguments.seed} {arguments.part or ''}")
    language, speak = engine(arguments.store, arguments.voice)
    texts = arguments.texts.read_text(encoding="utf-8").splitlines()
    name = arguments.store if arguments.part is None else f"{arguments.store}{PART}{arguments.part}"
    with StoreWriter(arguments.stores, name) as store:
        told = 0.0
        while store.seconds < arguments.hours * 3600:
            text = rng.choice(texts)
            samples, voice = speak(text, rng)
            samples = trim(samples)
            if 0.4 <= len(samples) / SAMPLE_RATE <= MAX_SECONDS:
                store.add(samples, language, voice, text)
            if store.seconds > told + 600:
                told = store.seconds
                print(f"{name}: {told / 3600:.2f} h", flush=True)


if __name__ == "__main__":
    main()
