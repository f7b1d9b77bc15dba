"""Sizes of random Kyutai models."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Size:
    """What differs between the sizes; everything else is the published architecture's."""

    width: int
    layers: int
    heads: int
    hidden: int
    window: int
    text_tokens: int
    codebooks: int
    codes: int
    filters: int
    mimi_width: int
    mimi_layers: int
    mimi_heads: int
    mimi_hidden: int
    mimi_window: int
    code_width: int


REAL_MIMI = {"filters": 64, "mimi_width": 512, "mimi_layers": 8, "mimi_heads": 8, "mimi_hidden": 2048, "code_width": 256}
SIZES = {
    "tiny": Size(32, 2, 2, 48, 24, 48, 4, 16, 2, 16, 2, 2, 32, 16, 8),
    "small": Size(256, 4, 4, 704, 100, 500, 8, 256, 8, 64, 4, 4, 256, 50, 32),
    "wide": Size(2048, 2, 16, 5632, 750, 8000, 32, 2048, mimi_window=250, **REAL_MIMI),
    "wide-short": Size(2048, 2, 16, 5632, 100, 8000, 32, 2048, mimi_window=50, **REAL_MIMI),
}
