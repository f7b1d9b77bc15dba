"""The decoder's ONNX graph: new tokens and caches in, the best next tokens and what judges them out."""

from __future__ import annotations

import numpy as np
import onnx

from ctranslate2_weights import Tensors
from encoder_graph import LAYERS
from graph_builder import FLOAT, HEAD_DIM, HEADS, INT64, GraphBuilder
from vocabulary import Vocabulary
from whisper_model import ALIGNMENT_HEADS, POSITIONS

MASKED = np.float32(-1e9)


def _layers_of(g: GraphBuilder, stacked: str) -> list[str]:
    """[B, 6, 8, T, 64] → six of [B, 8, T, 64]"""
    parts = g.ops("Split", LAYERS, stacked, axis=1, num_outputs=LAYERS)
    return [g.op("Squeeze", part, g.ints(1)) for part in parts]


def _embed(g: GraphBuilder, tokens: str, position: str, embedding: np.ndarray, tensors: Tensors, int8: bool) -> str:
    """Token plus position embeddings [B, n, 512]; the table is kept in 8 bits with a scale a row if `int8`."""
    if int8:
        scale = np.maximum(np.abs(embedding).max(1, keepdims=True), 1e-8) / 127
        rows = g.constant(np.round(embedding / scale).astype(np.int8), "embedding")
        found = g.op("Cast", g.op("Gather", rows, tokens, axis=0), to=FLOAT)
        x = g.op("Mul", found, g.op("Gather", g.constant(scale.astype(np.float32)), tokens, axis=0))
    else:
        x = g.op("Gather", g.constant(embedding, "embedding"), tokens, axis=0)
    index = g.op("Add", g.op("Unsqueeze", position, g.ints(1)), _range(g, tokens))
    index = g.op("Min", index, g.ints(POSITIONS - 1))
    places = g.constant(tensors["decoder.positional_embedding"])
    return g.op("Add", x, g.op("Gather", places, index, axis=0))


def _range(g: GraphBuilder, tokens: str) -> str:
    """0 … n−1 as int64 [n]"""
    count = g.op("Squeeze", g.op("Shape", tokens, start=1, end=2))
    zero, one = g.constant(np.array(0, np.int64)), g.constant(np.array(1, np.int64))
    return g.op("Range", zero, count, one)


def _causal_bias(g: GraphBuilder, tokens: str, self_bias: str) -> str:
    """[B, 1, n, P + n]: the past's bias, then what each new token may see of the new ones."""
    steps = _range(g, tokens)
    later = g.op("Greater", g.op("Unsqueeze", steps, g.ints(0)), g.op("Unsqueeze", steps, g.ints(1)))
    square = g.op("Where", later, g.constant(MASKED), g.constant(np.float32(0)))
    rows = g.op("Shape", tokens, start=0, end=1)
    count = g.op("Shape", tokens, start=1, end=2)
    past = g.op("Shape", self_bias, start=1, end=2)
    one = g.ints(1)
    new = g.op("Expand", square, g.op("Concat", rows, one, count, count, axis=0))
    old = g.op("Expand", g.op("Unsqueeze", self_bias, g.ints(1, 2)), g.op("Concat", rows, one, count, past, axis=0))
    return g.op("Concat", old, new, axis=3)


def _self_attention(
    g: GraphBuilder, x: str, tensors: Tensors, prefix: str, past_k: str, past_v: str, bias: str
) -> tuple[str, str, str]:
    """x + self-attention; also the new keys and values [B, 8, n, 64]."""
    attn = prefix + "attn."
    y = g.layer_norm(x, tensors[prefix + "attn_ln.weight"], tensors[prefix + "attn_ln.bias"])
    queries = g.queries(y, tensors, attn)
    new_k = g.heads(g.linear(y, tensors[attn + "key.weight"]))
    new_v = g.heads(g.linear(y, tensors[attn + "value.weight"], tensors[attn + "value.bias"]))
    keys, values = g.op("Concat", past_k, new_k, axis=2), g.op("Concat", past_v, new_v, axis=2)
    scores = g.op("MatMul", queries, g.op("Transpose", keys, perm=[0, 1, 3, 2]))
    weights = g.op("Softmax", g.op("Add", scores, bias), axis=-1)
    return g.op("Add", x, g.attend(weights, values, tensors, attn)), new_k, new_v


def _cross_attention(
    g: GraphBuilder, x: str, tensors: Tensors, prefix: str, keys: str, values: str, bias: str
) -> tuple[str, str]:
    """x + cross-attention; also the weights [B, 8, n, T']."""
    attn = prefix + "cross_attn."
    y = g.layer_norm(x, tensors[prefix + "cross_attn_ln.weight"], tensors[prefix + "cross_attn_ln.bias"])
    queries = g.queries(y, tensors, attn)
    scores = g.op("Transpose", g.op("MatMul", keys, g.op("Transpose", queries, perm=[0, 1, 3, 2])), perm=[0, 1, 3, 2])
    weights = g.op("Softmax", g.op("Add", scores, bias), axis=-1)
    return g.op("Add", x, g.attend(weights, values, tensors, attn)), weights


def _alignment(g: GraphBuilder, weights: list[str], silent: int) -> str:
    """Mean weights of the alignment heads over the real frames [B, n, T]."""
    picked = []
    for layer in sorted({layer for layer, _ in ALIGNMENT_HEADS}):
        heads = [head for at, head in ALIGNMENT_HEADS if at == layer]
        picked.append(g.op("Gather", weights[layer], g.ints(*heads), axis=1))
    mean = g.op("ReduceMean", g.op("Concat", *picked, axis=1), g.ints(1), keepdims=0)
    return mean if silent == 0 else g.op("Slice", mean, g.ints(0), g.ints(-silent), g.ints(2))


def _judge(g: GraphBuilder, logits: str, vocabulary: Vocabulary) -> None:
    """Outputs made of logits [B, n, V]."""
    mask = np.zeros(len(vocabulary), np.float32)
    mask[vocabulary.suppressed] = MASKED
    allowed = g.op("Add", logits, g.constant(mask))
    peak = g.op("ReduceMax", allowed, g.ints(2), keepdims=1)
    mass = g.op("ReduceSum", g.op("Exp", g.op("Sub", allowed, peak)), g.ints(2), keepdims=0)
    peak = g.op("Squeeze", peak, g.ints(2))
    total = g.op("Add", peak, g.op("Log", mass))
    special = vocabulary.special

    def minus_total(value: str) -> str:
        return g.op("Sub", value, total)

    g.output(g.op("ArgMax", allowed, axis=-1, keepdims=0), "best", INT64, ["B", "n"])
    g.output(minus_total(peak), "logprob", FLOAT, ["B", "n"])
    end = g.op("Gather", allowed, g.constant(np.array(special["endOfText"], np.int64)), axis=2)
    g.output(minus_total(end), "eot_logprob", FLOAT, ["B", "n"])
    languages = g.op("Gather", logits, g.ints(special["en"], special["fr"]), axis=2)
    g.output(languages, "language", FLOAT, ["B", "n", 2])
    # no_speech is a probability over all kept tokens: add the suppressed ones' mass back to the total.
    hidden = g.op("Sub", g.op("Gather", logits, g.ints(*vocabulary.suppressed), axis=2), g.op("Unsqueeze", total, g.ints(2)))
    everything = g.op("Add", g.op("ReduceSum", g.op("Exp", hidden), g.ints(2), keepdims=0), g.scalar(1.0))
    silence = g.op("Gather", logits, g.constant(np.array(special["noSpeech"], np.int64)), axis=2)
    g.output(g.op("Div", g.op("Exp", minus_total(silence)), everything), "no_speech", FLOAT, ["B", "n"])


def build_decoder(tensors: Tensors, vocabulary: Vocabulary, silence_columns: int = 0, int8_embedding: bool = False) -> onnx.ModelProto:
    """The contract of training/README.md, "decoder.onnx"; `silence_columns` = T' − T."""
    g = GraphBuilder("whisper_decoder")
    embedding = tensors["decoder.token_embedding.weight"][vocabulary.original_ids]
    tokens = g.input("tokens", INT64, ["B", "n"])
    position = g.input("position", INT64, ["B"])
    past_k = _layers_of(g, g.input("self_k", FLOAT, ["B", LAYERS, HEADS, "P", HEAD_DIM]))
    past_v = _layers_of(g, g.input("self_v", FLOAT, ["B", LAYERS, HEADS, "P", HEAD_DIM]))
    causal = _causal_bias(g, tokens, g.input("self_bias", FLOAT, ["B", "P"]))
    cross_k = _layers_of(g, g.input("cross_k", FLOAT, ["B", LAYERS, HEADS, "Tc", HEAD_DIM]))
    cross_v = _layers_of(g, g.input("cross_v", FLOAT, ["B", LAYERS, HEADS, "Tc", HEAD_DIM]))
    cross_bias = g.op("Unsqueeze", g.input("cross_bias", FLOAT, ["B", "Tc"]), g.ints(1, 2))

    x = _embed(g, tokens, position, embedding, tensors, int8_embedding)
    new_k, new_v, weights = [], [], []
    for layer in range(LAYERS):
        prefix = f"decoder.blocks.{layer}."
        x, k, v = _self_attention(g, x, tensors, prefix, past_k[layer], past_v[layer], causal)
        x, w = _cross_attention(g, x, tensors, prefix, cross_k[layer], cross_v[layer], cross_bias)
        x = g.feed_forward(x, tensors, prefix)
        new_k.append(g.op("Unsqueeze", k, g.ints(1)))
        new_v.append(g.op("Unsqueeze", v, g.ints(1)))
        weights.append(w)
    x = g.layer_norm(x, tensors["decoder.ln.weight"], tensors["decoder.ln.bias"])
    _judge(g, g.row_scaled_linear(x, g.row_peak(g.op("Abs", x), 1e-6), embedding), vocabulary)
    for name, parts in (("k_new", new_k), ("v_new", new_v)):
        g.output(g.op("Concat", *parts, axis=1), name, FLOAT, ["B", LAYERS, HEADS, "n", HEAD_DIM])
    g.output(_alignment(g, weights, silence_columns), "align", FLOAT, ["B", "n", "T"])
    return g.model()
