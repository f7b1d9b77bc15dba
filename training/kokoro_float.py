"""Kokoro's graph of 8 bits with its products in floats, which processors do several times faster than ConvInteger."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import helper, numpy_helper

_INT32, _FLOAT = 6, 1
_PASSED_ON = ("Reshape", "Unsqueeze")


def _float_weight(graph: onnx.GraphProto, arrays: dict[str, np.ndarray], node: onnx.NodeProto) -> str:
    """Name of the weights without their zero point; their scale is applied later in the graph."""
    name = node.input[1] + "/float"
    if name not in arrays:
        zero = arrays[node.input[3]].astype(np.float32) if len(node.input) > 3 else np.float32(0)
        if zero.ndim == 1 and zero.size > 1 and node.op_type == "ConvInteger":
            zero = zero.reshape(-1, *[1] * (arrays[node.input[1]].ndim - 1))
        arrays[name] = arrays[node.input[1]].astype(np.float32) - zero
        graph.initializer.append(numpy_helper.from_array(arrays[name], name))
    return name


def _replaced(graph: onnx.GraphProto, arrays: dict[str, np.ndarray], node: onnx.NodeProto) -> list[onnx.NodeProto]:
    if node.op_type == "DynamicQuantizeLinear":
        # Activations stay what they are: scale 1, zero point 0.
        sources = (node.input[0], "unit/scale", "unit/zero")
        return [helper.make_node("Identity", [source], [target]) for source, target in zip(sources, node.output)]
    if node.op_type in ("ConvInteger", "MatMulInteger"):
        other = _float_weight(graph, arrays, node) if node.input[1] in arrays else node.input[1]
        product = helper.make_node("Conv" if node.op_type == "ConvInteger" else "MatMul", [node.input[0], other], [node.output[0]])
        product.attribute.extend(node.attribute)
        return [product]
    return [node]


def float_model(model: bytes) -> bytes:
    """The same function but for what rounding of activations changed."""
    loaded = onnx.load_from_string(model)
    graph = loaded.graph
    arrays = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    graph.initializer.extend([numpy_helper.from_array(np.float32(1), "unit/scale"), numpy_helper.from_array(np.float32(0), "unit/zero")])
    nodes = [new for node in graph.node for new in _replaced(graph, arrays, node)]
    made_by = {output: node for node in nodes for output in node.output}
    for node in nodes:
        if node.op_type == "Add" and "bias_quantized" in node.name:
            for source in map(made_by.get, node.input):
                while source is not None and source.op_type in _PASSED_ON:
                    source = made_by.get(source.input[0])
                if source is not None and source.op_type == "Cast" and source.attribute[0].i == _INT32:
                    source.attribute[0].i = _FLOAT
    del graph.node[:], graph.value_info[:]
    graph.node.extend(nodes)
    used = {name for node in graph.node for name in node.input}
    kept = [tensor for tensor in graph.initializer if tensor.name in used]
    del graph.initializer[:]
    graph.initializer.extend(kept)
    return loaded.SerializeToString()
