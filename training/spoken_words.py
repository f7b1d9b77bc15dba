"""Speak sentences with espeak-ng and keep when each word was spoken, as the synthesiser itself knows it.

    python training/spoken_words.py training/build/spoken-words

Writes one WAV (16 kHz) a sentence and words.json: [{"file", "language", "voice", "words": [{"text", "startMs", "endMs"}]}].
A word ends where its last sounding phoneme does, not where the next one begins.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import wave
from pathlib import Path

import numpy as np
from scipy.signal import resample_poly

from espeak_library import open_espeak

RATE = 16_000
PHONEME_EVENTS, UTF8, POS_CHARACTER = 1, 1, 1
WORD, PHONEME = 1, 7
LEAD_MS = 600

SENTENCES = {
    "en": [
        "The committee will meet again on Thursday to discuss the budget.",
        "Please send me the minutes before the end of the week.",
        "We have received three answers and none of them is complete.",
        "My connection was lost for a moment, could you repeat the question?",
        "The new building opens in September if the work goes well.",
        "I agree with the first point but not with the second one.",
        "Everybody who wants to speak should raise a hand.",
        "The results of the survey were better than we expected.",
        "Could someone share the document with the whole group?",
        "Our next train leaves from platform nine in a quarter of an hour.",
    ],
    "fr": [
        "La commission se réunira jeudi prochain pour parler du budget.",
        "Merci de m'envoyer le compte rendu avant la fin de la semaine.",
        "Nous avons reçu trois réponses et aucune n'est complète.",
        "La connexion a été coupée un instant, pouvez-vous répéter la question ?",
        "Le nouveau bâtiment ouvrira en septembre si tout se passe bien.",
        "Je suis d'accord avec le premier point mais pas avec le second.",
        "Toutes les personnes qui veulent parler doivent lever la main.",
        "Les résultats de l'enquête étaient meilleurs que prévu.",
        "Quelqu'un pourrait-il partager le document avec tout le groupe ?",
        "Notre prochain train part du quai numéro neuf dans un quart d'heure.",
    ],
}
VOICES = {"en": ["en-us", "en-gb"], "fr": ["fr-fr", "fr-ch"]}


class Event(ctypes.Structure):
    _fields_ = [
        ("type", ctypes.c_int),
        ("identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_ms", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("name", ctypes.c_char * 8),
    ]


Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(Event))


class Synthesiser:
    def __init__(self) -> None:
        self._library, self.rate = open_espeak(500, PHONEME_EVENTS)
        self._samples: list[np.ndarray] = []
        self._events: list[tuple[int, int, int, float, bytes]] = []
        self._callback = Callback(self._receive)
        self._library.espeak_SetSynthCallback(self._callback)

    def _receive(self, samples: object, count: int, events: object) -> int:
        if samples and count > 0:
            self._samples.append(np.ctypeslib.as_array(samples, (count,)).copy())
        index = 0
        while events[index].type != 0:
            event = events[index]
            self._events.append((event.type, event.text_position, event.length, event.sample / self.rate * 1000, event.name))
            index += 1
        return 0

    def speak(self, text: str, voice: str) -> tuple[np.ndarray, list[dict[str, object]]]:
        """Samples at 16 kHz after a silence, and the words with their times."""
        self._samples, self._events = [], []
        self._library.espeak_SetVoiceByName(voice.encode())
        data = text.encode()
        self._library.espeak_Synth(data, len(data) + 1, 0, POS_CHARACTER, 0, UTF8, None, None)
        self._library.espeak_Synchronize()
        samples = np.concatenate(self._samples).astype(np.float32)
        resampled = resample_poly(samples, RATE, self.rate)
        lead = np.zeros(RATE * LEAD_MS // 1000, np.float32)
        return np.concatenate([lead, resampled, np.zeros(RATE, np.float32)]), self._words(text)

    def _words(self, text: str) -> list[dict[str, object]]:
        words: list[dict[str, object]] = []
        for index, (kind, position, length, start, _) in enumerate(self._events):
            if kind != WORD or length <= 0:
                continue
            # A phoneme event marks a beginning: the word ends where the first pause or the next word begins.
            later = [e for e in self._events[index + 1 :] if e[0] == WORD or (e[0] == PHONEME and e[4][:1] in (b"_", b""))]
            end = next((e[3] for e in later if e[3] > start), start)
            spoken = text[position - 1 : position - 1 + length]
            words.append({"text": spoken, "startMs": round(start + LEAD_MS), "endMs": round(end + LEAD_MS)})
        return words


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    synthesiser = Synthesiser()
    clips = []
    for language, sentences in SENTENCES.items():
        for index, sentence in enumerate(sentences):
            voice = VOICES[language][index % 2]
            samples, words = synthesiser.speak(sentence, voice)
            name = f"{language}-{index}.wav"
            with wave.open(str(folder / name), "wb") as file:
                file.setnchannels(1)
                file.setsampwidth(2)
                file.setframerate(RATE)
                file.writeframes(np.clip(samples, -32_768, 32_767).astype("<i2").tobytes())
            clips.append({"file": name, "language": language, "voice": voice, "words": words})
    (folder / "words.json").write_text(json.dumps(clips, ensure_ascii=False, indent=1) + "\n")
    print(f"{len(clips)} sentences, {sum(len(clip['words']) for clip in clips)} words in {folder}")


if __name__ == "__main__":
    main()
