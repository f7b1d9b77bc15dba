"""Write a model folder for the streaming engine from a causal encoder and its text head.

    python training/causal_export.py WEIGHTS encoder.pt head.pt models/whisper-base OUT --delay 3

The folder gets step.onnx, its weights in files that a repository takes, vocabulary.json and manifest.json (kind "step", rule
token-or-wait; docs/speech-engine.md).
--integers SPEECH makes the graph that is shipped: weights and rings in 8 bits, products in integers (integer_products.py); the scales of
the rings are measured on recordings in SPEECH, shared/speech/adapt. The vocabulary is that of the given windowed model.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx

from causal_distil import load_encoder
from causal_encoder import BLOCK, LOOK_AHEAD, LOOK_AHEAD_MS, ROLLING_LAYERS, CausalEncoder
from causal_evaluate import hear, stream_text
from causal_graph import RECENT_FRAMES, STEP_SAMPLES, TEXT_COLUMNS, StepGraph, build_step, ring_columns
from causal_text import CROSS_FRAMES, StepDecoder
from causal_text_train import load_head
from causal_vocabulary import read_vocabulary
from channel_balance import balance, measure_peaks
from dev_set import read_clips, read_samples, spread
from graph_builder import HEAD_DIM, HEADS, WIDTH
from greedy import load_rules
from log_mel import SAMPLE_RATE
from ring_ranges import Ranges, fold_ranges, measure_ranges
from torch_log_mel import SAMPLES_AFTER, SAMPLES_BEFORE
from vocabulary import Vocabulary
from whisper_model import LAYERS

_MOST_FILE_BYTES, _LEAST_OUTSIDE_BYTES, _ALIGNMENT = 40_000_000, 100_000, 65_536
"""Of a file of weights, of a tensor that lies in one, and what may be left free between two."""
_MEASURED, _MEASURED_SECONDS = 16, 28
"""Streams, and how much of each, on which the scales of rings are measured: late tokens have larger keys than early ones."""
_OFFSET_MS, _PIECE_MS = -60, 220
"""From where the decoder looks to where a piece begins, and how long it sounds: by the starts and ends of synthesised words."""
_LANGUAGE_STEPS, _LANGUAGES = 22, {"fr": 0.6, "en": 0.0}
"""Steps of 80 ms, pre-roll included, after which a language that is not known is decided; what is added to the languages' logits."""
_UTTERANCE_MS = 10_000
"""Rows of training are mostly shorter; beyond 120 tokens the prompt falls out of the decoder's ring, and it loops."""
_PRE_ROLL_MS = 960
"""In training hardly a voice begins out of nothing: with 480 ms there were half to one more errors in a hundred words."""
_LATENESS_MS = 960
"""A token may come so much later than the model was told: an utterance that ends waits for it, or loses its last words."""


def describe_states() -> dict[str, Any]:
    """Rings, masks, carries and counters of the manifest."""
    rings: list[dict[str, Any]] = []

    def ring(name: str, columns: int, new: int, advance: str) -> None:
        for layer in range(LAYERS):
            for part in ("k", "v"):
                names = {"input": f"{name}_{part}.{layer}", "output": f"{name}_{part}_new.{layer}"}
                size = ring_columns(layer) if name == "enc" else columns
                shape = {"shape": [HEADS, size, HEAD_DIM], "columnAxis": 1, "columns": new}
                rings.append(names | shape | {"advance": advance})

    ring("enc", 0, BLOCK, "step")
    ring("cross", CROSS_FRAMES, BLOCK, "step")
    ring("text", TEXT_COLUMNS, 1, "token")
    final = {"ignoreFirst": LOOK_AHEAD}
    masks: list[dict[str, Any]] = [
        {"input": "rolling_mask", "ring": "enc_k.0", "rows": [{"ignoreFirst": layer} for layer in range(ROLLING_LAYERS)]},
        {"input": "newest_mask", "ring": f"enc_k.{ROLLING_LAYERS}", "rows": [final]},
        {"input": "cross_mask", "ring": "cross_k.0", "rows": [final | {"newest": CROSS_FRAMES - BLOCK}]},
        {"input": "text_mask", "ring": "text_k.0"},
    ]
    carries = [
        {"input": "ahead", "output": "ahead_new", "shape": [ROLLING_LAYERS, BLOCK, WIDTH]},
        {"input": "recent", "output": "recent_new", "shape": [RECENT_FRAMES, WIDTH]},
    ]
    counters = [{"input": "steps", "counts": "steps"}, {"input": "tokens", "counts": "tokens"}]
    return {"rings": rings, "masks": masks, "carries": carries, "counters": counters}


def describe(graph: StepGraph, vocabulary: Vocabulary, name: str) -> dict[str, Any]:
    special = vocabulary.special
    prompt = {language: [special[language], special["transcribe"], special["noTimestamps"]] for language in ("fr", "en")}
    text = {
        "rule": "token-or-wait",
        "output": "next",
        "delaySteps": LOOK_AHEAD,
        "ago": "ago",
        "timeOffsetMs": _OFFSET_MS,
        "pieceMs": _PIECE_MS,
        "feedback": {"input": "token", "first": special["startOfTranscript"]},
        "wait": graph.wait,
        "prompt": prompt,
        "languageSteps": LOOK_AHEAD + _LANGUAGE_STEPS,
    }
    head = {"kind": "step", "name": name, "version": "0.4.0", "licence": "MIT", "languages": ["fr", "en"]}
    head |= {"sampleRateHz": SAMPLE_RATE, "frameMs": 80, "stepSamples": STEP_SAMPLES, "utteranceMs": _UTTERANCE_MS, "preRollMs": _PRE_ROLL_MS, "graph": "step.onnx"}
    head |= {"delayMs": LOOK_AHEAD_MS + 80 * graph.delay + _LATENESS_MS, "origin": None}
    head |= {"tokenizer": {"type": "base64-pieces", "file": "vocabulary.json", "size": len(vocabulary)}}
    head |= {"audio": {"input": "pcm", "before": SAMPLES_BEFORE, "after": SAMPLES_AFTER}}
    return head | describe_states() | {"text": text}


def assemble(encoder: CausalEncoder, head: StepDecoder, vocabulary: Vocabulary, delay: int, margin: float) -> StepGraph:
    """Numpy weights of both halves; the wait gate becomes part of waiting's row of the output matrix."""
    tensors = {f"encoder.{k}": v.numpy() for k, v in encoder.state_dict().items()}
    tensors |= {f"decoder.{k}": v.numpy() for k, v in head.state_dict().items()}
    embedding = tensors.pop("decoder.token_embedding.weight")[vocabulary.original_ids].copy()
    wait = vocabulary.special["endOfText"]
    embedding[wait] += tensors["decoder.wait_gate.weight"][0]
    margin += float(tensors["decoder.wait_gate.bias"][0])
    languages = {vocabulary.special[language]: bias for language, bias in _LANGUAGES.items()}
    return StepGraph(tensors, embedding, vocabulary.suppressed, wait, delay, margin, languages)


def fold(graph: StepGraph, ranges: Ranges) -> StepGraph:
    """The graph of integers, its keys and values scaled to rings of bytes."""
    tensors = {name: array.copy() for name, array in graph.tensors.items()}
    for layer in range(LAYERS):
        for ring, attention in (("enc", "encoder.blocks.{}.attn."), ("cross", "decoder.blocks.{}.cross_attn."), ("text", "decoder.blocks.{}.attn.")):
            keys, values = (ranges[f"{ring}_{part}_new.{layer}"] for part in "kv")
            silence = (tensors["decoder.silence_keys"][layer], tensors["decoder.silence_values"][layer]) if ring == "cross" else ()
            fold_ranges(tensors, attention.format(layer), keys, values, *silence)
    return replace(graph, tensors=tensors, integers=True)


def hear_adapt(speech: Path) -> tuple[list[np.ndarray], list[str]]:
    """Streams of recordings of both languages, spread over the folder, one after the other without a pause."""
    clips = read_clips(speech)
    streams: list[np.ndarray] = []
    for language in ("fr", "en"):
        mine = spread([c for c in clips if c.language == language], _MEASURED * _MEASURED_SECONDS)
        for first in range(_MEASURED // 2):
            parts: list[np.ndarray] = []
            for clip in mine[first :: _MEASURED // 2]:
                parts.append(read_samples(clip.file))
                if sum(map(len, parts)) >= _MEASURED_SECONDS * SAMPLE_RATE:
                    break
            streams.append(np.concatenate(parts)[: _MEASURED_SECONDS * SAMPLE_RATE])
    return streams, ["fr"] * (_MEASURED // 2) + ["en"] * (_MEASURED // 2)


def save_graph(model: onnx.ModelProto, folder: Path) -> list[str]:
    """Write step.onnx and its larger tensors in weights-1.bin, weights-2.bin …; returns the names of all of them."""
    names, written = ["step.onnx"], _MOST_FILE_BYTES
    for tensor in model.graph.initializer:
        if len(tensor.raw_data) < _LEAST_OUTSIDE_BYTES:
            continue
        if written + len(tensor.raw_data) > _MOST_FILE_BYTES:
            names.append(f"weights-{len(names)}.bin")
            # Tensors are appended to what is there.
            (folder / names[-1]).unlink(missing_ok=True)
            written = 0
        onnx.external_data_helper.set_external_data(tensor, names[-1])
        written += len(tensor.raw_data) + _ALIGNMENT
    onnx.save(model, folder / names[0])
    return names


def write_folder(graph: StepGraph, vocabulary: Vocabulary, folder: Path, licence: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocabulary.json").write_text(json.dumps(vocabulary.to_json()) + "\n")
    shutil.copy(licence, folder / "LICENSE")
    files = []
    for name in (*save_graph(build_step(graph), folder), "vocabulary.json"):
        data = (folder / name).read_bytes()
        files.append({"name": name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()})
    manifest = describe(graph, vocabulary, folder.name) | {"files": files}
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", type=Path)
    parser.add_argument("encoder", type=Path)
    parser.add_argument("head", type=Path)
    parser.add_argument("windowed", type=Path, help="model folder whose vocabulary is taken, models/whisper-base")
    parser.add_argument("out", type=Path)
    parser.add_argument("--delay", type=int, default=3, help="steps of 80 ms beyond the look-ahead")
    parser.add_argument("--margin", type=float, default=0.0, help="added to waiting's logit: above 0 hesitates, below 0 hurries")
    parser.add_argument("--integers", type=Path, metavar="SPEECH", help="compute in 8 bits; scales are measured on this folder of recordings")
    arguments = parser.parse_args()
    vocabulary = read_vocabulary(arguments.weights, arguments.windowed)
    encoder, head = load_encoder(arguments.encoder).eval(), load_head(arguments.weights, arguments.head)
    graph = assemble(encoder, head, vocabulary, arguments.delay, arguments.margin)
    licence = arguments.weights / "LICENSE"
    if arguments.integers:
        streams, languages = hear_adapt(arguments.integers)

        def listen() -> None:
            hidden, steps = hear(encoder, streams, 0)
            stream_text(head, load_rules(arguments.weights), hidden, steps, languages, arguments.delay)

        graph = replace(graph, tensors=balance(graph.tensors, measure_peaks(encoder, head, listen)))
        with tempfile.TemporaryDirectory() as place:
            write_folder(graph, vocabulary, Path(place), licence)
            graph = fold(graph, measure_ranges(Path(place), streams, languages))
    write_folder(graph, vocabulary, arguments.out, licence)
    for file in sorted(arguments.out.iterdir()):
        print(f"{file}: {file.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
