"""Read an evaluation folder: a manifest.jsonl beside the recordings it names."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from log_mel import SAMPLE_RATE


@dataclass(frozen=True)
class Clip:
    """One recording and what is said in it."""

    file: Path
    path: str
    """As the manifest has it, relative to the folder."""
    set: str
    """Language and set, e.g. fr/commonvoice: errors are reported per set."""
    language: str
    reference: str
    seconds: float


def read_clips(folder: Path) -> list[Clip]:
    """Clips of the folder whose text is known, in the manifest's order."""
    clips = []
    with (folder / "manifest.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if row["text"]:
                name = f"{row['lang']}/{row['set']}"
                clips.append(Clip(folder / row["path"], row["path"], name, row["lang"], row["text"], row["durationS"]))
    return clips


def spread(clips: list[Clip], count: int) -> list[Clip]:
    """So many of the clips, as evenly over the list as they come."""
    return clips[:: max(1, len(clips) // count)][:count]


def read_samples(file: Path) -> np.ndarray:
    """Mono 16 kHz samples, float32 [n] in -1..1, decoded by ffmpeg."""
    command = ["ffmpeg", "-v", "error", "-i", str(file), "-f", "s16le", "-ac", "1", "-ar", str(SAMPLE_RATE), "-"]
    raw = subprocess.run(command, check=True, capture_output=True).stdout
    return np.frombuffer(raw, "<i2").astype(np.float32) / 32768
