"""The weighted mean of checkpoints that come from one another: what each has learnt, and less of what each has forgotten.

    python training/causal_mean.py head.pt before/head.pt:0.5 after/head.pt:0.3 whisper:0.2 --weights WEIGHTS --speech SPEECH/adapt
    python training/causal_mean.py encoder.pt before/encoder.pt:0.5 after/encoder.pt:0.5

Shares need not sum to one. `whisper` is Whisper's own decoder, before it learnt to wait. A head that has gone further than
its encoder hears less: give it no larger share of the later training.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from torch import Tensor

from causal_text_train import first_head

State = dict[str, Tensor]


def read_share(part: str) -> tuple[str, float]:
    """`FILE:SHARE` → (FILE, SHARE)"""
    name, _, share = part.rpartition(":")
    try:
        value = float(share)
    except ValueError:
        value = 0.0
    if not name or value <= 0:
        raise argparse.ArgumentTypeError(f"{part}: expected FILE:SHARE with a share above 0, as head.pt:0.5")
    return name, value


def mean_of(parts: list[tuple[State, float]]) -> State:
    """The mean, in float32, of what all have; the first says what there is."""
    total = sum(share for _, share in parts)
    return {name: sum(state[name].float() * (share / total) for state, share in parts) for name in parts[0][0]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("parts", type=read_share, nargs="+", metavar="FILE:SHARE")
    parser.add_argument("--weights", type=Path, help="of Whisper, for the part `whisper`")
    parser.add_argument("--speech", type=Path, help="folder whose free clips precede the silence that Whisper's decoder attends to, for the same")
    arguments = parser.parse_args()
    own = any(name == "whisper" for name, _ in arguments.parts)
    if own and not (arguments.weights and arguments.speech):
        parser.error("the part whisper needs --weights and --speech")
    files = sorted(arguments.parts, key=lambda part: part[0] == "whisper")

    def read(name: str) -> State:
        return first_head(arguments.weights, arguments.speech).state_dict() if name == "whisper" else torch.load(name, map_location="cpu")

    mean = mean_of([(read(name), share) for name, share in files])
    torch.save({name: value.half() for name, value in mean.items()}, arguments.out)


if __name__ == "__main__":
    main()
