"""What happens to a voice between a mouth and a recogniser: rooms, noise, telephones, codecs, levels and speeds.

All take and return float32 mono at 16 kHz; `rng` decides everything.
"""

from __future__ import annotations

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft
from scipy.signal import butter, fftconvolve, sosfilt

from log_mel import SAMPLE_RATE
from opus_channel import through_opus

_NYQUIST = SAMPLE_RATE / 2
Rng = np.random.Generator


def change_speed(samples: np.ndarray, factor: float) -> np.ndarray:
    """Faster and higher by `factor`, as a tape would be."""
    places = np.arange(0, len(samples) - 1, factor)
    return np.interp(places, np.arange(len(samples)), samples).astype(np.float32)


def reverberate(samples: np.ndarray, rng: Rng) -> np.ndarray:
    """A room: the direct sound and exponentially decaying noise (RT60 0.05–0.5 s); 0.2 s of its tail stays."""
    decay = rng.uniform(0.05, 0.5)
    count = int(decay * SAMPLE_RATE * 1.2)
    tail = rng.standard_normal(count) * np.exp(-6.9 * np.arange(count) / (decay * SAMPLE_RATE))
    tail *= rng.uniform(0.05, 0.4) / np.sqrt((tail**2).sum())
    tail[0] = 1
    return fftconvolve(samples, tail.astype(np.float32))[: len(samples) + SAMPLE_RATE // 5].astype(np.float32)


def colour(samples: np.ndarray, rng: Rng) -> np.ndarray:
    """A microphone: gains of up to ±9 dB at seven frequencies, smooth between them on the ear's scale."""
    size = next_fast_len(len(samples), real=True)
    octaves = np.log2(np.maximum(np.linspace(0, _NYQUIST, size // 2 + 1), 60) / 60)
    gains = np.interp(octaves, np.linspace(0, octaves[-1], 7), rng.uniform(-9, 9, 7))
    return irfft(rfft(samples, size) * 10 ** (gains / 20), size)[: len(samples)].astype(np.float32)


def noise(count: int, rng: Rng) -> np.ndarray:
    """White, low or band-limited noise [count] of unit power."""
    white = rng.standard_normal(count).astype(np.float32)
    kind = rng.integers(3)
    if kind == 1:
        white = sosfilt(butter(1, rng.uniform(100, 1500) / _NYQUIST, output="sos"), white)
    elif kind == 2:
        band = [rng.uniform(80, 400) / _NYQUIST, rng.uniform(1000, 5000) / _NYQUIST]
        white = sosfilt(butter(1, band, "band", output="sos"), white)
    return (white / np.sqrt((white**2).mean() + 1e-9)).astype(np.float32)


def telephone(samples: np.ndarray) -> np.ndarray:
    """The band of an 8 kHz call."""
    return sosfilt(butter(4, [250 / _NYQUIST, 3600 / _NYQUIST], "band", output="sos"), samples).astype(np.float32)


def decibels(value: float) -> float:
    """Amplitude factor."""
    return float(10 ** (value / 20))


def along_the_way(window: np.ndarray, rng: Rng) -> np.ndarray:
    """What befalls a whole window: noise (in 60 of 100, every third time loud), a telephone's band (12), Opus with lost packets (20)."""
    if rng.random() < 0.6:
        window = window + noise(len(window), rng) * decibels(rng.uniform(-42, -25) if rng.random() < 0.3 else rng.uniform(-75, -35))
    if rng.random() < 0.12:
        window = telephone(window)
    if rng.random() < 0.2:
        window = through_opus(window, int(rng.integers(12, 40)) * 1000, rng.uniform(0, 0.05), rng)
    return np.clip(window, -1, 1).astype(np.float32)
