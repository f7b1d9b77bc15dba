"""A thin writer of ONNX graphs: every call adds a node and returns its output's name."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 20
HEADS, HEAD_DIM, WIDTH = 8, 64, 512
GELU_DEPTH = 0.171
"""No value of GELU is below minus this, so that a row's largest value is its largest magnitude."""
FLOAT, INT64 = TensorProto.FLOAT, TensorProto.INT64


class TokenTable(Protocol):
    """Embeddings of tokens, which are also the output matrix."""

    def embed(self, token: str) -> str:
        """int64 [B] → float32 [B, width]"""

    def logits(self, x: str, bias: np.ndarray) -> str:
        """[B, width] → [B, tokens]"""


class GraphBuilder:
    opsets: tuple[onnx.OperatorSetIdProto, ...] = (helper.make_opsetid("", OPSET),)

    def __init__(self, name: str) -> None:
        self.name = name
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self.inputs: list[onnx.ValueInfoProto] = []
        self.outputs: list[onnx.ValueInfoProto] = []
        self._shared: dict[bytes, str] = {}

    def input(self, name: str, kind: int, shape: list[int | str]) -> str:
        self.inputs.append(helper.make_tensor_value_info(name, kind, shape))
        return name

    def output(self, value: str, name: str, kind: int, shape: list[int | str]) -> None:
        self.nodes.append(helper.make_node("Identity", [value], [name]))
        self.outputs.append(helper.make_tensor_value_info(name, kind, shape))

    def constant(self, array: np.ndarray, name: str = "c") -> str:
        name = f"{name}_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(array, order="C"), name))
        return name

    def ints(self, *values: int) -> str:
        """A one-dimensional int64 constant, shared between equal uses."""
        key = b"v" + np.array(values, np.int64).tobytes()
        return self._shared.setdefault(key, "") or self._remember(key, np.array(values, np.int64))

    def scalar(self, value: float, kind: type[np.generic] = np.float32) -> str:
        """A constant, shared between equal uses."""
        array = np.array(value, kind)
        key = array.dtype.char.encode() + array.tobytes()
        return self._shared.setdefault(key, "") or self._remember(key, array)

    def _remember(self, key: bytes, array: np.ndarray) -> str:
        self._shared[key] = self.constant(array)
        return self._shared[key]

    def op(self, kind: str, *inputs: str, **attributes: object) -> str:
        return self.ops(kind, 1, *inputs, **attributes)[0]

    def ops(self, kind: str, count: int, *inputs: str, **attributes: object) -> list[str]:
        outputs = [f"{kind}_{len(self.nodes)}_{i}" for i in range(count)]
        self.nodes.append(helper.make_node(kind, list(inputs), outputs, **attributes))
        return outputs

    def linear(self, x: str, weight: np.ndarray, bias: np.ndarray | None = None) -> str:
        """x · weightᵀ + bias for weight [out, in]."""
        y = self.op("MatMul", x, self.constant(weight.T.astype(np.float32), "w"))
        return y if bias is None else self.op("Add", y, self.constant(bias.astype(np.float32), "b"))

    def row_scaled_linear(self, x: str, peak: str, weight: np.ndarray, bias: np.ndarray | None = None) -> str:
        """The same, each row of x divided by its largest magnitude `peak` before and multiplied after.

        Changes nothing in float32. In 8 bits activations share one scale a run, and in the decoder's third layer the
        language token has values a hundred times its neighbours', which would be left with a few steps of resolution.
        """
        y = self.op("Mul", self.linear(self.op("Div", x, peak), weight), peak)
        return y if bias is None else self.op("Add", y, self.constant(bias.astype(np.float32), "b"))

    def row_peak(self, x: str, floor: float, *axes: int) -> str:
        """The largest value of each row [.., 1], or over other axes than the last; at least `floor`."""
        return self.op("Max", self.op("ReduceMax", x, self.ints(*(axes or (-1,))), keepdims=1), self.scalar(floor))

    def layer_norm(self, x: str, weight: np.ndarray, bias: np.ndarray) -> str:
        return self.op("LayerNormalization", x, self.constant(weight), self.constant(bias), axis=-1, epsilon=1e-5)

    def feed_forward(self, x: str, tensors: dict[str, np.ndarray], prefix: str) -> str:
        """x + the feed-forward part of a block."""
        y = self.layer_norm(x, tensors[prefix + "mlp_ln.weight"], tensors[prefix + "mlp_ln.bias"])
        y = self.linear(y, tensors[prefix + "mlp.0.weight"], tensors[prefix + "mlp.0.bias"])
        y = self.op("Gelu", y)
        peak = self.row_peak(y, GELU_DEPTH)
        y = self.row_scaled_linear(y, peak, tensors[prefix + "mlp.2.weight"], tensors[prefix + "mlp.2.bias"])
        return self.op("Add", x, y)

    def heads(self, x: str) -> str:
        """[B, n, 512] → [B, 8, n, 64]"""
        split = self.op("Reshape", x, self.ints(0, 0, HEADS, HEAD_DIM))
        return self.op("Transpose", split, perm=[0, 2, 1, 3])

    def queries(self, x: str, tensors: dict[str, np.ndarray], prefix: str) -> str:
        """Query heads [B, 8, n, 64], already divided by the root of the head size."""
        scale = np.float32(HEAD_DIM**-0.5)
        y = self.linear(x, tensors[prefix + "query.weight"] * scale, tensors[prefix + "query.bias"] * scale)
        return self.heads(y)

    def attend(self, weights: str, values: str, tensors: dict[str, np.ndarray], prefix: str) -> str:
        """Mix values [B, 8, T, 64] by weights [B, 8, n, T] and project to [B, n, 512]."""
        mixed = self.op("Transpose", self.op("MatMul", weights, values), perm=[0, 2, 1, 3])
        joined = self.op("Reshape", mixed, self.ints(0, 0, WIDTH))
        return self.linear(joined, tensors[prefix + "out.weight"], tensors[prefix + "out.bias"])

    def key_ring(self, name: str, shape: list[int | str]) -> str:
        """The keys [B, heads, C, size] that a layer remembers."""
        return self.input(name, FLOAT, shape)

    def value_ring(self, name: str, shape: list[int | str]) -> str:
        return self.input(name, FLOAT, shape)

    def new_keys(self, keys: str, name: str, shape: list[int | str]) -> None:
        """What is written over the oldest columns."""
        self.output(keys, name, FLOAT, shape)

    def new_values(self, values: str, name: str, shape: list[int | str]) -> None:
        self.output(values, name, FLOAT, shape)

    def scores(self, queries: str, keys: str) -> str:
        """[B, heads, n, C] of queries [B, heads, n, size] and keys [B, heads, C, size].

        Keys stand on the left: there are many, and what stands on the right is packed at every run.
        """
        turned = self.op("Transpose", queries, perm=[0, 1, 3, 2])
        return self.op("Transpose", self.op("MatMul", keys, turned), perm=[0, 1, 3, 2])

    def ring_scores(self, queries: str, keys: str, mask: str, count: int) -> str:
        """The same for a ring of keys and `count` queries; `mask` [B or 1, 1, 1, C] is added."""
        return self.op("Add", self.scores(queries, keys), mask)

    def mix(self, weights: str, values: str) -> str:
        """[B, heads, n, size] of weights [B, heads, n, C] and a ring of values."""
        return self.op("MatMul", weights, values)

    def ring_attention(
        self, queries: str, rings: tuple[str, str], mask: str, new: tuple[str, str], sizes: tuple[int, int],
        asked: tuple[int, str] | None = None,
    ) -> str:
        """Attention over keys and values of a ring and new ones [B, heads, m, size], without joining them.

        `sizes` = columns of the ring and m, which is also the number of queries, if `asked` does not give another. `mask` is added to the
        ring's scores; new columns are seen by all queries, but for what `asked` adds to their scores.
        """
        count, own_mask = asked or (sizes[1], None)
        past = self.ring_scores(queries, rings[0], mask, count)
        now = self.scores(queries, new[0])
        if own_mask is not None:
            now = self.op("Add", now, own_mask)
        weights = self.op("Softmax", self.op("Concat", past, now, axis=3), axis=3)
        before, after = self.ops("Split", 2, weights, self.ints(*sizes), axis=3)
        return self.op("Add", self.mix(before, rings[1]), self.op("MatMul", after, new[1]))

    def token_table(self, embedding: np.ndarray) -> TokenTable:
        return _FloatTable(self, embedding)

    def model(self) -> onnx.ModelProto:
        graph = helper.make_graph(self.nodes, self.name, self.inputs, self.outputs, self.constants)
        model = helper.make_model(graph, opset_imports=self.opsets, producer_name="surtitre")
        model.ir_version = 9
        onnx.checker.check_model(model)
        return model


class _FloatTable:
    def __init__(self, g: GraphBuilder, embedding: np.ndarray) -> None:
        self._g, self._embedding = g, embedding
        self._rows = g.constant(embedding, "embedding")

    def embed(self, token: str) -> str:
        return self._g.op("Gather", self._rows, token, axis=0)

    def logits(self, x: str, bias: np.ndarray) -> str:
        return self._g.linear(x, self._embedding, bias)
