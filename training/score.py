"""Word error rate per set of any JSONL with the fields set, reference and hypothesis.

    python training/score.py offline.jsonl streaming.jsonl

prints one table a file. Clips with digits in the reference are skipped, since
"12" against "twelve" says nothing about hearing.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import jiwer

from normalise_text import normalise_text


@dataclass(frozen=True)
class Score:
    """Errors of one set; the rate is in percent of the reference words."""

    clips: int
    words: int
    insertions: int
    deletions: int
    substitutions: int

    @property
    def rate(self) -> float:
        return 100 * (self.insertions + self.deletions + self.substitutions) / max(1, self.words)


def is_scorable(reference: str) -> bool:
    """Whether the reference has words and no digits."""
    return not re.search(r"\d", reference) and bool(normalise_text(reference, "en"))


def score_pairs(pairs: Iterable[tuple[str, str]], language: str) -> Score:
    """Errors of (reference, hypothesis) pairs in one language."""
    kept = [(normalise_text(r, language), normalise_text(h, language)) for r, h in pairs if is_scorable(r)]
    if not kept:
        return Score(0, 0, 0, 0, 0)
    result = jiwer.process_words([r for r, _ in kept], [h for _, h in kept])
    words = result.hits + result.substitutions + result.deletions
    return Score(len(kept), words, result.insertions, result.deletions, result.substitutions)


def score_rows(rows: Iterable[dict[str, str]]) -> dict[str, Score]:
    """Errors per set; a set's name begins with its language where the row has no lang."""
    sets: dict[str, list[tuple[str, str]]] = defaultdict(list)
    languages: dict[str, str] = {}
    for row in rows:
        sets[row["set"]].append((row["reference"], row["hypothesis"]))
        languages[row["set"]] = row.get("lang") or row["set"].split("/")[0]
    return {name: score_pairs(pairs, languages[name]) for name, pairs in sorted(sets.items())}


def format_table(scores: dict[str, Score]) -> str:
    lines = [f"{'set':26}{'clips':>6}{'words':>7}{'WER':>7}{'ins':>5}{'del':>5}{'sub':>5}"]
    for name, s in scores.items():
        lines.append(f"{name:26}{s.clips:6}{s.words:7}{s.rate:7.1f}{s.insertions:5}{s.deletions:5}{s.substitutions:5}")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path, nargs="+")
    for file in parser.parse_args().files:
        with file.open(encoding="utf-8") as lines:
            scores = score_rows(json.loads(line) for line in lines)
        print(f"{file}\n{format_table(scores)}\n")


if __name__ == "__main__":
    main()
