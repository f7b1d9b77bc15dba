"""The encoder's ONNX graph: log-mel in, the decoder's cross-attention keys and values out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import onnx

from ctranslate2_weights import Tensors
from graph_builder import FLOAT, HEAD_DIM, HEADS, WIDTH, GraphBuilder

LAYERS = 6


@dataclass(frozen=True)
class SilenceArrays:
    """Constant columns appended to a graph's keys and values: float32 [layers, 8, C, 64], bias [C]."""

    keys: np.ndarray
    values: np.ndarray
    bias: np.ndarray

    @property
    def count(self) -> int:
        return len(self.bias)


def _neighbours(g: GraphBuilder, x: str, before: str, after: str | None) -> str:
    """Put the previous (and next) row's columns beside each row's own: [B, n, w] → [B, n, …], zeros outside.

    `before` and `after` are the columns of x [B, n, w] that neighbours contribute.
    """
    zeros = g.scalar(0.0)
    shifted = [g.op("Slice", g.op("Pad", before, g.ints(0, 1, 0, 0, 0, 0), zeros), g.ints(0), g.ints(-1), g.ints(1)), x]
    if after is not None:
        padded = g.op("Pad", after, g.ints(0, 0, 0, 0, 1, 0), zeros)
        shifted.append(g.op("Slice", padded, g.ints(1), g.ints(np.iinfo(np.int64).max), g.ints(1)))
    return g.op("Concat", *shifted, axis=2)


def _convolutions(g: GraphBuilder, mel: str, tensors: Tensors) -> str:
    """[B, 80, 2T] → [B, T, 512]; both convolutions of width 3 as matrix products, which can be quantised."""

    def taps(name: str) -> np.ndarray:
        weight = tensors[f"encoder.{name}.weight"]
        return weight.transpose(0, 2, 1).reshape(len(weight), -1)

    x = g.op("Transpose", mel, perm=[0, 2, 1])
    x = g.op("Gelu", g.linear(_neighbours(g, x, x, x), taps("conv1"), tensors["encoder.conv1.bias"]))
    pairs = g.op("Reshape", x, g.ints(0, -1, 2 * WIDTH))
    odd = g.op("Slice", pairs, g.ints(WIDTH), g.ints(2 * WIDTH), g.ints(2))
    return g.op("Gelu", g.linear(_neighbours(g, pairs, odd, None), taps("conv2"), tensors["encoder.conv2.bias"]))


def _add_positions(g: GraphBuilder, x: str, tensors: Tensors) -> str:
    frames = g.op("Shape", x, start=1, end=2)
    table = g.constant(tensors["encoder.positional_embedding"])
    return g.op("Add", x, g.op("Slice", table, g.ints(0), frames, g.ints(0)))


def _append(g: GraphBuilder, own: str, columns: np.ndarray) -> str:
    """Append constant columns [8, C, 64] to [B, 8, T, 64]."""
    rows = g.op("Shape", own, start=0, end=1)
    shape = g.op("Concat", rows, g.ints(*columns.shape), axis=0)
    return g.op("Concat", own, g.op("Expand", g.constant(columns[None]), shape), axis=2)


def _block(g: GraphBuilder, x: str, bias: str, tensors: Tensors, layer: int, silence: SilenceArrays | None) -> str:
    prefix = f"encoder.blocks.{layer}."
    attn = prefix + "attn."
    y = g.layer_norm(x, tensors[prefix + "attn_ln.weight"], tensors[prefix + "attn_ln.bias"])
    queries = g.queries(y, tensors, attn)
    keys = g.heads(g.linear(y, tensors[attn + "key.weight"]))
    values = g.heads(g.linear(y, tensors[attn + "value.weight"], tensors[attn + "value.bias"]))
    if silence is not None:
        keys, values = _append(g, keys, silence.keys[layer]), _append(g, values, silence.values[layer])
    scores = g.op("MatMul", queries, g.op("Transpose", keys, perm=[0, 1, 3, 2]))
    weights = g.op("Softmax", g.op("Add", scores, bias), axis=-1)
    x = g.op("Add", x, g.attend(weights, values, tensors, attn))
    return g.feed_forward(x, tensors, prefix)


def _cross_heads(g: GraphBuilder, x: str, tensors: Tensors, part: str, silence: np.ndarray | None) -> str:
    """Keys or values of all decoder layers [B, layers, 8, T', 64] from hidden states [B, T, 512]."""
    names = [f"decoder.blocks.{layer}.cross_attn.{part}" for layer in range(LAYERS)]
    weight = np.concatenate([tensors[n + ".weight"] for n in names])
    bias = np.concatenate([tensors[n + ".bias"] for n in names]) if part == "value" else None
    split = g.op("Reshape", g.linear(x, weight, bias), g.ints(0, 0, LAYERS, HEADS, HEAD_DIM))
    heads = g.op("Transpose", split, perm=[0, 2, 3, 1, 4])
    if silence is None:
        return heads
    rows = g.op("Shape", heads, start=0, end=1)
    shape = g.op("Concat", rows, g.ints(*silence.shape), axis=0)
    return g.op("Concat", heads, g.op("Expand", g.constant(silence[None]), shape), axis=3)


def build_encoder(
    tensors: Tensors, silence: SilenceArrays | None = None, cross_silence: SilenceArrays | None = None
) -> onnx.ModelProto:
    """mel [B, 80, 2T], bias [B, T] → cross_k, cross_v [B, 6, 8, T', 64]."""
    g = GraphBuilder("whisper_encoder")
    mel = g.input("mel", FLOAT, ["B", 80, "M"])
    bias = g.op("Unsqueeze", g.input("bias", FLOAT, ["B", "T"]), g.ints(1, 2))
    if silence is not None:
        rows = g.op("Shape", bias, start=0, end=1)
        shape = g.op("Concat", rows, g.ints(1, 1, silence.count), axis=0)
        bias = g.op("Concat", bias, g.op("Expand", g.constant(silence.bias[None, None, None]), shape), axis=3)
    x = _add_positions(g, _convolutions(g, mel, tensors), tensors)
    for layer in range(LAYERS):
        x = _block(g, x, bias, tensors, layer, silence)
    x = g.layer_norm(x, tensors["encoder.ln_post.weight"], tensors["encoder.ln_post.bias"])
    shape = ["B", LAYERS, HEADS, "T", HEAD_DIM] if cross_silence is None else ["B", LAYERS, HEADS, "Tc", HEAD_DIM]
    for part, name in (("key", "cross_k"), ("value", "cross_v")):
        columns = None if cross_silence is None else (cross_silence.keys if part == "key" else cross_silence.values)
        g.output(_cross_heads(g, x, tensors, part, columns), name, FLOAT, shape)
    return g.model()
