"""Store the weights of matrix products in 8 bits, one scale a column; activations are scaled at run time."""

from __future__ import annotations

import tempfile
from pathlib import Path

import onnx
from onnxruntime.quantization import QuantType, quantize_dynamic


def quantise(model: onnx.ModelProto, reduce_range: bool = False, keep: list[str] | None = None) -> onnx.ModelProto:
    """The model with int8 MatMul weights; nodes named in `keep` stay in float32.

    `reduce_range` uses 7 bits, which older x86 processors (without VNNI) need to avoid saturation.
    """
    for index, node in enumerate(model.graph.node):
        node.name = node.name or f"{node.op_type}_{index}"
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "float.onnx", Path(folder) / "int8.onnx"
        onnx.save(model, source)
        quantize_dynamic(
            source,
            target,
            op_types_to_quantize=["MatMul"],
            per_channel=True,
            reduce_range=reduce_range,
            weight_type=QuantType.QInt8,
            nodes_to_exclude=keep,
            extra_options={"MatMulConstBOnly": True},
        )
        return onnx.load(target)
