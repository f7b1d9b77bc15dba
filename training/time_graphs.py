"""Time the exported graphs with one thread: the minimum of several runs, in milliseconds.

    python training/time_graphs.py models/whisper-base

Encoder: windows of speech of 2, 5 and 10 s, padding on top. Decoder: one token after 20 (n = 1) and the check of a
hypothesis of 16 (n = 16), for several rows at once.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from parity import open_session, run
from whisper_model import HEAD_DIM, HEADS, LAYERS

RUNS = 7


def shortest(action: Callable[[], object]) -> float:
    """Milliseconds of the fastest of several calls, after one to warm up."""
    action()
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return 1000 * min(times)


def decoder_inputs(rows: int, frames: int, past: int, new: int) -> dict[str, np.ndarray]:
    chance = np.random.default_rng(0)
    cross = chance.normal(size=(rows, LAYERS, HEADS, frames, HEAD_DIM)).astype(np.float32)
    before = np.zeros((rows, LAYERS, HEADS, past, HEAD_DIM), np.float32)
    return {
        "tokens": np.full((rows, new), 1000),
        "position": np.full(rows, past),
        "self_k": before,
        "self_v": before,
        "self_bias": np.zeros((rows, past), np.float32),
        "cross_k": cross,
        "cross_v": cross,
        "cross_bias": np.zeros((rows, frames), np.float32),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    model: Path = parser.parse_args().model
    manifest = json.loads((model / "manifest.json").read_text())
    encoder, decoder = open_session(str(model / "encoder.onnx")), open_session(str(model / "decoder.onnx"))
    for seconds in (2, 5, 10):
        frames = 50 * seconds + manifest["padFrames"]
        mel = np.random.default_rng(0).normal(size=(1, 80, 2 * frames)).astype(np.float32)
        bias = np.zeros((1, frames), np.float32)
        print(f"encoder {seconds:2} s, 1 row: {shortest(lambda: run(encoder, mel=mel, bias=bias)):.1f}")
    for seconds in (5, 10):
        frames = 50 * seconds + manifest["padFrames"] + manifest["silenceColumns"]
        for rows in (1, 4, 8):
            for past, new in ((20, 1), (0, 16)):
                inputs = decoder_inputs(rows, frames, past, new)
                took = shortest(lambda: run(decoder, **inputs))
                print(f"decoder {seconds:2} s, {rows} rows, n = {new:2}: {took:.1f}")


if __name__ == "__main__":
    main()
