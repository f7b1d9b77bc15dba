"""Encode windows of speech once, so that text heads can be trained on them at many times the speed.

    python training/causal_features.py ENCODER STORES OUT --hours 4

OUT.f16 holds float16 hidden states [windows, 1500, 512] of the causal encoder; OUT.jsonl the utterances in each window.
Labels may come later. A second run adds windows with the next seed; for windows that no other file has, name a --seed of its own.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch

from causal_distil import load_encoder, random_offset
from causal_encoder import normalise_stream
from speech_store import open_stores
from speech_windows import WINDOW_SECONDS, Placed, WindowMaker
from torch_log_mel import log_mel_stream
from whisper_model import FRAMES, WIDTH

SHARES = {
    "human-speechocean762": 0.23,
    "human-kathleen": 0.15,
    "human-asterisk-allison-8k": 0.06,
    "human-fleursdumal": 0.13,
    "human-tuxpaint": 0.05,
    "human-asterisk-june-8k": 0.04,
    "human-asterisk-armelle-gsm": 0.02,
    "kokoro-en": 0.32,
}
"""How often each store is heard; stores that are not there are left out. English more than the encoder heard: that is where the head has most to learn."""
_SEGMENT = 2
"""Blocks that are worked out together: a third less work than one by one, as a stream has them, and frames that hardly differ."""


class Features:
    """The windows of one file: hidden states [1500, 512] and the utterances placed in them."""

    def __init__(self, base: Path) -> None:
        self.placed: list[list[Placed]] = []
        with base.with_suffix(".jsonl").open(encoding="utf-8") as lines:
            for line in lines:
                if line.endswith("\n"):
                    self.placed.append([Placed(**p) for p in json.loads(line)["placed"]])
        shape = (len(self.placed), FRAMES, WIDTH)
        self.hidden = np.memmap(base.with_suffix(".f16"), dtype=np.float16, mode="r", shape=shape)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("encoder", type=Path)
    parser.add_argument("stores", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--hours", type=float, default=1)
    parser.add_argument("--without", nargs="*", default=[], help="stores that will have no labels")
    parser.add_argument("--seed", type=int, default=1000)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    encoder = load_encoder(arguments.encoder).eval()
    stores = {name: store for name, store in open_stores(arguments.stores).items() if name not in arguments.without}
    descriptions = arguments.out.with_suffix(".jsonl")
    done = sum(1 for _ in descriptions.open(encoding="utf-8")) if descriptions.exists() else 0
    rng = np.random.default_rng(arguments.seed + done)
    maker = WindowMaker(stores, SHARES, rng)
    with arguments.out.with_suffix(".f16").open("ab") as states, descriptions.open("a", encoding="utf-8") as lines:
        for count in range(1, int(arguments.hours * 3600 / WINDOW_SECONDS) + 1):
            window = maker.window()
            mel = normalise_stream(log_mel_stream(torch.from_numpy(window.samples)[None]))
            with torch.inference_mode():
                hidden = encoder.stream(mel, random_offset(rng), blocks=_SEGMENT)
            states.write(hidden.half().numpy().tobytes())
            states.flush()
            lines.write(json.dumps({"placed": [asdict(p) for p in window.placed]}) + "\n")
            lines.flush()
            if count % 20 == 0:
                print(f"{count * WINDOW_SECONDS / 3600:.2f} h", flush=True)


if __name__ == "__main__":
    main()
