"""Cheap changes of sound on the device, so that a window can be heard more than once."""

from __future__ import annotations

import torch
from torch import Tensor

_BANDS = 9


def _decibels(low: float, high: float, rows: int) -> Tensor:
    return 10 ** (torch.empty(rows, 1).uniform_(low, high) / 20)


def otherwise(sound: Tensor, roll: bool) -> Tensor:
    """Windows [B, n] through other microphones, levels and noises, with another voice far behind some; `roll`: begun elsewhere."""
    rows, count = sound.shape
    if roll:
        sound = torch.roll(sound, int(torch.randint(count, (1,))), 1)
    behind = torch.roll(sound, 1, 0) * _decibels(-34, -18, rows) * (torch.rand(rows, 1) < 0.2)
    spectrum = torch.fft.rfft(sound + behind)
    gains = torch.empty(rows, 1, _BANDS).uniform_(-8, 8)
    octaves = torch.log2(torch.linspace(0, 1, spectrum.shape[1]).clamp(min=1 / 128) * 128) / 7 * (_BANDS - 1)
    low = octaves.long().clamp(max=_BANDS - 2)
    part = octaves - low
    curve = gains[:, 0, low] * (1 - part) + gains[:, 0, low + 1] * part
    curve = curve * (torch.rand(rows, 1) < 0.6)
    noise = torch.fft.rfft(torch.randn_like(sound))
    tilt = torch.rand(rows, 1) * (torch.rand(rows, 1) < 0.5)
    noise = noise * torch.exp2(-octaves * tilt)
    level = _decibels(-75, -32, rows) * (torch.rand(rows, 1) < 0.5)
    heard = torch.fft.irfft(spectrum * 10 ** (curve / 20), count) + torch.fft.irfft(noise, count) * level
    return (heard * _decibels(-10, 4, rows)).clamp(-1, 1)
