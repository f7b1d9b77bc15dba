"""Join Mimi's encoder and the language model to one step graph, and describe it as docs/speech-engine.md asks."""

from __future__ import annotations

import hashlib
import math
from pathlib import Path
from typing import Any

from graph_builder import FLOAT, INT64
from kyutai_attention import Window
from kyutai_checkpoint import Checkpoint
from kyutai_config import FRAME_SECONDS, SAMPLE_RATE, KyutaiConfig
from kyutai_graph_builder import Precision, StreamedGraph
from kyutai_language_graph import language_window, next_token
from kyutai_mimi_graph import encode_frame, mimi_window, tails_size
from progress import Progress

Json = dict[str, Any]


def build_step(checkpoint: Checkpoint, folder: Path, precision: Precision) -> tuple[list[Path], int]:
    """Write step.onnx (and step.data, if it is large) and return the files and the first token that is fed."""
    config = checkpoint.config
    progress = Progress(config.language.layers + 2)
    with StreamedGraph("step", folder, precision) as graph:
        first = _build(graph, checkpoint, progress)
        files = graph.save()
    progress.advance("written and checked")
    return files, first


def _build(graph: StreamedGraph, checkpoint: Checkpoint, progress: Progress) -> int:
    config = checkpoint.config
    mimi, language = mimi_window(config.mimi), language_window(config.language)
    pcm = graph.input("pcm", FLOAT, ["B", config.mimi.frame_samples])
    steps = graph.input("steps", INT64, ["B"])
    text = graph.input("text", INT64, ["B"])
    mimi_mask = graph.input("mimi_mask", FLOAT, ["B", mimi.new, mimi.columns])
    language_mask = graph.input("lm_mask", FLOAT, ["B", language.new, language.columns])

    def bias(mask: str) -> str:
        return graph.op("Unsqueeze", mask, graph.ints(1))

    codes = encode_frame(graph, checkpoint, pcm, steps, bias(mimi_mask), config.language.codebooks)
    progress.advance("Mimi's encoder")
    token, first = next_token(graph, checkpoint, codes, text, steps, bias(language_mask), progress)
    graph.output(token, "token", INT64, ["B"])
    return first


def default_delay(config: KyutaiConfig) -> int:
    """Frames between a word and its text as moshi-server is configured: 6 for 0.5 s, 32 for 2.5 s."""
    return 6 if config.delay_seconds == 0.5 else math.ceil(config.delay_seconds / FRAME_SECONDS)


def describe(
    config: KyutaiConfig, *, name: str, version: str, languages: list[str], first: int, delay: int, files: list[Path]
) -> Json:
    """The manifest. `delay` is in frames of the training data."""
    mimi, language = mimi_window(config.mimi), language_window(config.language)
    return {
        "kind": "step",
        "name": name,
        "version": version,
        "licence": "CC-BY-4.0",
        "languages": languages,
        "sampleRateHz": SAMPLE_RATE,
        "frameMs": 80,
        "delayMs": delay * 80,
        "tokenizer": {"type": "base64-pieces", "file": "vocabulary.json", "size": config.language.text_tokens},
        "origin": None,
        "stepSamples": config.mimi.frame_samples,
        "graph": "step.onnx",
        "vocabulary": "vocabulary.json",
        "audio": {"input": "pcm", "before": 0, "after": 0},
        "rings": [*_rings(mimi, config.mimi.layers), *_rings(language, config.language.layers)],
        "masks": [
            {
                "input": "mimi_mask",
                "ring": "mimi_k0",
                # The second position of a frame also sees the first, and so one column fewer of the past.
                "rows": [{"newest": config.mimi.window - 1 - i} for i in range(mimi.new)],
            },
            {"input": "lm_mask", "ring": "lm_k0"},
        ],
        "carries": [{"input": "tails", "output": "tails_new", "shape": [tails_size(config.mimi)]}],
        "counters": [{"input": "steps", "counts": "steps"}],
        "text": {
            "rule": "delayed-streams",
            "output": "token",
            # The engine's step 0 is the model's position 1.
            "delaySteps": max(0, delay - 1),
            "feedback": {"input": "text", "first": first},
            "pad": config.language.pad,
            "wordEnd": config.language.end_pad,
        },
        "files": [_file(path) for path in files],
    }


def _rings(window: Window, layers: int) -> list[Json]:
    return [
        {
            "input": f"{window.prefix}_{part}{layer}",
            "output": f"{window.prefix}_{part}{layer}_new",
            "shape": [window.heads, window.columns, window.head_width],
            "columnAxis": 1,
            "columns": window.new,
        }
        for layer in range(layers)
        for part in "kv"
    ]


def _file(path: Path) -> Json:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 24):
            digest.update(chunk)
    return {"name": path.name, "bytes": path.stat().st_size, "sha256": digest.hexdigest()}
