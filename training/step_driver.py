"""Run a token-or-wait step graph in numpy as the streaming engine does, for parity tests: one batch, slow and plain."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

_HIDDEN = np.float32(-1e9)


class StepDriver:
    """Rows of one batch, begun together."""

    def __init__(self, folder: Path, languages: list[str]) -> None:
        self.manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        graph = str(folder / self.manifest["graph"])
        self._session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        rows = len(languages)
        text = self.manifest["text"]
        self._prompts = [list(text["prompt"][language]) for language in languages]
        self._token = np.full(rows, text["feedback"]["first"], np.int64)
        self._counts = {"step": np.zeros(rows, np.int64), "token": np.zeros(rows, np.int64)}
        states = [*self.manifest["rings"], *self.manifest["carries"]]
        self._states = {s["input"]: np.zeros((rows, *s["shape"]), np.float32) for s in states}
        self._outputs = [o.name for o in self._session.get_outputs()]

    def _mask(self, mask: dict[str, Any]) -> np.ndarray:
        ring = next(r for r in self.manifest["rings"] if r["input"] == mask["ring"])
        size, new = ring["shape"][ring["columnAxis"]], ring["columns"]
        written = self._counts[ring["advance"]][:, None] * new
        age = (written - 1 - np.arange(size)) % size
        place = written - 1 - age
        rows = []
        for row in mask.get("rows", [{}]):
            visible = (place >= row.get("ignoreFirst", 0) * new) & (age < row.get("newest", size))
            rows.append(np.where(visible, np.float32(0), _HIDDEN))
        return np.stack(rows, 1)

    def step(self, pcm: np.ndarray) -> list[int | None]:
        """One step of float32 [rows, before + stepSamples + after]; the tokens said, None for none."""
        text = self.manifest["text"]
        feeds = {self.manifest["audio"]["input"]: pcm, text["feedback"]["input"]: self._token, **self._states}
        feeds |= {c["input"]: self._counts[c["counts"][:-1]] for c in self.manifest["counters"]}
        feeds |= {m["input"]: self._mask(m) for m in self.manifest["masks"]}
        found = dict(zip(self._outputs, self._session.run(None, feeds)))
        said: list[int | None] = []
        kept = np.zeros(len(self._token), bool)
        for row, decided in enumerate(found[text["output"]].tolist()):
            heard = self._counts["step"][row] >= text["delaySteps"]
            forced = self._prompts[row].pop(0) if self._prompts[row] else None
            spoken = decided if forced is None and heard and decided != text["wait"] else None
            token = forced if forced is not None else spoken
            said.append(spoken)
            kept[row] = token is not None
            if token is not None:
                self._token[row] = token
        for ring in self.manifest["rings"]:
            keep = kept if ring["advance"] == "token" else np.ones_like(kept)
            self._write(ring, found[ring["output"]], keep)
        for carry in self.manifest["carries"]:
            self._states[carry["input"]] = found[carry["output"]]
        self._counts["step"] += 1
        self._counts["token"] += kept
        return said

    def _write(self, ring: dict[str, Any], new: np.ndarray, keep: np.ndarray) -> None:
        size, axis = ring["shape"][ring["columnAxis"]], ring["columnAxis"]
        for row in np.flatnonzero(keep):
            first = int(self._counts[ring["advance"]][row]) * ring["columns"] % size
            place = (row, *[slice(None)] * axis, slice(first, first + ring["columns"]))
            self._states[ring["input"]][place] = new[row]


def run_clips(folder: Path, clips: list[np.ndarray], languages: list[str], tail_seconds: float) -> list[list[int]]:
    """Tokens of clips heard side by side, each followed by silence."""
    driver = StepDriver(folder, languages)
    audio, step = driver.manifest["audio"], driver.manifest["stepSamples"]
    longest = max(len(c) for c in clips) + int(tail_seconds * driver.manifest["sampleRateHz"])
    steps = longest // step
    width = audio["before"] + steps * step + audio["after"]
    padded = np.zeros((len(clips), width), np.float32)
    for row, clip in enumerate(clips):
        padded[row, audio["before"] : audio["before"] + len(clip)] = clip
    tokens: list[list[int]] = [[] for _ in clips]
    for index in range(steps):
        begin = index * step
        for row, token in enumerate(driver.step(padded[:, begin : begin + audio["before"] + step + audio["after"]])):
            if token is not None:
                tokens[row].append(token)
    return tokens
