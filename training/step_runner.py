"""Run a step graph from its manifest as the streaming engine does: rings, masks, carries, counters and feedback.

The reference for docs/speech-engine.md in a few lines of numpy; slow, and for delayed-streams models only.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from step_driver import TYPES

CLOSED = np.float32(-1e9)


class StepRunner:
    """`slots` streams side by side, each with its own number of steps."""

    def __init__(self, folder: Path, slots: int, threads: int = 1) -> None:
        self.manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self.session = onnxruntime.InferenceSession(
            str(folder / self.manifest["graph"]), options, providers=["CPUExecutionProvider"]
        )
        types = {i.name: TYPES[i.type] for i in self.session.get_inputs()}
        states = [*self.manifest["rings"], *self.manifest["carries"]]
        self.state = {s["input"]: np.zeros((slots, *s["shape"]), types[s["input"]]) for s in states}
        self.columns = {r["input"]: r["shape"][r["columnAxis"]] for r in self.manifest["rings"]}
        self.new = {r["input"]: r["columns"] for r in self.manifest["rings"]}
        self.outputs = [s["output"] for s in states] + [self.manifest["text"]["output"]]
        self.steps = np.zeros(slots, np.int64)
        self.token = np.full(slots, self.manifest["text"]["feedback"]["first"], np.int64)

    def reset(self, slot: int) -> None:
        """A new stream: ring contents stay, as in the engine."""
        self.steps[slot] = 0
        self.token[slot] = self.manifest["text"]["feedback"]["first"]
        for carry in self.manifest["carries"]:
            self.state[carry["input"]][slot] = carry.get("initial", 0)

    def step(self, audio: np.ndarray) -> np.ndarray:
        """One step of all slots: float32 [slots, stepSamples] to tokens [slots]."""
        feeds = {self.manifest["audio"]["input"]: audio, self.manifest["text"]["feedback"]["input"]: self.token}
        feeds |= {c["input"]: self.steps for c in self.manifest["counters"]}
        feeds |= {m["input"]: self._mask(m) for m in self.manifest["masks"]}
        found = dict(zip(self.outputs, self.session.run(self.outputs, feeds | self.state)))
        for ring in self.manifest["rings"]:
            self._write(ring, found[ring["output"]])
        for carry in self.manifest["carries"]:
            self.state[carry["input"]] = found[carry["output"]]
        self.steps += 1
        self.token = found[self.manifest["text"]["output"]]
        return self.token

    def _mask(self, mask: dict[str, Any]) -> np.ndarray:
        """[slots, rows, columns]: closed for what is unwritten or older than the row's `newest`."""
        size, new = self.columns[mask["ring"]], self.new[mask["ring"]]
        written = (self.steps * new)[:, None]
        age = 1 + (written - 1 - np.arange(size)) % size
        rows = []
        for row in mask.get("rows", [{}]):
            seen = age <= np.minimum(written, row.get("newest", size))
            rows.append(np.where(seen, np.float32(0), CLOSED))
        return np.stack(rows, 1)

    def _write(self, ring: dict[str, Any], new: np.ndarray) -> None:
        size, count, axis = self.columns[ring["input"]], ring["columns"], ring["columnAxis"]
        for slot, steps in enumerate(self.steps):
            first = steps * count % size
            place = (slot, *[slice(None)] * axis, slice(first, first + count))
            self.state[ring["input"]][place] = new[slot]
