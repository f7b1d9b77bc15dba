"""Speech through libopus at a low bit rate, with lost packets concealed as a receiver would."""

from __future__ import annotations

import ctypes
import ctypes.util
from functools import cache

import numpy as np

from log_mel import SAMPLE_RATE

_PACKET = SAMPLE_RATE // 50
_VOIP = 2048
_SET_BITRATE, _SET_COMPLEXITY = 4002, 4010
_MAX_BYTES = 1500


@cache
def _library() -> ctypes.CDLL:
    found = ctypes.util.find_library("opus")
    if found is None:
        raise RuntimeError("libopus is missing: install the system package libopus0")
    library = ctypes.CDLL(found)
    library.opus_encoder_create.restype = ctypes.c_void_p
    library.opus_decoder_create.restype = ctypes.c_void_p
    return library


def through_opus(samples: np.ndarray, bitrate: int, loss: float, rng: np.random.Generator) -> np.ndarray:
    """Encode and decode samples [n] in -1..1 in packets of 20 ms, of which the share `loss` is lost in short bursts."""
    library = _library()
    error = ctypes.c_int()
    encoder = ctypes.c_void_p(library.opus_encoder_create(SAMPLE_RATE, 1, _VOIP, ctypes.byref(error)))
    decoder = ctypes.c_void_p(library.opus_decoder_create(SAMPLE_RATE, 1, ctypes.byref(error)))
    library.opus_encoder_ctl(encoder, _SET_BITRATE, ctypes.c_int(bitrate))
    library.opus_encoder_ctl(encoder, _SET_COMPLEXITY, ctypes.c_int(3))
    packets = len(samples) // _PACKET
    pcm = (np.clip(samples[: packets * _PACKET], -1, 1) * 32767).astype(np.int16)
    heard = np.zeros(packets * _PACKET, np.int16)
    packet = ctypes.create_string_buffer(_MAX_BYTES)
    lost_until = -1
    for index in range(packets):
        source = pcm.ctypes.data + index * _PACKET * 2
        size = library.opus_encode(encoder, ctypes.c_void_p(source), _PACKET, packet, _MAX_BYTES)
        if rng.random() < loss:
            lost_until = index + int(rng.integers(1, 4))
        arrived = index >= lost_until
        target = ctypes.c_void_p(heard.ctypes.data + index * _PACKET * 2)
        library.opus_decode(decoder, packet if arrived else None, size if arrived else 0, target, _PACKET, 0)
    library.opus_encoder_destroy(encoder)
    library.opus_decoder_destroy(decoder)
    decoded = heard.astype(np.float32) / 32768
    return np.concatenate([decoded, samples[packets * _PACKET :]]).astype(np.float32)
