"""Tensors of a Kyutai checkpoint under one set of names, whichever layout they were published in.

Rows of queries and keys come out ordered for half-split rotary positions (the transformers layout's order; the moshi
layout interleaves them). A missing or misshapen tensor is an error that says its published name.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError, safe_open

from kyutai_config import CheckpointError, KyutaiConfig, read_json

Shape = tuple[int, ...]


class TensorFiles:
    """The tensors of one safetensors file, or of the shards that an index names; read when asked for."""

    def __init__(self, path: Path) -> None:
        self.path = path
        if path.suffix == ".json":
            index = read_json(path)["weight_map"]
            files = {name: path.parent / file for name, file in index.items()}
        else:
            files = dict.fromkeys(_names(path), path)
        self._files = files

    def __contains__(self, name: str) -> bool:
        return name in self._files

    def some(self) -> str:
        return ", ".join(sorted(self._files)[:3])

    def read(self, name: str) -> torch.Tensor:
        with safe_open(self._files[name], framework="pt") as file:
            return file.get_tensor(name)


def _names(path: Path) -> list[str]:
    if not path.exists():
        raise CheckpointError(f"{path} is missing")
    try:
        with safe_open(path, framework="pt") as file:
            return list(file.keys())
    except SafetensorError as broken:
        raise CheckpointError(f"{path} is not a whole safetensors file: {broken}") from broken


@dataclass(frozen=True)
class Checkpoint:
    """Gives float32 arrays; call `qkv`, `matrix`, … with the names of this module, never a layout's."""

    config: KyutaiConfig
    language: TensorFiles
    mimi: TensorFiles

    @classmethod
    def open(cls, config: KyutaiConfig) -> Checkpoint:
        language = TensorFiles(config.files["language"])
        same = config.files["mimi"] == config.files["language"]
        checkpoint = cls(config, language, language if same else TensorFiles(config.files["mimi"]))
        checkpoint._check_layout()
        return checkpoint

    def _check_layout(self) -> None:
        wanted = "model.layers.0.input_layernorm.weight" if self._transformers else "transformer.layers.0.norm1.alpha"
        if wanted not in self.language:
            raise CheckpointError(
                f"{self.language.path}: config.json promises the {self.config.layout} layout, whose {wanted} is not "
                f"there; the file has {self.language.some()} …"
            )

    @property
    def _transformers(self) -> bool:
        return self.config.layout == "transformers"

    def language_vector(self, name: str) -> np.ndarray:
        """`norm` or `layers.I.norm1|norm2`: [width]"""
        width = self.config.language.width
        if self._transformers:
            own = name.replace("norm1", "input_layernorm").replace("norm2", "post_attention_layernorm")
            return self._read(self.language, [f"model.{own}.weight"], (width,))
        own = "out_norm" if name == "norm" else f"transformer.{name}"
        return self._read(self.language, [f"{own}.alpha"], (1, 1, width)).reshape(width)

    def language_matrix(self, layer: int, part: str) -> np.ndarray:
        """`out` [d, d], `gate` [2·hidden, d] or `down` [d, hidden]"""
        size = self.config.language
        shape = {"out": (size.width, size.width), "gate": (2 * size.hidden, size.width), "down": (size.width, size.hidden)}
        if self._transformers:
            own = {"out": "self_attn.o_proj.linear", "gate": "mlp.fc1", "down": "mlp.fc2"}
            return self._read(self.language, [f"model.layers.{layer}.{own[part]}.weight"], shape[part])
        own = {"out": "self_attn.out_proj", "gate": "gating.linear_in", "down": "gating.linear_out"}
        return self._read(self.language, [f"transformer.layers.{layer}.{own[part]}.weight"], shape[part])

    def language_qkv(self, layer: int) -> np.ndarray:
        size = self.config.language
        prefix = f"model.layers.{layer}" if self._transformers else f"transformer.layers.{layer}"
        return self._qkv(self.language, f"{prefix}.self_attn", size.width, size.heads, ".linear")

    def text_embedding(self) -> np.ndarray:
        """[text_tokens + 1, width]; the last row begins a stream."""
        size = self.config.language
        if self._transformers:
            return self._all_embeddings()[: size.text_tokens + 1]
        return self._read(self.language, ["text_emb.weight"], (size.text_tokens + 1, size.width))

    def audio_embeddings(self) -> np.ndarray:
        """[codebooks · (audio_tokens + 1), width], codebook after codebook."""
        size = self.config.language
        rows = size.audio_tokens + 1
        if self._transformers:
            return self._all_embeddings()[size.text_tokens + 1 : -1]
        return np.concatenate(
            [self._read(self.language, [f"emb.{i}.weight"], (rows, size.width)) for i in range(size.codebooks)]
        )

    def _all_embeddings(self) -> np.ndarray:
        size = self.config.language
        rows = size.text_tokens + 1 + size.codebooks * (size.audio_tokens + 1) + 1
        return self._read(self.language, ["model.embed_tokens.embed_tokens.weight"], (rows, size.width))

    def text_head(self) -> np.ndarray:
        """[text_tokens, width]"""
        size = self.config.language
        if not self._transformers:
            return self._read(self.language, ["text_linear.weight"], (size.text_tokens, size.width))
        padded = self._read(self.language, ["lm_head.weight"], (size.text_tokens + 1, size.width))
        if np.any(padded[-1]):
            raise CheckpointError("lm_head.weight: its last row only pads and has to be zero")
        return padded[:-1]

    def extra_head(self, index: int) -> np.ndarray:
        """[classes, width]"""
        size = self.config.language
        return self._read(self.language, [f"extra_heads.{index}.weight"], (size.extra_classes, size.width))

    def convolution(self, name: str, shape: Shape, *, bias: bool = True) -> tuple[np.ndarray, np.ndarray | None]:
        """`N`, `N.block.1|3` (places in the encoder) or `downsample`: weight [out, in, kernel] and bias [out]."""
        if name == "downsample":
            names = ["downsample", "encoder.downsample"] if self._transformers else ["downsample.conv.conv"]
        elif self._transformers:
            names = [f"encoder.layers.{name}", f"encoder.encoder_seanet.layers.{name}"]
        else:
            names = [f"encoder.model.{name}.conv"]
        weight = self._mimi([f"{own}.conv.weight" for own in names], shape)
        return weight, self._mimi([f"{own}.conv.bias" for own in names], shape[:1]) if bias else None

    def mimi_vector(self, layer: int, part: str) -> np.ndarray:
        """`norm1.weight`, `norm1.bias`, …, `scale1`, `scale2`: [width]"""
        if part.startswith("scale"):
            own = {"1": "self_attn_layer_scale", "2": "mlp_layer_scale"} if self._transformers else {"1": "layer_scale_1", "2": "layer_scale_2"}
            return self._mimi_layer(layer, f"{own[part[-1]]}.scale", (self.config.mimi.width,))
        if self._transformers:
            part = part.replace("norm1", "input_layernorm").replace("norm2", "post_attention_layernorm")
        return self._mimi_layer(layer, part, (self.config.mimi.width,))

    def mimi_matrix(self, layer: int, part: str) -> np.ndarray:
        """`out` [d, d], `up` [hidden, d] or `down` [d, hidden]"""
        size = self.config.mimi
        shape = {"out": (size.width, size.width), "up": (size.hidden, size.width), "down": (size.width, size.hidden)}
        own = {"out": "self_attn.out_proj", "up": "linear1", "down": "linear2"}
        if self._transformers:
            own = {"out": "self_attn.o_proj", "up": "mlp.fc1", "down": "mlp.fc2"}
        return self._mimi_layer(layer, f"{own[part]}.weight", shape[part])

    def mimi_qkv(self, layer: int) -> np.ndarray:
        size = self.config.mimi
        prefix = self._mimi_layer_names(layer, "self_attn")
        found = [name for name in prefix if f"{name}.q_proj.weight" in self.mimi or f"{name}.in_proj_weight" in self.mimi]
        return self._qkv(self.mimi, (found or prefix)[0], size.width, size.heads, "")

    def code_projection(self, rest: bool) -> np.ndarray:
        """[code_width, width]"""
        size = self.config.mimi
        if self._transformers:
            name = "acoustic" if rest else "semantic"
            names = [f"quantizer.{name}_residual_vector_quantizer.input_proj.weight"]
        else:
            names = [f"quantizer.{'rvq_rest' if rest else 'rvq_first'}.input_proj.weight"]
        return self._mimi(names, (size.code_width, size.width, 1))[:, :, 0]

    def codebook(self, index: int) -> np.ndarray:
        """Codewords of a codebook, the semantic one first: [code_count, code_width]"""
        size = self.config.mimi
        place = max(0, index - 1)
        if self._transformers:
            name = "acoustic" if index else "semantic"
            prefix, total = f"quantizer.{name}_residual_vector_quantizer.layers.{place}.codebook", "embed_sum"
        else:
            prefix = f"quantizer.{'rvq_rest' if index else 'rvq_first'}.vq.layers.{place}._codebook"
            total = "embedding_sum"
        sums = self._mimi([f"{prefix}.{total}"], (size.code_count, size.code_width))
        usage = self._mimi([f"{prefix}.cluster_usage"], (size.code_count,))
        return sums / np.maximum(usage, np.float32(1e-5))[:, None]

    def _mimi(self, names: list[str], shape: Shape) -> np.ndarray:
        prefix = "codec_model." if self._transformers else ""
        return self._read(self.mimi, [prefix + name for name in names], shape)

    def _mimi_layer_names(self, layer: int, part: str) -> list[str]:
        if self._transformers:
            places = ("encoder_transformer", "encoder.encoder_transformer")
            return [f"codec_model.{place}.layers.{layer}.{part}" for place in places]
        return [f"encoder_transformer.transformer.layers.{layer}.{part}"]

    def _mimi_layer(self, layer: int, part: str, shape: Shape) -> np.ndarray:
        return self._read(self.mimi, self._mimi_layer_names(layer, part), shape)

    def _qkv(self, files: TensorFiles, prefix: str, width: int, heads: int, suffix: str) -> np.ndarray:
        """Rows of queries, keys and values: [3 · width, width]"""
        if self._transformers:
            parts = [self._read(files, [f"{prefix}.{n}_proj{suffix}.weight"], (width, width)) for n in "qkv"]
            return np.concatenate(parts)
        names = [f"{prefix}.in_proj_weight", f"{prefix}.in_proj.weight", f"{prefix}.in_projs.0.weight"]
        mixed = self._read(files, names, (3 * width, width))
        pairs = mixed.reshape(3, heads, width // heads // 2, 2, width)
        halves = pairs.transpose(0, 1, 3, 2, 4).reshape(3, width, width)
        return np.concatenate([halves[0], halves[1], mixed[2 * width :]])

    def _read(self, files: TensorFiles, names: list[str], shape: Shape) -> np.ndarray:
        """The first of `names` that exists, as float32."""
        for name in names:
            if name not in files:
                continue
            tensor = files.read(name)
            if tuple(tensor.shape) != shape:
                raise CheckpointError(f"{name} is {list(tensor.shape)} in {files.path.name}; {list(shape)} is wanted")
            return tensor.to(torch.float32).numpy()
        raise CheckpointError(f"{' or '.join(names)} is missing from {files.path}")
