"""Virtual silence: what the decoder would attend to in the silent rest of a 30 s window, as a few constant columns.

Whisper was trained on windows padded to 30 s and invents words when the padding is missing. Its decoder finds the
end of the text by attending to the silence, so a short window gets the keys and values of that silence appended to
its cross-attention, each weighing like the many frames that it stands for.
"""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import torch

from dev_set import read_samples
from encoder_graph import SilenceArrays
from log_mel import SAMPLE_RATE, log_mel
from whisper_model import FRAMES, SilenceColumns, Whisper

FIRST_FRAME = 500
"""Frames from 10 s on are silent in every padded window used here."""

_FREE = ("CC0", "public domain")
_CLIP_SECONDS = 8
_CLIPS_PER_LANGUAGE = 6


def choose_clips(folder: Path) -> list[Path]:
    """A few recordings of each language whose licence is CC0 or public domain, evenly spread over the folder."""
    found: dict[str, list[Path]] = {}
    with (folder / "manifest.jsonl").open(encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            if row["durationS"] >= 2 and any(word.lower() in row["licence"].lower() for word in _FREE):
                found.setdefault(row["lang"], []).append(folder / row["path"])
    chosen: list[Path] = []
    for _, paths in sorted(found.items()):
        step = max(1, len(paths) // _CLIPS_PER_LANGUAGE)
        chosen += sorted(paths)[::step][:_CLIPS_PER_LANGUAGE]
    return chosen


@torch.no_grad()
def silence_columns(model: Whisper, clips: list[Path], count: int) -> tuple[SilenceColumns, SilenceColumns]:
    """Encoder's and decoder's columns: means over the clips and over runs of (1500 − 500) / count silent frames."""
    run = (FRAMES - FIRST_FRAME) // count
    sums: list[torch.Tensor] = []
    for clip in clips:
        samples = read_samples(clip)[: _CLIP_SECONDS * SAMPLE_RATE]
        mel = log_mel(samples, 30 * SAMPLE_RATE - len(samples))
        own: list[tuple[torch.Tensor, torch.Tensor]] = []
        cross = model.decoder.start(model.encoder(torch.as_tensor(mel, device=torch.get_default_device())[None], keys_values=own)).cross
        parts = ([k for k, _ in own], [v for _, v in own], [k for k, _, _ in cross], [v for _, v, _ in cross])
        tensors = [torch.cat(p)[:, :, FIRST_FRAME : FIRST_FRAME + run * count] for p in parts]
        sums = tensors if not sums else [a + b for a, b in zip(sums, tensors)]
    means = [s.unflatten(2, (count, run)).mean(3) / len(clips) for s in sums]
    bias = torch.full((count,), math.log(run))
    return SilenceColumns(means[0], means[1], bias), SilenceColumns(means[2], means[3], bias)


def as_arrays(columns: SilenceColumns) -> SilenceArrays:
    """For the ONNX graphs."""
    keys, values, bias = (np.ascontiguousarray(t.numpy(), np.float32) for t in (columns.keys, columns.values, columns.bias))
    return SilenceArrays(keys, values, bias)
