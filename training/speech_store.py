"""Speech for training as one file of samples and one of descriptions, read without loading either into memory.

NAME.i16 holds 16 kHz mono samples (little-endian int16) of all utterances one after the other; NAME.jsonl has a line an
utterance: offset and count in samples, language, voice, text (null where unknown), and later what labelling adds.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType

import numpy as np

from log_mel import SAMPLE_RATE

PEAK = 20_000
"""Every utterance is scaled to this maximum; loudness is drawn again in training."""

PART = "+"
"""Between a store's name and its part's, where several programs wrote it at once."""


@dataclass(frozen=True)
class Utterance:
    offset: int
    count: int
    language: str
    voice: str
    text: str | None

    @property
    def seconds(self) -> float:
        return self.count / SAMPLE_RATE


class StoreWriter:
    """Appends utterances; the description is written after its samples, so a killed writer leaves a readable store."""

    def __init__(self, folder: Path, name: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._samples = (folder / f"{name}.i16").open("ab")
        self._lines = (folder / f"{name}.jsonl").open("a", encoding="utf-8")
        self._end = self._samples.tell() // 2
        self.seconds = 0.0

    def add(self, samples: np.ndarray, language: str, voice: str, text: str | None) -> None:
        """Append float32 samples [n] of any scale; silent ones are left out."""
        peak = float(np.abs(samples).max(initial=0))
        if peak < 1e-6:
            return
        self._samples.write((samples * (PEAK / peak)).astype("<i2").tobytes())
        self._samples.flush()
        row = asdict(Utterance(self._end, len(samples), language, voice, text))
        self._lines.write(json.dumps(row, ensure_ascii=False) + "\n")
        self._lines.flush()
        self._end += len(samples)
        self.seconds += len(samples) / SAMPLE_RATE

    def __enter__(self) -> StoreWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._samples.close()
        self._lines.close()


class SpeechStore:
    """The utterances of one store; `samples` reads one from disk. `family` is its name without the part."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name, self.family = name, name.partition(PART)[0]
        self._samples = np.memmap(folder / f"{name}.i16", dtype="<i2", mode="r")
        self.utterances: list[Utterance] = []
        with (folder / f"{name}.jsonl").open(encoding="utf-8") as lines:
            for line in lines:
                if line.endswith("\n"):
                    self.utterances.append(Utterance(**json.loads(line)))

    @property
    def seconds(self) -> float:
        return sum(utterance.seconds for utterance in self.utterances)

    def samples(self, utterance: Utterance) -> np.ndarray:
        """float32 [count] in -1..1"""
        part = self._samples[utterance.offset : utterance.offset + utterance.count]
        return part.astype(np.float32) / 32768


def open_stores(folder: Path) -> dict[str, SpeechStore]:
    """Every store of the folder that has at least one utterance."""
    stores = (SpeechStore(folder, file.stem) for file in sorted(folder.glob("*.i16")) if file.stat().st_size)
    return {store.name: store for store in stores if store.utterances}
