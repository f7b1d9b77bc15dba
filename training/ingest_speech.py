"""Put recordings of people into speech stores, one a set.

    python training/ingest_speech.py SPEECH/adapt STORES

Short recordings are taken whole with their text. Readings of verse are cut where the stanza list gives text and times;
what lies between, and every long recording without such a list, is cut at its quietest moments and has no text.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from dev_set import read_samples
from log_mel import SAMPLE_RATE
from speech_store import StoreWriter

MIN_SECONDS, MAX_SECONDS = 0.4, 20.0
_EARLIEST_CUT, _LATEST_CUT = 8.0, 18.0
_STANZA_MARGIN = 0.15
_STANZAS = "fleursdumal-segments.jsonl"

Piece = tuple[np.ndarray, str | None]


def quietest_cut(samples: np.ndarray) -> int:
    """Index of the quietest 0.2 s between 8 and 18 s after the beginning."""
    first, last = int(_EARLIEST_CUT * SAMPLE_RATE), int(_LATEST_CUT * SAMPLE_RATE)
    width = SAMPLE_RATE // 5
    level = np.convolve(np.abs(samples[first:last]), np.ones(width, np.float32), "valid")[::160]
    return first + int(level.argmin()) * 160 + width // 2


def cut_at_pauses(samples: np.ndarray) -> list[Piece]:
    pieces: list[Piece] = []
    while len(samples) > MAX_SECONDS * SAMPLE_RATE:
        cut = quietest_cut(samples)
        pieces.append((samples[:cut], None))
        samples = samples[cut:]
    return [*pieces, (samples, None)]


def cut_stanzas(samples: np.ndarray, stanzas: list[dict[str, Any]]) -> list[Piece]:
    """The stanzas with their texts, and the rest without."""
    pieces: list[Piece] = []
    done = 0
    for stanza in sorted(stanzas, key=lambda s: s["startS"]):
        start = max(done, int((stanza["startS"] - _STANZA_MARGIN) * SAMPLE_RATE))
        end = int((stanza["endS"] + _STANZA_MARGIN) * SAMPLE_RATE)
        pieces += cut_at_pauses(samples[done:start])
        pieces.append((samples[start:end], stanza["text"] if stanza["cutsAgree"] else None))
        done = end
    return pieces + cut_at_pauses(samples[done:])


def read_stanzas(folder: Path) -> dict[str, list[dict[str, Any]]]:
    stanzas: dict[str, list[dict[str, Any]]] = defaultdict(list)
    if (folder / _STANZAS).exists():
        for line in (folder / _STANZAS).read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            stanzas[row["path"]].append(row)
    return stanzas


def pieces_of(row: dict[str, Any], samples: np.ndarray, stanzas: list[dict[str, Any]]) -> list[Piece]:
    if stanzas:
        return cut_stanzas(samples, stanzas)
    return [(samples, row["text"])] if row["text"] else cut_at_pauses(samples)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("speech", type=Path)
    parser.add_argument("stores", type=Path)
    arguments = parser.parse_args()
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in (arguments.speech / "manifest.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        rows[row["set"]].append(row)
    stanzas = read_stanzas(arguments.speech)
    for name, members in sorted(rows.items()):
        files = [arguments.speech / row["path"] for row in members]
        with StoreWriter(arguments.stores, f"human-{name}") as store, ThreadPoolExecutor(2) as pool:
            for row, samples in zip(members, pool.map(read_samples, files)):
                for piece, text in pieces_of(row, samples, stanzas.get(row["path"], [])):
                    if MIN_SECONDS <= len(piece) / SAMPLE_RATE <= MAX_SECONDS * 1.5:
                        store.add(piece, row["lang"], row["speaker"], text)
            print(f"{name}: {store.seconds / 3600:.2f} h", flush=True)


if __name__ == "__main__":
    main()
