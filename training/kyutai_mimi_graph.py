"""Mimi's encoder as one step: 1920 samples and a little state in, the codes of one frame out."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from graph_builder import FLOAT
from kyutai_attention import Positions, Window, attend, rotations
from kyutai_checkpoint import Checkpoint
from kyutai_config import MimiConfig
from kyutai_graph_builder import StreamedGraph

POSITIONS_PER_FRAME = 2


def mimi_window(config: MimiConfig) -> Window:
    # The first position of a frame sees window - 1 columns of the ring, which has to hold whole frames.
    columns = -(-(config.window - 1) // POSITIONS_PER_FRAME) * POSITIONS_PER_FRAME
    return Window("mimi", config.heads, config.head_width, POSITIONS_PER_FRAME, columns, config.rope_base)


@dataclass
class Tails:
    """The last inputs of every convolution, joined in one array [B, size] each way."""

    shapes: list[tuple[int, int]]
    """Channels and columns, in the order of use."""
    parts: list[str]
    new: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, graph: StreamedGraph, config: MimiConfig) -> Tails:
        shapes = tail_shapes(config)
        whole = graph.input("tails", FLOAT, ["B", tails_size(config)])
        return cls(shapes, graph.split(whole, [c * n for c, n in shapes], 1))

    def next(self, graph: StreamedGraph) -> str:
        """The tail of the next convolution [B, channels, columns]."""
        index = len(self.new)
        return graph.op("Reshape", self.parts[index], graph.ints(0, *self.shapes[index]))

    def keep(self, graph: StreamedGraph, extended: str) -> None:
        """Remember the last columns of [B, channels, n]."""
        channels, columns = self.shapes[len(self.new)]
        last = graph.op("Slice", extended, graph.ints(-columns), graph.ints(np.iinfo(np.int64).max), graph.ints(2))
        self.new.append(graph.op("Reshape", last, graph.ints(0, channels * columns)))

    def close(self, graph: StreamedGraph, config: MimiConfig) -> None:
        assert len(self.new) == len(self.shapes)
        graph.output(graph.op("Concat", *self.new, axis=1), "tails_new", FLOAT, ["B", tails_size(config)])


def tail_shapes(config: MimiConfig) -> list[tuple[int, int]]:
    """Channels and columns of each tail: kernel minus stride. Kernels of one have none."""
    channels = config.filters
    shapes = [(1, config.kernel - 1)]
    for ratio in config.ratios:
        shapes += [(channels, config.residual_kernel - 1), (channels, ratio)]
        channels *= 2
    return [*shapes, (channels, config.last_kernel - 1), (config.width, 2)]


def tails_size(config: MimiConfig) -> int:
    return sum(channels * columns for channels, columns in tail_shapes(config))


def encode_frame(
    graph: StreamedGraph, checkpoint: Checkpoint, pcm: str, steps: str, ring_bias: str, codebooks: int
) -> str:
    """Codes int64 [B, codebooks] of samples [B, 1920]; `steps` int64 [B] counts the frames before."""
    config = checkpoint.config.mimi
    tails = Tails.of(graph, config)
    latents = _convolutions(graph, checkpoint, tails, graph.op("Unsqueeze", pcm, graph.ints(1)))
    x = graph.op("Transpose", latents, perm=[0, 2, 1])
    x = _transformer(graph, checkpoint, x, steps, ring_bias)
    latents = graph.op("Transpose", x, perm=[0, 2, 1])
    frame = _downsample(graph, checkpoint, tails, latents, steps)
    tails.close(graph, config)
    return _quantise(graph, checkpoint, frame, codebooks)


def _convolutions(graph: StreamedGraph, checkpoint: Checkpoint, tails: Tails, x: str) -> str:
    """Samples [B, 1, 1920] to latents [B, width, 2]."""
    config = checkpoint.config.mimi

    def convolve(x: str, name: str, shape: tuple[int, int, int], stride: int = 1) -> str:
        weight, bias = checkpoint.convolution(name, shape)
        assert bias is not None
        if shape[2] > stride:
            x = graph.op("Concat", tails.next(graph), x, axis=2)
            tails.keep(graph, x)
        return graph.op("Conv", x, graph.constant(weight), graph.constant(bias), strides=[stride])

    channels, place = config.filters, 1
    x = convolve(x, "0", (channels, 1, config.kernel))
    for ratio in config.ratios:
        inner = channels // config.compress
        y = convolve(graph.op("Elu", x), f"{place}.block.1", (inner, channels, config.residual_kernel))
        y = convolve(graph.op("Elu", y), f"{place}.block.3", (channels, inner, 1))
        x = graph.op("Elu", graph.op("Add", x, y))
        x = convolve(x, str(place + 2), (2 * channels, channels, 2 * ratio), ratio)
        channels, place = 2 * channels, place + 3
    return convolve(graph.op("Elu", x), str(place + 1), (config.width, channels, config.last_kernel))


def _transformer(graph: StreamedGraph, checkpoint: Checkpoint, x: str, steps: str, ring_bias: str) -> str:
    config = checkpoint.config.mimi
    window = mimi_window(config)
    first = graph.op("Mul", steps, graph.ints(POSITIONS_PER_FRAME))
    positions = Positions(*rotations(graph, window, first), ring_bias)
    for layer in range(config.layers):

        def norm(x: str, name: str) -> str:
            return graph.layer_norm(
                x, checkpoint.mimi_vector(layer, f"{name}.weight"), checkpoint.mimi_vector(layer, f"{name}.bias")
            )

        mixed = graph.precise_linear(norm(x, "norm1"), checkpoint.mimi_qkv(layer))
        heard = attend(graph, mixed, layer, window, positions)
        scale = checkpoint.mimi_vector(layer, "scale1")[:, None]
        x = graph.op("Add", x, graph.precise_linear(heard, checkpoint.mimi_matrix(layer, "out") * scale))
        y = graph.op("Gelu", graph.precise_linear(norm(x, "norm2"), checkpoint.mimi_matrix(layer, "up")))
        scale = checkpoint.mimi_vector(layer, "scale2")[:, None]
        x = graph.op("Add", x, graph.precise_linear(y, checkpoint.mimi_matrix(layer, "down") * scale))
    return x


def _downsample(graph: StreamedGraph, checkpoint: Checkpoint, tails: Tails, x: str, steps: str) -> str:
    """Latents [B, width, 2] to [B, width]. Before the first frame stands its own first column, not silence."""
    width = checkpoint.config.mimi.width
    weight, _ = checkpoint.convolution("downsample", (width, width, 4), bias=False)
    is_first = graph.op("Reshape", graph.op("Equal", steps, graph.ints(0)), graph.ints(-1, 1, 1))
    first_column = graph.op("Slice", x, graph.ints(0), graph.ints(1), graph.ints(2))
    extended = graph.op("Concat", graph.op("Where", is_first, first_column, tails.next(graph)), x, axis=2)
    tails.keep(graph, extended)
    return graph.op("Squeeze", graph.op("Conv", extended, graph.constant(weight), strides=[2]), graph.ints(2))


def _quantise(graph: StreamedGraph, checkpoint: Checkpoint, frame: str, codebooks: int) -> str:
    """One semantic code, and a chain of acoustic codes of the same latents: int64 [B, codebooks]."""
    codes = []
    residual = ""
    for index in range(codebooks):
        if index < 2:
            residual = graph.precise_linear(frame, checkpoint.code_projection(rest=index > 0))
        words = checkpoint.codebook(index)
        stored = graph.constant(words, "codewords")
        # The nearest codeword has the largest x·e - |e|²/2.
        nearness = graph.op("Gemm", residual, stored, graph.constant(-(words**2).sum(-1) / 2), transB=1)
        code = graph.op("ArgMax", nearness, axis=1, keepdims=0)
        codes.append(graph.op("Unsqueeze", code, graph.ints(1)))
        if index + 1 < codebooks:
            residual = graph.op("Sub", residual, graph.op("Gather", stored, code))
    return graph.op("Concat", *codes, axis=1)
