"""libespeak-ng, opened in this process."""

from __future__ import annotations

import ctypes

_RETRIEVAL = 1


def open_espeak(buffer_ms: int, options: int = 0, output: int = _RETRIEVAL) -> tuple[ctypes.CDLL, int]:
    """The library, initialised, and the rate of its samples in Hz. `output`, `options`: as espeak_Initialize takes them."""
    library = ctypes.CDLL("libespeak-ng.so.1")
    rate = library.espeak_Initialize(output, buffer_ms, None, options)
    if rate <= 0:
        raise SystemExit("libespeak-ng cannot be initialised: is espeak-ng installed with its data?")
    return library, rate
