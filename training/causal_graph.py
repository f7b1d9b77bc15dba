"""The step graph: 80 ms of audio and the newest token of each stream in, the next token or "wait" out.

Both halves in one graph, after the contract of docs/speech-engine.md, rule token-or-wait. Names of the states, for layer
l: enc_k.l, enc_v.l (encoder), cross_k.l, cross_v.l (what the decoder makes of the encoder's frames), text_k.l, text_v.l
(tokens). What is not final is carried: in `ahead` the residual of a rolling layer waits a block, in `recent` lie the blocks that
the layers above work out again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import onnx

from causal_encoder import AHEAD, BLOCK, LEFT_BLOCKS, LOG_MEL_MAXIMUM, LOOK_AHEAD, ROLLING_LAYERS
from causal_text import CROSS_FRAMES, PROMPT
from ctranslate2_weights import Tensors
from graph_builder import FLOAT, HEAD_DIM, HEADS, INT64, WIDTH, GraphBuilder, TokenTable
from integer_products import IntegerGraphBuilder
from log_mel import FFT, HOP, mel_filters
from torch_log_mel import SAMPLES_AFTER, SAMPLES_BEFORE
from whisper_model import FRAMES, LAYERS, POSITIONS

STEP_SAMPLES = 2 * BLOCK * HOP
TEXT_COLUMNS = 128
"""A token sees this many before it."""
RECENT_FRAMES = AHEAD[0] * BLOCK
_MEL_FRAMES = 2 * BLOCK + 3
_MASKED = -1e9
_TIMING_LAYER, _TIMING_HEADS = 4, (2, 3, 7)
"""Of those heads of Whisper's decoder that look where a token is spoken, the ones whose mean lies best (decision 21)."""


@dataclass(frozen=True)
class StepGraph:
    """What is exported: weights under OpenAI's names (`encoder.…`, `decoder.…`), pruned vocabulary, and two dials."""

    tensors: Tensors
    embedding: np.ndarray
    """float32 [vocabulary, 512], rows of the pruned vocabulary"""
    suppressed: list[int]
    wait: int
    delay: int
    """steps beyond the look-ahead that the decoder is told to take"""
    margin: float
    """added to waiting's logit"""
    languages: dict[int, float]
    """tokens of the languages and what is added to their logits: one of them is the answer to the first token"""
    integers: bool = False
    """products in integers and rings of bytes; keys and values are scaled already, see ring_ranges.py"""


def ring_columns(layer: int) -> int:
    """Of the encoder; a rolling layer's newest block is one that its queries look ahead to."""
    return (LEFT_BLOCKS + (layer < ROLLING_LAYERS)) * BLOCK


def _log_mel(g: GraphBuilder) -> str:
    """[B, 11, 80]: the Fourier transform as a matrix product, since there are only eleven frames."""
    pcm = g.input("pcm", FLOAT, ["B", SAMPLES_BEFORE + STEP_SAMPLES + SAMPLES_AFTER])
    places = np.arange(_MEL_FRAMES)[:, None] * HOP + np.arange(FFT)[None]
    frames = g.op("Gather", pcm, g.constant(places.astype(np.int64)), axis=1)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(FFT) / FFT)
    turns = 2 * np.pi * np.outer(np.arange(FFT), np.arange(FFT // 2 + 1)) / FFT
    waves = np.concatenate([np.cos(turns), np.sin(turns)], 1) * window[:, None]
    parts = g.op("MatMul", frames, g.constant(waves.astype(np.float32), "fourier"))
    squares = g.op("Mul", parts, parts)
    filters = np.concatenate([mel_filters(), mel_filters()], 1)
    power = g.op("MatMul", squares, g.constant(np.ascontiguousarray(filters.T), "mel"))
    decades = g.op("Mul", g.op("Log", g.op("Max", power, g.scalar(1e-10))), g.scalar(1 / np.log(10)))
    return g.op("Mul", g.op("Add", g.op("Max", decades, g.scalar(LOG_MEL_MAXIMUM - 8)), g.scalar(4.0)), g.scalar(0.25))


def _convolve(g: GraphBuilder, x: str, tensors: Tensors, name: str, count: int, stride: int) -> str:
    """A convolution of width 3 without padding, [B, n, w] → [B, count, 512], as a matrix product."""
    weight = tensors[f"encoder.{name}.weight"]
    taps = [g.op("Slice", x, g.ints(t), g.ints(t + stride * (count - 1) + 1), g.ints(1), g.ints(stride)) for t in range(3)]
    flat = weight.transpose(0, 2, 1).reshape(len(weight), -1)
    return g.op("Gelu", g.linear(g.op("Concat", *taps, axis=2), flat, tensors[f"encoder.{name}.bias"]))


def _ring(g: GraphBuilder, name: str, layer: int, columns: int) -> tuple[str, str]:
    shape: list[int | str] = ["B", HEADS, columns, HEAD_DIM]
    return g.key_ring(f"{name}_k.{layer}", shape), g.value_ring(f"{name}_v.{layer}", shape)


def _new_columns(g: GraphBuilder, name: str, layer: int, count: int, keys: str, values: str) -> None:
    shape: list[int | str] = ["B", HEADS, count, HEAD_DIM]
    g.new_keys(keys, f"{name}_k_new.{layer}", shape)
    g.new_values(values, f"{name}_v_new.{layer}", shape)


def _keys_values(g: GraphBuilder, x: str, tensors: Tensors, attention: str) -> tuple[str, str]:
    keys = g.heads(g.linear(x, tensors[attention + "key.weight"]))
    return keys, g.heads(g.linear(x, tensors[attention + "value.weight"], tensors[attention + "value.bias"]))


def _join(g: GraphBuilder, mixed: str, tensors: Tensors, attention: str) -> str:
    joined = g.op("Reshape", g.op("Transpose", mixed, perm=[0, 2, 1, 3]), g.ints(0, 0, WIDTH))
    return g.linear(joined, tensors[attention + "out.weight"], tensors[attention + "out.bias"])


def _norm(g: GraphBuilder, x: str, tensors: Tensors, name: str) -> str:
    return g.layer_norm(x, tensors[name + ".weight"], tensors[name + ".bias"])


def _encoder(g: GraphBuilder, graph: StepGraph) -> str:
    """Hidden states [B, 4, 512] of the block that is complete now."""
    tensors = graph.tensors
    x = _convolve(g, _log_mel(g), tensors, "conv1", 2 * BLOCK + 1, 1)
    x = _convolve(g, x, tensors, "conv2", BLOCK, 2)
    steps = g.op("Unsqueeze", g.input("steps", INT64, ["B"]), g.ints(1))
    frames = g.op("Add", g.op("Mul", steps, g.ints(BLOCK)), g.ints(*range(BLOCK)))
    table = g.constant(tensors["encoder.positional_embedding"], "positions")
    x = g.op("Add", x, g.op("Gather", table, g.op("Mod", frames, g.ints(FRAMES)), axis=0))
    x = _newest_layers(g, _rolling_layers(g, x, tensors), steps, tensors)
    return _norm(g, x, tensors, "encoder.ln_post")


def _rolling_layers(g: GraphBuilder, x: str, tensors: Tensors) -> str:
    """Frames [B, 4, 512] of the newest block in, those of a block for each layer before it out."""
    columns, shape = ring_columns(0), ["B", ROLLING_LAYERS, BLOCK, WIDTH]
    masks = g.input("rolling_mask", FLOAT, ["B", ROLLING_LAYERS, columns])
    waiting = g.ops("Split", ROLLING_LAYERS, g.input("ahead", FLOAT, shape), axis=1, num_outputs=ROLLING_LAYERS)
    kept: list[str] = []
    for layer in range(ROLLING_LAYERS):
        prefix = f"encoder.blocks.{layer}."
        new = _keys_values(g, _norm(g, x, tensors, prefix + "attn_ln"), tensors, prefix + "attn.")
        kept.append(g.op("Unsqueeze", x, g.ints(1)))
        x = g.op("Squeeze", waiting[layer], g.ints(1))
        queries = g.queries(_norm(g, x, tensors, prefix + "attn_ln"), tensors, prefix + "attn.")
        row = g.op("Unsqueeze", g.op("Slice", masks, g.ints(layer), g.ints(layer + 1), g.ints(1)), g.ints(1))
        mixed = g.ring_attention(queries, _ring(g, "enc", layer, columns), row, new, (columns, BLOCK))
        x = g.feed_forward(g.op("Add", x, _join(g, mixed, tensors, prefix + "attn.")), tensors, prefix)
        _new_columns(g, "enc", layer, BLOCK, *new)
    g.output(g.op("Concat", *kept, axis=1), "ahead_new", FLOAT, shape)
    return x


def _first(g: GraphBuilder, x: str, count: int, axis: int) -> str:
    return g.op("Slice", x, g.ints(0), g.ints(count), g.ints(axis))


def _newest_layers(g: GraphBuilder, x: str, steps: str, tensors: Tensors) -> str:
    """Frames [B, 4, 512] of the newest block that the rolling layers finished in, those of the oldest that is not final out."""
    shape = ["B", RECENT_FRAMES, WIDTH]
    x = g.op("Concat", g.input("recent", FLOAT, shape), x, axis=1)
    g.output(g.op("Slice", x, g.ints(BLOCK), g.ints(BLOCK + RECENT_FRAMES), g.ints(1)), "recent_new", FLOAT, shape)
    places = g.op("Add", steps, g.ints(*(at // BLOCK - LOOK_AHEAD for at in range(RECENT_FRAMES + BLOCK))))
    unheard = g.op("Unsqueeze", g.op("Less", places, g.ints(0)), g.ints(1, 2))
    bias = g.op("Where", unheard, g.scalar(_MASKED), g.scalar(0.0))
    columns = ring_columns(ROLLING_LAYERS)
    mask = g.op("Unsqueeze", g.input("newest_mask", FLOAT, ["B", 1, columns]), g.ints(1))
    for layer, (given, left) in enumerate(zip(AHEAD, AHEAD[1:]), ROLLING_LAYERS):
        prefix = f"encoder.blocks.{layer}."
        frames, wanted = (given + 1) * BLOCK, (left + 1) * BLOCK
        y = _norm(g, x, tensors, prefix + "attn_ln")
        new = _keys_values(g, y, tensors, prefix + "attn.")
        if wanted < frames:
            x, y = _first(g, x, wanted, 1), _first(g, y, wanted, 1)
        own = _first(g, bias, frames, 3)
        rings = _ring(g, "enc", layer, columns)
        mixed = g.ring_attention(g.queries(y, tensors, prefix + "attn."), rings, mask, new, (columns, frames), (wanted, own))
        x = g.feed_forward(g.op("Add", x, _join(g, mixed, tensors, prefix + "attn.")), tensors, prefix)
        _new_columns(g, "enc", layer, BLOCK, *(_first(g, part, BLOCK, 2) for part in new))
    return x


def _silence(g: GraphBuilder, graph: StepGraph, rows: str, part: str, layer: int) -> str:
    """A layer's virtual silence [B, 8, C, 64]."""
    columns = graph.tensors[f"decoder.silence_{part}"][layer]
    shape = g.op("Concat", rows, g.ints(*columns.shape), axis=0)
    return g.op("Expand", g.constant(columns[None]), shape)


def _cross_attention(g: GraphBuilder, x: str, hidden: str, graph: StepGraph, layer: int, biases: tuple[str, str], rows: str) -> tuple[str, str]:
    """x + attention to the frames heard, the new ones and virtual silence; `biases` are those of ring and rest. And its weights."""
    tensors, attention = graph.tensors, f"decoder.blocks.{layer}.cross_attn."
    new = _keys_values(g, hidden, tensors, attention)
    _new_columns(g, "cross", layer, BLOCK, *new)
    keys, values = _ring(g, "cross", layer, CROSS_FRAMES)
    y = _norm(g, x, tensors, f"decoder.blocks.{layer}.cross_attn_ln")
    queries = g.queries(y, tensors, attention)
    near = [g.op("Concat", fresh, _silence(g, graph, rows, part, layer), axis=2) for fresh, part in zip(new, ("keys", "values"))]
    past = g.ring_scores(queries, keys, biases[0], 1)
    now = g.op("Add", g.scores(queries, near[0]), biases[1])
    weights = g.op("Softmax", g.op("Concat", past, now, axis=3), axis=3)
    count = len(tensors["decoder.silence_bias"])
    before, after = g.ops("Split", 2, weights, g.ints(CROSS_FRAMES, BLOCK + count), axis=3)
    mixed = g.op("Add", g.mix(before, values), g.op("MatMul", after, near[1]))
    return g.op("Add", x, _join(g, mixed, tensors, attention)), weights


def _ago(g: GraphBuilder, weights: str) -> str:
    """float32 [B]: the mean place of the frames that the timing heads look at, in steps before the newest block's beginning.

    `weights` [B, 8, 1, CROSS_FRAMES + BLOCK + C]; the ring's columns are in its own order, and silence lies nowhere.
    """
    frames = CROSS_FRAMES + BLOCK
    looked = g.op("ReduceSum", g.op("Gather", weights, g.ints(*_TIMING_HEADS), axis=1), g.ints(1, 2), keepdims=0)
    looked = _first(g, looked, frames, 1)
    newest = g.op("Unsqueeze", g.op("Mul", "steps", g.ints(BLOCK)), g.ints(1))
    column = g.constant(np.arange(CROSS_FRAMES)[None])
    before = g.op("Mod", g.op("Sub", g.op("Sub", newest, g.ints(1)), column), g.ints(CROSS_FRAMES))
    before = g.op("Div", g.op("Cast", g.op("Add", before, g.ints(1)), to=FLOAT), g.scalar(float(BLOCK)))
    own = g.op("Expand", g.constant(-np.arange(BLOCK, dtype=np.float32)[None] / BLOCK), g.op("Concat", g.op("Shape", "steps"), g.ints(BLOCK), axis=0))
    ages = g.op("Concat", before, own, axis=1)
    total = g.op("Max", g.op("ReduceSum", looked, g.ints(1), keepdims=0), g.scalar(1e-6))
    return g.op("Div", g.op("ReduceSum", g.op("Mul", looked, ages), g.ints(1), keepdims=0), total)


def _cross_biases(g: GraphBuilder, place: str, tensors: Tensors) -> tuple[str, str]:
    """The prompt before its last token sees silence only, so that it is the same for every utterance. The very first
    token sees what has been heard, if it is asked (for the language) when something has."""
    early = g.op("Less", place, g.ints(PROMPT - 1))
    asked = g.op("And", g.op("Equal", place, g.ints(0)), g.op("GreaterOrEqual", "steps", g.ints(LOOK_AHEAD)))
    prompting = g.op("Unsqueeze", g.op("And", early, g.op("Not", asked)), g.ints(1, 2, 3))
    mask = g.op("Unsqueeze", g.input("cross_mask", FLOAT, ["B", 1, CROSS_FRAMES]), g.ints(1))
    past = g.op("Where", prompting, g.scalar(_MASKED), mask)
    silent = tensors["decoder.silence_bias"]
    open_row = np.concatenate([np.zeros(BLOCK), silent]).astype(np.float32)[None, None, None]
    shut_row = np.concatenate([np.full(BLOCK, _MASKED), silent]).astype(np.float32)[None, None, None]
    return past, g.op("Where", prompting, g.constant(shut_row), g.constant(open_row))


def _decoder(g: GraphBuilder, table: TokenTable, hidden: str, graph: StepGraph) -> str:
    """The newest token's output [B, 1, 512]. Graph output `ago`: how long ago what it says was spoken."""
    tensors = graph.tensors
    place = g.input("tokens", INT64, ["B"])
    rows = g.op("Shape", place, start=0, end=1)
    known = table.embed(g.input("token", INT64, ["B"]))
    places = g.constant(tensors["decoder.positional_embedding"], "places")
    x = g.op("Add", known, g.op("Gather", places, g.op("Min", place, g.ints(POSITIONS - 1)), axis=0))
    told = g.op("Cast", g.op("GreaterOrEqual", place, g.ints(PROMPT - 1)), to=FLOAT)
    delay = g.constant(tensors["decoder.delay_embedding"][graph.delay][None])
    x = g.op("Unsqueeze", g.op("Add", x, g.op("Mul", g.op("Unsqueeze", told, g.ints(1)), delay)), g.ints(1))
    mask = g.op("Unsqueeze", g.input("text_mask", FLOAT, ["B", 1, TEXT_COLUMNS]), g.ints(1))
    biases = _cross_biases(g, place, tensors)
    for layer in range(LAYERS):
        prefix = f"decoder.blocks.{layer}."
        y = _norm(g, x, tensors, prefix + "attn_ln")
        new = _keys_values(g, y, tensors, prefix + "attn.")
        rings = _ring(g, "text", layer, TEXT_COLUMNS)
        mixed = g.ring_attention(g.queries(y, tensors, prefix + "attn."), rings, mask, new, (TEXT_COLUMNS, 1))
        x = g.op("Add", x, _join(g, mixed, tensors, prefix + "attn."))
        x, looks = _cross_attention(g, x, hidden, graph, layer, biases, rows)
        if layer == _TIMING_LAYER:
            g.output(_ago(g, looks), "ago", FLOAT, ["B"])
        x = g.feed_forward(x, tensors, prefix)
        _new_columns(g, "text", layer, 1, *new)
    return _norm(g, x, tensors, "decoder.ln")


def _language(g: GraphBuilder, x: str, graph: StepGraph) -> str:
    """int64 [B]: which of the languages is spoken, by the outputs [B, 512] of the first token."""
    rows = np.ascontiguousarray(graph.embedding[list(graph.languages)].T)
    biases = np.array(list(graph.languages.values()), np.float32)
    logits = g.op("Add", g.op("MatMul", x, g.constant(rows)), g.constant(biases))
    return g.op("ArgMax", logits, axis=-1, keepdims=0)


def build_step(graph: StepGraph) -> onnx.ModelProto:
    """Inputs and outputs as in the manifest that causal_export.py writes; `next` int64 [B] is the decision."""
    g = (IntegerGraphBuilder if graph.integers else GraphBuilder)("causal_whisper_step")
    table = g.token_table(graph.embedding)
    x = g.op("Squeeze", _decoder(g, table, _encoder(g, graph), graph), g.ints(1))
    bias = np.zeros(len(graph.embedding), np.float32)
    bias[graph.suppressed] = _MASKED
    bias[graph.wait] = graph.margin
    following = g.op("ArgMax", table.logits(x, bias), axis=-1, keepdims=0)
    spoken = g.op("Gather", g.ints(*graph.languages), _language(g, x, graph))
    g.output(g.op("Where", g.op("Equal", "tokens", g.ints(0)), spoken, following), "next", INT64, ["B"])
    return g.model()
