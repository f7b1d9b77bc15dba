"""Measure the exported graphs on single short windows: whole clips, or clips cut in mid-speech.

    python training/short_windows.py models/whisper-base shared/speech/dev --out windows.jsonl
    python training/short_windows.py models/whisper-base shared/speech/dev --cut --out cuts.jsonl

Clips of up to 15 s are decoded as one window with the manifest's padding. Whole clips are scored by score.py. With
--cut, each clip of the running-speech sets ends at a random point, and its text is scored against the prefix of the
reference that fits best: what is invented at the cut counts, what was not yet said does not.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dev_set import Clip, read_clips, read_samples
from graph_recogniser import GraphRecogniser
from log_mel import SAMPLE_RATE
from normalise_text import normalise_text
from score import format_table, is_scorable, score_rows

LONGEST_SECONDS = 15.0
CUT_SETS = ("en/commonvoice", "en/kathleen", "fr/commonvoice", "fr/fleursdumal")
CUT_SEED = 7

Window = tuple[Clip, np.ndarray]


def whole_clips(folder: Path) -> list[Window]:
    clips = [c for c in read_clips(folder) if c.seconds <= LONGEST_SECONDS and is_scorable(c.reference)]
    return [(clip, read_samples(clip.file)) for clip in clips]


def cut_clips(folder: Path) -> list[Window]:
    """Clips longer than 2.6 s, ended at a random point of 1.5–10 s, at least 0.4 s before their end."""
    chance = random.Random(CUT_SEED)
    cuts = []
    for clip, samples in whole_clips(folder):
        if clip.set in CUT_SETS and len(samples) > 2.6 * SAMPLE_RATE:
            for _ in range(2 if clip.set == "fr/fleursdumal" else 1):
                last = min(len(samples) - 0.4 * SAMPLE_RATE, 10 * SAMPLE_RATE)
                cuts.append((clip, samples[: int(chance.uniform(1.5 * SAMPLE_RATE, last))]))
    return cuts


@dataclass
class PrefixScore:
    """Errors against the best-fitting prefixes of the references."""

    windows: int = 0
    words: int = 0
    errors: int = 0

    def add(self, reference: list[str], hypothesis: list[str]) -> None:
        """Count the edits to the nearest prefix of the reference, the longest of equals."""
        distances = list(range(len(hypothesis) + 1))
        best, length = distances[-1], 0
        for index, word in enumerate(reference, 1):
            row = [index]
            for at, heard in enumerate(hypothesis):
                row.append(min(distances[at] + (word != heard), distances[at + 1] + 1, row[at] + 1))
            distances = row
            if row[-1] <= best:
                best, length = row[-1], index
        self.windows += 1
        self.words += length
        self.errors += best


def prefix_table(rows: list[dict[str, str]]) -> str:
    """Prefix errors per set of rows with set, lang, reference and hypothesis."""
    scores: dict[str, PrefixScore] = defaultdict(PrefixScore)
    for row in rows:
        reference = normalise_text(row["reference"], row["lang"]).split()
        scores[row["set"]].add(reference, normalise_text(row["hypothesis"], row["lang"]).split())
    lines = [f"{'set':26}{'windows':>8}{'words':>7}{'prefix errors %':>17}"]
    lines += [f"{k:26}{s.windows:8}{s.words:7}{100 * s.errors / max(1, s.words):17.1f}" for k, s in sorted(scores.items())]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("speech", type=Path)
    parser.add_argument("--cut", action="store_true")
    parser.add_argument("--encoder", help="another encoder graph than the folder's")
    parser.add_argument("--decoder", help="another decoder graph than the folder's")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    recogniser = GraphRecogniser(arguments.model, arguments.encoder, arguments.decoder)
    rows = []
    for clip, samples in cut_clips(arguments.speech) if arguments.cut else whole_clips(arguments.speech):
        text = recogniser.transcribe(samples, clip.language)
        rows.append({"path": clip.path, "set": clip.set, "lang": clip.language, "reference": clip.reference, "hypothesis": text})
    arguments.out.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    print(prefix_table(rows) if arguments.cut else format_table(score_rows(rows)))


if __name__ == "__main__":
    main()
