"""Kyutai's language model as one step: the codes of a frame and the last text token in, the next text token out."""

from __future__ import annotations

import numpy as np

from graph_builder import FLOAT
from kyutai_attention import Positions, Sink, Window, attend, rotations
from kyutai_checkpoint import Checkpoint
from kyutai_config import LanguageConfig
from kyutai_graph_builder import CLOSED, StreamedGraph
from progress import Progress


def language_window(config: LanguageConfig) -> Window:
    return Window("lm", config.heads, config.head_width, 1, config.window - 1, config.rope_base)


class Beginning:
    """The hidden state of position 0, which hears nothing and is the same for every stream.

    Its columns go into the graph as a sink and its token is what a stream is first fed with. So the first frame of
    sound is position 1, as in training, and no step is spent on a beginning that has no sound.
    """

    def __init__(self, text: np.ndarray, audio: np.ndarray, config: LanguageConfig) -> None:
        rows = config.audio_tokens + 1
        self.config = config
        self.x = text[-1] + audio[rows - 1 :: rows].sum(0)

    def normed(self, weight: np.ndarray) -> np.ndarray:
        return self.x / np.sqrt(np.mean(self.x**2) + self.config.norm_epsilon) * weight

    def attend(self, norm: np.ndarray, qkv: np.ndarray, out: np.ndarray) -> Sink:
        """Attention of a position that sees only itself; at position 0 rotation changes nothing."""
        _, key, value = (qkv @ self.normed(norm)).reshape(3, self.config.heads, -1)
        self.x = self.x + out @ value.reshape(-1)
        return Sink(key, value)

    def feed_forward(self, norm: np.ndarray, gate: np.ndarray, down: np.ndarray) -> None:
        gated, up = np.split(gate @ self.normed(norm), 2)
        self.x = self.x + down @ (gated / (1 + np.exp(-gated)) * up)

    def token(self, norm: np.ndarray, head: np.ndarray) -> int:
        return int(np.argmax(head @ self.normed(norm)))


def rms_norm(graph: StreamedGraph, x: str, weight: np.ndarray, epsilon: float) -> str:
    mean = graph.op("ReduceMean", graph.op("Mul", x, x), graph.ints(-1), keepdims=1)
    root = graph.op("Sqrt", graph.op("Add", mean, graph.scalar(epsilon)))
    return graph.op("Mul", graph.op("Div", x, root), graph.constant(weight))


def next_token(
    graph: StreamedGraph, checkpoint: Checkpoint, codes: str, text: str, steps: str, ring_bias: str, progress: Progress
) -> tuple[str, int]:
    """The output `token` int64 [B] and the token that every stream is first fed with."""
    config = checkpoint.config.language
    text_rows, audio_rows = checkpoint.text_embedding(), checkpoint.audio_embeddings()
    beginning = Beginning(text_rows, audio_rows, config)
    offsets = np.arange(config.codebooks, dtype=np.int64) * (config.audio_tokens + 1)
    heard = graph.table(audio_rows, graph.op("Add", codes, graph.constant(offsets)))
    x = graph.op("Add", graph.table(text_rows, text), graph.op("ReduceSum", heard, graph.ints(1), keepdims=0))
    x = graph.op("Unsqueeze", x, graph.ints(1))
    del text_rows, audio_rows

    window = language_window(config)
    place = graph.op("Add", steps, graph.ints(1))
    in_sight = graph.op("Less", place, graph.ints(config.window))
    sink_bias = graph.op("Where", in_sight, graph.scalar(0.0), graph.scalar(CLOSED))
    sink_bias = graph.op("Reshape", sink_bias, graph.ints(-1, 1, 1, 1))
    positions = Positions(*rotations(graph, window, place), ring_bias, sink_bias)
    for layer in range(config.layers):
        x = _layer(graph, checkpoint, layer, x, positions, beginning)
        progress.advance(f"language model, layer {layer + 1} of {config.layers}")
    norm, head = checkpoint.language_vector("norm"), checkpoint.text_head()
    logits = graph.linear(rms_norm(graph, x, norm, config.norm_epsilon), head)
    token = graph.op("Squeeze", graph.op("ArgMax", logits, axis=-1, keepdims=0), graph.ints(1))
    return token, beginning.token(norm, head)


def _layer(
    graph: StreamedGraph, checkpoint: Checkpoint, layer: int, x: str, positions: Positions, beginning: Beginning
) -> str:
    config = checkpoint.config.language
    norm, qkv = checkpoint.language_vector(f"layers.{layer}.norm1"), checkpoint.language_qkv(layer)
    out = checkpoint.language_matrix(layer, "out")
    sink = beginning.attend(norm, qkv, out)
    mixed = graph.linear(rms_norm(graph, x, norm, config.norm_epsilon), qkv)
    heard = attend(graph, mixed, layer, language_window(config), positions, sink)
    x = graph.op("Add", x, graph.linear(heard, out))

    norm = checkpoint.language_vector(f"layers.{layer}.norm2")
    gate, down = checkpoint.language_matrix(layer, "gate"), checkpoint.language_matrix(layer, "down")
    beginning.feed_forward(norm, gate, down)
    both = graph.linear(rms_norm(graph, x, norm, config.norm_epsilon), gate)
    opened, up = graph.split(both, [config.hidden, config.hidden], -1)
    silu = graph.op("Mul", opened, graph.op("Sigmoid", opened))
    return graph.op("Add", x, graph.linear(graph.op("Mul", silu, up), down))
