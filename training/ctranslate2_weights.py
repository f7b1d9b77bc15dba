"""Read a CTranslate2 Whisper file and give its tensors OpenAI's names, in float32."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

Tensors = dict[str, np.ndarray]

_DTYPES = {0: np.float32, 1: np.int8, 2: np.int16, 3: np.int32, 4: np.float16}


class _Reader:
    """Cursor over the little-endian binary format (version 6)."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.offset = 0

    def number(self, code: str) -> int:
        value = struct.unpack_from("<" + code, self.data, self.offset)[0]
        self.offset += struct.calcsize(code)
        return value

    def text(self) -> str:
        length = self.number("H")
        value = self.data[self.offset : self.offset + length - 1].decode()
        self.offset += length
        return value

    def array(self) -> np.ndarray:
        shape = [self.number("I") for _ in range(self.number("B"))]
        dtype = np.dtype(_DTYPES[self.number("B")])
        size = self.number("I")
        array = np.frombuffer(self.data, dtype, count=size // dtype.itemsize, offset=self.offset)
        self.offset += size
        return array.reshape(shape)


def read_tensors(path: Path) -> Tensors:
    """All tensors of the file under their CTranslate2 names."""
    reader = _Reader(path.read_bytes())
    version = reader.number("I")
    specification = reader.text()
    reader.number("I")
    if version != 6 or specification != "WhisperSpec":
        raise ValueError(f"{path}: expected WhisperSpec version 6, found {specification} version {version}")
    return {reader.text(): reader.array() for _ in range(reader.number("I"))}


def _layer(tensors: Tensors, side: str, index: int) -> Tensors:
    source, target = f"{side}/layer_{index}/", f"{side}.blocks.{index}."
    out: Tensors = {}

    def linear(name: str, frm: str) -> None:
        out[f"{target}{name}.weight"] = tensors[f"{source}{frm}/weight"]
        out[f"{target}{name}.bias"] = tensors[f"{source}{frm}/bias"]

    def norm(name: str, frm: str) -> None:
        out[f"{target}{name}.weight"] = tensors[f"{source}{frm}/gamma"]
        out[f"{target}{name}.bias"] = tensors[f"{source}{frm}/beta"]

    def fused(names: tuple[str, ...], frm: str) -> None:
        weights = np.split(tensors[f"{source}{frm}/weight"], len(names))
        biases = np.split(tensors[f"{source}{frm}/bias"], len(names))
        for name, weight, bias in zip(names, weights, biases):
            out[f"{target}{name}.weight"] = weight
            if not name.endswith("key"):
                out[f"{target}{name}.bias"] = bias

    fused(("attn.query", "attn.key", "attn.value"), "self_attention/linear_0")
    linear("attn.out", "self_attention/linear_1")
    norm("attn_ln", "self_attention/layer_norm")
    linear("mlp.0", "ffn/linear_0")
    linear("mlp.2", "ffn/linear_1")
    norm("mlp_ln", "ffn/layer_norm")
    if side == "decoder":
        linear("cross_attn.query", "attention/linear_0")
        fused(("cross_attn.key", "cross_attn.value"), "attention/linear_1")
        linear("cross_attn.out", "attention/linear_2")
        norm("cross_attn_ln", "attention/layer_norm")
    return out


def to_openai(tensors: Tensors) -> Tensors:
    """Rename to OpenAI's state dict and convert to float32."""
    out: Tensors = {}
    for side in ("encoder", "decoder"):
        index = 0
        while f"{side}/layer_{index}/ffn/linear_0/weight" in tensors:
            out.update(_layer(tensors, side, index))
            index += 1
        out[f"{side}.positional_embedding"] = tensors[f"{side}/position_encodings/encodings"]
        final = "encoder.ln_post" if side == "encoder" else "decoder.ln"
        out[f"{final}.weight"] = tensors[f"{side}/layer_norm/gamma"]
        out[f"{final}.bias"] = tensors[f"{side}/layer_norm/beta"]
    for conv in ("conv1", "conv2"):
        out[f"encoder.{conv}.weight"] = tensors[f"encoder/{conv}/weight"]
        out[f"encoder.{conv}.bias"] = tensors[f"encoder/{conv}/bias"]
    out["decoder.token_embedding.weight"] = tensors["decoder/embeddings/weight"]
    return {name: array.astype(np.float32) for name, array in out.items()}


def load_whisper(folder: Path) -> Tensors:
    """OpenAI-named float32 tensors of the weights folder that fetch_weights.py made."""
    return to_openai(read_tensors(folder / "model.bin"))
