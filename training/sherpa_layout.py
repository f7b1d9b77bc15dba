"""The same encoder in the layout that sherpa-onnx streams (its NeMo CTC kind), so that both engines run equal work.

    python training/sherpa_layout.py small-15m training/build/small-15m-sherpa

Caches go into the graph and come out whole, one column shorter and one longer, as exports for sherpa-onnx do.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto

from graph_builder import FLOAT, INT64, GraphBuilder
from quantise import quantise
from step_encoder import STEP_SAMPLES, StepEncoder, Tensors, random_tensors
from step_model import PRESETS, vocabulary


def _layer(g: GraphBuilder, model: StepEncoder, x: str, caches: list[str], mask: str, tensors: Tensors, layer: int):
    block = f"blocks.{layer}."

    def norm(value: str, name: str) -> str:
        return g.layer_norm(value, tensors[f"{block}{name}.weight"], tensors[f"{block}{name}.bias"])

    def linear(value: str, name: str) -> str:
        return g.linear(value, tensors[f"{block}{name}.weight"], tensors.get(f"{block}{name}.bias"))

    def heads(value: str) -> str:
        split = g.op("Reshape", value, g.ints(0, model.frames, model.heads, model.head_dim))
        return g.op("Transpose", split, perm=[0, 2, 1, 3])

    y = norm(x, "attn_ln")
    keys = g.op("Concat", caches[0], heads(linear(y, "attn.key")), axis=2)
    values = g.op("Concat", caches[1], heads(linear(y, "attn.value")), axis=2)
    query = g.op("Mul", heads(linear(y, "attn.query")), g.scalar(model.head_dim**-0.5))
    scores = g.op("Add", g.op("MatMul", query, g.op("Transpose", keys, perm=[0, 1, 3, 2])), mask)
    mixed = g.op("Transpose", g.op("MatMul", g.op("Softmax", scores, axis=-1), values), perm=[0, 2, 1, 3])
    x = g.op("Add", x, linear(g.op("Reshape", mixed, g.ints(0, model.frames, model.width)), "attn.out"))
    x = g.op("Add", x, linear(g.op("Gelu", linear(norm(x, "mlp_ln"), "mlp.0")), "mlp.2"))
    newest = [g.op("Slice", whole, g.ints(model.frames), g.ints(1 << 30), g.ints(2)) for whole in (keys, values)]
    return x, newest


def build_sherpa_graph(model: StepEncoder, tensors: Tensors) -> onnx.ModelProto:
    g = GraphBuilder("sherpa")
    columns = STEP_SAMPLES // model.hop
    signal = g.input("audio_signal", FLOAT, ["B", model.bands, columns])
    length = g.input("length", INT64, ["B"])
    parts = 2 * model.layers
    cache = g.input("cache_last_channel", FLOAT, ["B", parts * model.heads, model.context, model.head_dim])
    unused = g.input("cache_last_time", FLOAT, ["B", 1, 1, 1])
    filled = g.input("cache_last_channel_len", INT64, ["B"])
    column = g.constant(np.arange(model.context + model.frames), "column")
    empty = g.op("Less", column, g.op("Sub", g.ints(model.context), g.op("Unsqueeze", filled, g.ints(1))))
    mask = g.op("Unsqueeze", g.op("Mul", g.op("Cast", empty, to=FLOAT), g.scalar(-1e9)), g.ints(1, 2))
    stacked = g.op("Reshape", g.op("Transpose", signal, perm=[0, 2, 1]), g.ints(0, model.frames, -1))
    x = g.op("Gelu", g.linear(stacked, tensors["stack.weight"], tensors["stack.bias"]))
    caches = g.ops("Split", parts, cache, axis=1, num_outputs=parts)
    kept: list[str] = []
    for layer in range(model.layers):
        x, newest = _layer(g, model, x, caches[2 * layer : 2 * layer + 2], mask, tensors, layer)
        kept += newest
    x = g.layer_norm(x, tensors["ln_post.weight"], tensors["ln_post.bias"])
    x = g.op("Gelu", g.linear(x, tensors["ctc.0.weight"], tensors["ctc.0.bias"]))
    x = g.layer_norm(x, tensors["ctc.1.weight"], tensors["ctc.1.bias"])
    g.output(g.linear(x, tensors["ctc.2.weight"], tensors["ctc.2.bias"]), "logprobs", FLOAT, ["B", "T", "V"])
    g.output(length, "length_out", INT64, ["B"])
    g.output(g.op("Concat", *kept, axis=1), "cache_last_channel_next", FLOAT, ["B", "P", "C", "D"])
    g.output(unused, "cache_last_time_next", FLOAT, ["B", 1, 1, 1])
    more = g.op("Min", g.op("Add", filled, g.ints(model.frames)), g.ints(model.context))
    g.output(more, "cache_last_channel_len_next", INT64, ["B"])
    graph = g.model()
    # sherpa-onnx adds the blank to the number of labels by itself.
    described = {
        "window_size": columns,
        "chunk_shift": columns,
        "subsampling_factor": columns // model.frames,
        "vocab_size": model.vocabulary - 1,
        "cache_last_channel_dim1": parts * model.heads,
        "cache_last_channel_dim2": model.context,
        "cache_last_channel_dim3": model.head_dim,
        "cache_last_time_dim1": 1,
        "cache_last_time_dim2": 1,
        "cache_last_time_dim3": 1,
        "model_type": "EncDecCTCModelBPE",
    }
    for key, value in described.items():
        graph.metadata_props.add(key=key, value=str(value))
    return graph


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("preset", choices=[name for name, model in PRESETS.items() if model.stem == "stack"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--bits", type=int, choices=(8, 32), default=32, help="8: as sherpa-onnx's own 8-bit models are made")
    args = parser.parse_args()
    model = PRESETS[args.preset]
    args.folder.mkdir(parents=True, exist_ok=True)
    graph = build_sherpa_graph(model, random_tensors(model))
    onnx.save(quantise(graph) if args.bits == 8 else graph, args.folder / "model.onnx")
    pieces = [piece.decode("latin1").strip() if piece else "<unk>" for piece in vocabulary(model.vocabulary)[1:]]
    lines = [f"{piece}{i} {i}" for i, piece in enumerate(pieces)] + [f"<blk> {len(pieces)}"]
    (args.folder / "tokens.txt").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
