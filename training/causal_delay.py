"""Errors of a causal model against its delay: how long after the end of a word it says it, computation excluded.

    python training/causal_delay.py WEIGHTS SPEECH OUT --results bench/results/causal-whisper.json --plot curve.svg

OUT is what causal_evaluate.py wrote, SPEECH the folder with dev/ and adapt/. Where words end is found by offline Whisper's
alignment of the recognised text. The delay runs from there to the end of the audio that had been heard when the word's
last token was accepted, look-ahead included. With OUT/offline.jsonl every error rate is set against Whisper base's.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections import defaultdict
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import torch

from causal_encoder import LOOK_AHEAD_MS
from dev_set import read_samples
from label_speech import Labeller, load_labeller
from log_mel import SAMPLE_RATE
from score import score_rows
from speech_store import Utterance
from torch_log_mel import SAMPLES_AFTER
from vocabulary import TEXT_TOKENS, load_tokenizer

matplotlib.use("svg")
from matplotlib import pyplot  # noqa: E402

_STEP_SECONDS = 0.08


def machine() -> str:
    """The processor's name and the cores that this process may use."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return f"{names[0] if names else platform.machine()}, {os.cpu_count()} cores, model on 1 thread"


def last_of_words(pieces: list[str]) -> list[int]:
    """Index of each word's last token: the next one begins with a space, or is a mark or the end."""
    return [i for i, piece in enumerate(pieces) if any(c.isalnum() for c in piece) and (
        i + 1 == len(pieces) or pieces[i + 1].startswith(" ") or not any(c.isalnum() for c in pieces[i + 1])
    )]


def read_rows(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


class Delays:
    """Measures word delays; what was said is aligned once for every text."""

    def __init__(self, weights: Path, speech: Path, behind: float) -> None:
        self._labeller: Labeller = load_labeller(weights, speech / "adapt")
        self._tokenizer = load_tokenizer(weights)
        self._dev, self._behind = speech / "dev", behind
        self._ends: dict[tuple[str, tuple[int, ...]], list[float]] = {}

    def _aligned(self, row: dict[str, Any], tokens: list[int]) -> list[float]:
        key = (row["path"], tuple(tokens))
        if key not in self._ends:
            samples = read_samples(self._dev / row["path"])
            utterance = Utterance(0, len(samples), row["lang"], "", None)
            self._ends[key] = self._labeller.align([(0, utterance, samples)], [tokens])[0].ends
        return self._ends[key]

    def of(self, row: dict[str, Any]) -> list[float]:
        """Seconds for every word of a clip."""
        tokens = [t for t in row["tokens"] if t < TEXT_TOKENS]
        ends = self._aligned(row, tokens) if tokens else []
        words = last_of_words([self._tokenizer.decode([t]) for t in tokens]) if ends else []
        return [(row["steps"][i] + 1) * _STEP_SECONDS + self._behind - ends[i] for i in words]


def measure(file: Path, delays: Delays, offline: dict[str, float]) -> list[dict[str, Any]]:
    """A row for every set of one setting; the file is named DELAY_MARGIN.jsonl."""
    steps, margin = file.stem.split("_")
    rows = read_rows(file)
    seconds: dict[str, list[float]] = defaultdict(list)
    for row in rows:
        seconds[row["set"]] += delays.of(row)
    found = []
    for name, score in score_rows(rows).items():
        wer = round(score.rate, 1)
        entry = {"set": name, "delaySteps": int(steps), "margin": float(margin), "clips": score.clips, "words": score.words, "wer": wer}
        entry |= {"insertions": score.insertions, "deletions": score.deletions, "substitutions": score.substitutions}
        if name in offline:
            entry |= {"offlineWer": round(offline[name], 1), "ratio": round(score.rate / offline[name], 2)}
        if seconds[name]:
            entry |= {f"delayP{p}Ms": int(round(1000 * np.percentile(seconds[name], p), -1)) for p in (50, 95)}
        found.append(entry)
    return found


def plot(rows: list[dict[str, Any]], file: Path) -> None:
    figure, axes = pyplot.subplots(figsize=(7, 4))
    for name in sorted({row["set"] for row in rows}):
        mine = sorted((row["delayP50Ms"] / 1000, row["wer"], row.get("offlineWer")) for row in rows if row["set"] == name)
        (line,) = axes.plot([x for x, _, _ in mine], [y for _, y, _ in mine], marker="o", label=name)
        if mine[0][2] is not None:
            axes.axhline(mine[0][2], color=line.get_color(), linestyle=":", linewidth=1)
    axes.set_xlabel("end of a word → said, p50 (s)")
    axes.set_ylabel("word errors (%); dotted: Whisper base, offline")
    axes.set_ylim(bottom=0)
    axes.grid(alpha=0.3)
    axes.legend()
    figure.tight_layout()
    figure.savefig(file, metadata={"Date": None})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", type=Path)
    parser.add_argument("speech", type=Path)
    parser.add_argument("heard", type=Path)
    parser.add_argument("--results", type=Path)
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--note", help="kept with the figures")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    file = arguments.heard / "offline.jsonl"
    offline = {name: score.rate for name, score in score_rows(read_rows(file)).items()} if file.exists() else {}
    delays = Delays(arguments.weights, arguments.speech, LOOK_AHEAD_MS / 1000 + SAMPLES_AFTER / SAMPLE_RATE)
    rows = [row for file in sorted(arguments.heard.glob("*_*.jsonl")) for row in measure(file, delays, offline)]
    print(f"{'set':22}{'steps':>6}{'margin':>7}{'words':>6}{'WER':>7}{'ratio':>6}{'p50':>6}{'p95':>6}")
    for r in sorted(rows, key=lambda r: (r["set"], r["delaySteps"], r["margin"])):
        head = f"{r['set']:22}{r['delaySteps']:6}{r['margin']:7}{r['words']:6}{r['wer']:7.1f}{r.get('ratio', 0):6.2f}"
        print(f"{head}{r.get('delayP50Ms', 0) / 1000:6.2f}{r.get('delayP95Ms', 0) / 1000:6.2f}")
    if arguments.results:
        about = {"date": datetime.now(timezone.utc).isoformat(timespec="seconds"), "command": " ".join(["python", *sys.argv])}
        about |= {"machine": machine(), "versions": {"python": platform.python_version(), "torch": torch.__version__}}
        arguments.results.write_text(json.dumps(about | {"note": arguments.note, "sets": rows}, indent=2) + "\n")
    if arguments.plot:
        plot([row for row in rows if "delayP50Ms" in row], arguments.plot)


if __name__ == "__main__":
    main()
