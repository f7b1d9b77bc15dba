"""Batches of windows for training, made by other processes while this one multiplies."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from causal_targets import RowMaker, TextBatch, collate, read_labels
from heard_again import otherwise
from label_speech import is_usable
from speech_store import open_stores
from speech_windows import WindowMaker
from torch_log_mel import log_mel_stream
from vocabulary import TEXT_TOKENS

_BATCHES_A_LOOK = 12
"""After so many batches the stores are looked at again: speech and labels may be added meanwhile."""
_AHEAD = 2


class Windows(IterableDataset):
    """Endless samples int16 [rows, 480,000], and what is asked about their labelled utterances.

    With `prompts` only utterances with a label are drawn, and every batch asks for something; without, nothing is asked.
    """

    def __init__(
        self, stores: Path, shares: dict[str, float], rows: int, seed: list[int],
        prompts: dict[str, list[int]] | None = None, silent: float = 0.03,
    ) -> None:
        self._stores, self._shares, self._rows, self._seed = stores, shares, rows, seed
        self._prompts, self._silent = prompts, silent

    def _open(self, rng: np.random.Generator) -> tuple[WindowMaker, RowMaker | None]:
        if self._prompts is None:
            return WindowMaker(open_stores(self._stores), self._shares, rng, silent=self._silent), None
        labels = read_labels(self._stores)
        usable = {name: [i for i, (_, _, label) in entries.items() if is_usable(name, label)] for name, entries in labels.items()}
        usable = {name: indices for name, indices in usable.items() if indices}
        opened = {name: store for name, store in open_stores(self._stores).items() if name in usable}
        return WindowMaker(opened, self._shares, rng, usable, self._silent), RowMaker(labels, rng)

    def __iter__(self) -> Iterator[tuple[Tensor, TextBatch | None]]:
        worker = get_worker_info()
        rng = np.random.default_rng([*self._seed, worker.id if worker else 0])
        while True:
            windows, rows = self._open(rng)
            for _ in range(_BATCHES_A_LOOK):
                made = [windows.window() for _ in range(self._rows)]
                samples = torch.from_numpy(np.stack([(w.samples * 32_767).astype(np.int16) for w in made]))
                if rows is None or self._prompts is None:
                    yield samples, None
                    continue
                asked = [(row, place) for place, window in enumerate(made) for row in rows.rows(window.placed)]
                if asked:
                    yield samples, collate(asked, self._prompts, TEXT_TOKENS, rng)


def batches_of(windows: Windows, processes: int) -> Iterator[tuple[Tensor, TextBatch | None]]:
    """With no other processes they are made as they are asked for."""
    if processes == 0:
        return iter(windows)
    # Started anew and not forked: this process may hold a GPU.
    loader = DataLoader(windows, batch_size=None, num_workers=processes, prefetch_factor=_AHEAD, multiprocessing_context="spawn")
    return iter(loader)


def hearings_of(
    batches: Iterator[tuple[Tensor, TextBatch | None]], times: int, roll: bool,
) -> Iterator[tuple[Tensor, TextBatch | None]]:
    """Raw log-mel [B, 80, 3003] of every batch, `times` times, otherwise coloured after the first; and what is asked.

    On the device that training runs on. `roll`: windows also begin elsewhere, which what is asked would not survive.
    """
    device = torch.get_default_device()
    for samples, asked in batches:
        sound = samples.to(device, non_blocking=True).float() / 32_767
        here = None if asked is None else asked.to(device)
        for time in range(times):
            yield log_mel_stream(otherwise(sound, roll) if time else sound), here
