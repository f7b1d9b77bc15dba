"""Windows of 30 s for training: voices one after the other with pauses between, as a meeting would sound."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from augment import Rng, along_the_way, change_speed, colour, decibels, noise, reverberate
from log_mel import SAMPLE_RATE
from speech_store import SpeechStore

WINDOW_SECONDS = 30
_WINDOW = WINDOW_SECONDS * SAMPLE_RATE
_LAST_START = _WINDOW - SAMPLE_RATE
_TRIES = 6
_STORE_KEPT = 0.75
"""Probability that the next utterance comes from the same store, so that voices do not change at every sentence."""


@dataclass(frozen=True)
class Placed:
    """An utterance in a window: where it begins (s) and how much faster than recorded."""

    store: str
    index: int
    start: float
    speed: float


@dataclass
class Window:
    samples: np.ndarray
    placed: list[Placed] = field(default_factory=list)
    """Utterances that lie wholly within, in order of time."""


class WindowMaker:
    """Draws windows from stores; `shares` says how often each is chosen, all parts of one store together.

    `usable`, if given, holds the indices of the utterances of each store that may be drawn. `silent` is the share of
    windows without speech.
    """

    def __init__(
        self, stores: dict[str, SpeechStore], shares: dict[str, float], rng: Rng,
        usable: dict[str, list[int]] | None = None, silent: float = 0.03,
    ) -> None:
        self._stores, self._usable, self._silent = stores, usable, silent
        self._names = [name for name, store in stores.items() if store.family in shares]
        together: Counter[str] = Counter()
        for name in self._names:
            together[stores[name].family] += stores[name].seconds
        parts = (stores[name] for name in self._names)
        weights = np.array([shares[part.family] * part.seconds / together[part.family] for part in parts])
        self._weights = weights / weights.sum()
        self._rng = rng
        self._store = stores[self._draw_store()]

    def _draw_store(self) -> str:
        return self._names[self._rng.choice(len(self._names), p=self._weights)]

    def _draw(self) -> tuple[int, np.ndarray]:
        if self._rng.random() > _STORE_KEPT:
            self._store = self._stores[self._draw_store()]
        if self._usable is None:
            index = int(self._rng.integers(len(self._store.utterances)))
        else:
            index = int(self._rng.choice(self._usable[self._store.name]))
        return index, self._store.samples(self._store.utterances[index])

    def _draw_fitting(self, room: int) -> tuple[int, np.ndarray]:
        """Of the usable ones, if a few tries find it, one that lies wholly in the window: only those can be learnt from."""
        drawn = self._draw()
        for _ in range(_TRIES if self._usable else 0):
            if len(drawn[1]) <= room:
                break
            drawn = self._draw()
        return drawn

    def _pause(self) -> int:
        rng = self._rng
        seconds = rng.exponential(0.5) if rng.random() < 0.9 else rng.uniform(1, 5)
        return int(seconds * SAMPLE_RATE)

    def window(self) -> Window:
        """Mostly full of speech; 15 in 100 fall silent after a few seconds."""
        rng = self._rng
        out = np.zeros(_WINDOW, np.float32)
        made = Window(out)
        last_start = rng.uniform(2, 8) * SAMPLE_RATE if rng.random() < 0.15 else _LAST_START
        at = int(rng.uniform(0, 0.8) * SAMPLE_RATE) if rng.random() > self._silent else _WINDOW
        while at < last_start:
            index, samples = self._draw_fitting(_WINDOW - at)
            speed = float(rng.uniform(0.8, 1.25)) if rng.random() < 0.7 else 1.0
            if speed != 1.0:
                samples = change_speed(samples, speed)
            whole = at + len(samples) <= _WINDOW
            if whole:
                made.placed.append(Placed(self._store.name, index, at / SAMPLE_RATE, speed))
            if rng.random() < 0.5:
                samples = colour(samples, rng)
            if rng.random() < 0.4:
                samples = reverberate(samples, rng)
            samples = samples[: _WINDOW - at] * decibels(rng.uniform(-14, 3))
            out[at : at + len(samples)] += samples
            at += len(samples) + self._pause()
        if rng.random() < 0.2:
            _, voice = self._draw()
            voice = voice[:_WINDOW]
            begin = int(rng.integers(0, _WINDOW - len(voice) + 1))
            out[begin : begin + len(voice)] += voice * decibels(rng.uniform(-32, -18))
        if not made.placed and rng.random() < 0.5:
            out += noise(_WINDOW, rng) * decibels(rng.uniform(-45, -15))
        made.samples = along_the_way(out, rng)
        return made
