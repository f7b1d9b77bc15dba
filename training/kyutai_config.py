"""Shapes of a Kyutai speech-to-text model, read from either published layout.

The `transformers` layout keeps everything in one folder (config.json, preprocessor_config.json, model*.safetensors,
tokenizer). The `moshi` layout has config.json with `moshi_name`, `mimi_name` and `tokenizer_name`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SAMPLE_RATE = 24_000
FRAME_SECONDS = 0.08


class CheckpointError(Exception):
    """The checkpoint cannot be exported; the message names the file or tensor and what was wanted."""


@dataclass(frozen=True)
class MimiConfig:
    """The codec's encoder half: audio in, codes out."""

    filters: int = 64
    ratios: tuple[int, ...] = (4, 5, 6, 8)
    """Strides in the encoder's order."""
    kernel: int = 7
    residual_kernel: int = 3
    last_kernel: int = 3
    compress: int = 2
    width: int = 512
    layers: int = 8
    heads: int = 8
    hidden: int = 2048
    window: int = 250
    """Positions a query sees, itself included; two positions a frame."""
    rope_base: float = 10_000.0
    code_width: int = 256
    code_count: int = 2048

    @property
    def head_width(self) -> int:
        return self.width // self.heads

    @property
    def frame_samples(self) -> int:
        samples = 2
        for ratio in self.ratios:
            samples *= ratio
        return samples


@dataclass(frozen=True)
class LanguageConfig:
    """The decoder-only transformer over text and audio tokens."""

    width: int
    layers: int
    heads: int
    hidden: int
    """Width after the gate: half the rows of the first feed-forward matrix."""
    window: int
    """Positions a query sees, itself included; one position a frame."""
    text_tokens: int
    """Tokens that can be said. One more row of the embedding is the token of the beginning."""
    codebooks: int
    audio_tokens: int = 2048
    """Codes of a codebook. One more row of each embedding is the code of the beginning."""
    rope_base: float = 100_000.0
    norm_epsilon: float = 1e-8
    extra_heads: int = 0
    extra_classes: int = 6
    pad: int = 3
    end_pad: int = 0

    @property
    def head_width(self) -> int:
        return self.width // self.heads


@dataclass(frozen=True)
class KyutaiConfig:
    layout: str
    mimi: MimiConfig
    language: LanguageConfig
    delay_seconds: float
    silence_prefix_seconds: float
    files: dict[str, Path] = field(default_factory=dict)
    """`language` and `mimi` weights (an index or a safetensors file), `tokenizer` if the layout names it."""


def read_config(folder: Path) -> KyutaiConfig:
    """Read the configuration of a checkpoint folder, whichever its layout."""
    raw = read_json(folder / "config.json")
    if raw.get("model_type") == "kyutai_speech_to_text":
        return _transformers(folder, raw)
    if "moshi_name" in raw or "text_card" in raw:
        return _moshi(folder, raw)
    raise CheckpointError(
        f"{folder / 'config.json'}: neither the transformers layout (model_type kyutai_speech_to_text) "
        f"nor the moshi layout (text_card); it has {', '.join(sorted(raw)[:8])} …"
    )


def read_json(path: Path) -> dict[str, Any]:
    try:
        return json.loads(path.read_text())
    except FileNotFoundError as missing:
        raise CheckpointError(f"{path} is missing") from missing
    except json.JSONDecodeError as broken:
        raise CheckpointError(f"{path} is not JSON: {broken}") from broken


def _transformers(folder: Path, raw: dict[str, Any]) -> KyutaiConfig:
    codec = raw["codec_config"]
    sound = read_json(folder / "preprocessor_config.json") if (folder / "preprocessor_config.json").exists() else {}
    mimi = MimiConfig(
        filters=codec.get("num_filters", 64),
        ratios=tuple(reversed(codec.get("upsampling_ratios", [8, 6, 5, 4]))),
        kernel=codec.get("kernel_size", 7),
        residual_kernel=codec.get("residual_kernel_size", 3),
        last_kernel=codec.get("last_kernel_size", 3),
        compress=codec.get("compress", 2),
        width=codec.get("hidden_size", 512),
        layers=codec.get("num_hidden_layers", 8),
        heads=codec.get("num_attention_heads", 8),
        hidden=codec.get("intermediate_size", 2048),
        window=codec.get("sliding_window", 250),
        rope_base=_rope_base(codec, 10_000.0),
        code_width=codec.get("codebook_dim", 256),
        code_count=codec.get("codebook_size", 2048),
    )
    language = LanguageConfig(
        width=raw["hidden_size"],
        layers=raw["num_hidden_layers"],
        heads=raw["num_attention_heads"],
        hidden=raw["ffn_dim"] // 2,
        window=raw["sliding_window"],
        text_tokens=raw["vocab_size"] - 1,
        codebooks=raw["num_codebooks"],
        audio_tokens=raw.get("audio_bos_token_id", 2048),
        rope_base=_rope_base(raw, 100_000.0),
        norm_epsilon=raw.get("rms_norm_eps", 1e-8),
        pad=raw.get("pad_token_id", 3),
    )
    index = folder / "model.safetensors.index.json"
    weights = index if index.exists() else folder / "model.safetensors"
    return KyutaiConfig(
        layout="transformers",
        mimi=mimi,
        language=language,
        delay_seconds=sound.get("audio_delay_seconds", 0.0),
        silence_prefix_seconds=sound.get("audio_silence_prefix_seconds", 0.0),
        files={"language": weights, "mimi": weights, "tokenizer": folder / "tokenizer.model"},
    )


def _rope_base(raw: dict[str, Any], default: float) -> float:
    """`rope_theta`, which newer files keep inside `rope_parameters`."""
    nested = raw.get("rope_parameters") or {}
    return float(nested.get("rope_theta", raw.get("rope_theta", default)))


def _moshi(folder: Path, raw: dict[str, Any]) -> KyutaiConfig:
    sound = raw.get("stt_config", {})
    if raw.get("dep_q", 0) != 0:
        raise CheckpointError(f"{folder / 'config.json'}: dep_q is {raw['dep_q']}, so this model speaks; 0 is wanted")
    scaled = int(raw["hidden_scale"] * raw["dim"])
    hidden = 21 * raw["dim"] // 8 if scaled == 4 * raw["dim"] else 2 * scaled // 3
    language = LanguageConfig(
        width=raw["dim"],
        layers=raw["num_layers"],
        heads=raw["num_heads"],
        hidden=hidden,
        window=raw["context"],
        text_tokens=raw["text_card"],
        codebooks=raw["n_q"],
        audio_tokens=raw["card"],
        rope_base=float(raw.get("max_period", 10_000)),
        extra_heads=raw.get("extra_heads_num_heads", 0),
        extra_classes=raw.get("extra_heads_dim", 6),
        pad=raw.get("existing_text_padding_id", 3),
        end_pad=raw.get("existing_text_end_padding_id", 0),
    )
    files = {
        "language": folder / raw.get("moshi_name", "model.safetensors"),
        "mimi": folder / raw.get("mimi_name", "mimi.safetensors"),
        "tokenizer": folder / raw.get("tokenizer_name", "tokenizer.model"),
    }
    return KyutaiConfig(
        layout="moshi",
        mimi=_moshi_mimi(folder, raw),
        language=language,
        delay_seconds=sound.get("audio_delay_seconds", 0.0),
        silence_prefix_seconds=sound.get("audio_silence_prefix_seconds", 0.0),
        files=files,
    )


def _moshi_mimi(folder: Path, raw: dict[str, Any]) -> MimiConfig:
    name = raw.get("mimi_config_name")
    if not name:
        return MimiConfig()
    own = read_json(folder / name)
    seanet, transformer, quantizer = own["seanet"], own["transformer"], own["quantizer"]
    return MimiConfig(
        filters=seanet["n_filters"],
        ratios=tuple(reversed(seanet["ratios"])),
        kernel=seanet["kernel_size"],
        residual_kernel=seanet["residual_kernel_size"],
        last_kernel=seanet["last_kernel_size"],
        compress=seanet["compress"],
        width=transformer["d_model"],
        layers=transformer["num_layers"],
        heads=transformer["num_heads"],
        hidden=transformer["dim_feedforward"],
        window=transformer["context"],
        rope_base=float(transformer["max_period"]),
        code_width=quantizer["dimension"],
        code_count=quantizer["bins"],
    )
