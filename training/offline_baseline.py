"""Transcribe an evaluation folder with the original Whisper base offline.

    python training/offline_baseline.py WEIGHTS SPEECH --out offline.jsonl

Every clip is padded with silence to 30 s and decoded greedily with its language given; longer recordings are cut
into pieces of 30 s. Writes one JSON line a clip with path, set, lang, reference and hypothesis, for score.py.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch

from dev_set import Clip, read_clips, read_samples
from greedy import TokenRules, decode, load_rules
from log_mel import SAMPLE_RATE, log_mel
from whisper_model import Whisper, load_model

WINDOW = 30 * SAMPLE_RATE
BATCH = 8


@torch.no_grad()
def transcribe_pieces(model: Whisper, rules: TokenRules, pieces: list[np.ndarray], languages: list[str]) -> list[str]:
    """Texts of pieces of at most 30 s, in batches of similar length."""
    texts = [""] * len(pieces)
    order = sorted(range(len(pieces)), key=lambda i: len(pieces[i]))
    for start in range(0, len(order), BATCH):
        batch = order[start : start + BATCH]
        mels = [log_mel(pieces[i], WINDOW - len(pieces[i])) for i in batch]
        hidden = model.encoder(torch.from_numpy(np.stack(mels)))
        found = decode(model.decoder, model.decoder.start(hidden), rules, [languages[i] for i in batch])
        for index, text in zip(batch, found):
            texts[index] = text
    return texts


def transcribe_clips(model: Whisper, rules: TokenRules, clips: list[Clip]) -> list[str]:
    """One text a clip."""
    pieces: list[np.ndarray] = []
    owners: list[int] = []
    for index, clip in enumerate(clips):
        samples = read_samples(clip.file)
        for start in range(0, len(samples), WINDOW):
            pieces.append(samples[start : start + WINDOW])
            owners.append(index)
    texts = transcribe_pieces(model, rules, pieces, [clips[i].language for i in owners])
    return [" ".join(t.strip() for t, o in zip(texts, owners) if o == index) for index in range(len(clips))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", type=Path)
    parser.add_argument("speech", type=Path, help="folder with manifest.jsonl")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    torch.set_num_threads(2)
    clips = read_clips(arguments.speech)
    texts = transcribe_clips(load_model(arguments.weights), load_rules(arguments.weights), clips)
    with arguments.out.open("w", encoding="utf-8") as out:
        for clip, text in zip(clips, texts):
            row = {"path": clip.path, "set": clip.set, "lang": clip.language, "reference": clip.reference, "hypothesis": text}
            out.write(json.dumps(row, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
