"""The log-mel of log_mel.py in PyTorch, as a stream hears it: silence before the beginning and after the end."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from log_mel import FFT, HOP, mel_filters

FRAMES_BEFORE, FRAMES_AFTER = 2, 1
"""Mel frames besides a block's own that the two convolutions look at."""
SAMPLES_BEFORE = FRAMES_BEFORE * HOP + FFT // 2
SAMPLES_AFTER = FFT // 2
_FILTERS = torch.from_numpy(mel_filters())
_WINDOW = torch.hann_window(FFT)


def log_mel_stream(samples: Tensor) -> Tensor:
    """log10 mel power [B, 80, n / 160 + 3] of samples [B, n], not yet normalised: frames −2 … n / 160."""
    padded = F.pad(samples, (SAMPLES_BEFORE, SAMPLES_AFTER))
    spectrum = torch.stft(padded, FFT, HOP, window=_WINDOW.to(samples.device), center=False, return_complex=True)
    return (_FILTERS.to(samples.device) @ spectrum.abs().square()).clamp(min=1e-10).log10()


def normalise_clip(raw: Tensor) -> Tensor:
    """Whisper's own log-mel [B, 80, n / 160]: scaled by each row's maximum, without the neighbouring frames."""
    inner = raw[..., FRAMES_BEFORE:-FRAMES_AFTER]
    return (torch.maximum(inner, inner.amax(dim=(1, 2), keepdim=True) - 8) + 4) / 4
