"""Run a step graph of rule token-or-wait or ctc in numpy as the streaming engine does, for parity tests: one batch, slow and plain."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

_HIDDEN = np.float32(-1e9)
_MOST_REPEATS = 4
TYPES = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(int64)": np.int64,
    "tensor(int32)": np.int32,
    "tensor(uint8)": np.uint8,
    "tensor(int8)": np.int8,
}
"""By ONNX Runtime's names."""


class StepDriver:
    """Rows of one batch, begun together."""

    def __init__(self, folder: Path, languages: list[str]) -> None:
        """`languages`: fr, en, or auto where the model is to hear which it is."""
        self.manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        # As the engine has it: without VNNI the quicker kernels would saturate.
        options.add_session_config_entry("session.x64quantprecision", "1")
        graph = str(folder / self.manifest["graph"])
        self._session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        rows = len(languages)
        text = self.manifest["text"]
        self._feedback = text.get("feedback")
        if self._feedback:
            self._prompts = [None if language == "auto" else list(text["prompt"][language]) for language in languages]
            self._token = np.full(rows, self._feedback["first"], np.int64)
            self._repeats = [(None, 0)] * rows
        self._counts = {"step": np.zeros(rows, np.int64), "token": np.zeros(rows, np.int64)}
        self._types = {i.name: TYPES[i.type] for i in self._session.get_inputs()}
        states = [*self.manifest["rings"], *self.manifest["carries"]]
        self._states = {s["input"]: np.zeros((rows, *s["shape"]), self._types[s["input"]]) for s in states}
        self._outputs = [o.name for o in self._session.get_outputs()]
        self.found: dict[str, np.ndarray] = {}
        """All outputs of the last step."""

    def _mask(self, mask: dict[str, Any]) -> np.ndarray:
        ring = next(r for r in self.manifest["rings"] if r["input"] == mask["ring"])
        size, new = ring["shape"][ring["columnAxis"]], ring["columns"]
        written = self._counts[ring.get("advance", "step")][:, None] * new
        age = (written - 1 - np.arange(size)) % size
        place = written - 1 - age
        rows = []
        for row in mask.get("rows", [{}]):
            visible = (place >= row.get("ignoreFirst", 0) * new) & (age < row.get("newest", size))
            rows.append(np.where(visible, np.float32(0), _HIDDEN))
        return np.stack(rows, 1)

    def step(self, pcm: np.ndarray) -> list[int | None] | np.ndarray:
        """One step of float32 [rows, before + stepSamples + after]; the tokens said, None for none, or labels [rows, perStep]."""
        feeds = {self.manifest["audio"]["input"]: pcm, **self._states}
        if self._feedback:
            feeds[self._feedback["input"]] = self._token
        feeds |= {c["input"]: self._counts[c["counts"][:-1]].astype(self._types[c["input"]]) for c in self.manifest["counters"]}
        feeds |= {m["input"]: self._mask(m) for m in self.manifest["masks"]}
        self.found = dict(zip(self._outputs, self._session.run(None, feeds)))
        decided = self.found[self.manifest["text"]["output"]]
        if not self._feedback:
            self._advance(np.ones(len(pcm), bool))
            return decided
        said, kept = self._say(decided)
        self._advance(kept)
        return said

    def _say(self, decided: np.ndarray) -> tuple[list[int | None], np.ndarray]:
        """What the rule makes of the graph's decisions: tokens said, and bool [rows] which streams were given a token."""
        text = self.manifest["text"]
        said: list[int | None] = []
        kept = np.zeros(len(decided), bool)
        for row, token in enumerate(decided.tolist()):
            if self._prompts[row] is None:
                if self._counts["step"][row] + 1 < text["languageSteps"]:
                    said.append(None)
                    continue
                self._prompts[row] = next(list(p) for p in text["prompt"].values() if p[0] == token)
            heard = self._counts["step"][row] >= text["delaySteps"]
            forced = self._prompts[row].pop(0) if self._prompts[row] else None
            spoken = token if forced is None and heard and token != text["wait"] and self._is_new(row, token) else None
            given = forced if forced is not None else spoken
            said.append(spoken)
            kept[row] = given is not None
            if given is not None:
                self._token[row] = given
        return said, kept

    def _is_new(self, row: int, token: int) -> bool:
        """Whether a token is said: not the same one more than four times in a row."""
        last, count = self._repeats[row]
        if token == last and count == _MOST_REPEATS:
            return False
        self._repeats[row] = (token, count + 1 if token == last else 1)
        return True

    def _advance(self, kept: np.ndarray) -> None:
        for ring in self.manifest["rings"]:
            keep = kept if ring.get("advance") == "token" else np.ones_like(kept)
            self._write(ring, self.found[ring["output"]], keep)
        for carry in self.manifest["carries"]:
            self._states[carry["input"]] = self.found[carry["output"]]
        self._counts["step"] += 1
        self._counts["token"] += kept

    def _write(self, ring: dict[str, Any], new: np.ndarray, keep: np.ndarray) -> None:
        size, axis = ring["shape"][ring["columnAxis"]], ring["columnAxis"]
        for row in np.flatnonzero(keep):
            first = int(self._counts[ring.get("advance", "step")][row]) * ring["columns"] % size
            place = (row, *[slice(None)] * axis, slice(first, first + ring["columns"]))
            self._states[ring["input"]][place] = new[row]


def feed_clips(driver: StepDriver, clips: list[np.ndarray], tail_seconds: float) -> Iterator[list[int | None] | np.ndarray]:
    """What the driver says step by step to clips heard side by side, each followed by silence."""
    audio, step = driver.manifest["audio"], driver.manifest["stepSamples"]
    longest = max(len(c) for c in clips) + int(tail_seconds * driver.manifest["sampleRateHz"])
    steps = longest // step
    width = audio["before"] + steps * step + audio["after"]
    padded = np.zeros((len(clips), width), np.float32)
    for row, clip in enumerate(clips):
        padded[row, audio["before"] : audio["before"] + len(clip)] = clip
    for index in range(steps):
        begin = index * step
        yield driver.step(padded[:, begin : begin + audio["before"] + step + audio["after"]])


def run_clips(folder: Path, clips: list[np.ndarray], languages: list[str], tail_seconds: float) -> list[list[int]]:
    """Tokens of a token-or-wait model for clips heard side by side."""
    tokens: list[list[int]] = [[] for _ in clips]
    for said in feed_clips(StepDriver(folder, languages), clips, tail_seconds):
        for row, token in enumerate(said):
            if token is not None:
                tokens[row].append(token)
    return tokens
