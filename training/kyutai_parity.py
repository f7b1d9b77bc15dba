"""Compare exported step graphs with transformers and with the moshi package, token for token.

    python training/kyutai_parity.py --size small --seconds 64

Makes a checkpoint with random weights in both layouts, exports both in float32, and runs several streams that start at
different steps, one of them reset in its midst, far enough for every ring to be written over. Fails if one token differs
or if the tokens say too little to prove anything. The moshi package (`pip install --no-deps moshi einops`) is optional.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np
import torch

from kyutai_export import export
from kyutai_graph_builder import Precision
from kyutai_random import write_checkpoint
from kyutai_random_sound import random_sound
from kyutai_size import SIZES
from step_runner import StepRunner

FRAME = 1920
SHORT_SECONDS = 16


def transformers_tokens(model: torch.nn.Module, sound: np.ndarray) -> list[int]:
    """What `generate` says, greedily: the beginning's token, then one for each frame."""
    frames = len(sound) // FRAME
    # A frame is heard at the position after it, so one more frame is needed that nobody hears.
    samples = np.concatenate([sound[: frames * FRAME], np.zeros(FRAME, np.float32)])
    with torch.no_grad():
        tokens = model.generate(input_values=torch.from_numpy(samples)[None, None], do_sample=False)
    return tokens[0, -(frames + 1) :].tolist()


def moshi_tokens(folder: Path, sound: np.ndarray) -> list[int] | None:
    """The same from the moshi package's own streaming classes; None if it is not installed."""
    try:
        from moshi.models import LMGen
        from moshi.models.loaders import CheckpointInfo
    except ImportError:
        print("  not compared with the moshi package: it is not installed")
        return None
    raw = json.loads((folder / "config.json").read_text())
    keys = ("moshi_name", "mimi_name", "mimi_config_name", "tokenizer_name", "model_type", "stt_config")
    info = CheckpointInfo(
        folder / raw["moshi_name"], folder / raw["mimi_name"], folder / raw["tokenizer_name"],
        lm_config={k: v for k, v in raw.items() if k not in keys},
        mimi_config=json.loads((folder / raw["mimi_config_name"]).read_text()), model_type="stt",
    )  # fmt: skip
    mimi = _moshi_mimi(info)
    generator = LMGen(info.get_moshi("cpu", torch.float32).eval(), use_sampling=False)
    tokens = []
    with torch.no_grad(), mimi.streaming(1), generator.streaming(1):
        for frame in torch.from_numpy(sound).split(FRAME):
            if len(frame) < FRAME:
                break
            codes = mimi.encode(frame[None, None])
            if not tokens:
                # As moshi's own inference does: the beginning, which hears nothing, is a step of its own.
                generator.step(codes)
            tokens.append(int(generator.step(codes)[0, 0, 0]))
    return tokens


def _moshi_mimi(info: object) -> torch.nn.Module:
    """Mimi with the encoder's weights; our random checkpoints have no decoder."""
    from moshi.models.loaders import get_mimi
    from safetensors.torch import load_file

    mimi = get_mimi(None, info.mimi_config, num_codebooks=info.lm_config["n_q"])
    missing, unexpected = mimi.load_state_dict(load_file(info.mimi_weights), strict=False)
    assert not unexpected, unexpected
    assert all(name.startswith(("decoder", "upsample")) for name in missing), missing
    return mimi


def see_as_moshi(folder: Path, window: int) -> None:
    """Narrow the codec's mask to what the moshi package sees while it streams: its ring takes in both positions of a
    frame before the first is asked, which so has lost its oldest column. transformers and training do not lose it."""
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["masks"][0]["rows"] = [{"newest": window - 2}] * 2
    (folder / "manifest.json").write_text(json.dumps(manifest))


def graph_tokens(folder: Path, sounds: list[np.ndarray], late: int) -> tuple[list[list[int]], list[int]]:
    """Tokens of each sound run as rows of one batch, row i starting i · `late` steps late; then of the last sound
    again in row 0, reset while the others go on."""
    runner = StepRunner(folder, len(sounds), threads=2)
    frames = [len(s) // FRAME for s in sounds]
    total = max(f + i * late for i, f in enumerate(frames))
    told: list[list[int]] = [[] for _ in sounds]
    again: list[int] = []
    for step in range(total + frames[-1]):
        batch = np.zeros((len(sounds), FRAME), np.float32)
        for row, sound in enumerate(sounds):
            at = step - row * late
            if at == 0:
                runner.reset(row)
            if 0 <= at < frames[row]:
                batch[row] = sound[at * FRAME : (at + 1) * FRAME]
        at = step - frames[0]
        if at == 0:
            runner.reset(0)
        if 0 <= at < frames[-1]:
            batch[0] = sounds[-1][at * FRAME : (at + 1) * FRAME]
        tokens = runner.step(batch)
        for row in range(len(sounds)):
            if 0 <= step - row * late < frames[row]:
                told[row].append(int(tokens[row]))
        if 0 <= at < frames[-1]:
            again.append(int(tokens[0]))
        if at >= frames[-1] and all(step - row * late >= frames[row] for row in range(len(sounds))):
            break
    return told, again


def share_when_fed(folder: Path, sound: np.ndarray, fed: list[int]) -> float:
    """Share of tokens that are those of `fed`, given the same text so far."""
    runner = StepRunner(folder, 1)
    equal = 0
    for frame, token in zip(sound[: len(fed) * FRAME].reshape(-1, 1, FRAME), fed):
        equal += int(runner.step(frame)[0]) == token
        runner.token[0] = token
    return equal / len(fed)


def agreement(name: str, wanted: list[int], found: list[int]) -> bool:
    """Print how many tokens agree."""
    equal = sum(a == b for a, b in zip(wanted, found))
    print(f"  {name}: {equal} of {len(wanted)} tokens equal" + ("" if wanted == found else f"; first at {first_difference(wanted, found)}"))
    return wanted == found


def first_difference(wanted: list[int], found: list[int]) -> int:
    return next((i for i, (a, b) in enumerate(zip(wanted, found)) if a != b), min(len(wanted), len(found)))


def says_enough(tokens: list[int], pad: int = 3) -> bool:
    """A stream that varies: many tokens, and none of them always."""
    counts = Counter(tokens)
    print(f"  {len(counts)} different tokens, {counts[pad] / len(tokens):.0%} silent, {counts[0] / len(tokens):.0%} word ends")
    return len(counts) >= min(20, len(tokens) // 10) and counts.most_common(1)[0][1] < 0.8 * len(tokens)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", choices=SIZES, default="small")
    parser.add_argument("--seconds", type=float, default=64)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--layouts", nargs="+", choices=["transformers", "moshi"], default=["transformers", "moshi"])
    parser.add_argument("--late", type=int, default=3, help="steps by which each stream starts after the one before")
    arguments = parser.parse_args()
    size, passed = SIZES[arguments.size], True
    sounds = [random_sound(arguments.seconds, arguments.seed + 10), random_sound(SHORT_SECONDS, arguments.seed + 20)]
    print(f"{arguments.size}: rings {size.window - 1} steps, Mimi's {size.mimi_window // 2}; {arguments.seconds:g} s are {len(sounds[0]) // FRAME}")
    with tempfile.TemporaryDirectory() as place:
        for layout in arguments.layouts:
            source, target = Path(place) / layout, Path(place) / f"{layout}-step"
            model = write_checkpoint(source, size, layout, arguments.seed)
            began = time.monotonic()
            export(source, target, Precision.FLOAT32, delay=None, languages=None)
            print(f"{layout} layout, exported in {time.monotonic() - began:.0f} s")
            told, again = graph_tokens(target, sounds, arguments.late)
            first = [json.loads((target / "manifest.json").read_text())["text"]["feedback"]["first"]]
            passed &= says_enough(told[0])
            wanted = [transformers_tokens(model, sound) for sound in sounds]
            passed &= agreement("transformers, long stream", wanted[0], first + told[0])
            passed &= agreement("transformers, stream beside it", wanted[1], first + told[1])
            passed &= agreement("transformers, after the reset", wanted[1], first + again)
            if layout == "moshi" and (other := moshi_tokens(source, sounds[0])) is not None:
                see_as_moshi(target, size.mimi_window)
                told, _ = graph_tokens(target, sounds[:1], 0)
                passed &= agreement("moshi package, long stream", other, told[0])
        for precision in (Precision.FLOAT16, Precision.INT8):
            export(source, target, precision, delay=None, languages=None)
            share = share_when_fed(target, sounds[1], again)
            print(f"{precision.value}: {share:.1%} of {len(again)} tokens as in float32, given the same text")
    print("equal" if passed else "NOT EQUAL")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
