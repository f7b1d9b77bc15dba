"""Whisper's log-mel spectrogram in numpy, so that every phase shares one definition."""

from __future__ import annotations

import numpy as np

SAMPLE_RATE = 16_000
FFT = 400
HOP = 160
BANDS = 80


def mel_filters() -> np.ndarray:
    """Slaney-normalised mel filter bank, float32 [80, 201], 0–8000 Hz."""
    spacing, corner = 200 / 3, 1000.0
    corner_mel, log_step = corner / spacing, np.log(6.4) / 27

    def hertz_to_mel(hertz: float) -> float:
        return hertz / spacing if hertz < corner else corner_mel + np.log(hertz / corner) / log_step

    def mel_to_hertz(mel: np.ndarray) -> np.ndarray:
        return np.where(mel >= corner_mel, corner * np.exp(log_step * (mel - corner_mel)), spacing * mel)

    points = mel_to_hertz(np.linspace(0.0, hertz_to_mel(SAMPLE_RATE / 2), BANDS + 2))
    bins = np.linspace(0.0, SAMPLE_RATE / 2, FFT // 2 + 1)
    widths = np.diff(points)
    ramps = points[:, None] - bins[None]
    triangles = np.maximum(0, np.minimum(-ramps[:-2] / widths[:-1, None], ramps[2:] / widths[1:, None]))
    return (triangles * (2 / (points[2:] - points[:-2]))[:, None]).astype(np.float32)


_FILTERS = mel_filters()
_WINDOW = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(FFT) / FFT)).astype(np.float32)


def log_mel_raw(samples: np.ndarray) -> np.ndarray:
    """log10 mel power [80, floor(n / 160)] of samples [n] in -1..1, clamped at 1e-10, not yet normalised.

    Frame t is centred on sample 160 t; the ends are mirrored by 200 samples.
    """
    padded = np.pad(samples.astype(np.float32), FFT // 2, mode="reflect")
    count = len(samples) // HOP
    frames = np.lib.stride_tricks.sliding_window_view(padded, FFT)[::HOP][:count]
    power = np.abs(np.fft.rfft(frames * _WINDOW, axis=1)) ** 2
    return np.log10(np.maximum(_FILTERS @ power.T.astype(np.float32), 1e-10))


def normalise(raw: np.ndarray) -> np.ndarray:
    """Whisper's scaling: floor 8 decades under the maximum, then (x + 4) / 4."""
    return ((np.maximum(raw, raw.max() - 8) + 4) / 4).astype(np.float32)


def log_mel(samples: np.ndarray, silence_samples: int = 0) -> np.ndarray:
    """Normalised log-mel [80, (n + silence) / 160] of the samples followed by digital silence."""
    return normalise(log_mel_raw(np.pad(samples, (0, silence_samples))))
