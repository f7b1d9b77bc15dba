"""Self-attention of one step over a ring that the caller keeps, with rotary positions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graph_builder import FLOAT
from kyutai_graph_builder import CLOSED, StreamedGraph


@dataclass(frozen=True)
class Window:
    """The sizes of one transformer's attention."""

    prefix: str
    """Names of its inputs and outputs begin with it."""
    heads: int
    head_width: int
    new: int
    """Positions a step."""
    columns: int
    """Size of the ring."""
    rope_base: float

    @property
    def width(self) -> int:
        return self.heads * self.head_width


@dataclass(frozen=True)
class Sink:
    """A column that every stream begins with, kept in the graph instead of in every ring."""

    key: np.ndarray
    value: np.ndarray
    """Both [heads, head_width]."""


@dataclass(frozen=True)
class Positions:
    """What all layers of a transformer share at a step."""

    cos: str
    sin: str
    """[B, 1, 1, new, head_width / 2]"""
    ring_bias: str
    """[B, 1, new, columns]"""
    sink_bias: str | None = None
    """[B, 1, 1, 1]"""


def rotations(graph: StreamedGraph, window: Window, first: str) -> tuple[str, str]:
    """Cosines and sines for positions `first` (int64 [B]) and following."""
    frequencies = window.rope_base ** (-np.arange(0, window.head_width, 2, dtype=np.float32) / window.head_width)
    start = graph.op("Unsqueeze", graph.op("Cast", first, to=FLOAT), graph.ints(1))
    places = graph.op("Add", start, graph.constant(np.arange(window.new, dtype=np.float32)))
    column = graph.op("Reshape", places, graph.ints(-1, 1, 1, window.new, 1))
    angles = graph.op("Mul", column, graph.constant(frequencies.astype(np.float32)))
    return graph.op("Cos", angles), graph.op("Sin", angles)


def ring_inputs(graph: StreamedGraph, window: Window, layer: int) -> tuple[str, str]:
    shape: list[int | str] = ["B", window.heads, window.columns, window.head_width]
    return (
        graph.input(f"{window.prefix}_k{layer}", FLOAT, shape),
        graph.input(f"{window.prefix}_v{layer}", FLOAT, shape),
    )


def _rotate(graph: StreamedGraph, x: str, positions: Positions, half: int) -> str:
    low, high = graph.split(x, [half, half], -1)
    real = graph.op("Sub", graph.op("Mul", low, positions.cos), graph.op("Mul", high, positions.sin))
    imaginary = graph.op("Add", graph.op("Mul", high, positions.cos), graph.op("Mul", low, positions.sin))
    return graph.op("Concat", real, imaginary, axis=-1)


def attend(
    graph: StreamedGraph, mixed: str, layer: int, window: Window, positions: Positions, sink: Sink | None = None
) -> str:
    """Attention of queries, keys and values `mixed` [B, new, 3 · width]: [B, new, width].

    The new columns become outputs of the graph.
    """
    size, heads, new = window.head_width, window.heads, window.new
    stacked = graph.op("Reshape", mixed, graph.ints(0, new, 3, heads, size))
    stacked = graph.op("Transpose", stacked, perm=[0, 2, 3, 1, 4])
    both, value = graph.split(stacked, [2, 1], 1)
    query, key = graph.split(_rotate(graph, both, positions, size // 2), [1, 1], 1)
    query, key, value = (graph.op("Squeeze", x, graph.ints(1)) for x in (query, key, value))
    query = graph.op("Mul", query, graph.scalar(size**-0.5))
    shape: list[int | str] = ["B", heads, new, size]
    graph.output(key, f"{window.prefix}_k{layer}_new", FLOAT, shape)
    graph.output(value, f"{window.prefix}_v{layer}_new", FLOAT, shape)

    ring_key, ring_value = ring_inputs(graph, window, layer)
    past = graph.op("MatMul", query, graph.op("Transpose", ring_key, perm=[0, 1, 3, 2]))
    scores = [graph.op("Add", past, positions.ring_bias)]
    now = graph.op("MatMul", query, graph.op("Transpose", key, perm=[0, 1, 3, 2]))
    if new > 1:
        now = graph.op("Add", now, graph.constant(np.triu(np.full((new, new), CLOSED, np.float32), 1)))
    scores.append(now)
    values, sizes = [ring_value, value], [window.columns, new]
    if sink is not None:
        assert positions.sink_bias is not None
        beginning = graph.op("MatMul", query, graph.constant(sink.key[:, :, None].astype(np.float32)))
        scores.append(graph.op("Add", beginning, positions.sink_bias))
        values.append(graph.constant(sink.value[:, None, :].astype(np.float32)))
        sizes.append(1)
    weights = graph.op("Softmax", graph.op("Concat", *scores, axis=-1), axis=-1)
    parts = [graph.op("MatMul", w, v) for w, v in zip(graph.split(weights, sizes, -1), values)]
    total = parts[0]
    for part in parts[1:]:
        total = graph.op("Add", total, part)
    return graph.op("Reshape", graph.op("Transpose", total, perm=[0, 2, 1, 3]), graph.ints(0, new, window.width))
