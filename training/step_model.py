"""Write a folder with a step model: a tiny one with golden labels for tests, larger ones for measurements.

    python training/step_model.py tiny agents/speech/streaming/fixtures/tiny --golden --seed 1
    python training/step_model.py tiny-whisper agents/speech/streaming/fixtures/tiny-whisper --golden --seed 2
    python training/step_model.py tiny-whisper agents/speech/streaming/fixtures/tiny-integer --bits 8 --golden --seed 22
    python training/step_model.py small-15m training/build/small-15m-8 --bits 8
    python training/step_model.py whisper training/build/causal --encoder ../shared/models/causal-encoder.pt

Text heads are random: these models say nonsense, but at the price of models that do not.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx

from ring_ranges import fold_ranges, measure_ranges
from step_driver import StepDriver, feed_clips
from step_encoder import STEP_SAMPLES, StepEncoder, Tensors, add_random_head, build_step_graph, describe, random_tensors

PRESETS = {
    "tiny": StepEncoder(16, 2, 32, (False, True, True), 2, 8, 2, 40, 24, fft=160, bands=12, name="tiny"),
    "tiny-whisper": StepEncoder(
        16, 2, 32, (False, True, True), 4, 16, 2, 40, 48, stem="whisper", fft=160, bands=12, name="tiny-whisper"
    ),
    "small-7m": StepEncoder(256, 4, 1_024, (False,) * 8, 1, 125, 1, 1_000, 500, name="small-7m"),
    "small-15m": StepEncoder(384, 6, 1_536, (False,) * 8, 1, 125, 1, 500, 250, name="small-15m"),
    "whisper": StepEncoder(512, 8, 2_048, (True,) * 6, 4, 244, 2, 1_000, 1_500, stem="whisper", name="causal-whisper"),
    "whisper-short": StepEncoder(
        512, 8, 2_048, (True,) * 6, 4, 124, 2, 1_000, 1_500, stem="whisper", name="causal-whisper-short"
    ),
}
GOLDEN_SECONDS = 20


def golden_sound(seconds: int, seed: int) -> np.ndarray:
    """Noise and a buzz that change ten times a second, in integers only so that a test can make the same."""
    state, samples = seed, np.empty(seconds * 16_000, np.int16)
    level = period = 0
    for i in range(len(samples)):
        state = (state * 1_664_525 + 1_013_904_223) & 0xFFFFFFFF
        if i % 1_600 == 0:
            level, period = (state >> 20) & 7, 40 + ((state >> 12) & 255)
        buzz = (i % period) * 16_384 // period - 8_192
        samples[i] = (((state >> 16) - 32_768) * level >> 5) + (buzz * (7 - level) >> 3)
    return samples


def vocabulary(size: int) -> list[bytes | None]:
    """Syllables, every other one the beginning of a word; two tokens that only together are a character."""
    pieces: list[bytes | None] = [None]
    for i in range(1, size):
        syllable = "bdfgklmnprstvz"[i % 14] + "aeiou"[i // 14 % 5] + (str(i // 70) if i >= 70 else "")
        pieces.append((" " if i % 2 else "").encode() + syllable.encode())
    pieces[2], pieces[4] = "é".encode()[:1], "é".encode()[1:]
    return pieces


def with_encoder(model: StepEncoder, path: Path) -> Tensors:
    """Tensors of a distilled encoder (a PyTorch state dict in OpenAI's names) and a random head."""
    import torch

    state = torch.load(path, map_location="cpu", weights_only=True)
    tensors = {name: value.float().numpy() for name, value in state.items()}
    add_random_head(model, tensors, np.random.default_rng(0))
    return tensors


def write_model(
    folder: Path, graph: onnx.ModelProto, manifest: dict[str, object], pieces: list[bytes | None]
) -> None:
    """The three files of a model folder; `manifest` comes without its files."""
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(graph, folder / "step.onnx")
    encoded = [None if piece is None else base64.b64encode(piece).decode() for piece in pieces]
    (folder / "vocabulary.json").write_text(json.dumps(encoded) + "\n")
    files = []
    for name in ("step.onnx", "vocabulary.json"):
        data = (folder / name).read_bytes()
        files.append({"name": name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()})
    (folder / "manifest.json").write_text(json.dumps({**manifest, "files": files}, indent=2) + "\n")


def fold_measured(model: StepEncoder, tensors: Tensors) -> None:
    """Scale keys and values to 8 bits by what the float graph makes of two sounds."""
    with tempfile.TemporaryDirectory() as place:
        write_model(Path(place), build_step_graph(model, tensors), describe(model), vocabulary(model.vocabulary))
        sounds = [golden_sound(GOLDEN_SECONDS, seed).astype(np.float32) / 32_768 for seed in (1, 2)]
        ranges = measure_ranges(Path(place), sounds, ["en", "en"])
    for layer in range(model.layers):
        fold_ranges(tensors, f"blocks.{layer}.attn.", ranges[f"k{layer}_new"], ranges[f"v{layer}_new"])


def labels_of_graph(model: StepEncoder, folder: Path, samples: np.ndarray) -> np.ndarray:
    """What the graph in `folder` says of a sound; refused if a change of its samples by a millionth changes a label."""
    noise = 1 + 1e-6 * np.random.default_rng(0).uniform(-1, 1, len(samples))
    sounds = [samples / np.float32(32_768), (samples * noise / 32_768).astype(np.float32)]
    said = np.stack(list(feed_clips(StepDriver(folder, ["en", "en"]), sounds, 0)))[model.delay_steps :]
    if not np.array_equal(said[:, 0], said[:, 1]):
        raise SystemExit(f"that changes {(said[:, 0] != said[:, 1]).mean():.1%} of the labels: choose other weights")
    return said[:, 0].reshape(-1)


def write_golden(model: StepEncoder, tensors: Tensors, folder: Path, integers: bool) -> None:
    """Labels of two sounds, each recognised whole by PyTorch; for a graph of integers, what it says elsewhere."""
    from step_reference import labels_and_margins

    sounds = []
    for seed in (1, 2):
        samples = golden_sound(GOLDEN_SECONDS, seed)
        if integers:
            labels, margin = labels_of_graph(model, folder, samples), np.inf
        else:
            labels, margin = labels_and_margins(model, tensors, samples)
        if margin < 1e-4 or len(set(labels.tolist())) < model.vocabulary // 3:
            raise SystemExit(f"seed {seed}: margin {margin:.1e}, {len(set(labels.tolist()))} labels: choose other weights")
        sounds.append({"seed": seed, "seconds": GOLDEN_SECONDS, "labels": labels.tolist()})
        print(f"sound {seed}: {len(labels)} labels, {len(set(labels.tolist()))} different, least margin {margin:.2e}")
    (folder / "golden.json").write_text(json.dumps({"stepSamples": STEP_SAMPLES, "sounds": sounds}) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("preset", choices=PRESETS)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--encoder", type=Path, help="weights of the encoder; random without")
    parser.add_argument("--golden", action="store_true", help="also write the labels that PyTorch finds")
    parser.add_argument("--bits", type=int, choices=(8, 32), default=32, help="8: weights in 8 bits, products in integers")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    model = replace(PRESETS[args.preset], name=args.folder.name)
    tensors = with_encoder(model, args.encoder) if args.encoder else random_tensors(model, args.seed)
    if args.bits == 8:
        fold_measured(model, tensors)
    write_model(args.folder, build_step_graph(model, tensors, args.bits == 8), describe(model), vocabulary(model.vocabulary))
    parameters = sum(array.size for array in tensors.values())
    print(f"{model.name}: {parameters / 1e6:.1f} M parameters, delay {model.delay_steps} steps, in {args.folder}")
    if args.golden:
        write_golden(model, tensors, args.folder, args.bits == 8)


if __name__ == "__main__":
    main()
