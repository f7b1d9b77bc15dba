"""A graph builder for models of gigabytes: weights go to a data file as they come, in the precision asked for."""

from __future__ import annotations

from enum import Enum
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper

from graph_builder import OPSET, GraphBuilder

INLINE_BYTES = 1024
"""Smaller constants stay in the graph, where shape inference can see them."""
SINGLE_FILE_BYTES = 64 << 20
"""A graph whose data are smaller is written as one file."""
BLOCK = 32
"""Weights that share one scale in the 8-bit form. The activations of a row are cut into the same blocks, so rows of
a batch do not touch."""
CLOSED = -1e9


class Precision(Enum):
    FLOAT32 = "float32"
    FLOAT16 = "float16"
    INT8 = "int8"


class StreamedGraph(GraphBuilder):
    """A step graph under construction in a folder."""

    def __init__(self, name: str, folder: Path, precision: Precision) -> None:
        super().__init__(name)
        self.folder = folder
        self.precision = precision
        self._data = (folder / f"{name}.data").open("wb")

    def constant(self, array: np.ndarray, name: str = "c") -> str:
        array = np.asarray(array, order="C")
        if array.nbytes < INLINE_BYTES:
            return super().constant(array, name)
        name = f"{name}_{len(self.constants)}"
        tensor = TensorProto(name=name, dims=array.shape, data_type=helper.np_dtype_to_tensor_dtype(array.dtype))
        tensor.data_location = TensorProto.EXTERNAL
        self._data.write(b"\0" * (-self._data.tell() % 64))
        place = {"location": Path(self._data.name).name, "offset": self._data.tell(), "length": array.nbytes}
        for key, value in place.items():
            tensor.external_data.add(key=key, value=str(value))
        self._data.write(array.tobytes())
        self.constants.append(tensor)
        return name

    def precise_linear(self, x: str, weight: np.ndarray) -> str:
        """x · weightᵀ in float32, whatever the precision of the graph."""
        return super().linear(x, weight)

    def linear(self, x: str, weight: np.ndarray, bias: np.ndarray | None = None) -> str:
        """x · weightᵀ for weight [out, in], stored in the graph's precision."""
        assert bias is None
        if self.precision is Precision.FLOAT32:
            return self.precise_linear(x, weight)
        if self.precision is Precision.FLOAT16:
            stored = self.constant(weight.T.astype(np.float16), "w")
            return self.op("MatMul", x, self.op("Cast", stored, to=TensorProto.FLOAT))
        values, scales = quantise_blocks(weight)
        rows, columns = weight.shape
        inputs = (x, self.constant(values, "w"), self.constant(scales, "scale"))
        attributes = {"K": columns, "N": rows, "bits": 8, "block_size": BLOCK, "accuracy_level": 4}
        return self.op("MatMulNBits", *inputs, domain="com.microsoft", **attributes)

    def table(self, rows: np.ndarray, ids: str) -> str:
        """Rows of an embedding, float32; stored in 16 bits unless the graph is float32."""
        if self.precision is Precision.FLOAT32:
            return self.op("Gather", self.constant(rows.astype(np.float32), "rows"), ids)
        half = self.op("Gather", self.constant(rows.astype(np.float16), "rows"), ids)
        return self.op("Cast", half, to=TensorProto.FLOAT)

    def split(self, x: str, sizes: list[int], axis: int) -> list[str]:
        return self.ops("Split", len(sizes), x, self.ints(*sizes), axis=axis)

    def __enter__(self) -> StreamedGraph:
        return self

    def __exit__(self, failure: type[BaseException] | None, *_: object) -> None:
        """What a failed export has written so far is of no use to anyone."""
        self._data.close()
        if failure:
            Path(self._data.name).unlink(missing_ok=True)

    def save(self) -> list[Path]:
        """Write the graph and return its files."""
        self._data.close()
        graph = helper.make_graph(self.nodes, self.name, self.inputs, self.outputs, self.constants)
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid("com.microsoft", 1)]
        model = helper.make_model(graph, opset_imports=opsets, producer_name="surtitre")
        model.ir_version = 9
        target, data = self.folder / f"{self.name}.onnx", Path(self._data.name)
        if data.stat().st_size < SINGLE_FILE_BYTES:
            onnx.external_data_helper.load_external_data_for_model(model, str(self.folder))
            data.unlink()
        onnx.save(model, target)
        onnx.checker.check_model(str(target))
        return [path for path in (target, data) if path.exists()]


def quantise_blocks(weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """8-bit values [out, in / BLOCK, BLOCK] around 128 and one scale a block [out · in / BLOCK]."""
    rows, columns = weight.shape
    blocks = np.zeros((rows, -(-columns // BLOCK), BLOCK), np.float32)
    blocks.reshape(rows, -1)[:, :columns] = weight
    scales = np.abs(blocks).max(-1, keepdims=True) / 127
    values = np.rint(np.divide(blocks, scales, out=np.zeros_like(blocks), where=scales > 0)) + 128
    return values.astype(np.uint8), scales.astype(np.float32).reshape(-1)
