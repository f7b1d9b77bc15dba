"""Plot learning curves: values of log.jsonl files against the hours of speech that were heard.

    python training/learning_curve.py training/curves/head.jsonl --values tokenRight waitRight --out head.svg
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import matplotlib

matplotlib.use("svg")
from matplotlib import pyplot  # noqa: E402


def read_log(file: Path) -> list[dict[str, float]]:
    """Rows in order of hearing; a run that went on counts from where the one before it ended."""
    rows: list[dict[str, float]] = []
    before, last = 0.0, 0.0
    for line in file.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["heardHours"] < last:
            before += last
        last = row["heardHours"]
        rows.append(row | {"heardHours": before + last})
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("logs", type=Path, nargs="+")
    parser.add_argument("--values", nargs="+", required=True, help="fields of the log")
    parser.add_argument("--out", type=Path, required=True, help=".svg")
    arguments = parser.parse_args()
    figure, axes = pyplot.subplots(figsize=(7, 4))
    for file in arguments.logs:
        rows = read_log(file)
        for value in arguments.values:
            points = [(row["heardHours"], row[value]) for row in rows if value in row]
            axes.plot(*zip(*points), label=f"{file.stem}: {value}")
    axes.set_xlabel("hours of speech heard")
    axes.grid(alpha=0.3)
    axes.legend()
    figure.tight_layout()
    figure.savefig(arguments.out, metadata={"Date": None})


if __name__ == "__main__":
    main()
