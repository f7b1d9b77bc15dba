"""How long after the end of a word a causal model says it, computation excluded.

    python training/causal_delay.py WEIGHTS SPEECH streaming.jsonl --look-ahead 480

`streaming.jsonl` is what causal_evaluate.py wrote, SPEECH the folder with dev/ and adapt/. Where words end is found by
offline Whisper's alignment of the recognised text. The delay runs from there to the end of the audio that had been heard
when the word's last token was accepted, look-ahead included.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from pathlib import Path

import numpy as np
import torch

from dev_set import read_samples
from label_speech import load_labeller
from log_mel import SAMPLE_RATE
from speech_store import Utterance
from torch_log_mel import SAMPLES_AFTER
from vocabulary import TEXT_TOKENS, load_tokenizer

_STEP_SECONDS = 0.08


def last_of_words(pieces: list[str]) -> list[int]:
    """Index of each word's last token: the next one begins with a space, or is a mark or the end."""
    return [i for i, piece in enumerate(pieces) if any(c.isalnum() for c in piece) and (
        i + 1 == len(pieces) or pieces[i + 1].startswith(" ") or not any(c.isalnum() for c in pieces[i + 1])
    )]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", type=Path)
    parser.add_argument("speech", type=Path)
    parser.add_argument("heard", type=Path)
    parser.add_argument("--look-ahead", type=int, default=480)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    labeller = load_labeller(arguments.weights, arguments.speech / "adapt")
    tokenizer = load_tokenizer(arguments.weights)
    behind = arguments.look_ahead / 1000 + SAMPLES_AFTER / SAMPLE_RATE
    delays: dict[str, list[float]] = defaultdict(list)
    for line in arguments.heard.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        tokens = [t for t in row["tokens"] if t < TEXT_TOKENS]
        if tokens:
            samples = read_samples(arguments.speech / "dev" / row["path"])
            utterance = Utterance(0, len(samples), row["lang"], "", None)
            label = labeller.align([(0, utterance, samples)], [tokens])[0]
            for index in last_of_words([tokenizer.decode([t]) for t in label.tokens]):
                said = (row["steps"][index] + 1) * _STEP_SECONDS + behind
                delays[row["set"]].append(said - label.ends[index])
    print(f"{'set':26}{'words':>7}{'p50':>8}{'p95':>8}")
    for name, values in sorted(delays.items()):
        print(f"{name:26}{len(values):7}{np.percentile(values, 50):8.2f}{np.percentile(values, 95):8.2f}")


if __name__ == "__main__":
    main()
