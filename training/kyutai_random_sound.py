"""A deterministic sound that changes as speech does, equal to the last bit in Python and JavaScript.

Only 32-bit integers make it, so that a test in another language can produce the very same samples.
"""

from __future__ import annotations

import numpy as np

SAMPLE_RATE = 24_000
SYLLABLE = 2_400
"""Samples that keep one loudness and one pitch: 100 ms."""


def _next(state: int) -> int:
    """Numerical Recipes' 32-bit linear congruential generator."""
    return (state * 1_664_525 + 1_013_904_223) & 0xFFFFFFFF


def random_sound(seconds: float, seed: int) -> np.ndarray:
    """Mono float32 at 24 kHz between -1 and 1: a saw tooth and noise under a loudness that changes, with pauses."""
    count = int(seconds * SAMPLE_RATE)
    samples = np.empty(count, np.float32)
    control, noise = _next(seed), _next(seed + 1)
    for start in range(0, count, SYLLABLE):
        control = _next(control)
        # Eight of 32 levels are a pause.
        loudness = max(0, (control >> 27) - 8)
        step = 64 + (control >> 16 & 0x1FF)
        for i in range(start, min(start + SYLLABLE, count)):
            noise = _next(noise)
            saw = (i * step & 0xFFFF) - 0x8000
            hiss = (noise >> 16) - 0x8000
            samples[i] = (saw * 3 + hiss) * loudness / (4 * 0x8000 * 32)
    return samples
