"""Keep a trained encoder or text head small enough for the repository: its difference from Whisper's, in 6 bits.

    python training/causal_checkpoint.py pack head WEIGHTS head.pt training/checkpoints/causal-head.npz
    python training/causal_checkpoint.py unpack encoder WEIGHTS training/checkpoints/causal-encoder.npz encoder.pt

Every row of a matrix has a scale of its own, so that an error is at most 1/62 of the row's largest change; what training
left alone is not stored.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch

from causal_distil import load_encoder, save_encoder
from causal_encoder import CausalEncoder
from causal_text import StepDecoder
from causal_text_train import load_head, save_head
from whisper_model import load_model

_SCALE = "/scale"
_LEVELS = 31


def whisper_head(weights: Path) -> StepDecoder:
    """Whisper's decoder; what it does not have is zero."""
    head = StepDecoder()
    for parameter in head.parameters():
        torch.nn.init.zeros_(parameter)
    head.load_state_dict(load_model(weights).decoder.state_dict(), strict=False)
    return head


def whisper_encoder(weights: Path) -> CausalEncoder:
    encoder = CausalEncoder()
    encoder.load_state_dict(load_model(weights).encoder.state_dict())
    return encoder


def pack(part: str, weights: Path, file: Path, out: Path) -> None:
    if part == "head":
        before, after = whisper_head(weights).state_dict(), load_head(weights, file).state_dict()
    else:
        before, after = whisper_encoder(weights).state_dict(), load_encoder(file).state_dict()
    stored: dict[str, np.ndarray] = {}
    for name, value in after.items():
        change = (value - before[name]).numpy()
        # Half precision, in which both are saved, changes what training did not.
        if np.abs(change).max(initial=0) > np.abs(before[name].numpy()).max(initial=0) / 1000:
            scale = np.maximum(np.abs(change).max(-1, keepdims=True), 1e-12) / _LEVELS
            stored[name] = np.round(change / scale).astype(np.int8)
            stored[name + _SCALE] = scale.astype(np.float32)
    out.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(out, **stored)


def unpack(part: str, weights: Path, file: Path, out: Path) -> None:
    module = whisper_head(weights) if part == "head" else whisper_encoder(weights)
    state = module.state_dict()
    with np.load(file) as stored:
        for name in stored.files:
            if not name.endswith(_SCALE):
                state[name] = state[name] + torch.from_numpy(stored[name] * stored[name + _SCALE])
    module.load_state_dict(state)
    if isinstance(module, StepDecoder):
        save_head(module, out)
    else:
        save_encoder(module, out)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("pack", "unpack"))
    parser.add_argument("part", choices=("head", "encoder"))
    parser.add_argument("weights", type=Path)
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    arguments = parser.parse_args()
    arguments.target.parent.mkdir(parents=True, exist_ok=True)
    (pack if arguments.what == "pack" else unpack)(arguments.part, arguments.weights, arguments.source, arguments.target)
    print(f"{arguments.target}: {arguments.target.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
