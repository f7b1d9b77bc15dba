"""Phonemes (IPA) of a text by libespeak-ng, in this process: a program for every sentence costs more than the speech of it."""

from __future__ import annotations

import ctypes
import re

from espeak_library import open_espeak

_SYNCHRONOUS, _UTF8, _IPA = 2, 1, 2
_MARKS = re.compile(r"([.,;:!?]+)")


class EspeakPhonemes:
    """One language a process: the library has one voice at a time."""

    def __init__(self, voice: str) -> None:
        self._library, _ = open_espeak(0, output=_SYNCHRONOUS)
        self._library.espeak_TextToPhonemes.restype = ctypes.c_char_p
        self._library.espeak_TextToPhonemes.argtypes = [ctypes.POINTER(ctypes.c_char_p), ctypes.c_int, ctypes.c_int]
        if self._library.espeak_SetVoiceByName(voice.encode()):
            raise SystemExit(f"espeak-ng has no voice {voice}")

    def _clause(self, text: str) -> str:
        rest = ctypes.c_char_p(text.encode())
        spoken: list[str] = []
        while rest.value:
            part = self._library.espeak_TextToPhonemes(ctypes.byref(rest), _UTF8, _IPA)
            spoken += part.decode().split() if part else []
        return " ".join(spoken)

    def of(self, text: str) -> str:
        """With the text's marks, which espeak-ng leaves out."""
        parts = (part.strip() for part in _MARKS.split(text))
        return "".join(part[0] + " " if _MARKS.match(part) else self._clause(part) for part in parts if part).strip()
