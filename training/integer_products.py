"""A writer of ONNX graphs that multiply integers: weights three times as fast as in float32, rings two to six times.

Weights have 8 bits and a scale an output. Activations have 8 bits and a scale a *row*, found at run time: a scale a batch would
let a stream's text depend on its neighbours. ONNX Runtime has a fast kernel only where the left side is unsigned and the right
signed, so zero is 128 on the left.

Keys and values lie in their rings in bytes. Their scales are those of training data, one for each channel of each head, and are
part of the weights already (`ring_ranges.py`): here a key is between -63 and 63, a value between -127 and 127.

x86 processors without VNNI add pairs of products in 16 bits, which saturates beyond 127 · 127 · 2. So what stands on the left of
products with rings has seven bits. Weights have all eight, for with seven a tenth of the causal model's English tokens changed and
with eight a twentieth; the engine asks ONNX Runtime for its slower kernels on such processors.
"""

from __future__ import annotations

import numpy as np
from onnx import TensorProto, helper

from graph_builder import FLOAT, GraphBuilder, TokenTable

MICROSOFT = "com.microsoft"
_FLOOR = 1e-6
"""Of a row's largest magnitude: a row of zeros is divided by this."""
_STEPS, _ZERO = 127, 128
KEY_STEPS, _KEY_ZERO = 63, 64
VALUE_STEPS = 127
_MIX_STEPS = 127


def round_weight(weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weight [out, in] as int8 [out, in], and its scales float32 [out]."""
    scale = (np.maximum(np.abs(weight).max(1), 1e-8) / _STEPS).astype(np.float32)
    return np.round(weight / scale[:, None]).astype(np.int8), scale


class IntegerGraphBuilder(GraphBuilder):
    """`linear` and `row_scaled_linear` mean the same as before, to within rounding; everything else is unchanged."""

    opsets = (*GraphBuilder.opsets, helper.make_opsetid(MICROSOFT, 1))

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._rounded: dict[tuple[str, str], str] = {}
        self._peaks: dict[str, str] = {}

    def linear(self, x: str, weight: np.ndarray, bias: np.ndarray | None = None) -> str:
        return self.row_scaled_linear(x, self.peak_of(x), weight, bias)

    def peak_of(self, x: str) -> str:
        """The largest magnitude of each row [.., 1]."""
        if x not in self._peaks:
            self._peaks[x] = self.row_peak(self.op("Abs", x), _FLOOR)
        return self._peaks[x]

    def row_scaled_linear(self, x: str, peak: str, weight: np.ndarray, bias: np.ndarray | None = None) -> str:
        rounded, scale = round_weight(weight)
        return self.integer_linear(x, peak, self.constant(rounded.T, "w"), self.constant(scale, "s"), bias)

    def integer_linear(self, x: str, peak: str, weight: str, scale: str, bias: np.ndarray | None) -> str:
        """x · weight + bias for constants int8 [in, out] and float32 [out]; `peak` is each row's largest magnitude [.., 1]."""
        rows = self._round(x, peak)
        step, zero = self.scalar(1 / _STEPS), self.scalar(_ZERO, np.uint8)
        y = self.op("MatMulIntegerToFloat", rows, weight, step, scale, zero, domain=MICROSOFT)
        y = self.op("Mul", y, peak)
        return y if bias is None else self.op("Add", y, self.constant(bias.astype(np.float32), "b"))

    def _round(self, x: str, peak: str) -> str:
        """Several products of the same rows share their rounding."""
        if (x, peak) not in self._rounded:
            level = self.op("Div", x, peak)
            self._rounded[x, peak] = self.op("QuantizeLinear", level, self.scalar(1 / _STEPS), self.scalar(_ZERO, np.uint8))
        return self._rounded[x, peak]

    def key_ring(self, name: str, shape: list[int | str]) -> str:
        return self.input(name, TensorProto.UINT8, shape)

    def value_ring(self, name: str, shape: list[int | str]) -> str:
        return self.input(name, TensorProto.INT8, shape)

    def new_keys(self, keys: str, name: str, shape: list[int | str]) -> None:
        seven_bits = self.op("Clip", keys, self.scalar(-KEY_STEPS), self.scalar(KEY_STEPS))
        self.output(self.op("QuantizeLinear", seven_bits, self.scalar(1.0), self.scalar(_KEY_ZERO, np.uint8)), name, TensorProto.UINT8, shape)

    def new_values(self, values: str, name: str, shape: list[int | str]) -> None:
        self.output(self.op("QuantizeLinear", values, self.scalar(1.0), self.scalar(0, np.int8)), name, TensorProto.INT8, shape)

    def ring_scores(self, queries: str, keys: str, mask: str, count: int) -> str:
        """A head's queries of a step share a scale, and the mask is spread over them: with one number for every `count`
        neighbours ONNX Runtime would take four times as long to multiply and to add as to make the products.
        """
        peak = self.row_peak(self.op("Abs", queries), _FLOOR, 2, 3)
        level = self.op("QuantizeLinear", self.op("Div", queries, peak), self.scalar(1 / _STEPS), self.scalar(0, np.int8))
        products = self.op("MatMulInteger", keys, self.op("Transpose", level, perm=[0, 1, 3, 2]), self.scalar(_KEY_ZERO, np.uint8))
        real = self.op("Mul", self.op("Cast", products, to=FLOAT), self.op("Mul", peak, self.scalar(1 / _STEPS)))
        column = self.op("Transpose", mask, perm=[0, 1, 3, 2])
        spread = column if count == 1 else self.op("Expand", column, self.ints(1, 1, 1, count))
        return self.op("Transpose", self.op("Add", real, spread), perm=[0, 1, 3, 2])

    def mix(self, weights: str, values: str) -> str:
        """Weights are rounded to steps of their row's largest."""
        peak = self.row_peak(weights, _FLOOR)
        level = self.op("QuantizeLinear", self.op("Div", weights, peak), self.scalar(1 / _MIX_STEPS), self.scalar(0, np.uint8))
        real = self.op("Cast", self.op("MatMulInteger", level, values), to=FLOAT)
        return self.op("Mul", real, self.op("Mul", peak, self.scalar(1 / _MIX_STEPS)))

    def token_table(self, embedding: np.ndarray) -> TokenTable:
        return _IntegerTable(self, embedding)


class _IntegerTable:
    """One table for both uses. As the output matrix its tokens are columns: an embedding is gathered across them."""

    def __init__(self, g: IntegerGraphBuilder, embedding: np.ndarray) -> None:
        rounded, scale = round_weight(embedding)
        self._g = g
        self._columns, self._scale = g.constant(rounded.T, "embedding"), g.constant(scale, "s")

    def embed(self, token: str) -> str:
        g = self._g
        found = g.op("Transpose", g.op("Gather", self._columns, token, axis=1), perm=[1, 0])
        scale = g.op("Unsqueeze", g.op("Gather", self._scale, token, axis=0), g.ints(1))
        return g.op("Mul", g.op("Cast", found, to=FLOAT), scale)

    def logits(self, x: str, bias: np.ndarray) -> str:
        return self._g.integer_linear(x, self._g.peak_of(x), self._columns, self._scale, bias)
