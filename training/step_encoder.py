"""A causal Whisper-like encoder with a CTC head as a step graph: see docs/speech-engine.md for the contract.

Every layer keeps its keys and values in a ring outside the graph. A layer that looks ahead works one step later than
the one before it: its queries are the previous step's block, kept in a carry, so that nothing is computed twice.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import onnx
from onnx import TensorProto

from graph_builder import FLOAT, GraphBuilder
from integer_products import IntegerGraphBuilder
from log_mel import mel_filters

INT32 = TensorProto.INT32
Tensors = dict[str, np.ndarray]
SAMPLE_RATE = 16_000
STEP_SAMPLES = 1_280
CONVOLUTION_MARGIN = 2
"""Spectrogram columns on either side of a step that Whisper's two convolutions look at."""


@dataclass(frozen=True)
class StepEncoder:
    """Sizes of a model. `frames` encoder frames a step, of which each layer remembers `context` earlier ones."""

    width: int
    heads: int
    hidden: int
    look_ahead: tuple[bool, ...]
    """One entry a layer."""
    frames: int
    context: int
    labels_per_step: int
    vocabulary: int
    positions: int
    stem: str = "stack"
    """"stack": neighbouring spectrogram columns in one vector; "whisper": its two convolutions."""
    fft: int = 400
    hop: int = 160
    bands: int = 80
    name: str = field(default="step-encoder", kw_only=True)

    @property
    def layers(self) -> int:
        return len(self.look_ahead)

    @property
    def delay_steps(self) -> int:
        return sum(self.look_ahead)

    @property
    def head_dim(self) -> int:
        return self.width // self.heads

    @property
    def columns(self) -> int:
        """Spectrogram columns that a step needs."""
        return STEP_SAMPLES // self.hop + (2 * CONVOLUTION_MARGIN if self.stem == "whisper" else 0)

    @property
    def margins(self) -> tuple[int, int]:
        """Samples before and after a step."""
        if self.stem == "whisper":
            half, around = self.fft // 2, CONVOLUTION_MARGIN * self.hop
            return half + around, half - self.hop + around
        return self.fft - self.hop, 0


def random_tensors(model: StepEncoder, seed: int = 0) -> Tensors:
    """Weights of the right shapes and of a scale that keeps values alive through all layers."""
    rng = np.random.default_rng(seed)
    width, stacked = model.width, (STEP_SAMPLES // model.hop // model.frames) * model.bands
    tensors: Tensors = {"positional_embedding": 0.3 * rng.standard_normal((model.positions, width))}

    def linear(name: str, out: int, into: int, bias: bool = True, gain: float = 1.0) -> None:
        tensors[name + ".weight"] = gain * rng.standard_normal((out, into)) / np.sqrt(into)
        if bias:
            tensors[name + ".bias"] = 0.1 * rng.standard_normal(out)

    def norm(name: str, size: int) -> None:
        tensors[name + ".weight"] = 1 + 0.1 * rng.standard_normal(size)
        tensors[name + ".bias"] = 0.1 * rng.standard_normal(size)

    if model.stem == "whisper":
        for name, into in (("conv1", model.bands), ("conv2", width)):
            tensors[name + ".weight"] = rng.standard_normal((width, into, 3)) / np.sqrt(3 * into)
            tensors[name + ".bias"] = 0.1 * rng.standard_normal(width)
    else:
        linear("stack", width, stacked)
    for layer in range(model.layers):
        block = f"blocks.{layer}."
        norm(block + "attn_ln", width)
        for part in ("query", "key", "value", "out"):
            linear(f"{block}attn.{part}", width, width, bias=part != "key", gain=2.0 if part == "query" else 1.0)
        norm(block + "mlp_ln", width)
        linear(block + "mlp.0", model.hidden, width)
        linear(block + "mlp.2", width, model.hidden)
    norm("ln_post", width)
    add_random_head(model, tensors, rng)
    return {name: array.astype(np.float32) for name, array in tensors.items()}


def add_random_head(model: StepEncoder, tensors: Tensors, rng: np.random.Generator) -> None:
    grouped = model.width * model.frames // model.labels_per_step
    for name, out, into in (("ctc.0", model.width, grouped), ("ctc.2", model.vocabulary, model.width)):
        tensors[name + ".weight"] = (3 * rng.standard_normal((out, into)) / np.sqrt(into)).astype(np.float32)
        tensors[name + ".bias"] = np.zeros(out, np.float32)
    tensors["ctc.1.weight"] = np.ones(model.width, np.float32)
    tensors["ctc.1.bias"] = np.zeros(model.width, np.float32)


def fourier_kernels(fft: int) -> np.ndarray:
    """Windowed cosines and sines [2 · (fft / 2 + 1), fft]."""
    sample, bin_ = np.arange(fft), np.arange(fft // 2 + 1)[:, None]
    window = 0.5 - 0.5 * np.cos(2 * np.pi * sample / fft)
    turn = 2 * np.pi * bin_ * sample / fft
    return np.concatenate([np.cos(turn) * window, -np.sin(turn) * window]).astype(np.float32)


def filters(model: StepEncoder) -> np.ndarray:
    """Filter bank [bands, fft / 2 + 1]; a model that is not Whisper's size gets plain triangles."""
    if (model.fft, model.bands) == (400, 80):
        return mel_filters().astype(np.float32)
    centres = np.linspace(0, model.fft // 2, model.bands + 2)
    distance = np.abs(np.arange(model.fft // 2 + 1)[None] - centres[1:-1, None])
    return np.maximum(0, 1 - distance / (centres[1] - centres[0])).astype(np.float32)


def _spectrogram(g: GraphBuilder, model: StepEncoder, pcm: str) -> str:
    """[B, samples] → log-mel [B, bands, columns], normalised by a fixed loudness instead of the clip's."""
    kernels = g.constant(fourier_kernels(model.fft)[:, None], "fourier")
    spectrum = g.op("Conv", g.op("Unsqueeze", pcm, g.ints(1)), kernels, strides=[model.hop])
    re, im = g.ops("Split", 2, spectrum, axis=1, num_outputs=2)
    power = g.op("Add", g.op("Mul", re, re), g.op("Mul", im, im))
    bands = g.op("MatMul", g.constant(filters(model), "filters"), power)
    log = g.op("Mul", g.op("Log", g.op("Max", bands, g.scalar(1e-10))), g.scalar(1 / np.log(10)))
    return g.op("Div", g.op("Add", g.op("Max", log, g.scalar(1.5 - 8)), g.scalar(4.0)), g.scalar(4.0))


def _stem(g: GraphBuilder, model: StepEncoder, mel: str, tensors: Tensors) -> str:
    """[B, bands, columns] → [B, frames, width]"""
    if model.stem == "whisper":
        x = mel
        for name, stride in (("conv1", 1), ("conv2", 2)):
            weight, bias = g.constant(tensors[name + ".weight"], "w"), g.constant(tensors[name + ".bias"], "b")
            x = g.op("Gelu", g.op("Conv", x, weight, bias, strides=[stride]))
        return g.op("Transpose", x, perm=[0, 2, 1])
    stacked = g.op("Reshape", g.op("Transpose", mel, perm=[0, 2, 1]), g.ints(0, model.frames, -1))
    return g.op("Gelu", g.linear(stacked, tensors["stack.weight"], tensors["stack.bias"]))


def _positions(g: GraphBuilder, model: StepEncoder, step: str, tensors: Tensors) -> str:
    first = g.op("Mul", g.op("Cast", step, to=TensorProto.INT64), g.ints(model.frames))
    frames = g.op("Add", g.op("Unsqueeze", first, g.ints(1)), g.ints(*range(model.frames)))
    wrapped = g.op("Mod", frames, g.ints(model.positions))
    return g.op("Gather", g.constant(tensors["positional_embedding"], "positions"), wrapped, axis=0)


def _layer(g: GraphBuilder, model: StepEncoder, x: str, mask: str, tensors: Tensors, layer: int) -> str:
    """One block: x [B, frames, width] is the newest step's; returns that of the step which can be finished."""
    block, ahead = f"blocks.{layer}.", model.look_ahead[layer]
    ring = ["B", model.heads, model.context, model.head_dim]
    fresh = ["B", model.heads, model.frames, model.head_dim]

    def norm(value: str, name: str) -> str:
        return g.layer_norm(value, tensors[block + name + ".weight"], tensors[block + name + ".bias"])

    def heads(value: str) -> str:
        split = g.op("Reshape", value, g.ints(0, model.frames, model.heads, model.head_dim))
        return g.op("Transpose", split, perm=[0, 2, 1, 3])

    y = norm(x, "attn_ln")
    new_keys = heads(g.linear(y, tensors[block + "attn.key.weight"]))
    new_values = heads(g.linear(y, tensors[block + "attn.value.weight"], tensors[block + "attn.value.bias"]))
    rings = g.key_ring(f"k{layer}", ring), g.value_ring(f"v{layer}", ring)
    g.new_keys(new_keys, f"k{layer}_new", fresh)
    g.new_values(new_values, f"v{layer}_new", fresh)
    if ahead:
        g.output(x, f"x{layer}_new", FLOAT, ["B", model.frames, model.width])
        x = g.input(f"x{layer}", FLOAT, ["B", model.frames, model.width])
        y = norm(x, "attn_ln")
    scale = np.float32(model.head_dim**-0.5)
    query = g.linear(y, tensors[block + "attn.query.weight"] * scale, tensors[block + "attn.query.bias"] * scale)
    mixed = g.ring_attention(heads(query), rings, mask, (new_keys, new_values), (model.context, model.frames))
    joined = g.op("Reshape", g.op("Transpose", mixed, perm=[0, 2, 1, 3]), g.ints(0, model.frames, model.width))
    out = tensors[block + "attn.out.weight"], tensors[block + "attn.out.bias"]
    x = g.op("Add", x, g.linear(joined, *out))
    z = g.op("Gelu", g.linear(norm(x, "mlp_ln"), tensors[block + "mlp.0.weight"], tensors[block + "mlp.0.bias"]))
    return g.op("Add", x, g.linear(z, tensors[block + "mlp.2.weight"], tensors[block + "mlp.2.bias"]))


def build_step_graph(model: StepEncoder, tensors: Tensors, integers: bool = False) -> onnx.ModelProto:
    g = (IntegerGraphBuilder if integers else GraphBuilder)(model.name.replace("-", "_"))
    before, after = model.margins
    pcm = g.input("pcm", FLOAT, ["B", before + STEP_SAMPLES + after])
    step = g.input("step", INT32, ["B"])
    masks = g.input("mask", FLOAT, ["B", model.layers, model.context])
    x = _stem(g, model, _spectrogram(g, model, pcm), tensors)
    x = g.op("Add", x, _positions(g, model, step, tensors))
    for layer in range(model.layers):
        mask = g.op("Unsqueeze", g.op("Gather", masks, g.ints(layer), axis=1), g.ints(1))
        x = _layer(g, model, x, mask, tensors, layer)
    x = g.layer_norm(x, tensors["ln_post.weight"], tensors["ln_post.bias"])
    x = g.op("Reshape", x, g.ints(0, model.labels_per_step, model.width * model.frames // model.labels_per_step))
    x = g.op("Gelu", g.linear(x, tensors["ctc.0.weight"], tensors["ctc.0.bias"]))
    x = g.layer_norm(x, tensors["ctc.1.weight"], tensors["ctc.1.bias"])
    logits = g.linear(x, tensors["ctc.2.weight"], tensors["ctc.2.bias"])
    labels = g.op("Cast", g.op("ArgMax", logits, axis=2, keepdims=0), to=INT32)
    g.output(labels, "labels", INT32, ["B", model.labels_per_step])
    return g.model()


def describe(model: StepEncoder) -> dict[str, object]:
    """The manifest, without its files."""
    before, after = model.margins
    ring_shape = [model.heads, model.context, model.head_dim]
    rings = [
        {"input": f"{part}{layer}", "output": f"{part}{layer}_new", "shape": ring_shape, "columnAxis": 1}
        | {"columns": model.frames}
        for layer in range(model.layers)
        for part in "kv"
    ]
    carries = [
        {"input": f"x{layer}", "output": f"x{layer}_new", "shape": [model.frames, model.width]}
        for layer in range(model.layers)
        if model.look_ahead[layer]
    ]
    # What comes before a layer's first real block must stay hidden from it.
    rows = [{"ignoreFirst": sum(model.look_ahead[:layer])} for layer in range(model.layers)]
    return {
        "kind": "step",
        "name": model.name,
        "languages": ["fr", "en"],
        "sampleRateHz": SAMPLE_RATE,
        "stepSamples": STEP_SAMPLES,
        "graph": "step.onnx",
        "licence": "CC0-1.0",
        "frameMs": 1000 * STEP_SAMPLES // SAMPLE_RATE,
        "delayMs": 1000 * STEP_SAMPLES * model.delay_steps // SAMPLE_RATE,
        "tokenizer": {"type": "base64-pieces", "file": "vocabulary.json", "size": model.vocabulary},
        "origin": None,
        "audio": {"input": "pcm", "before": before, "after": after},
        "rings": rings,
        "masks": [{"input": "mask", "ring": "k0", "rows": rows}],
        "carries": carries,
        "counters": [{"input": "step", "counts": "steps"}],
        "text": {
            "rule": "ctc",
            "output": "labels",
            "delaySteps": model.delay_steps,
            "perStep": model.labels_per_step,
            "blank": 0,
        },
    }
