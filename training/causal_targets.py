"""What the text head is asked in training: rows of speech with the step at which each token is due."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from causal_encoder import BLOCK
from causal_text import DELAYS, PROMPT, Queries, due_step, steps_of
from label_speech import Label, is_usable, read_label_file
from speech_store import open_stores
from speech_windows import Placed
from whisper_model import FRAMES
from whisper_opinions import KEPT, Opinions

FRAMES_A_SECOND = 50
_MAX_FRAMES = 1000
_JOINED_GAP = 1.0
_WAITS = 1.3
"""Waiting decisions trained for each token; each stands for several (at most _MAX_WAIT_WEIGHT)."""
_MAX_WAIT_WEIGHT = 2.5
_CORRUPTED = 0.06
_SHORT_DELAYS = 6
_LATE, _VERY_LATE = 0.3, 0.3
"""Share of tokens accepted later than due, by up to 6 steps, and of those the share by up to 30: a stream that has missed
its step must still say the token, or it waits for ever."""


Chances = tuple[list[int], list[float]]
"""Tokens that Whisper would say in a place, and their log-probabilities, `KEPT` of both."""


@dataclass(frozen=True)
class Row:
    """Part of a window: frames [first, last), what is said there, and when each token ends (s after `first`)."""

    first: int
    last: int
    language: str
    tokens: list[int]
    ends: list[float]
    chances: list[Chances | None]
    """For each token, where Whisper was asked."""


@dataclass(frozen=True)
class Spoken:
    """A labelled utterance in a window; seconds are the window's."""

    language: str
    start: float
    end: float
    tokens: list[int]
    ends: list[float]
    chances: list[Chances | None]
    usable: bool


Labels = dict[str, dict[int, tuple[str, float, Label]]]
"""Per store and utterance: language, seconds and label."""


def read_labels(stores: Path) -> Labels:
    found: Labels = {}
    for name, store in open_stores(stores).items():
        file = stores / f"{name}.labels.jsonl"
        if file.exists():
            labels = read_label_file(file)
            found[name] = {l.index: (store.utterances[l.index].language, store.utterances[l.index].seconds, l) for l in labels}
    return found


class RowMaker:
    """Cuts windows of speech into rows."""

    def __init__(self, labels: Labels, rng: np.random.Generator, opinions: Opinions | None = None) -> None:
        self._labels, self._rng, self._opinions = labels, rng, opinions or {}

    def _chances(self, placed: Placed, tokens: int) -> list[Chances | None]:
        opinion = self._opinions.get(placed.store, {}).get(placed.index)
        return list(zip(opinion.ids, opinion.logs)) if opinion else [None] * tokens

    def _spoken(self, window: list[Placed]) -> list[Spoken]:
        found: list[Spoken] = []
        for placed in window:
            entry = self._labels.get(placed.store, {}).get(placed.index)
            if entry is None:
                continue
            language, seconds, label = entry
            usable = is_usable(placed.store, label)
            ends = [placed.start + end / placed.speed for end in label.ends]
            end, chances = placed.start + seconds / placed.speed, self._chances(placed, len(label.tokens))
            found.append(Spoken(language, placed.start, end, label.tokens, ends, chances, usable))
        return found

    def rows(self, window: list[Placed]) -> Iterator[Row]:
        """One row an utterance, now and then several neighbours in one; a window without speech is one silent row."""
        rng = self._rng
        spoken = self._spoken(window)
        if not window:
            first = int(rng.integers(0, FRAMES - 600))
            yield Row(first, first + int(rng.integers(50, 150)) * BLOCK, str(rng.choice(["en", "fr"])), [], [], [])
        at = 0
        while at < len(spoken):
            group = [spoken[at]]
            while at + len(group) < len(spoken) and rng.random() < 0.4:
                following = spoken[at + len(group)]
                near = following.start - group[-1].end < _JOINED_GAP and following.language == group[0].language
                if not near or (following.end - group[0].start) * FRAMES_A_SECOND > _MAX_FRAMES - 100:
                    break
                group.append(following)
            before = spoken[at - 1].end if at else 0.0
            at += len(group)
            after = spoken[at].start if at < len(spoken) else 30.0
            if all(s.usable for s in group):
                yield self._row(group, before, after)

    def _row(self, group: list[Spoken], before: float, after: float) -> Row:
        rng = self._rng
        begin = max(before, group[0].start - rng.uniform(0.05, 0.6))
        stop = min(after, group[-1].end + rng.uniform(0.6, 2.0))
        first = int(begin * FRAMES_A_SECOND)
        length = (int(stop * FRAMES_A_SECOND) - first) // BLOCK * BLOCK
        last = min(first + min(length, _MAX_FRAMES), FRAMES)
        tokens = [token for s in group for token in s.tokens]
        ends = [end - first / FRAMES_A_SECOND for s in group for end in s.ends]
        return Row(first, last, group[0].language, tokens, ends, [chances for s in group for chances in s.chances])


@dataclass
class Asked:
    """The decisions of one row, as lists of equal length."""

    tokens: list[int]
    places: list[int]
    seen: list[int]
    main: list[bool]
    targets: list[int]
    weights: list[float]
    chances: list[Chances]


_UNASKED: Chances = ([0] * KEPT, [-math.inf] * KEPT)


def ask(row: Row, prompt: list[int], wait: int, delay: int, others: list[int], rng: np.random.Generator) -> Asked:
    """Every token at its due step (sometimes later), and waits at a few of the steps before.

    `others` are tokens to put in the place of some past ones, so that the model learns to go on after a mistake.
    """
    steps = steps_of(row.last - row.first)
    asked = Asked([], [], [], [], [], [], [])

    def add(token: int, place: int, seen: int, main: bool, target: int, weight: float, chances: Chances | None = None) -> None:
        for values, value in zip((asked.tokens, asked.places, asked.seen, asked.main), (token, place, seen, main)):
            values.append(value)
        asked.targets.append(target)
        asked.weights.append(weight)
        asked.chances.append(chances or _UNASKED)

    for place, token in enumerate(prompt[:-1]):
        add(token, place, 0, True, wait, 0.0)
    accepted = -1
    for index in range(len(row.tokens) + 1):
        token = row.tokens[index - 1] if index else prompt[-1]
        if index and rng.random() < _CORRUPTED:
            token = others[int(rng.integers(len(others)))]
        place = PROMPT - 1 + index
        last = index == len(row.tokens)
        due = steps if last else due_step(row.ends[index], delay)
        waits = min(due, steps) - accepted - 1
        if waits > 0:
            count = min(waits, int(rng.poisson(_WAITS)) + last)
            for _ in range(count):
                near = rng.random() < 0.4
                step = min(due, steps) - 1 - int(rng.integers(min(3, waits))) if near and not last else accepted + 1 + int(rng.integers(waits))
                add(token, place, (step + 1) * BLOCK, False, wait, min(waits / count, _MAX_WAIT_WEIGHT))
        step = max(due, accepted + 1)
        if rng.random() < _LATE:
            step += int(rng.integers(1, 31 if rng.random() < _VERY_LATE else 7))
        if last or step >= steps:
            break
        add(token, place, (step + 1) * BLOCK, True, row.tokens[index], 1.0, row.chances[index])
        accepted = step
    return asked


@dataclass
class TextBatch:
    source: Tensor
    """int64 [N] the frames of all rows: where they are among the frames of the windows, one window after the other"""
    frames: Tensor
    """int64 [R, F] where each row's frames are in `source`; 0 beyond its end"""
    queries: Queries
    targets: Tensor
    """int64 [M] original token ids; wait is end-of-text"""
    weights: Tensor
    """float32 [M]; 0 for the prompt"""
    delay: Tensor
    """int64 [R]"""
    likely: Tensor
    """int64 [M, KEPT] what Whisper, having heard everything, would say there"""
    chances: Tensor
    """float32 [M, KEPT] how probably: sums of one, or zeros where it was not asked"""

    def to(self, device: torch.device) -> TextBatch:
        queries = Queries(*(getattr(self.queries, field.name).to(device) for field in fields(Queries)))
        moved = (part.to(device) for part in (self.targets, self.weights, self.delay, self.likely, self.chances))
        return TextBatch(self.source.to(device), self.frames.to(device), queries, *moved)


def draw_delay(rng: np.random.Generator) -> int:
    """Mostly one of those that captions can be read with."""
    return int(rng.integers(_SHORT_DELAYS if rng.random() < 0.65 else DELAYS))


def collate(rows: list[tuple[Row, int]], prompts: dict[str, list[int]], wait: int, rng: np.random.Generator) -> TextBatch:
    """`rows` come with the number of their window."""
    others = [token for row, _ in rows for token in row.tokens] or [wait]
    delays = [draw_delay(rng) for _ in rows]
    asked = [ask(row, prompts[row.language], wait, delay, others, rng) for (row, _), delay in zip(rows, delays)]
    source = [np.arange(row.first, row.last) + window * FRAMES for row, window in rows]
    frames = np.zeros((len(rows), max(map(len, source))), np.int64)
    end = 0
    for index, part in enumerate(source):
        frames[index, : len(part)] = np.arange(end, end + len(part))
        end += len(part)

    def joined(values: list[list[int]] | list[list[bool]] | list[list[float]], dtype: torch.dtype) -> Tensor:
        return torch.tensor([value for row in values for value in row], dtype=dtype, device="cpu")

    queries = Queries(
        joined([a.tokens for a in asked], torch.int64),
        joined([a.places for a in asked], torch.int64),
        joined([a.seen for a in asked], torch.int64),
        joined([a.main for a in asked], torch.bool),
        joined([[row] * len(a.tokens) for row, a in enumerate(asked)], torch.int64),
        joined([list(range(len(a.tokens))) for a in asked], torch.int64),
    )
    targets, weights = joined([a.targets for a in asked], torch.int64), joined([a.weights for a in asked], torch.float32)
    told = torch.tensor(delays, device="cpu")
    likely = torch.tensor([ids for a in asked for ids, _ in a.chances], dtype=torch.int64, device="cpu")
    logs = torch.tensor([logs for a in asked for _, logs in a.chances], device="cpu")
    chances = logs.softmax(-1).nan_to_num()
    return TextBatch(torch.from_numpy(np.concatenate(source)), torch.from_numpy(frames), queries, targets, weights, told, likely, chances)
