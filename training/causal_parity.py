"""Compare an exported causal model with PyTorch: do the same clips give the same tokens?

    python training/causal_parity.py WEIGHTS encoder.pt head.pt models/whisper-base EXPORTED SPEECH/dev --clips 8

Clips of both languages share a batch. A graph of floats should agree in every token, one of integers in most. --golden FOLDER
writes the clips and the tokens that ONNX Runtime gives here, for dist/bench/step-parity.js: the engine must give the same, side by
side and alone. Both need the same version of ONNX Runtime, that of requirements.txt: float kernels of another round differently.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from causal_distil import load_encoder
from causal_encoder import LOOK_AHEAD_MS, CausalEncoder
from causal_evaluate import hear, stream_text
from causal_text import StepDecoder
from causal_text_train import load_head
from causal_vocabulary import read_vocabulary
from dev_set import Clip, read_clips, read_samples, spread
from greedy import TokenRules, load_rules
from log_mel import SAMPLE_RATE
from step_driver import run_clips
from vocabulary import Vocabulary

_MAX_SECONDS = 28
_BATCH = 16
_TAIL_SECONDS = 1.0


@dataclass(frozen=True)
class Parity:
    """A clip as it was heard: int16 samples with the silence after them, and ids of the pruned vocabulary."""

    clip: Clip
    samples: np.ndarray
    torch_tokens: list[int]
    graph_tokens: list[int]


def write_golden(folder: Path, found: list[Parity]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for index, one in enumerate(found):
        (folder / f"{index}.i16").write_bytes(one.samples.tobytes())
        rows.append({"path": one.clip.path, "samples": f"{index}.i16", "language": one.clip.language, "tokens": one.graph_tokens})
    (folder / "golden.json").write_text(json.dumps({"clips": rows}, indent=1) + "\n")


@dataclass(frozen=True)
class Reference:
    """What PyTorch hears with."""

    encoder: CausalEncoder
    head: StepDecoder
    rules: TokenRules
    vocabulary: Vocabulary


def compare(arguments: argparse.Namespace, reference: Reference, clips: list[Clip]) -> list[Parity]:
    """Clips side by side, all as long as the longest."""
    samples = [read_samples(c.file) for c in clips]
    languages = [c.language for c in clips]
    # The stream ends look-ahead milliseconds before the audio: PyTorch's encoder needs that much to come after.
    tail = LOOK_AHEAD_MS / 1000 + _TAIL_SECONDS
    longest = max(len(s) for s in samples)
    level = [np.pad(s, (0, longest - len(s))) for s in samples]
    hidden, steps = hear(reference.encoder, level, _TAIL_SECONDS)
    original_ids = reference.vocabulary.original_ids
    kept = torch.tensor(original_ids)
    wanted = stream_text(reference.head, reference.rules, hidden, steps, languages, arguments.delay, arguments.margin, kept)
    said = run_clips(arguments.exported, level, languages, tail)
    pruned = {old: new for new, old in enumerate(original_ids)}
    whole = [np.pad(np.round(s * 32768).astype("<i2"), (0, int(tail * SAMPLE_RATE))) for s in level]
    return [Parity(c, w, [pruned[t] for t in h.tokens], g) for c, w, h, g in zip(clips, whole, wanted, said)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", type=Path)
    parser.add_argument("encoder", type=Path)
    parser.add_argument("head", type=Path)
    parser.add_argument("windowed", type=Path)
    parser.add_argument("exported", type=Path)
    parser.add_argument("speech", type=Path)
    parser.add_argument("--clips", type=int, default=8, help="spread over the folder")
    parser.add_argument("--delay", type=int, default=3)
    parser.add_argument("--margin", type=float, default=0.0, help="as exported")
    parser.add_argument("--golden", type=Path)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    vocabulary = read_vocabulary(arguments.weights, arguments.windowed)
    encoder, head = load_encoder(arguments.encoder).eval(), load_head(arguments.weights, arguments.head).eval()
    reference = Reference(encoder, head, load_rules(arguments.weights), vocabulary)
    clips = spread([c for c in read_clips(arguments.speech) if c.seconds <= _MAX_SECONDS], arguments.clips)
    clips.sort(key=lambda c: c.seconds)
    found: list[Parity] = []
    for at in range(0, len(clips), _BATCH):
        for one in compare(arguments, reference, clips[at : at + _BATCH]):
            mark = "=" if one.graph_tokens == one.torch_tokens else "≠"
            print(f"{mark} {one.clip.path} ({len(one.torch_tokens)} tokens) {vocabulary.decode(one.graph_tokens)!r}", flush=True)
            found.append(one)
    if arguments.golden:
        write_golden(arguments.golden, found)
    same = sum(one.graph_tokens == one.torch_tokens for one in found)
    print(f"{same} of {len(found)} clips give PyTorch's tokens")


if __name__ == "__main__":
    main()
