"""How large keys and values become on real sound, so that rings of 8 bits can hold them.

The largest magnitude of each channel of each head is measured with the float graph, and divided out of the weights that make
keys and values; what reads them, the queries and the output matrix, is multiplied instead. In float32 that changes
nothing, and in the integer graph a key is its own rounding.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from integer_products import KEY_STEPS, VALUE_STEPS
from step_driver import StepDriver, feed_clips

Tensors = dict[str, np.ndarray]
Ranges = dict[str, np.ndarray]
"""Largest magnitude by name of the ring's output, float32 [heads, size]."""

_LEAST = 1e-6
_ROOM = 1.05
"""A little more than was seen; what is larger still is cut off."""


def measure_ranges(folder: Path, clips: list[np.ndarray], languages: list[str]) -> Ranges:
    """Of all rings of the float graph in `folder`, which hears the clips side by side."""
    driver = StepDriver(folder, languages)
    outputs = [ring["output"] for ring in driver.manifest["rings"]]
    ranges: Ranges = {}
    for _ in feed_clips(driver, clips, 0):
        for name in outputs:
            largest = np.abs(driver.found[name]).max((0, 2))
            ranges[name] = np.maximum(ranges.get(name, largest), largest)
    return ranges


def fold_ranges(tensors: Tensors, attention: str, keys: np.ndarray, values: np.ndarray, *fixed: np.ndarray) -> None:
    """Scale the weights under the prefix `attention` in place; also `fixed` keys and values [heads, any, size], if there are."""
    key = np.maximum(keys.reshape(-1), _LEAST) * _ROOM / KEY_STEPS
    value = np.maximum(values.reshape(-1), _LEAST) * _ROOM / VALUE_STEPS
    tensors[attention + "key.weight"] = tensors[attention + "key.weight"] / key[:, None]
    tensors[attention + "query.weight"] = tensors[attention + "query.weight"] * key[:, None]
    tensors[attention + "query.bias"] = tensors[attention + "query.bias"] * key
    tensors[attention + "value.weight"] = tensors[attention + "value.weight"] / value[:, None]
    tensors[attention + "value.bias"] = tensors[attention + "value.bias"] / value
    tensors[attention + "out.weight"] = tensors[attention + "out.weight"] * value[None]
    for part, scale in zip(fixed, (key, value)):
        part /= scale.reshape(keys.shape)[:, None]
