"""Divide the work between activations and weights, so that both fit 8 bits: channels that are loud in the one are quiet in the other.

A row of activations has one scale, that of its loudest channel, and what Whisper's layer norms give has channels three to twelve times as loud as the middle one,
always the same ones. Each is divided by a constant in the layer norm, and the columns of the weights that read it are multiplied by it:
in floats nothing changes. After SmoothQuant (Xiao et al., 2022, https://arxiv.org/abs/2211.10438) with α = ½.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from torch import Tensor, nn

from ctranslate2_weights import Tensors
from whisper_model import LAYERS

Peaks = dict[str, np.ndarray]
"""The largest magnitude of each channel that a layer norm gives, float32 [512], by its name as in `READERS`."""

_FURTHEST = 64.0
"""No channel is made so many times louder or quieter: one of Whisper's hardly sounds at all."""


def _readers() -> dict[str, list[str]]:
    readers: dict[str, list[str]] = {"encoder.ln_post": []}
    for layer in range(LAYERS):
        for half in ("encoder", "decoder"):
            block = f"{half}.blocks.{layer}."
            readers[block + "attn_ln"] = [block + f"attn.{part}" for part in ("query", "key", "value")]
            readers[block + "mlp_ln"] = [block + "mlp.0"]
        readers[block + "cross_attn_ln"] = [block + "cross_attn.query"]
        readers["encoder.ln_post"] += [block + "cross_attn.key", block + "cross_attn.value"]
    return readers


READERS = _readers()
"""Layer norms, and the products that read each."""


def measure_peaks(encoder: nn.Module, head: nn.Module, listen: Callable[[], object]) -> Peaks:
    """Of what comes out of the layer norms of both while they `listen`."""
    peaks: Peaks = {}

    def note(name: str, output: Tensor) -> None:
        peak = output.detach().abs().flatten(0, -2).amax(0).numpy()
        peaks[name] = np.maximum(peaks.get(name, peak), peak)

    norms = {f"{half}.{name}": norm for half, module in (("encoder", encoder), ("decoder", head)) for name, norm in module.named_modules()}
    hooks = [norms[name].register_forward_hook(lambda _norm, _inputs, output, name=name: note(name, output)) for name in READERS]
    listen()
    for hook in hooks:
        hook.remove()
    return peaks


def balance(tensors: Tensors, peaks: Peaks) -> Tensors:
    """Weights that compute the same with the layer norms' channels divided by √(largest activation ÷ largest weight)."""
    balanced = dict(tensors)
    for norm, readers in READERS.items():
        loudest = np.max([np.abs(tensors[f"{reader}.weight"]).max(0) for reader in readers], 0)
        factor = np.sqrt(np.maximum(peaks[norm], 1e-6) / np.maximum(loudest, 1e-6))
        factor = np.clip(factor / np.exp(np.log(factor).mean()), 1 / _FURTHEST, _FURTHEST).astype(np.float32)
        for part in ("weight", "bias"):
            balanced[f"{norm}.{part}"] = tensors[f"{norm}.{part}"] / factor
        for reader in readers:
            balanced[f"{reader}.weight"] = tensors[f"{reader}.weight"] * factor
    return balanced
