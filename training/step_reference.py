"""The same encoder in PyTorch over a whole recording at once, without rings or steps: what the step graph must equal."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F

from step_encoder import STEP_SAMPLES, StepEncoder, Tensors, filters, fourier_kernels


def labels_and_margins(model: StepEncoder, tensors: Tensors, samples: np.ndarray) -> tuple[np.ndarray, float]:
    """Best label of each group of frames [steps · labels_per_step] that a stream of steps can know, and the least
    lead of a best label over the next."""
    weights = {name: torch.from_numpy(array) for name, array in tensors.items()}
    steps = len(samples) // STEP_SAMPLES
    with torch.no_grad():
        x = _stem(model, weights, _spectrogram(model, samples, steps))
        positions = torch.arange(len(x)) % model.positions
        x = x + weights["positional_embedding"][positions]
        for layer in range(model.layers):
            x = _layer(model, weights, x, layer)
        x = F.layer_norm(x, (model.width,), weights["ln_post.weight"], weights["ln_post.bias"])
        x = x.reshape(steps * model.labels_per_step, -1)
        x = F.gelu(F.linear(x, weights["ctc.0.weight"], weights["ctc.0.bias"]))
        x = F.layer_norm(x, (model.width,), weights["ctc.1.weight"], weights["ctc.1.bias"])
        logits = F.linear(x, weights["ctc.2.weight"], weights["ctc.2.bias"])
    known = (steps - model.delay_steps) * model.labels_per_step
    best = logits[:known].topk(2, dim=-1)
    return best.indices[:, 0].numpy(), float((best.values[:, 0] - best.values[:, 1]).min())


def _spectrogram(model: StepEncoder, samples: np.ndarray, steps: int) -> torch.Tensor:
    before, after = model.margins
    padded = F.pad(torch.from_numpy(samples[: steps * STEP_SAMPLES].astype(np.float32) / 32_768), (before, after))
    spectrum = F.conv1d(padded[None, None], torch.from_numpy(fourier_kernels(model.fft))[:, None], stride=model.hop)[0]
    re, im = spectrum.chunk(2)
    log = torch.log10((torch.from_numpy(filters(model)) @ (re * re + im * im)).clamp(min=1e-10))
    return (log.clamp(min=1.5 - 8) + 4) / 4


def _stem(model: StepEncoder, weights: dict[str, torch.Tensor], mel: torch.Tensor) -> torch.Tensor:
    if model.stem == "whisper":
        x = F.gelu(F.conv1d(mel[None], weights["conv1.weight"], weights["conv1.bias"]))
        return F.gelu(F.conv1d(x, weights["conv2.weight"], weights["conv2.bias"], stride=2))[0].T
    stacked = mel.T.reshape(-1, weights["stack.weight"].shape[1])
    return F.gelu(F.linear(stacked, weights["stack.weight"], weights["stack.bias"]))


def _layer(model: StepEncoder, weights: dict[str, torch.Tensor], x: torch.Tensor, layer: int) -> torch.Tensor:
    block = f"blocks.{layer}."

    def linear(value: torch.Tensor, name: str) -> torch.Tensor:
        return F.linear(value, weights[block + name + ".weight"], weights.get(block + name + ".bias"))

    def norm(value: torch.Tensor, name: str) -> torch.Tensor:
        return F.layer_norm(value, (model.width,), weights[f"{block}{name}.weight"], weights[f"{block}{name}.bias"])

    def heads(value: torch.Tensor) -> torch.Tensor:
        return value.reshape(-1, model.heads, model.head_dim).transpose(0, 1)

    y = norm(x, "attn_ln")
    query, key, value = (heads(linear(y, f"attn.{part}")) for part in ("query", "key", "value"))
    # A query sees its own block, the next one if the layer looks ahead, and what the ring still holds before.
    frame = torch.arange(len(x))
    blocks = frame // model.frames
    newest = blocks[:, None] + int(model.look_ahead[layer])
    oldest = newest * model.frames - model.context
    seen = (blocks[None] <= newest) & (frame[None] >= oldest)
    mixed = F.scaled_dot_product_attention(query[None], key[None], value[None], attn_mask=seen[None, None])[0]
    x = x + linear(mixed.transpose(0, 1).reshape(len(x), -1), "attn.out")
    return x + linear(F.gelu(linear(norm(x, "mlp_ln"), "mlp.0")), "mlp.2")
