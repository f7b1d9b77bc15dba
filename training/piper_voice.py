"""A Piper voice run with onnxruntime; phonemes come from espeak-ng."""

from __future__ import annotations

import json
import subprocess
import unicodedata
from pathlib import Path

import numpy as np
import onnxruntime

_PAD, _BEGIN, _END = "_", "^", "$"
_MARKS = ".,;:!?"


class PiperVoice:
    """One-speaker voices only."""

    def __init__(self, file: Path) -> None:
        config = json.loads(file.with_name(file.name + ".json").read_text(encoding="utf-8"))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
        self._ids: dict[str, list[int]] = config["phoneme_id_map"]
        self._espeak_voice: str = config["espeak"]["voice"]
        self.rate: int = config["audio"]["sample_rate"]

    def _phonemes(self, text: str) -> str:
        """IPA of the text, with the mark that ends it: espeak-ng leaves marks out."""
        command = ["espeak-ng", "-q", "--ipa", "-v", self._espeak_voice, "--", text]
        spoken = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        mark = text.rstrip()[-1:] if text.rstrip()[-1:] in _MARKS else "."
        return unicodedata.normalize("NFD", ", ".join(spoken.split("\n")).strip(" ,")) + mark

    def speak(self, text: str, length: float, noise: float, width: float) -> np.ndarray:
        """float32 samples at `rate`; `length` above 1 is slower, `noise` and `width` vary tone and rhythm."""
        ids = list(self._ids[_BEGIN])
        for phoneme in self._phonemes(text):
            if phoneme in self._ids:
                ids += self._ids[_PAD] + self._ids[phoneme]
        ids += self._ids[_PAD] + self._ids[_END]
        feeds = {
            "input": np.array([ids], np.int64),
            "input_lengths": np.array([len(ids)], np.int64),
            "scales": np.array([noise, length, width], np.float32),
        }
        return self._session.run(None, feeds)[0].reshape(-1).astype(np.float32)
