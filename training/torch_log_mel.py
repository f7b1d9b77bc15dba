"""The log-mel of log_mel.py in PyTorch, for batches in training."""

from __future__ import annotations

import torch
from torch import Tensor

from log_mel import FFT, HOP, mel_filters

_FILTERS = torch.from_numpy(mel_filters())
_WINDOW = torch.hann_window(FFT)


def log_mel_raw_batch(samples: Tensor) -> Tensor:
    """log10 mel power [B, 80, n / 160] of samples [B, n], not yet normalised."""
    spectrum = torch.stft(samples, FFT, HOP, window=_WINDOW, center=True, pad_mode="reflect", return_complex=True)
    return (_FILTERS @ spectrum[..., :-1].abs().square()).clamp(min=1e-10).log10()


def normalise_clip(raw: Tensor) -> Tensor:
    """Whisper's scaling by each row's own maximum."""
    return (torch.maximum(raw, raw.amax(dim=(1, 2), keepdim=True) - 8) + 4) / 4
