"""Write a model folder for the streaming engine from a causal encoder and its text head.

    python training/causal_export.py WEIGHTS encoder.pt head.pt models/whisper-base OUT --delay 3

The folder gets step.onnx, vocabulary.json and manifest.json (kind "step", rule token-or-wait; docs/speech-engine.md).
--bits 8 stores the weights of matrix products in 8 bits, with scales of their own for every 128 inputs of an output; nothing is
computed over the batch. The vocabulary is that of the given windowed model.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import onnx
from onnxruntime.quantization.matmul_nbits_quantizer import DefaultWeightOnlyQuantConfig, MatMulNBitsQuantizer

from causal_distil import load_encoder
from causal_encoder import BLOCK
from causal_graph import STEP_SAMPLES, TEXT_COLUMNS, StepGraph, build_step
from causal_text import CROSS_FRAMES, StepDecoder
from causal_text_train import load_head
from causal_vocabulary import read_vocabulary
from graph_builder import HEAD_DIM, HEADS, WIDTH
from log_mel import SAMPLE_RATE
from torch_log_mel import SAMPLES_AFTER, SAMPLES_BEFORE
from vocabulary import Vocabulary
from whisper_model import LAYERS


_LATENESS_MS = 960
"""A token may come so much later than the model was told: an utterance that ends waits for it, or loses its last words."""


def describe_states(graph: StepGraph) -> dict[str, Any]:
    """Rings, masks, carries and counters of the manifest."""
    rings: list[dict[str, Any]] = []

    def ring(name: str, columns: int, new: int, advance: str) -> None:
        for layer in range(LAYERS):
            for part in ("k", "v"):
                names = {"input": f"{name}_{part}.{layer}", "output": f"{name}_{part}_new.{layer}"}
                size = graph.ring_columns(layer) if name == "enc" else columns
                shape = {"shape": [HEADS, size, HEAD_DIM], "columnAxis": 1, "columns": new}
                rings.append(names | shape | {"advance": advance})

    ring("enc", 0, BLOCK, "step")
    ring("cross", CROSS_FRAMES, BLOCK, "step")
    ring("text", TEXT_COLUMNS, 1, "token")
    delays = [sum(graph.ahead[:layer]) for layer in range(LAYERS)]
    masks: list[dict[str, Any]] = []
    for columns in graph.masks:
        first = next(layer for layer in range(LAYERS) if graph.ring_columns(layer) == columns)
        masks.append({"input": f"enc_mask.{columns}", "ring": f"enc_k.{first}", "rows": [{"ignoreFirst": d} for d in delays]})
    heard = {"ignoreFirst": sum(graph.ahead), "newest": CROSS_FRAMES - BLOCK}
    masks.append({"input": "cross_mask", "ring": "cross_k.0", "rows": [heard]})
    masks.append({"input": "text_mask", "ring": "text_k.0"})
    carries = [{"input": "ahead", "output": "ahead_new", "shape": [LAYERS, BLOCK, WIDTH]}]
    counters = [{"input": "steps", "counts": "steps"}, {"input": "tokens", "counts": "tokens"}]
    return {"rings": rings, "masks": masks, "carries": carries, "counters": counters}


def describe(graph: StepGraph, vocabulary: Vocabulary, name: str) -> dict[str, Any]:
    special = vocabulary.special
    prompt = {language: [special[language], special["transcribe"], special["noTimestamps"]] for language in ("fr", "en")}
    text = {
        "rule": "token-or-wait",
        "output": "next",
        "delaySteps": sum(graph.ahead),
        "timeOffsetMs": -80 * graph.delay,
        "feedback": {"input": "token", "first": special["startOfTranscript"]},
        "wait": graph.wait,
        "prompt": prompt,
    }
    head = {"kind": "step", "name": name, "version": "0.1.0", "licence": "MIT", "languages": ["fr", "en"]}
    head |= {"sampleRateHz": SAMPLE_RATE, "frameMs": 80, "stepSamples": STEP_SAMPLES, "graph": "step.onnx"}
    head |= {"delayMs": graph.look_ahead + 80 * graph.delay + _LATENESS_MS, "origin": None}
    head |= {"tokenizer": {"type": "base64-pieces", "file": "vocabulary.json", "size": len(vocabulary)}}
    head |= {"audio": {"input": "pcm", "before": SAMPLES_BEFORE, "after": SAMPLES_AFTER}}
    return head | describe_states(graph) | {"text": text}


def assemble(encoder: Path, head: StepDecoder, vocabulary: Vocabulary, look_ahead: int, delay: int, margin: float, small: bool) -> StepGraph:
    """Numpy weights of both halves; the wait gate becomes part of waiting's row of the output matrix."""
    tensors = {f"encoder.{k}": v.numpy() for k, v in load_encoder(encoder).state_dict().items()}
    tensors |= {f"decoder.{k}": v.numpy() for k, v in head.state_dict().items()}
    embedding = tensors.pop("decoder.token_embedding.weight")[vocabulary.original_ids].copy()
    wait = vocabulary.special["endOfText"]
    embedding[wait] += tensors["decoder.wait_gate.weight"][0]
    margin += float(tensors["decoder.wait_gate.bias"][0])
    return StepGraph(tensors, embedding, vocabulary.suppressed, wait, look_ahead, delay, margin, small)


def to_8_bits(model: onnx.ModelProto) -> onnx.ModelProto:
    """Weights of matrix products in blocks of 128; the products themselves and the spectrogram stay in float32."""
    spectrogram = []
    for node in model.graph.node:
        node.name = node.output[0]
        if node.input[-1].startswith(("fourier", "mel")):
            spectrogram.append(node.name)
    config = DefaultWeightOnlyQuantConfig(block_size=128, is_symmetric=True, accuracy_level=1, bits=8)
    quantiser = MatMulNBitsQuantizer(model, algo_config=config, nodes_to_exclude=spectrogram)
    quantiser.process()
    return quantiser.model.model


def write_folder(graph: StepGraph, vocabulary: Vocabulary, folder: Path, bits: int, licence: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    model = build_step(graph)
    onnx.save(to_8_bits(model) if bits == 8 else model, folder / "step.onnx")
    (folder / "vocabulary.json").write_text(json.dumps(vocabulary.to_json()) + "\n")
    shutil.copy(licence, folder / "LICENSE")
    files = []
    for name in ("step.onnx", "vocabulary.json"):
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
    parser.add_argument("--look-ahead", type=int, default=480)
    parser.add_argument("--delay", type=int, default=3, help="steps of 80 ms beyond the look-ahead")
    parser.add_argument("--margin", type=float, default=0.0, help="added to waiting's logit: above 0 hesitates, below 0 hurries")
    parser.add_argument("--bits", type=int, choices=(8, 32), default=32)
    arguments = parser.parse_args()
    vocabulary = read_vocabulary(arguments.weights, arguments.windowed)
    head = load_head(arguments.weights, arguments.head)
    graph = assemble(arguments.encoder, head, vocabulary, arguments.look_ahead, arguments.delay, arguments.margin, arguments.bits == 8)
    write_folder(graph, vocabulary, arguments.out, arguments.bits, arguments.weights / "LICENSE")
    for file in sorted(arguments.out.iterdir()):
        print(f"{file}: {file.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
