"""The sound of the step graphs' tests at Mimi's rate: noise and a buzz, made of integers only."""

from __future__ import annotations

import numpy as np

from step_model import golden_sound

SAMPLE_RATE = 24_000


def random_sound(seconds: float, seed: int) -> np.ndarray:
    """Mono int16 samples at 24 kHz as float32 from -1 to 1."""
    # golden_sound counts its seconds at 16 kHz.
    samples = golden_sound(int(np.ceil(seconds * 1.5)), seed)[: int(seconds * SAMPLE_RATE)]
    return samples.astype(np.float32) / 32_768
