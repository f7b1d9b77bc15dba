"""Decode audio windows with the exported graphs, as the Node engine does, to measure what is shipped."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import numpy as np

from greedy import is_looping
from log_mel import HOP, log_mel
from parity import GraphPair, empty_past, open_session, run

FRAME_SAMPLES = 2 * HOP


class GraphRecogniser:
    """Greedy decoding of single windows with the files of a model folder."""

    def __init__(self, folder: Path, encoder: str | None = None, decoder: str | None = None, threads: int = 1) -> None:
        self.manifest = json.loads((folder / "manifest.json").read_text())
        texts = json.loads((folder / "vocabulary.json").read_text())
        self.token_bytes = [b"" if t is None else base64.b64decode(t) for t in texts]
        columns = self.manifest.get("silenceColumns", 0)
        bias = np.full(columns, self.manifest.get("silenceBias", 0.0), np.float32)
        self.graphs = GraphPair(
            open_session(encoder or str(folder / "encoder.onnx"), threads),
            open_session(decoder or str(folder / "decoder.onnx"), threads),
            bias,
        )

    def mel(self, samples: np.ndarray) -> np.ndarray:
        """Log-mel [1, 80, 2T] of a window and the silence that the manifest asks for after it."""
        whole = np.pad(samples, (0, -len(samples) % FRAME_SAMPLES))
        return log_mel(whole, self.manifest.get("padFrames", 0) * FRAME_SAMPLES)[None]

    def transcribe(self, samples: np.ndarray, language: str) -> str:
        """Text of one window of mono 16 kHz samples; loops and more than 8 + 8 tokens a second are cut."""
        special = self.manifest["tokens"]
        cross = self.graphs.encode(self.mel(samples))
        limit = int(8 + 8 * len(samples) / self.manifest["sampleRateHz"])
        past = empty_past(1)
        new = [special["startOfTranscript"], special[language], special["transcribe"], special["noTimestamps"]]
        text: list[int] = []
        while len(text) < limit and not is_looping(text):
            place = past["self_k"].shape[3]
            inputs = {"tokens": np.array([new]), "position": np.array([place])}
            out = run(self.graphs.decoder, **inputs, **past, **cross)
            best = int(out["best"][0, -1])
            if best == special["endOfText"]:
                break
            text.append(best)
            new = [best]
            past = {
                "self_k": np.concatenate([past["self_k"], out["k_new"]], 3),
                "self_v": np.concatenate([past["self_v"], out["v_new"]], 3),
                "self_bias": np.zeros((1, place + out["k_new"].shape[3]), np.float32),
            }
        return b"".join(self.token_bytes[i] for i in text).decode("utf-8", "replace").strip()
