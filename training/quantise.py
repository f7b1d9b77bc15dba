"""Store the weights of matrix products in 8 bits, one scale a column; activations are scaled at run time.

Only seven of the eight bits are used: x86 processors without VNNI add pairs of products in 16 bits, which would
saturate. It costs no measurable accuracy.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import onnx
from onnxruntime.quantization import QuantType, quantize_dynamic


def quantise(model: onnx.ModelProto) -> onnx.ModelProto:
    """The model with int8 MatMul weights; products of two activations stay in float32."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "float.onnx", Path(folder) / "int8.onnx"
        onnx.save(model, source)
        quantize_dynamic(
            source,
            target,
            op_types_to_quantize=["MatMul"],
            per_channel=True,
            reduce_range=True,
            weight_type=QuantType.QInt8,
            extra_options={"MatMulConstBOnly": True},
        )
        return onnx.load(target)
