"""Compare an exported causal model with PyTorch: the same clips must give the same tokens, side by side and alone.

    python training/causal_parity.py WEIGHTS encoder.pt head.pt models/whisper-base EXPORTED SPEECH/dev --clips 8

Clips of different lengths and languages share a batch. Float graphs must agree in every token; for 8-bit graphs the share
of clips that differ is printed. --golden FOLDER writes clips and PyTorch's tokens for dist/bench/step-parity.js, which asks the
same of the engine.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch

from causal_distil import load_encoder
from causal_evaluate import hear, stream_text
from causal_text_train import load_head
from causal_vocabulary import read_vocabulary
from dev_set import Clip, read_clips, read_samples, spread
from greedy import load_rules
from log_mel import SAMPLE_RATE
from step_driver import run_clips

_MAX_SECONDS = 10
_FLOAT_BYTES = 200_000_000
"""A larger graph has float weights."""


def write_golden(folder: Path, clips: list[Clip], samples: list[np.ndarray], tail: float, tokens: list[list[int]], exact: bool) -> None:
    """Samples as the engine hears them: 16 bits, with the silence after them."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for index, (clip, sound, said) in enumerate(zip(clips, samples, tokens)):
        whole = np.pad(np.round(sound * 32768).astype("<i2"), (0, int(tail * SAMPLE_RATE)))
        (folder / f"{index}.i16").write_bytes(whole.tobytes())
        rows.append({"path": clip.path, "samples": f"{index}.i16", "language": clip.language, "tokens": said})
    (folder / "golden.json").write_text(json.dumps({"exact": exact, "clips": rows}, indent=1) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", type=Path)
    parser.add_argument("encoder", type=Path)
    parser.add_argument("head", type=Path)
    parser.add_argument("windowed", type=Path)
    parser.add_argument("exported", type=Path)
    parser.add_argument("speech", type=Path)
    parser.add_argument("--clips", type=int, default=8)
    parser.add_argument("--look-ahead", type=int, default=480)
    parser.add_argument("--delay", type=int, default=3)
    parser.add_argument("--margin", type=float, default=0.0, help="as exported")
    parser.add_argument("--golden", type=Path)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    clips = spread([c for c in read_clips(arguments.speech) if c.seconds <= _MAX_SECONDS], arguments.clips)
    samples = [read_samples(c.file) for c in clips]
    languages = [c.language for c in clips]
    tail = arguments.look_ahead / 1000 + 1.0
    vocabulary = read_vocabulary(arguments.weights, arguments.windowed)
    encoder, head = load_encoder(arguments.encoder).eval(), load_head(arguments.weights, arguments.head).eval()
    # The stream ends look-ahead milliseconds before the audio: PyTorch's encoder needs that much to come after.
    longest = max(len(s) for s in samples)
    level = [np.pad(s, (0, longest - len(s))) for s in samples]
    hidden, steps = hear(encoder, level, arguments.look_ahead, tail - arguments.look_ahead / 1000)
    kept = torch.tensor(vocabulary.original_ids)
    rules = load_rules(arguments.weights)
    wanted = [h.tokens for h in stream_text(head, rules, hidden, steps, languages, arguments.delay, arguments.margin, kept)]
    beside = run_clips(arguments.exported, level, languages, tail)
    alone = [run_clips(arguments.exported, [s], [l], tail)[0] for s, l in zip(level, languages)]
    pruned = {old: new for new, old in enumerate(vocabulary.original_ids)}
    if arguments.golden:
        exact = (arguments.exported / "step.onnx").stat().st_size > _FLOAT_BYTES
        write_golden(arguments.golden, clips, level, tail, [[pruned[t] for t in row] for row in wanted], exact)
    differing = 0
    for clip, torch_tokens, batched, single in zip(clips, wanted, beside, alone):
        expected = [pruned[t] for t in torch_tokens]
        if batched != single:
            raise SystemExit(f"{clip.path}: beside others it hears {vocabulary.decode(batched)!r}, alone {vocabulary.decode(single)!r}")
        differing += expected != batched
        mark = "=" if expected == batched else "≠"
        print(f"{mark} {clip.path} ({len(expected)} tokens) {vocabulary.decode(batched)!r}")
    print(f"{len(clips) - differing} of {len(clips)} clips give PyTorch's tokens; batched and alone are the same")


if __name__ == "__main__":
    main()
